import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { LayerTables } from '../../../src/medallion/layer-tables.ts';
import { storageWithin } from '../../../src/storage/within.ts';
import { useLayers } from '../../support/layer-tables.ts';
import { useTempDir } from '../../support/tmp.ts';
import { bronze, freshRows, replayedRows, runSilver, silverModel, silverRows } from './silver-lake.ts';

const dir = useTempDir();
const openLayers = useLayers();
const RUNS = Number(process.env['IGARAPE_PROPERTY_RUNS'] ?? 20);

/** Models of the same columns, told apart by others. */
const MODELS = [
  `-- key: a\nSELECT a, min(b) AS b, max(v) AS v FROM bronze.c WHERE a IS NOT NULL GROUP BY a`,
  `-- key: b\nSELECT max(a) AS a, b, max(v) AS v FROM bronze.c WHERE b IS NOT NULL GROUP BY b`,
  `-- key: v\nSELECT min(a) AS a, max(b) AS b, v FROM bronze.c GROUP BY v`,
  `-- key: v, a\nSELECT DISTINCT a, CAST(NULL AS INTEGER) AS b, v FROM bronze.c WHERE a IS NOT NULL`,
];

const value = fc.option(fc.integer({ min: 1, max: 3 }), { nil: null });
const row = fc.record({ a: value, b: value, v: fc.integer({ min: 1, max: 6 }) });

/** A run of a model; where it is a full refresh, after rows have come into its table that it does not give. */
const run = fc.record({
  model: fc.constantFrom(...MODELS),
  strange: fc.option(fc.array(row, { minLength: 1, maxLength: 3 }), { nil: undefined }),
});

test(
  'a table is what its model gives, whatever told the rows apart that it had',
  { timeout: 3_600_000 },
  async () => {
    const shared = await openLayers(dir());
    let lakes = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 1, maxLength: 8 }),
        fc.array(run, { minLength: 2, maxLength: 4 }),
        async (rows, runs) => {
          lakes += 1;
          const storage = storageWithin(shared.edge.storage, `lake-${lakes}/`);
          const tables = new LayerTables({ ...shared.edge, storage });
          await bronze(tables, 'c', valuesOf(rows));
          for (const [index, { model: text, strange }] of runs.entries()) {
            const model = await silverModel(tables, text);
            if (strange !== undefined && index > 0)
              await (await tables.require(model)).append(valuesOf(strange));
            await runSilver(tables, model, { fullRefresh: strange !== undefined });
            expect(await silverRows(tables, model)).toEqual(await freshRows(tables, model));
          }
        },
      ),
      { numRuns: RUNS, endOnFailure: process.env['IGARAPE_PROPERTY_SHRINK'] !== '1' },
    );
  },
);

test('a change of the key alone tells of the rows alone that are others', async () => {
  const tables = await openLayers(dir());
  await bronze(
    tables,
    'c',
    valuesOf([
      { a: 1, b: 1, v: 1 },
      { a: 2, b: 2, v: 2 },
    ]),
  );
  const select = 'SELECT a, b, v FROM bronze.c';
  await runSilver(tables, await silverModel(tables, `-- key: a, b\n${select}`));
  const model = await silverModel(tables, `-- key: a\n${select}`);
  expect(await runSilver(tables, model)).toMatchObject({
    operation: 'rebuilt',
    inserted: 0,
    updated: 0,
    deleted: 0,
  });
  expect(await replayedRows(tables, model)).toEqual(await silverRows(tables, model));
});

function valuesOf(rows: readonly { a: number | null; b: number | null; v: number }[]): string {
  const list = rows.map(({ a, b, v }) => `(${a ?? 'NULL'}, ${b ?? 'NULL'}, ${v})`);
  return `SELECT CAST(a AS INTEGER) AS a, CAST(b AS INTEGER) AS b, CAST(v AS INTEGER) AS v FROM (VALUES ${list.join(', ')}) AS r(a, b, v)`;
}
