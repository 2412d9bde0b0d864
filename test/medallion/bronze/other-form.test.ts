import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { check } from '../../../src/pipeline/check.ts';
import { readNewestEntry } from '../../../src/lake/ledger.ts';
import { bronzeStatus, foreignStatus } from '../../../src/medallion/layer-status.ts';
import { useLayers } from '../../support/layer-tables.ts';
import { openScenario, type Scenario, testEdge } from '../../support/scenario.ts';
import { useTempDir } from '../../support/tmp.ts';
import { ForeignLake } from './foreign-lake.ts';

const dir = useTempDir();
const openLayers = useLayers();

/** Rows that another key does not tell apart, or has no value of; the second table has a row more, and another value. */
const FILES = ['id,k,v\n1,a,x\n2,a,y\n3,,z\n', 'id,k,v\n1,a,X\n3,b,z\n4,c,w\n'];

interface Form {
  readonly key: string | readonly string[] | undefined;
  readonly history: string;
}

/** Without a key the table is one that only grows. */
const KEYS = ['id', 'k', ['id', 'k'], ['k', 'id'], 'row', undefined];

/** A table a form, `t0`, `t1` and so on, each of its own files. */
function open(
  folder: string,
  forms: readonly Form[],
  more: object = {},
  clock: () => number = Date.now,
): Scenario {
  const tables = forms.map(({ key, history }, index) => ({
    name: `t${index}`,
    file: `t${index}-*.csv`,
    history,
    max_delete_ratio: 1,
    ...(key === undefined ? { mode: 'append' } : { pk: key }),
    ...more,
  }));
  return openScenario(folder, { layers: ['bronze', 'silver'], tables }, { edge: { clock } });
}

async function writeModels(folder: string, forms: readonly Form[]): Promise<void> {
  const models = join(folder, 'models/silver');
  await mkdir(models, { recursive: true });
  for (const [index, form] of forms.entries())
    await writeFile(join(models, `s${index}.sql`), `-- key: id\n${current(index, form)}\n`);
}

function current(index: number, { history }: Form): string {
  return `SELECT id, k, v FROM bronze.t${index}${history === 'scd2' ? ' WHERE is_current' : ''}`;
}

/** Bronze and silver have the rows of the tables that they are of: all of them at once. */
async function expectRows(scenario: Scenario, forms: readonly Form[]): Promise<void> {
  const rows = (of: (index: number, form: Form) => string): string =>
    forms
      .map((form, index) => `SELECT ${index} AS number, id, k, v FROM (${of(index, form)})`)
      .join(' UNION ALL ');
  const [raw, bronze, silver] = [
    rows((index) => `FROM t${index}`),
    rows(current),
    rows((index) => `FROM silver.s${index}`),
  ];
  for (const layer of [bronze, silver])
    expect(
      await scenario.query(
        `((${raw}) EXCEPT ALL (${layer})) UNION ALL ((${layer}) EXCEPT ALL (${raw})) ORDER BY ALL`,
      ),
    ).toEqual([]);
}

function hasK(form: Form | undefined): boolean {
  return form?.key?.includes('k') === true;
}

function fileOf(form: Form, index: number): string {
  return FILES[hasK(form) ? 1 : index] ?? '';
}

