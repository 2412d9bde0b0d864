import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { startScript } from '../support/script.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();

const CONFIG = {
  layers: ['bronze'],
  tables: [
    { name: 'a', pk: 'id' },
    { name: 'b', pk: 'id' },
  ],
};
const SCRIPT = new URL('run-and-stop.ts', import.meta.url);
const HOUR_MS = 60 * 60 * 1000;

/** Starts a run as a process that stops before it writes below `prefix`; `wake` lets it go on, and resolves how it ended. */
async function runUntil(prefix: string): Promise<{ wake: () => Promise<unknown> }> {
  const child = await startScript(SCRIPT, { folder: dir(), config: CONFIG, prefix });
  child.stderr.pipe(process.stderr);
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines: string[] = [];
  const output = createInterface(child.stdout);
  output.on('line', (line) => lines.push(line));
  await once(output, 'line');
  expect(lines).toEqual(['stopping']);
  return {
    wake: async () => {
      const ended = once(child, 'close');
      child.kill('SIGCONT');
      await ended;
      const last: unknown = JSON.parse(lines.at(-1) ?? '');
      return last;
    },
  };
}

function laterBy(hours: number): Scenario {
  return openScenario(dir(), CONFIG, { edge: { clock: () => Date.now() + hours * HOUR_MS } });
}

test.skipIf(process.platform === 'win32').each([
  ['published its number', '_igarape/ledger/', 0],
  ['published its number, and cleaned what looks dead', '_igarape/ledger/', 25],
  ['published before it had staged all', '_igarape/staging/', 25],
])(
  'a real run that sleeps while another has %s loses nothing and breaks nothing',
  async (_what, prefix, hours) => {
    const scenario = openScenario(dir(), CONFIG);
    await scenario.write('a.csv', 'id,v\n1,x\n2,y\n');
    await scenario.write('b.csv', 'id,v\n1,x\n');
    await scenario.run();
    await scenario.write('a.csv', 'id,v\n1,x\n2,z\n');

    const sleeper = await runUntil(prefix);
    await scenario.write('b.csv', 'id,v\n1,X\n');
    expect((await laterBy(hours).run()).report).toMatchObject({
      tables: { a: { updated: 1 }, b: { updated: 1 } },
    });
    await scenario.write('b.csv', 'id,v\n1,X\n3,new\n');
    expect((await laterBy(hours).run()).report).toMatchObject({ tables: { b: { inserted: 1 } } });
    expect(await sleeper.wake()).toMatchObject({ code: 'CONFLICT', exitCode: 6 });

    expect(await scenario.run()).toMatchObject({ exitCode: 0, report: { run: null } });
    expect(await scenario.verify()).toMatchObject({ ok: true });
    const rows = await scenario.query(
      'SELECT id, v FROM bronze.a UNION ALL SELECT id, v FROM bronze.b ORDER BY ALL',
    );
    expect(rows.map(({ id, v }) => `${String(id)} ${String(v)}`)).toEqual(['1 X', '1 x', '2 z', '3 new']);
  },
);
