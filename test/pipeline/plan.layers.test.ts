import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';
import { writeFileAt } from '../support/write-file.ts';

const dir = useTempDir();
let scenario: Scenario;

const MODELS = {
  'silver/renamed.sql': '-- key: k\nSELECT id AS k, v, day FROM bronze.t',
  'silver/ranked.sql': '-- key: k\nSELECT id AS k, row_number() OVER (ORDER BY v) AS place FROM bronze.t',
  'gold/daily.sql':
    '-- dt_ref: day\nSELECT $dt_ref AS dt_ref, count(*) AS n FROM silver.renamed WHERE day = $dt_ref',
};

beforeEach(async () => {
  for (const [name, sql] of Object.entries(MODELS)) {
    await writeFileAt(join(dir(), 'models', name), sql);
  }
  scenario = openScenario(dir(), {
    layers: ['bronze', 'silver', 'gold'],
    tables: [{ name: 't', pk: 'id' }],
  });
  await scenario.write('t.csv', 'id,v,day\n1,a,2025-01-01\n2,b,2025-01-02\n3,c,2025-01-02\n');
});

test('tables that are not there yet are to be created, also of a lake that is not', async () => {
  expect((await scenario.plan()).layers).toEqual({
    'bronze.t': { operation: 'create' },
    'silver.ranked': {
      operation: 'create',
      reason: expect.stringContaining('later runs make it anew: its SQL has a window') as string,
    },
    'silver.renamed': { operation: 'create' },
    'gold.daily': { operation: 'create' },
  });
});

test('where nothing is new nothing is to be done', async () => {
  await scenario.run();
  const operations = Object.values((await scenario.plan()).layers ?? {}).map(({ operation }) => operation);
  expect(operations).toEqual(['unchanged', 'unchanged', 'unchanged', 'unchanged']);
});

test('a change goes through the layers, and what cannot follow it is rebuilt, with the reason', async () => {
  await scenario.run();
  await scenario.write('t.csv', 'id,v,day\n1,A,2025-01-01\n2,b,2025-01-02\n3,c,2025-01-02\n');
  const { layers } = await scenario.plan();
  expect(layers).toEqual({
    'bronze.t': { operation: 'update' },
    'silver.ranked': { operation: 'rebuild', reason: expect.stringContaining('window') },
    'silver.renamed': { operation: 'update' },
    'gold.daily': { operation: 'update' },
  });
  const { report } = await scenario.run();
  expect(report.layers?.['silver.ranked']).toMatchObject({
    operation: 'rebuilt',
    reason: layers?.['silver.ranked']?.reason,
  });
  expect(report.layers?.['gold.daily']?.operation).toBe('unchanged');
});

test('a changed model is to be rebuilt', async () => {
  await scenario.run();
  await writeFile(
    join(dir(), 'models/silver/renamed.sql'),
    '-- key: k\nSELECT id AS k, v AS w, day FROM bronze.t',
  );
  expect((await scenario.plan()).layers?.['silver.renamed']).toEqual({
    operation: 'rebuild',
    reason: 'its model has changed',
  });
});

test('a table that only a rebuild would do for, which its header forbids, would be held, and what reads it skipped', async () => {
  const ranked = join(dir(), 'models', 'silver', 'ranked.sql');
  await writeFile(ranked, `-- incremental: required\n${MODELS['silver/ranked.sql']}`);
  await writeFile(join(dir(), 'models', 'silver', 'first.sql'), '-- key: k\nSELECT k FROM silver.ranked');
  await scenario.run();
  await scenario.write('t.csv', 'id,v,day\n1,A,2025-01-01\n2,b,2025-01-02\n3,c,2025-01-02\n');
  const { layers } = await scenario.plan();
  expect(layers?.['silver.ranked']).toEqual({
    operation: 'held',
    reason: expect.stringContaining('incremental: required') as string,
  });
  expect(layers?.['silver.first']).toEqual({ operation: 'skipped', reason: 'silver.ranked is held.' });
  const { report } = await scenario.run();
  expect(report.layers?.['silver.ranked']).toMatchObject(layers?.['silver.ranked'] ?? {});
  expect(report.layers?.['silver.first']).toMatchObject(layers?.['silver.first'] ?? {});
});