test('bronze follows tables that are started anew under other keys, or kept in other forms, from each to each', async () => {
  // Each key becomes another one, or stays.
  const histories = fc.array(fc.constantFrom('latest', 'scd2'), {
    minLength: KEYS.length,
    maxLength: KEYS.length,
  });
  const forms = fc
    .tuple(fc.shuffledSubarray(KEYS, { minLength: KEYS.length }), histories)
    .map(([keys, kept]) => keys.map((key, index): Form => ({ key, history: kept[index] ?? '' })));
  let number = 0;
  await fc.assert(
    fc.asyncProperty(forms, forms, fc.boolean(), async (from, to, isStepped) => {
      number += 1;
      const folder = join(dir(), String(number));
      await writeModels(folder, from);
      const before = open(folder, from);
      for (const [index, was] of from.entries()) await before.write(`t${index}-1.csv`, fileOf(was, 0));
      expect((await before.run()).exitCode).toBe(0);

      await writeModels(folder, to);
      const after = open(folder, to, isStepped ? { max_files_per_run: 1 } : {});
      for (const [index, is] of to.entries())
        await after.write(`t${index}-1.csv`, fileOf(is, hasK(from[index]) ? 0 : 1));
      // Models that go with the new form are right, as they are once it is there.
      expect(await check(after, testEdge())).toMatchObject({ exitCode: 0 });
      expect((await after.run({ reload: to.map((_, index) => `t${index}`) })).exitCode).toBe(0);
      await expectRows(after, to);
      for (const index of to.keys()) await after.write(`t${index}-2.csv`, 'id,k,v\n9,q,n\n');
      expect((await after.run()).exitCode).toBe(0);
      await expectRows(after, to);
      expect((await after.run({ fullRefresh: true })).exitCode).toBe(0);
      await expectRows(after, to);
    }),
    { numRuns: 1, endOnFailure: true },
  );
});

test('a table whose "history" changes is made anew by the next run, from all that was published', async () => {
  const folder = dir();
  await writeModels(folder, []);
  const latest = open(folder, [{ key: 'id', history: 'latest' }]);
  const scd2 = open(folder, [{ key: 'id', history: 'scd2' }]);
  for (const v of ['a', 'b', 'c']) {
    await latest.write('t0-1.csv', `id,k,v\n1,,${v}\n`);
    await latest.run();
  }
  const applied = async ({ config, storage }: Scenario): Promise<unknown> => {
    const status = await bronzeStatus(
      await openLayers(folder),
      config.tables,
      await readNewestEntry(storage),
    );
    return status['bronze.t0']?.sources['ledger'];
  };
  expect(await applied(latest)).toEqual({ applied: 2, newest: 2, pendingFiles: 0 });
  expect(await applied(scd2)).toEqual({ applied: null, newest: 2, pendingFiles: 3 });
  const told = (await scd2.run()).report.layers?.['bronze.t0'];
  expect(await applied(scd2)).toEqual({ applied: 2, newest: 2, pendingFiles: 0 });
  expect(await applied(latest)).toEqual({ applied: null, newest: 2, pendingFiles: 3 });
  expect(told).toMatchObject({ operation: 'rebuilt', reason: 'its "history" has become scd2' });
  expect(await scd2.query('SELECT v, is_current FROM bronze.t0 ORDER BY v')).toEqual([
    { v: 'a', is_current: false },
    { v: 'b', is_current: false },
    { v: 'c', is_current: true },
  ]);
  expect((await scd2.run()).report.layers?.['bronze.t0']?.operation).toBe('unchanged');
  expect((await latest.run()).report.layers?.['bronze.t0']).toMatchObject({
    operation: 'rebuilt',
    reason: 'its "history" has become latest',
  });
  expect(await latest.query('SELECT * EXCLUDE (_igarape_run, _cdc_timestamp) FROM bronze.t0')).toEqual([
    { id: 1n, k: null, v: 'c' },
  ]);
});

test('versions close when a table is started anew under a key that does not tell its rows apart', async () => {
  const folder = dir();
  await writeModels(folder, []);
  const before = open(folder, [{ key: 'id', history: 'scd2' }]);
  await before.write('t0-1.csv', FILES[0] ?? '');
  await before.run();
  const after = open(folder, [{ key: 'k', history: 'scd2' }]);
  await after.write('t0-1.csv', FILES[1] ?? '');
  expect((await after.run({ reload: ['t0'] })).report.layers?.['bronze.t0']).toMatchObject({
    operation: 'rebuilt',
    reason: 'its key has become k',
  });
  const versions = await after.query(
    'SELECT id, v, is_current, valid_to IS NULL AS is_open FROM bronze.t0 ORDER BY id, is_current',
  );
  expect(versions.map((row) => Object.values(row).join(' '))).toEqual([
    '1 x false false',
    '1 X true true',
    '2 y false false',
    '3 z false false',
    '3 z true true',
    '4 w true true',
  ]);
});

