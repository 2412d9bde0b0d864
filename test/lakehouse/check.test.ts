import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { check, type CheckedModel } from '../../src/pipeline/check.ts';
import { graph } from '../../src/explore/graph.ts';
import { withReader } from '../../src/explore/reader.ts';
import { openScenario, type Scenario, testEdge } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();
let scenario: Scenario;

beforeEach(async () => {
  scenario = openScenario(dir(), {
    layers: ['bronze', 'silver', 'gold'],
    models: './models',
    tables: [{ name: 'orders', pk: 'id' }],
  });
  for (const layer of ['silver', 'gold']) await mkdir(join(dir(), 'models', layer), { recursive: true });
  await scenario.write('orders.csv', 'id,value,day\n1,10,2024-01-01\n2,20,2024-01-02\n');
  await model('silver/orders', '-- key: id\nSELECT id, value, day FROM bronze.orders');
  await model(
    'gold/daily',
    '-- dt_ref: day\nSELECT sum(value) AS total FROM silver.orders WHERE day = $dt_ref',
  );
});

async function model(name: string, text: string): Promise<void> {
  await writeFile(join(dir(), 'models', `${name}.sql`), `${text}\n`);
}

async function checked(): Promise<{ exitCode: number; models: Readonly<Record<string, CheckedModel>> }> {
  const { report, exitCode } = await check(scenario, testEdge());
  return { exitCode, models: report.models };
}

test('before there is a lake nothing is known of the columns, and nothing is wrong', async () => {
  expect(await checked()).toMatchObject({
    exitCode: 0,
    models: {
      'silver.orders': { fits: null, reason: 'bronze.orders has no columns that are known yet.' },
      'gold.daily': { fits: null, reason: 'silver.orders is not known to fit.' },
    },
  });
});

test('a header that requires what the SELECT does not allow is wrong, before there is a lake and after', async () => {
  await model('silver/ranks', '-- key: id\n-- incremental: required\nSELECT id FROM bronze.orders LIMIT 3');
  const wrong = {
    fits: false,
    code: 'CONFIG_INVALID',
    reason: expect.stringMatching(/LIMIT \(line 3\).*its header says incremental: required/),
  };
  expect(await checked()).toMatchObject({ exitCode: 2, models: { 'silver.ranks': wrong } });
  await scenario.run();
  expect(await checked()).toMatchObject({ exitCode: 2, models: { 'silver.ranks': wrong } });
});

test('before there is a lake, reasons to rebuild that are certain are told, all of them, with their lines', async () => {
  await model(
    'silver/ranks',
    '-- key: id\nSELECT id, rank() OVER (ORDER BY value) AS place,\n  first(day) AS day\nFROM bronze.orders\nGROUP BY ALL LIMIT 3',
  );
  await model('silver/all', '-- key: id\n-- incremental: never\nSELECT id FROM bronze.orders');
  const { models } = await checked();
  expect(models['silver.orders']?.build).toBeNull();
  expect(models['silver.all']?.build).toMatchObject({ kind: 'rebuild' });
  const build = models['silver.ranks']?.build;
  expect(build?.kind === 'rebuild' ? build.reason.split('; ').toSorted() : []).toEqual([
    'its SQL calls first(), whose result depends on the order of rows (line 3)',
    'its SQL has a window over all rows (without PARTITION BY) (line 2)',
    'its SQL takes the first rows of no order (LIMIT or DISTINCT ON without ORDER BY) (line 5)',
    'its SQL uses LIMIT (line 5)',
  ]);
  const { tables } = await withReader(scenario, testEdge(), (reader) => graph(reader));
  expect(tables.find(({ name }) => name === 'silver.ranks')?.build).toEqual(build);
});

test('where only the change files are there, models are held against what the ledger has recorded', async () => {
  await scenario.run({ only: ['raw'] });
  await model(
    'silver/ranks',
    '-- key: id\nSELECT id, rank() OVER (ORDER BY value) AS place FROM bronze.orders',
  );
  expect(await checked()).toMatchObject({
    exitCode: 0,
    models: {
      'silver.orders': {
        fits: true,
        build: { kind: 'incremental' },
        columns: [
          { name: 'id', type: 'BIGINT' },
          { name: 'value', type: 'BIGINT' },
          { name: 'day', type: 'DATE' },
        ],
      },
      'silver.ranks': { fits: true, build: { kind: 'rebuild' } },
      'gold.daily': { fits: true, build: { kind: 'incremental' } },
    },
  });
});

