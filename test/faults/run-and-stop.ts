import { writeSync } from 'node:fs';
import { asIgarapeError } from '../../src/core/errors.ts';
import { openLocalStorage } from '../../src/storage/local.ts';
import { openScenario } from '../support/scenario.ts';
import { wrapStorage } from '../support/wrapped-storage.ts';

// A process that stops itself, as SIGSTOP or a laptop that sleeps does, before its first write below a prefix: see
// stopped.test.ts.
const { folder, config, prefix }: { folder: string; config: object; prefix: string } = JSON.parse(
  process.argv[2] ?? '',
);

let hasStopped = false;
const storage = wrapStorage(openLocalStorage(`${folder}/lake`), {
  before: ({ keys }) => {
    if (hasStopped || !keys.some((key) => key.startsWith(prefix))) return;
    hasStopped = true;
    writeSync(1, 'stopping\n');
    process.kill(process.pid, 'SIGSTOP');
  },
});
try {
  const { report, exitCode } = await openScenario(
    folder,
    { work_dir: 'stopped', ...config },
    { storage },
  ).run();
  process.stdout.write(`${JSON.stringify({ run: report.run, exitCode })}\n`);
} catch (error) {
  const { code, exitCode } = asIgarapeError(error);
  process.stdout.write(`${JSON.stringify({ code, exitCode })}\n`);
}