test.for(['latest', 'scd2'])(
  'rows of "history": %s go on under a key that is only told otherwise',
  async (history) => {
    const folder = dir();
    await writeModels(folder, [{ key: 'id', history }]);
    const before = open(folder, [{ key: ['id', 'k'], history }]);
    await before.write('t0-1.csv', 'id,k,v\n1,a,x\n2,a,y\n');
    await before.run();
    const after = open(folder, [{ key: ['K', 'ID'], history }]);
    await after.write('t0-1.csv', 'ID,K,V\n1,a,x\n2,a,Y\n');
    const { report, exitCode } = await after.run({ reload: ['t0'] });
    expect({ exitCode, layers: report.layers }).toMatchObject({
      exitCode: 0,
      layers: { 'bronze.t0': { operation: 'updated', updated: 1 }, 'silver.s0': { updated: 1, inserted: 0 } },
    });
    await after.write('t0-1.csv', 'ID,K,V\n2,a,Z\n3,a,z\n');
    expect((await after.run()).exitCode).toBe(0);
    const versions = `SELECT id, v, ${history === 'scd2' ? 'is_current' : 'true'} AS is_current FROM bronze.t0 ORDER BY ALL`;
    const told = (await after.query(versions)).map((row) => Object.values(row).join(' '));
    const now = ['2 Z true', '3 z true'];
    expect(told).toEqual(history === 'scd2' ? ['1 x false', '2 Y false', now[0], '2 y false', now[1]] : now);
    await after.run({ fullRefresh: true });
    expect((await after.query(versions)).map((row) => Object.values(row).join(' '))).toEqual(told);
  },
);

test.for(['latest', 'scd2'])(
  'a table that is started anew without a column has none in bronze, "history": %s',
  async (history) => {
    const folder = dir();
    await writeModels(folder, []);
    const scenario = open(folder, [{ key: 'id', history }]);
    await scenario.write('t0-1.csv', 'id,k,v\n1,a,x\n2,b,y\n');
    await scenario.run();
    await scenario.write('t0-1.csv', 'id,v\n1,x\n2,Y\n3,z\n');
    const { report, exitCode } = await scenario.run({ reload: ['t0'] });
    expect({ exitCode, ...report.layers?.['bronze.t0'] }).toMatchObject({
      exitCode: 0,
      reason: 'the column k is gone, so that every row was written anew',
    });
    const isNow = history === 'scd2' ? 'is_current' : 'true';
    const rows = `SELECT COLUMNS(c -> c IN ('id', 'k', 'v')) FROM bronze.t0 WHERE ${isNow} ORDER BY id`;
    const found = await scenario.query(rows);
    expect(found).toEqual([
      { id: 1n, v: 'x' },
      { id: 2n, v: 'Y' },
      { id: 3n, v: 'z' },
    ]);
    expect((await scenario.run()).report.layers?.['bronze.t0']?.operation).toBe('unchanged');
    await scenario.run({ fullRefresh: true });
    expect(await scenario.query(rows)).toEqual(found);
  },
);

test('a full refresh goes through all keys that a table with a history has had, also of columns that it has no more', async () => {
  const folder = dir();
  await writeModels(folder, []);
  let nowMs = Date.UTC(2025, 0, 1);
  let id = 0;
  for (const key of [undefined, 'id', ['k', 'id'], undefined, 'id']) {
    const scenario = open(folder, [{ key, history: 'scd2' }], {}, () => nowMs);
    for (const isFirst of [true, false, false]) {
      await scenario.write(`t0-${++id}.csv`, `id,k,v\n${id},x,y\n`);
      nowMs += 60_000;
      const { exitCode } = await scenario.run(isFirst && id > 1 ? { reload: ['t0'] } : {});
      expect(exitCode).toBe(0);
    }
  }
  const scenario = open(folder, [{ key: 'id', history: 'scd2' }]);
  const versions = 'SELECT * EXCLUDE (_igarape_run) FROM bronze.t0 ORDER BY ALL';
  const inSteps = await scenario.query(versions);
  expect((await scenario.run({ fullRefresh: true })).exitCode).toBe(0);
  expect(await scenario.query(versions)).toEqual(inSteps);
});