test.each([
  ['silver/orders', '-- key: id\nSELECT id, valeu, day FROM bronze.orders', 'valeu'],
  ['silver/orders', '-- key: id\nSELECT id, valeu + valeu AS valeu, day FROM bronze.orders', 'valeu'],
  ['silver/orders', '-- key: ido\nSELECT id, value, day FROM bronze.orders', 'ido'],
  [
    'silver/orders',
    '-- key: id\n-- check: not_null(vlaue)\nSELECT id, value, day FROM bronze.orders',
    'vlaue',
  ],
  ['gold/daily', '-- dt_ref: value\nSELECT count(*) AS n FROM silver.orders', 'not a date'],
  ['gold/daily', '-- dt_ref: day\nSELECT sum(valeu) AS n FROM silver.orders', 'valeu'],
])(
  'what a run could not compute is told before it, by check and by plan: %s, %s',
  async (name, text, told) => {
    await scenario.run();
    await model(name, text);
    const full = name.replace('/', '.');
    const { exitCode, models } = await checked();
    expect(exitCode).toBe(2);
    expect(models[full]).toMatchObject({ fits: false, reason: expect.stringContaining(told) });
    const planned = await scenario.plan();
    expect(planned.layers?.[full]).toMatchObject({
      operation: 'failed',
      reason: expect.stringContaining(told),
    });
    expect(planned.layers?.['gold.daily']?.operation).toBe(name === 'gold/daily' ? 'failed' : 'skipped');
    const { report, exitCode: ofRun } = await scenario.run();
    expect(ofRun).toBe(2);
    expect(report.layers?.[full]).toMatchObject({ operation: 'failed' });
  },
);

test('a column that the next run brings is no mistake', async () => {
  await scenario.run();
  await scenario.write('orders.csv', 'id,value,day,note\n1,10,2024-01-01,a\n2,20,2024-01-02,b\n');
  await model('silver/orders', '-- key: id\nSELECT id, value, day, note FROM bronze.orders');
  expect((await scenario.plan()).layers?.['silver.orders']).toMatchObject({ operation: 'rebuild' });
  expect((await scenario.run()).exitCode).toBe(0);
});

test('which models run on Spark is told with every reason and its line, and no Spark is asked', async () => {
  await scenario.run();
  await model(
    'silver/odd',
    [
      '-- key: id',
      '-- check: SELECT id FROM silver.odd WHERE chr(id::INTEGER) = half',
      'SELECT id, mode(value) AS middle,',
      '  CAST(sum(value / 2) AS VARCHAR) AS half, -- ação',
      '  strftime(max(day), $form) AS form, mode(day) AS often',
      'FROM bronze.orders GROUP BY id',
    ]
      .join('\n')
      .replace('-- check', "-- var: form text = '%A'\n-- check"),
  );
  const { report, exitCode } = await check(scenario, testEdge(), { engine: 'spark' });
  const told = Object.fromEntries(
    Object.entries(report.models).map(([name, { onSpark }]) => [name, onSpark]),
  );
  expect([exitCode, told]).toEqual([
    2,
    {
      'silver.orders': [],
      'gold.daily': [],
      'silver.odd': [
        { line: 4, what: 'mode(BIGINT)' },
        { line: 5, what: 'CAST(DOUBLE AS VARCHAR)' },
        { line: 6, what: 'strftime(DATE, VARCHAR)' },
        { line: 6, what: 'mode(DATE)' },
      ],
    },
  ]);
  expect((await check(scenario, testEdge())).exitCode).toBe(0);
});

test('a check that no table without rows could meet is no mistake', async () => {
  await scenario.run();
  await model(
    'silver/orders',
    '-- key: id\n-- check: row_count >= 1\nSELECT id, value, day FROM bronze.orders',
  );
  expect(await checked()).toMatchObject({ exitCode: 0, models: { 'gold.daily': { fits: true } } });
});