/** What plan says that a run does with tables of the layers, with the reasons, beside what the run then does. */
async function plannedAndDone(
  ...names: readonly string[]
): Promise<{ planned: unknown[][]; done: unknown[][] }> {
  const { layers: planned = {} } = await scenario.plan();
  const { layers: done = {} } = (await scenario.run()).report;
  const operations: Readonly<Record<string, string>> = {
    create: 'created',
    update: 'updated',
    rebuild: 'rebuilt',
  };
  return {
    planned: names.map((name) => {
      const { operation, reason } = planned[name] ?? { operation: 'absent' };
      return [name, operations[operation] ?? operation, reason];
    }),
    done: names.map((name) => [name, done[name]?.operation, done[name]?.reason]),
  };
}

const STARRED = {
  'silver/all.sql': '-- key: id\n-- incremental: required\nSELECT * FROM bronze.t',
  'silver/any.sql': '-- key: id\nSELECT * FROM bronze.t',
  'silver/valued.sql': '-- key: id\n-- incremental: required\nSELECT id, v FROM bronze.t',
  'silver/second.sql': '-- key: id\nSELECT * FROM silver.any',
  'silver/third.sql': '-- key: id\nSELECT id, v FROM silver.all',
  'silver/fourth.sql': '-- key: id\n-- incremental: required\nSELECT id, n FROM silver.any',
  'gold/dated.sql': '-- key: dt_ref, id\n-- dt_ref: day\n-- incremental: required\nSELECT * FROM silver.any',
};

test.each([
  ['comes', 'id,v,n,day,w\n1,A,3,2025-01-01,5\n2,b,2,2025-01-02,6\n', 'held'],
  ['widens', 'id,v,n,day\n1,A,1.5,2025-01-01\n2,b,2,2025-01-02\n', 'held'],
  ['stays', 'id,v,n,day\n1,A,3,2025-01-01\n2,b,2,2025-01-02\n', 'updated'],
  ['is gone for a guard', 'id,v,day,w\n1,A,2025-01-01,5\n2,b,2025-01-02,5\n', 'unchanged'],
])(
  'where a column that models read %s in that very run, plan tells what becomes of each',
  async (...[, next, operation]) => {
    for (const [name, sql] of Object.entries(STARRED)) await writeFileAt(join(dir(), 'models', name), sql);
    await scenario.write('t.csv', 'id,v,n,day\n1,a,1,2025-01-01\n2,b,2,2025-01-02\n');
    await scenario.run();
    await scenario.write('t.csv', next);
    const names = Object.keys(STARRED).map((path) => path.replace('/', '.').replace('.sql', ''));
    const { planned, done } = await plannedAndDone(...names);
    expect(planned).toEqual(done);
    expect(done[0]?.slice(0, 2)).toEqual(['silver.all', operation]);
  },
);

test('a model that a run could not compute is told before there is a lake', async () => {
  await writeFileAt(join(dir(), 'models/silver/wrong.sql'), '-- key: id\nSELECT id, nothing FROM bronze.t');
  const { planned, done } = await plannedAndDone('silver.wrong');
  expect(planned).toEqual(done);
  expect(done).toEqual([['silver.wrong', 'failed', expect.stringContaining('nothing')]]);
});

test.each(['latest', 'scd2'])(
  'a column that comes without a value is in bronze, of history %s, where models read it',
  async (history) => {
    scenario = openScenario(dir(), {
      layers: ['bronze', 'silver', 'gold'],
      tables: [{ name: 't', pk: 'id', history }],
    });
    await writeFileAt(
      join(dir(), 'models/silver/all.sql'),
      '-- key: id\nSELECT * EXCLUDE (day) FROM bronze.t',
    );
    await scenario.run();
    await scenario.write('t.csv', 'id,v,day,w\n1,a,2025-01-01,\n2,b,2025-01-02,\n3,c,2025-01-02,\n');
    await writeFileAt(join(dir(), 'models/silver/named.sql'), '-- key: id\nSELECT id, w FROM bronze.t');
    const names = ['bronze.t', 'silver.all', 'silver.named'] as const;
    const { planned, done } = await plannedAndDone(...names);
    expect(planned).toEqual(done);
    expect(done).toEqual([
      ['bronze.t', 'updated', undefined],
      ['silver.all', 'rebuilt', 'bronze.t has other columns than at version 0'],
      ['silver.named', 'created', undefined],
    ]);
    const again = await plannedAndDone(...names);
    expect(again.planned).toEqual(again.done);
    expect(again.done).toEqual(names.map((name) => [name, 'unchanged', undefined]));
    const described = await scenario.query('DESCRIBE bronze.t');
    await scenario.run({ fullRefresh: true });
    const refreshed = await scenario.query('DESCRIBE bronze.t');
    const columnsOf = (rows: typeof described): Set<unknown> =>
      new Set(rows.map((row) => row['column_name']));
    expect(columnsOf(refreshed)).toEqual(columnsOf(described));
    await scenario.write('t.csv', 'id,v,day,w\n1,a,2025-01-01,5\n2,b,2025-01-02,\n3,c,2025-01-02,\n');
    await scenario.run();
    expect(await scenario.query('SELECT id, w FROM bronze.t WHERE w IS NOT NULL')).toEqual([
      { id: 1n, w: 5n },
    ]);
  },
);

