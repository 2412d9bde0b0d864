import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { compact } from '../../src/pipeline/compact.ts';
import type { RunReport } from '../../src/pipeline/report.ts';
import { openLocalStorage } from '../../src/storage/local.ts';
import { openScenario, type Scenario, testEdge } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';
import { wrapStorage } from '../support/wrapped-storage.ts';

const dir = useTempDir();
const CONFIG = {
  tables: [
    { name: 't', pk: 'id', max_delete_ratio: 1 },
    { name: 'u', pk: 'id' },
  ],
  layers: ['bronze'],
};
let scenario: Scenario;

async function fold(lake: Scenario = scenario, tables?: readonly string[]): Promise<RunReport> {
  return compact({ ...lake, ...(tables === undefined ? {} : { tables }) }, testEdge(), 'igarape test');
}

async function visible({ storage }: Scenario = scenario): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const prefix of ['full-load/', 'cdc/']) {
    for await (const { key } of storage.list(prefix))
      found[key] = createHash('sha256')
        .update((await storage.read(key)) ?? '')
        .digest('hex');
  }
  return found;
}

async function runWith(lines: readonly string[], header = 'id,v', lake: Scenario = scenario): Promise<void> {
  await lake.write('t.csv', `${header}\n${lines.join('\n')}\n`);
  expect((await lake.run()).exitCode).toBe(0);
}

beforeEach(async () => {
  scenario = openScenario(dir(), CONFIG);
  await scenario.write('u.csv', 'id\n1\n');
  await runWith(['1,a', '2,b', '3,c']);
  await runWith(['1,a', '2,B', '4,d']);
  await runWith(['1,a,x', '2,B,y', '5,e,z'], 'id,v,w');
});

test('the new full-load holds the state, what was published stays as it was, and the lake is verified', async () => {
  const before = await visible();
  const report = await fold();
  expect(report).toMatchObject({ run: 3, tables: { t: { operation: 'full-load', inserted: 3 } } });
  expect(report.tables['u']).toMatchObject({ operation: 'unchanged', unchanged: 1 });
  expect(Object.keys(report.tables)).toEqual(['t', 'u']);
  expect(await scenario.rows(report.tables['t']?.file ?? '')).toEqual([
    { id: '1', v: 'a', w: 'x' },
    { id: '2', v: 'B', w: 'y' },
    { id: '5', v: 'e', w: 'z' },
  ]);
  expect(await visible()).toMatchObject(before);
  expect(await scenario.verify()).toMatchObject({ ok: true, runs: 4, tables: { t: { files: 4 } } });
});

test('the next run finds nothing new, the layers stay as they are, and changes go on from there', async () => {
  await fold();
  const { report } = await scenario.run();
  expect({ run: report.run, bronze: report.layers?.['bronze.t']?.updated }).toEqual({ run: null, bronze: 0 });
  await runWith(['1,a,x', '2,B,new', '5,e,z'], 'id,v,w');
  const [, , sequence] = Object.values((await scenario.rows(await lastFile()))[0] ?? {}).slice(-3);
  expect(sequence).toBe('8');
  expect(await scenario.verify()).toMatchObject({ ok: true, runs: 5 });
  expect(await fold(scenario, ['u'])).toMatchObject({ run: null });
});

async function lastFile(): Promise<string> {
  return (await scenario.ledger()).at(-1)?.tables['t']?.file?.key ?? '';
}

test('a table that the lake does not have is refused, and so is one whose files do not give its state', async () => {
  await expect(fold(scenario, ['x'])).rejects.toMatchObject({ code: 'USAGE' });
  const older = (await scenario.ledger())[1]?.tables['t']?.file?.key ?? '';
  await writeFile(join(scenario.storage.uri, older), 'damaged');
  await expect(fold()).rejects.toMatchObject({ code: 'LAKE_DIFFERS', exitCode: 5 });
  expect(await scenario.ledger()).toHaveLength(3);
  const empty = openScenario(join(dir(), 'empty'), CONFIG);
  await expect(fold(empty)).rejects.toMatchObject({ code: 'LAKE_NOT_FOUND', exitCode: 5 });
});

test('stopped at any write it has folded or has not, and the next run finishes it', async () => {
  const before = await visible();
  for (let write = 1; ; write += 1) {
    let count = 0;
    const storage = wrapStorage(openLocalStorage(scenario.storage.uri), {
      before: () => {
        count += 1;
        if (count === write) throw new Error('stopped');
      },
    });
    await runWith(['1,a,x', `2,B,${write}`], 'id,v,w');
    const failed = await fold(openScenario(dir(), CONFIG, { storage })).then(
      () => false,
      () => true,
    );
    await scenario.run();
    expect(await scenario.verify(), `write ${write}`).toMatchObject({ ok: true });
    expect(await visible()).toMatchObject(before);
    if (!failed) break;
  }
});

test('a lake that is folded after any run gives the same rows as one that is not', async () => {
  const state = fc.uniqueArray(fc.tuple(fc.nat(9), fc.nat(3)), { selector: ([id]) => id, minLength: 1 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(state, fc.boolean()), { minLength: 2, maxLength: 5 }),
      async (runs) => {
        const lake = openScenario(join(dir(), `drawn-${Math.random()}`), {
          tables: CONFIG.tables.slice(0, 1),
        });
        for (const [rows, folds] of runs) {
          await runWith(
            rows.map(([id, v]) => `${id},${v}`),
            'id,v',
            lake,
          );
          if (folds) await fold(lake);
        }
        // Verification compares replay and base, which follows the source.
        const verified = await lake.verify();
        expect(verified).toMatchObject({ ok: true, tables: { t: { rows: runs.at(-1)?.[0].length } } });
      },
    ),
    { numRuns: 8 },
  );
});

test('a wide table is folded within a small memory_limit, whatever comes after it', async () => {
  const tables = ['a', 'b'].map((name) => ({ name, pk: 'id' }));
  const lake = openScenario(join(dir(), 'wide'), { tables, memory_limit: '128MB' });
  const names = Array.from({ length: 3000 }, (_, index) => `c${index}`).join();
  for (const value of ['1', '2']) {
    await lake.write('a.csv', `id,${names}\n1${`,${value}`.repeat(3000)}\n`);
    await lake.write('b.csv', `id,v\n1,${value}\n`);
    expect((await lake.run()).exitCode).toBe(0);
  }
  expect((await fold(lake)).tables).toMatchObject({ a: { inserted: 1 }, b: { inserted: 1 } });
});
