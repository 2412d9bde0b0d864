import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DeltaTable } from '../../src/delta/table.ts';
import { check } from '../../src/pipeline/check.ts';
import { openScenario, testEdge } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();

async function model(name: string, text: string): Promise<void> {
  await mkdir(join(dir(), 'models', name, '..'), { recursive: true });
  await writeFile(join(dir(), 'models', `${name}.sql`), text);
}

/** What a table says of itself, of its columns, and how many commits it has. */
async function told(table: string): Promise<readonly unknown[]> {
  await using delta = await DeltaTable.open(join(dir(), 'lake', table));
  const { schema, metadata, version } = await delta.snapshot();
  const comments = schema.fields.flatMap(({ name, metadata: { comment } }) =>
    typeof comment === 'string' ? [`${name}: ${comment}`] : [],
  );
  return [metadata.description, comments, version];
}

test('descriptions reach the tables, and another one makes none anew', async () => {
  const scenario = openScenario(dir(), {
    layers: ['bronze', 'silver', 'gold'],
    tables: [{ name: 'orders', pk: 'id' }],
  });
  await scenario.write('orders.csv', 'id,value,day\n1,10,2024-01-01\n2,20,2024-01-02\n');
  const silver = '-- key: id\nSELECT id, value AS "value in all", day FROM bronze.orders';
  const gold = '-- dt_ref: day\nSELECT count(*) AS n FROM silver.orders WHERE day = $dt_ref';
  await model('silver/orders', `-- description: Orders\n-- column "value in all": What was paid\n${silver}`);
  await model('gold/daily', gold);
  await scenario.run();
  expect(await told('silver/orders')).toEqual(['Orders', ['value in all: What was paid'], 1]);
  expect(await told('gold/daily')).toEqual([undefined, [], 0]);

  await model('silver/orders', `-- column DAY: When\n-- column "value in all": Paid\n${silver}`);
  await model('gold/daily', `-- description: By day\n-- column n: How many\n-- column m: None\n${gold}`);
  const { report, exitCode } = await scenario.run();
  expect([exitCode, report.layers]).toEqual([
    0,
    expect.objectContaining({
      'silver.orders': expect.objectContaining({ operation: 'unchanged', version: 2 }),
      'gold.daily': expect.objectContaining({
        operation: 'unchanged',
        reason: 'its header describes columns that it does not have: m',
      }),
    }),
  ]);
  expect(await told('silver/orders')).toEqual([undefined, ['value in all: Paid', 'day: When'], 2]);
  expect((await told('gold/daily')).slice(0, 2)).toEqual(['By day', ['n: How many']]);
  expect((await check(scenario, testEdge())).report.models).toMatchObject({
    'silver.orders': { fits: true },
    'gold.daily': { fits: false, reason: expect.stringContaining('describes columns') },
  });

  await scenario.write('orders.csv', 'id,value,day\n1,10,2024-01-01\n2,20,2024-01-02\n3,30,2024-01-02\n');
  expect((await scenario.run()).report.layers).toMatchObject({
    'silver.orders': { operation: 'updated', inserted: 1 },
    'gold.daily': { operation: 'updated' },
  });
  expect(await scenario.query('SELECT "value in all" AS v FROM silver.orders ORDER BY id')).toEqual([
    { v: 10n },
    { v: 20n },
    { v: 30n },
  ]);
});
