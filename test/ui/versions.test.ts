import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DeltaTable } from '../../src/delta/table.ts';
import { withReader } from '../../src/explore/reader.ts';
import type { TableVersion } from '../../src/ui/api.ts';
import { versionsOf } from '../../src/ui/versions.ts';
import { openScenario, testEdge } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';
import { writeFileAt } from '../support/write-file.ts';

const dir = useTempDir();

const MODELS = {
  'silver/sales.sql': '-- key: id\nSELECT * FROM bronze.sales',
  // Its key is no key of what was there before: it is written as a whole.
  'silver/ranked.sql':
    '-- key: n\nSELECT row_number() OVER (ORDER BY points, id) AS n, id, points FROM bronze.sales',
  'gold/days.sql':
    '-- key: dt_ref, client\n-- dt_ref: sales.day\nSELECT $dt_ref AS dt_ref, client, sum(points) AS points FROM silver.sales WHERE day = $dt_ref GROUP BY client',
};

test('a version of a layer’s table tells the changes that the run has told that made it', async () => {
  for (const [path, sql] of Object.entries(MODELS)) await writeFileAt(join(dir(), 'models', path), sql);
  const lake = openScenario(dir(), {
    layers: ['bronze', 'silver', 'gold'],
    models: './models',
    tables: [{ name: 'sales', pk: 'id', max_update_ratio: 1, max_delete_ratio: 1 }],
  });
  const rows = (from: number, to: number, points: (id: number) => number): string =>
    `id,client,day,points\n${Array.from({ length: to - from }, (_, index) => from + index)
      .map((id) => `${id},c${id % 3},2025-03-${String(1 + (id % 9)).padStart(2, '0')},${points(id)}`)
      .join('\n')}\n`;
  const days = [
    rows(0, 40, (id) => id),
    rows(0, 44, (id) => (id % 9 === 4 ? id + 1 : id)),
    rows(9, 44, (id) => (id === 30 ? 0 : id)),
    rows(12, 48, () => 1),
  ];
  const told: { table: string; version: number; changes: TableVersion['changes'] }[] = [];
  for (const day of days) {
    await lake.write('sales.csv', day);
    const { layers = {} } = (await lake.run()).report;
    for (const [table, { operation, version, inserted, updated, deleted }] of Object.entries(layers)) {
      expect([table, operation]).not.toEqual([table, 'held']);
      if (operation === 'unchanged' || version === null) continue;
      told.push({ table, version, changes: { inserted, updated, deleted } });
    }
  }
  const tables = [...new Set(told.map(({ table }) => table))];
  expect(tables.toSorted()).toEqual(['bronze.sales', 'gold.days', 'silver.ranked', 'silver.sales']);
  await withReader(lake, testEdge(), async (reader) => {
    for (const name of tables) {
      const { versions } = await versionsOf(reader, name);
      const shown = versions.map(({ version, changes }) => ({ table: name, version, changes })).toReversed();
      expect(shown).toEqual(told.filter(({ table }) => table === name));
    }
  });
  const updated = told.filter(({ table, changes }) => table === 'gold.days' && (changes?.updated ?? 0) > 0);
  expect(updated.length).toBeGreaterThan(1);
});

test('of what its writer does not tell, nothing is told', async () => {
  const lake = openScenario(dir(), { layers: ['bronze'], tables: [{ name: 't', pk: 'id' }] });
  await lake.write('t.csv', 'id,n\n1,1\n2,2\n3,3\n');
  await lake.run();
  await using bronze = await DeltaTable.open(join(lake.storage.uri, 'bronze', 't'));
  await bronze.setProperties({ note: 'by others' });
  await bronze.overwrite('SELECT * FROM (VALUES (1::BIGINT, 1::BIGINT), (2, 3)) rows(id, n)');
  await bronze.delete('id = 2');
  await withReader(lake, testEdge(), async (reader) => {
    const { versions } = await versionsOf(reader, 'bronze.t');
    expect(versions.map(({ operation, changes, replaced }) => ({ operation, changes, replaced }))).toEqual([
      { operation: 'DELETE', changes: { inserted: 0, updated: 0, deleted: 1 }, replaced: null },
      { operation: 'WRITE', changes: null, replaced: 2 },
      { operation: 'SET TBLPROPERTIES', changes: null, replaced: null },
      {
        operation: 'CREATE TABLE AS SELECT',
        changes: { inserted: 3, updated: 0, deleted: 0 },
        replaced: null,
      },
    ]);
  });
});
