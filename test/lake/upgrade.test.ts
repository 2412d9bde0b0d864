import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, expect, test } from 'vitest';
import { Engine } from '../../src/engine/engine.ts';
import { ledgerKey } from '../../src/lake/layout.ts';
import { pastRuns } from '../../src/lake/past-runs.ts';
import { openQuery } from '../../src/lake/query/query.ts';
import { openLocalStorage } from '../../src/storage/local.ts';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';
import { wrapStorage, type WriteListeners } from '../support/wrapped-storage.ts';

// A lake that igarape 0.1.0 wrote: changes, a new column, a wider type, a reload, and in the newest run a held table.
const FIXTURE = fileURLToPath(new URL('fixtures/format-1', import.meta.url));
const RUNS = 5;
const CONFIG = {
  tables: [
    { name: 'clientes', sep: ';', pk: 'id' },
    { name: 'vendas', pk: ['id', 'linha'], max_delete_ratio: 0.9 },
  ],
};

const dir = useTempDir();
let scenario: Scenario;

async function open(name: string, listeners: WriteListeners = {}): Promise<Scenario> {
  const folder = join(dir(), name);
  await cp(FIXTURE, folder, { recursive: true });
  const storage = wrapStorage(openLocalStorage(join(folder, 'lake')), listeners);
  return openScenario(folder, CONFIG, { storage });
}

async function change(lake: Scenario): Promise<void> {
  await lake.write('clientes.csv', 'id;nome;pontos;cidade\n1;Ana;12;Natal\n2;Bia;20;Recife\n6;Gil;60;\n');
  await lake.write('vendas.csv', 'id,linha,preco\n1,1,2.50\n1,2,3.50\n2,1,9.99\n2,2,1.00\n');
}

async function entries({ storage }: Scenario, count = RUNS): Promise<(string | undefined)[]> {
  const runs = Array.from({ length: count }, (_, run) => storage.read(ledgerKey(run)));
  return (await Promise.all(runs)).map((bytes) => bytes && Buffer.from(bytes).toString());
}

async function query(sql: string): Promise<readonly (readonly unknown[])[]> {
  const engine = Engine.open({ memoryLimit: '500MB', spillDir: join(dir(), 'spill') });
  try {
    const opened = await openQuery(engine, { sql, storage: scenario.storage, workDir: join(dir(), 'query') });
    return (await opened.rows(100)).rows;
  } finally {
    engine.close();
  }
}

beforeEach(async () => {
  scenario = await open('lake-of-old');
});

test('a lake of the first format is verified, and tells of its runs and its past', async () => {
  expect(await scenario.verify()).toMatchObject({ ok: true, runs: RUNS });
  const runs = await pastRuns(scenario.storage);
  expect(runs.map(({ run }) => run)).toEqual([4, 3, 2, 1, 0]);
  expect(runs[0]?.tables['vendas']?.operation).toBe('held');
  expect(runs[3]?.tables['vendas']).toMatchObject({ operation: 'unchanged', unchanged: 3 });
  expect(await query('SELECT id, pontos FROM run_1.clientes ORDER BY id')).toEqual(
    [
      ['1', '11'],
      ['2', '20'],
      ['4', '40'],
      ['5', '50'],
    ].map(([id, points]) => [BigInt(id ?? ''), BigInt(points ?? '')]),
  );
});

test('a run goes on from it in place, and leaves its entries as they are', async () => {
  const before = await entries(scenario);
  const past = await pastRuns(scenario.storage);
  await change(scenario);
  const { report, exitCode } = await scenario.run();
  expect({ run: report.run, exitCode }).toEqual({ run: RUNS, exitCode: 0 });
  expect(report.tables['clientes']).toMatchObject({ operation: 'cdc', inserted: 0, updated: 1, deleted: 1 });
  expect(await entries(scenario)).toEqual(before);
  // An older igarape refuses what has a higher number here, and names the writer.
  const newest = JSON.parse((await entries(scenario, RUNS + 1)).at(-1) ?? '') as object;
  expect(newest).toMatchObject({ format: 2, writer: 'igarape test', run: RUNS });
  expect(await scenario.verify()).toMatchObject({ ok: true, runs: RUNS + 1 });
  const [last, ...older] = await pastRuns(scenario.storage);
  expect(older).toEqual(past);
  expect(last?.tables).toEqual(report.tables);
  expect(await query('SELECT count(*) FROM run_4.clientes')).toEqual([[4n]]);
  expect(await query('SELECT count(*) FROM clientes')).toEqual([[3n]]);
});

test('many runs later it is read from a checkpoint', async () => {
  for (let run = RUNS; run < 20; run += 1) {
    await scenario.write(
      'clientes.csv',
      `id;nome;pontos;cidade\n1;Ana;${run};\n2;Bia;20;\n5;Eva;50;\n6;Gil;60;\n`,
    );
    await scenario.run({ tables: ['clientes'] });
  }
  expect(await scenario.storage.stat('_igarape/checkpoints/00000000000000000016.json')).toBeDefined();
  expect(await scenario.verify()).toMatchObject({ ok: true, runs: 20 });
  expect((await scenario.ledger()).at(-1)?.tables['vendas']?.base.rows).toBe(4);
});

test('a run that is stopped at any write upgrades it all the same, the next time', async () => {
  await change(scenario);
  let writes = 0;
  const calm = await open('calm', { before: () => void (writes += 1) });
  await change(calm);
  await calm.run();
  for (let write = 1; write <= writes; write += 1) {
    for (const moment of ['before', 'after'] as const) {
      let count = 0;
      let isStopped = true;
      // Whoever is dead writes nothing more.
      const stop = (last: number): void => {
        if (isStopped && count >= last) throw new Error('stopped');
      };
      const stopped = await open(`stopped-${moment}-${write}`, {
        before: () => {
          count += 1;
          stop(moment === 'before' ? write : write + 1);
        },
        after: () => {
          if (moment === 'after') stop(write);
        },
      });
      await change(stopped);
      await stopped.run().catch(() => undefined);
      isStopped = false;
      await stopped.run();
      const verified = await stopped.verify();
      expect(verified, `${moment} write ${write}`).toMatchObject({ ok: true, runs: RUNS + 1 });
      expect(verified.tables).toEqual((await calm.verify()).tables);
    }
  }
});
