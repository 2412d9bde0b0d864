import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { layerRows } from '../support/layers.ts';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';

/** `"pk": "row"`: a table whose rows nothing tells apart but all of their values, and how often they come. */
const dir = useTempDir();

const open = (folder: string, table: object = {}, more: object = {}): Scenario =>
  openScenario(folder, { tables: [{ name: 't', pk: 'row', max_delete_ratio: 1, ...table }], ...more });

const counted = (rows: readonly string[]): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(row, (counts.get(row) ?? 0) + 1);
  return counts;
};

/** How many rows more `left` has of each than `right`. */
const surplus = (left: readonly string[], right: readonly string[]): number =>
  [...counted(left)].reduce(
    (sum, [row, count]) => sum + Math.max(0, count - (counted(right).get(row) ?? 0)),
    0,
  );

const row = fc
  .tuple(fc.constantFrom('', '""', 'a', 'b', '"a,b"'), fc.constantFrom('', '1', '2', '1.5'))
  .map((values) => values.join(','));

test('rows that are alike are counted: deletes and inserts by number, and a replay gives them all', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(row, { minLength: 1, maxLength: 12 }), { minLength: 2, maxLength: 4 }),
      fc.uuid(),
      async (versions, name) => {
        const folder = join(dir(), name);
        const scenario = open(folder, {}, { layers: ['bronze'] });
        let before: readonly string[] = [];
        for (const rows of versions) {
          await scenario.write('t.csv', ['v,n', ...rows, ''].join('\n'));
          const { exitCode, report } = await scenario.run({ approve: ['t'] });
          expect(exitCode).toBe(0);
          expect(report.tables['t']).toMatchObject({
            inserted: surplus(rows, before),
            updated: 0,
            deleted: surplus(before, rows),
          });
          before = rows;
        }
        expect(await scenario.verify()).toMatchObject({ ok: true });
        expect(await layerRows(join(folder, 'lake'), 'bronze.t')).toHaveLength(before.length);
      },
    ),
    { numRuns: Number(process.env['IGARAPE_PROPERTY_RUNS'] ?? 6) },
  );
});

test('the key is a column of the published files, and says which of the rows that are alike it is', async () => {
  const scenario = open(dir());
  await scenario.write('t.csv', 'v,n\na,1\na,1\n,\nb,\n');
  expect(await scenario.runTable('t')).toMatchObject({ inserted: 4 });
  expect(Object.keys(await scenario.columns('full-load/t.parquet'))).toEqual(['v', 'n', '_row_key']);
  const keys = (await scenario.rows('full-load/t.parquet')).map((each) => String(each['_row_key']));
  expect(keys.map((key) => key.split('-')[1]).toSorted()).toEqual(['1', '1', '1', '2']);
  await scenario.write('t.csv', 'v,n\nb,\na,1\n,\n');
  const { file } = await scenario.runTable('t');
  expect(await scenario.rows(file ?? '')).toMatchObject([
    { v: 'a', n: '1', _row_key: expect.stringMatching(/^[0-9a-f]{32}-2$/), _cdc_operation: 'D' },
  ]);
});

test('a new column, another order of the columns or a column to ignore makes no other row of one that has nothing in it', async () => {
  const scenario = open(dir(), { ignore: ['seen'] });
  await scenario.write('t.csv', 'v,n,seen\na,1,x\nb,2,y\n');
  await scenario.run();
  await scenario.write('t.csv', 'n,seen,new,v\n1,z,,a\n2,z,,b\n3,z,q,c\n');
  expect(await scenario.runTable('t')).toMatchObject({ inserted: 1, updated: 0, deleted: 0, unchanged: 2 });
  expect(await scenario.verify()).toMatchObject({ ok: true });
});

test('a column of the name is refused, and a key of a column called row is written as a list', async () => {
  const scenario = open(dir());
  await scenario.write('t.csv', '_row_key\n1\n');
  expect((await scenario.runTable('t')).reason).toContain('the column _row_key is added');
  const named = open(dir(), { pk: ['row'] });
  await named.write('t.csv', 'row\n1\n1\n');
  expect((await named.runTable('t')).reason).toContain('The key "row" is not unique');
  await expect(async () => open(dir(), { duplicates: 'last by v' })).rejects.toThrow(/duplicates/);
});

test.each([
  ['id', 'row', 'Of the rows that the lake has of t, 1 have no value in the new key.'],
  ['row', 'id', 'The key was the whole row and would be id. '],
])('a key that was %s and becomes %s is told as configurations write it', async (before, after, told) => {
  await open(dir(), { pk: before }).write('t.csv', 'id,v\n1,a\n');
  await open(dir(), { pk: before }).run();
  expect((await open(dir(), { pk: after }).runTable('t')).reason).toContain(told);
});

test('a table without rows may get the whole row for a key, which is told so', async () => {
  const before = open(dir(), { pk: 'id' });
  await before.write('t.csv', 'id,v\n1,a\n');
  await before.run();
  await before.write('t.csv', 'id,v\n');
  await before.run({ approve: ['t'] });
  const { reason } = await open(dir(), { pk: 'row' }).runTable('t');
  expect(reason).toContain('The key was id and would be the whole row');
});