test('a table that own change files and those of others feed by turns has the rows of what feeds it', async () => {
  let number = 0;
  const turns = fc.array(fc.constantFrom('id', 'v', undefined), { minLength: 4, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(turns, async (keys) => {
      const folder = join(dir(), String(++number));
      const other = await ForeignLake.open(folder);
      const changes = [1, 2].map((id) => ({ op: 'I', id, v: 'a', ts: 1 }) as const);
      await other.writeChanges('c_1.parquet', changes);
      let before: string | undefined | null = null;
      for (const key of keys) {
        const kind =
          key === undefined
            ? { pk: 'id', bronze: { from: './cdc/c_*.parquet', order_by: 'ts' } }
            : { pk: key };
        const scenario = openScenario(folder, { layers: ['bronze'], tables: [{ name: 'c', ...kind }] });
        await scenario.write('c.csv', 'id,v\n1,b\n5,c\n');
        const { tables: own, foreignTables: others } = scenario.config;
        const layers = await openLayers(folder);
        const status = async (): Promise<unknown> => {
          const [other] = others;
          const { sources } =
            other === undefined
              ? ((await bronzeStatus(layers, own, await readNewestEntry(scenario.storage)))['bronze.c'] ?? {})
              : await foreignStatus(layers, other, undefined);
          return Object.values(sources ?? {})[0];
        };
        const isSameFeed = before !== null && (key === undefined) === (before === undefined);
        expect(isSameFeed ? { applied: null } : await status()).toMatchObject({ applied: null });
        before = key;
        const { exitCode } = await scenario.run(key === undefined ? {} : { approve: ['c'] });
        expect(await status()).toMatchObject({ applied: expect.any(Number) as number, pendingFiles: 0 });
        expect(exitCode).toBe(0);
        const rows = await scenario.query("SELECT concat_ws(' ', id, v) AS row FROM bronze.c ORDER BY id");
        expect(rows.map(({ row }) => row)).toEqual(key === undefined ? ['1 a', '2 a'] : ['1 b', '5 c']);
      }
    }),
    {
      numRuns: 3,
      endOnFailure: true,
      examples: [[['id', undefined, 'id', undefined]], [[undefined, 'v', undefined, 'v']]],
    },
  );
});

test('a key that is spelled otherwise from a reload on is the same, however many files are taken at once', async () => {
  const tables = [1, 2, 3].map((most) => ({
    name: `t${most}`,
    file: 't.csv',
    pk: 'ID',
    history: 'scd2',
    max_files_per_run: most,
  }));
  const lake = openScenario(dir(), { layers: ['bronze'], tables });
  for (const text of ['ID,v\n1,a\n2,b\n', 'ID,v\n1,a\n3,c\n', 'id,v\n1,A\n3,c\n4,d\n']) {
    await lake.write('t.csv', text);
    await lake.run({ only: ['raw'], reload: tables.map(({ name }) => name) });
  }
  const versionsOf = async (table: string): Promise<string> => {
    const versions = await lake.query(`SELECT id, v, is_current FROM bronze.${table} ORDER BY ALL`);
    return versions.map(({ id, v, is_current: is }) => `${id}${v}${is === true ? '' : '-'}`).join(' ');
  };
  await lake.run({ only: ['bronze'] });
  expect(await versionsOf('t1')).toBe('1a 2b');
  expect(await versionsOf('t2')).toBe('1a 2b- 3c');
  for (let run = 0; run < 2; run += 1) await lake.run({ only: ['bronze'] });
  for (const { name } of tables) expect(await versionsOf(name), name).toBe('1A 1a- 2b- 3c 4d');
});
