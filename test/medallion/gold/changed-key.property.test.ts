import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildModel } from '../../../src/medallion/build/build.ts';
import { LayerTables } from '../../../src/medallion/layer-tables.ts';
import { verifyModel } from '../../../src/medallion/verify-layers.ts';
import { storageWithin } from '../../../src/storage/within.ts';
import { useLayers } from '../../support/layer-tables.ts';
import { useTempDir } from '../../support/tmp.ts';
import { createSilver, goldModel, request, rowsOf } from './gold.ts';

const dir = useTempDir();
const openLayers = useLayers();
const RUNS = Number(process.env['IGARAPE_PROPERTY_RUNS'] ?? 6);

/** Cubes of the same columns, whose rows others tell apart, or none; nulls stand for totals, or for no value. */
const MODELS = [
  `-- key: a\nSELECT a, max(b) AS b, max(v) AS v FROM silver.t WHERE dt = $dt_ref GROUP BY a`,
  `-- key: a, b\nSELECT a, b, max(v) AS v FROM silver.t WHERE dt = $dt_ref GROUP BY CUBE (a, b) HAVING GROUPING(a, b) IN (0, 3)`,
  `-- key: v\nSELECT min(a) AS a, max(b) AS b, v FROM silver.t WHERE dt = $dt_ref GROUP BY v`,
  `SELECT a, b, v FROM silver.t WHERE dt = $dt_ref`,
  `-- key: a, b, v\nSELECT a, b, v FROM silver.t WHERE dt = $dt_ref`,
];

const value = fc.option(fc.integer({ min: 1, max: 2 }), { nil: null });
const row = fc.record({
  day: fc.integer({ min: 1, max: 3 }),
  a: value,
  b: value,
  v: fc.integer({ min: 1, max: 3 }),
});
type Row = typeof row extends fc.Arbitrary<infer T> ? T : never;

/** A run of a model; where it is a full refresh, after rows have come into its table that it does not give. */
const run = fc.record({
  model: fc.constantFrom(...MODELS),
  strange: fc.option(fc.array(row, { minLength: 1, maxLength: 3 }), { nil: undefined }),
  more: fc.array(row, { maxLength: 2 }),
});

test(
  'a table with dates is what its model gives, whatever told the rows apart that it had',
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
          await createSilver(tables, 't', valuesOf(rows, 'dt'));
          for (const [index, { model: text, strange, more }] of runs.entries()) {
            const model = await goldModel('cube', `-- dt_ref: t.dt\n${text}\n`);
            if (strange !== undefined && index > 0)
              await (await tables.require(model)).append(valuesOf(strange, 'dt_ref'));
            if (more.length > 0)
              await (await tables.require({ layer: 'silver', name: 't' })).append(valuesOf(more, 'dt'));
            const report = await buildModel(
              tables,
              await request(tables, model, { fullRefresh: strange !== undefined }),
            );
            // Rows of one key may differ by what nobody has put in order.
            if (report.operation === 'held') return;
            expect(await verifyModel(tables, model, false)).toMatchObject({ ok: true, problems: [] });
            const { rows: count } = await (await tables.require(model)).describe();
            expect(await rowsOf(tables, model)).toHaveLength(count ?? -1);
          }
        },
      ),
      { numRuns: RUNS, endOnFailure: process.env['IGARAPE_PROPERTY_SHRINK'] !== '1' },
    );
  },
);

function valuesOf(rows: readonly Row[], date: string): string {
  const list = rows.map(
    ({ day, a, b, v }) => `(DATE '2024-01-0${day}', ${a ?? 'NULL'}, ${b ?? 'NULL'}, ${v})`,
  );
  return `SELECT ${date}, CAST(a AS INTEGER) AS a, CAST(b AS INTEGER) AS b, CAST(v AS INTEGER) AS v FROM (VALUES ${list.join(', ')}) AS r(${date}, a, b, v)`;
}
