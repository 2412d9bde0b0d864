import { once } from 'node:events';
import { asIgarapeError } from '../../src/core/errors.ts';
import { openStorage } from '../../src/storage/open.ts';
import { openScenario } from '../support/scenario.ts';
import { wrapStorage } from '../support/wrapped-storage.ts';
import { TABLES } from './stories.ts';
import type { TogetherOrder } from './together.ts';

// A process of two that run at once: see together.ts.
const {
  lake,
  workDir,
  barrier,
  config = { tables: TABLES },
  request = {},
}: TogetherOrder = JSON.parse(process.argv[2] ?? '');

async function waitForTheOther(): Promise<void> {
  process.stdout.write('ready\n');
  await once(process.stdin, 'data');
}

let hasWaited = false;
const storage = wrapStorage(await openStorage(lake.location, lake.env), {
  before: async ({ call, keys }) => {
    const isAt = (prefix: string): boolean =>
      call === 'putIfAbsent' && keys.some((key) => key.startsWith(prefix));
    if (barrier === 'commit' && isAt('_igarape/ledger/')) await waitForTheOther();
    if (barrier === 'layers' && !hasWaited && isAt('bronze/')) {
      hasWaited = true;
      await waitForTheOther();
    }
  },
});
if (barrier === 'start') await waitForTheOther();
try {
  const scenario = openScenario(lake.folder, { work_dir: workDir, ...config }, { storage });
  const { report, exitCode } = await scenario.run(request);
  process.stdout.write(`${JSON.stringify({ run: report.run, exitCode })}\n`);
} catch (error) {
  const { code, exitCode, message } = asIgarapeError(error);
  process.stdout.write(`${JSON.stringify({ code, exitCode, message })}\n`);
}
process.stdin.destroy();
