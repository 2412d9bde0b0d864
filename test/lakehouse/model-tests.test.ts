import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import type { TestOutcome } from '../../src/medallion/model-tests/run-test.ts';
import { testModels } from '../../src/pipeline/test-models.ts';
import { callCli } from '../support/call-cli.ts';
import { openScenario, type Scenario, testEdge } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';
import { writeFileAt } from '../support/write-file.ts';

const dir = useTempDir();
const CONFIG = { layers: ['bronze', 'silver', 'gold'], tables: [{ name: 'orders', pk: 'id' }] };
let scenario: Scenario;

beforeEach(async () => {
  scenario = openScenario(dir(), CONFIG);
  await file('seeds/regions.csv', 'region,name\n1,North\n2,South\n');
  await file(
    'silver/orders.sql',
    `-- key: id
-- tags: orders
-- var: least bigint = 0
-- check: relationship(id, bronze.orders.id)
SELECT o.id, o.value, CAST(o.at AS DATE) AS day, r.name, o.value * 0.1 AS tax
FROM bronze.orders AS o LEFT JOIN seed.regions AS r USING (region) WHERE o.value >= $least`,
  );
  await file(
    'gold/daily.sql',
    '-- key: dt_ref\n-- dt_ref: day\n-- window: 2 days\nSELECT sum(value) AS total FROM silver.orders GROUP BY ALL',
  );
});

async function file(name: string, text: string): Promise<void> {
  await writeFileAt(join(dir(), 'models', name), text);
}

async function outcomes(words?: readonly string[]): Promise<Readonly<Record<string, TestOutcome>>> {
  const { report, exitCode } = await testModels(scenario, testEdge(), words);
  const isPassed = report.tests.every(({ outcome }) => outcome.kind === 'passed');
  expect(exitCode).toBe(isPassed ? 0 : 2);
  return Object.fromEntries(report.tests.map(({ name, outcome }) => [name, outcome]));
}

const YAML = `
- name: joins
  model: silver.orders
  given:
    bronze.orders:
      - { id: 1, value: 10, at: 2024-01-31 10:00:00, region: 1 }
      - { id: 2, value: 3, at: 2024-01-31 23:59:59, region: 3 }
      - { id: 3, at: 2024-02-01 00:00:00, region: 1 }
  expect:
    - { id: 1, day: 2024-01-31, name: North, tax: 1 }
    - { id: 2, day: 2024-01-31, name: null, tax: 0.3 }
- name: by value
  model: silver.orders
  vars: { least: 5 }
  given:
    bronze.orders: "SELECT i AS id, i AS value, TIMESTAMP '2024-01-01' AS at, 1 AS region FROM range(8) AS r(i)"
    seed.regions: [{ region: 1, name: West }]
  expect: SELECT i AS id, 'West' AS name FROM range(5, 8) AS r(i)
`;

const SQL = `-- Sales of two days
-- model: gold.daily
-- given: silver.orders
SELECT * FROM (VALUES (DATE '2024-01-01', 5), (DATE '2024-01-02', 7)) AS t(day, value);
-- expect:
-- the second date sees both
SELECT DATE '2024-01-01' AS dt_ref, 5 AS total
UNION ALL SELECT DATE '2024-01-02', 12;
`;

test('what a model gives of given rows is what is expected, without a lake and with one', async () => {
  await file('tests/orders.yaml', YAML);
  await file('tests/gold/two-days.sql', SQL);
  const passed = {
    'gold/two-days': { kind: 'passed' },
    'orders/joins': { kind: 'passed' },
    'orders/by value': { kind: 'passed' },
  };
  expect(await outcomes()).toEqual(passed);
  await scenario.write('orders.csv', 'id,value,at,region\n1,10,2024-01-01 10:00:00,1\n');
  await scenario.run();
  expect(await outcomes()).toEqual(passed);
  expect(Object.keys(await outcomes(['tag:orders']))).toEqual(['orders/joins', 'orders/by value']);
});