test('what a run leaves as it is, is told so of a model that it could not compute', async () => {
  await writeFileAt(
    join(dir(), 'models/silver/versions.sql'),
    '-- key: id, valid_from\n-- incremental: required\nSELECT id, valid_from FROM bronze.t',
  );
  await writeFileAt(
    join(dir(), 'models/silver/reader.sql'),
    '-- key: id\nSELECT id, valid_to FROM silver.versions',
  );
  await writeFileAt(
    join(dir(), 'models/silver/summed.sql'),
    '-- key: v\nSELECT v, sum(e) AS e FROM bronze.t GROUP BY v',
  );
  const tables = [{ name: 't', pk: 'id', history: 'scd2' }];
  scenario = openScenario(dir(), { layers: ['bronze', 'silver'], tables });
  await scenario.write('t.csv', 'id,v,day,e\n1,a,2025-01-01,\n');
  const names = ['silver.versions', 'silver.reader', 'silver.summed'] as const;
  const first = await plannedAndDone(...names);
  expect(first.planned).toEqual(first.done);
  expect(first.done.map(([, operation]) => operation)).toEqual(['created', 'failed', 'skipped']);
  scenario = openScenario(dir(), { layers: ['bronze', 'silver'], tables: [{ name: 't', pk: 'id' }] });
  const second = await plannedAndDone(...names);
  expect(second.planned).toEqual(second.done);
  expect(second.done.map(([, operation]) => operation)).toEqual(['held', 'skipped', 'skipped']);
});

test.each(
  ['none', 'month', 'date'].flatMap((before) => ['none', 'month', 'date'].map((after) => [before, after])),
)(
  'a table with dates that is laid out anew is no table of other columns: by %s, then by %s',
  async (before, after) => {
    const lay = (partition: string): Promise<void> =>
      writeFileAt(
        join(dir(), 'models/gold/daily.sql'),
        `-- dt_ref: renamed.day\n-- key: dt_ref\n-- partition: ${partition}\n-- incremental: required\nSELECT count(*) AS n FROM silver.renamed`,
      );
    await lay(before);
    await scenario.run();
    await lay(after);
    await scenario.write('t.csv', 'id,v,day\n1,a,2025-01-02\n2,b,2025-01-02\n3,c,2025-01-02\n');
    const { planned, done } = await plannedAndDone('gold.daily');
    expect([planned, done]).toEqual([done, [['gold.daily', 'updated', undefined]]]);
  },
);

test.each([
  ['none', 'month'],
  ['month', 'none'],
  ['month', 'date'],
  ['none', 'date'],
])(
  'what reads a table that is laid out anew, by %s, then by %s, is planned as the run does it',
  async (before, after) => {
    const lay = (partition: string): Promise<void> =>
      writeFileAt(
        join(dir(), 'models/gold/daily.sql'),
        `-- dt_ref: renamed.day\n-- key: dt_ref\n-- partition: ${partition}\nSELECT count(*) AS n FROM silver.renamed`,
      );
    const readers = {
      'gold.all': '-- key: dt_ref\nSELECT * FROM gold.daily',
      'gold.must': '-- key: dt_ref\n-- incremental: required\nSELECT * FROM gold.daily',
      'gold.never': '-- key: dt_ref\n-- incremental: never\nSELECT * FROM gold.daily',
    };
    for (const [name, sql] of Object.entries(readers))
      await writeFileAt(join(dir(), 'models', `${name.replace('.', '/')}.sql`), sql);
    await lay(before);
    await scenario.run();
    await lay(after);
    const { planned, done } = await plannedAndDone('gold.daily', ...Object.keys(readers));
    expect(planned).toEqual(done);
    const has = before === 'month' || after === 'month';
    expect(done.map(([, operation]) => operation)).toEqual(
      has
        ? ['unchanged', 'rebuilt', 'held', 'rebuilt']
        : ['unchanged', 'unchanged', 'unchanged', 'unchanged'],
    );
  },
);