test('what differs is told, by the key where the model has one', async () => {
  await file(
    'tests/orders.yaml',
    YAML.replace('name: North, tax: 1', 'name: South, tax: 1').replace('id: 2, day', 'id: 4, day'),
  );
  expect(await outcomes()).toEqual({
    'orders/joins': {
      kind: 'differs',
      total: 3,
      differences: expect.arrayContaining([
        {
          kind: 'differs',
          expected: { id: '1', day: '2024-01-31', name: 'South', tax: '1.0' },
          row: { id: '1', day: '2024-01-31', name: 'North', tax: '1.0' },
        },
        { kind: 'missing', row: { id: '4', day: '2024-01-31', name: null, tax: '0.3' } },
        { kind: 'not expected', row: { id: '2', day: '2024-01-31', name: null, tax: '0.3' } },
      ]),
    },
    'orders/by value': { kind: 'passed' },
  });
});

test.each([
  [
    'given:\n  bronze.orders: []\nexpect: []',
    'bronze.orders has no rows, and its columns are not known before there is a lake.',
  ],
  ['expect: []', 'bronze.orders, which the model reads, is not given.'],
  [
    'given:\n  bronze.orders: [{ id: 1 }]\n  bronze.others: []\nexpect: []',
    'bronze.others is given, which the model does not read.',
  ],
  ['given:\n  bronze.orders: [{ id: 1 }]\nexpect: []', 'region'],
  ["given:\n  bronze.orders: SELECT * FROM read_csv('x')\nexpect: []", 'bronze.orders: reads read_csv(…)'],
  [
    'given:\n  bronze.orders: [{ id: 1, value: 1, at: 2024-01-01, region: 1 }]\nexpect: [{ nome: x }]',
    'what is expected has no column nome.',
  ],
  ['given:\n  bronze.orders: [{ id: 1, value: 1, at: 2024-01-01, region: 1 }]\nexpect: [{ day: x }]', 'x'],
  ['vars: { least: many }\ngiven:\n  bronze.orders: []\nexpect: []', 'found "many" for $least'],
  [
    'given:\n  bronze.orders: [{ id: 1, value: 1, at: 2024-01-01, region: 1 }, { id: 1, value: 2, at: 2024-01-01, region: 1 }]\nexpect: []',
    '1 key has different rows by id',
  ],
])('%j fails, and says why', async (text, why) => {
  await file('tests/one.yaml', `model: silver.orders\n${text}\n`);
  const { one } = await outcomes();
  expect(one).toMatchObject({ kind: 'failed', reason: expect.stringContaining(why) });
});

test.each([
  ['one.yaml', 'model: [', 'models/tests/one.yaml:1: it is no YAML'],
  ['one.yaml', 'model: silver.orders\nexpects: []', 'models/tests/one.yaml: expect: rows, as a list'],
  ['one.yaml', 'model: silver.orders\ngiven: { orders: [] }\nexpect: []', 'given: tables of layers'],
  [
    'one.sql',
    '-- model: silver.orders\n-- given: orders\nSELECT 1;',
    'models/tests/one.sql:2: given: found "orders"',
  ],
  ['one.sql', '-- expect:\nSELECT 1', 'models/tests/one.sql:1: model: is missing'],
])('%s that says %j is refused', async (name, text, why) => {
  await file(`tests/${name}`, text);
  await expect(outcomes()).rejects.toThrow(why);
});

test('the program tells what passed, and what differs as expected → found', async () => {
  await file('tests/orders.yaml', YAML.replace('name: North', 'name: South'));
  const config = { source: { type: 'files', path: './source' }, ...CONFIG };
  await writeFile(join(dir(), 'igarape.json'), JSON.stringify(config));
  const { exitCode, stdout } = await callCli(['test'], dir());
  expect([exitCode, stdout]).toEqual([
    2,
    `test             model
orders/joins     silver.orders  FAILED
orders/by value  silver.orders  ok

orders/joins (models/tests/orders.yaml)
  differs       id: 1  day: 2024-01-31  name: South → North  tax: 1.0

1 passed, 1 failed
`,
  ]);
});
