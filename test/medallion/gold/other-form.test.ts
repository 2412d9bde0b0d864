import { expect, test } from 'vitest';
import { buildModel } from '../../../src/medallion/build/build.ts';
import type { LayerTables } from '../../../src/medallion/layer-tables.ts';
import type { Model } from '../../../src/medallion/models/model.ts';
import { goldModel, request, rowsOf, useSilver } from './gold.ts';

let tables: LayerTables;
useSilver(
  {
    t: `SELECT i AS id, DATE '2024-01-20' + CAST(i % 30 AS INTEGER) AS d, i % 3 AS share FROM range(60) AS r(i)`,
  },
  (opened) => {
    tables = opened;
  },
);

const OF_DATE = 'SELECT count(*) AS n FROM silver.t WHERE d = $dt_ref';

/** What a model may be, and what its table is partitioned by then, where that does not depend on what it was before. */
const FORMS = [
  ['-- key: share\nSELECT share, count(*) AS n FROM silver.t GROUP BY share', []],
  ['-- key: dt_ref\nSELECT d AS dt_ref, count(*) AS n FROM silver.t GROUP BY d', undefined],
  ['-- key: dt_ref\nSELECT CAST(share AS VARCHAR) AS dt_ref, count(*) AS n FROM silver.t GROUP BY share', []],
  ['-- key: n\nSELECT CASE WHEN id > 3 THEN d END AS dt_ref, id AS n FROM silver.t', undefined],
  [`-- dt_ref: t.d\n${OF_DATE}`, []],
  [`-- dt_ref: t.d\n-- partition: month\n${OF_DATE}`, ['dt_ref_month']],
  [`-- dt_ref: t.d\n-- partition: date\n${OF_DATE}`, ['dt_ref']],
  [
    `-- dt_ref: t.d\n-- key: share\nSELECT share, count(*) AS n FROM silver.t WHERE d <= $dt_ref GROUP BY share`,
    [],
  ],
] as const;

async function build(model: Model): Promise<void> {
  const { operation, reason } = await buildModel(tables, await request(tables, model));
  expect({ model: model.sql, operation, reason }).not.toMatchObject({ operation: 'held' });
}

test.each(FORMS)(
  'from a model without dates or with them to each other, and on from there: %s',
  async (from) => {
    let count = 0;
    for (const [to, partitionColumns] of FORMS.filter(([sql]) => sql !== from)) {
      count += 1;
      const model = await goldModel('g', to);
      await build(await goldModel('g', from));
      await build(model);
      const { metadata } = await (await tables.require(model)).snapshot();
      expect(metadata.partitionColumns).toEqual(partitionColumns ?? metadata.partitionColumns);
      const silver = await tables.require({ layer: 'silver', name: 't' });
      await silver.append(`SELECT ${1000 + count} AS id, DATE '2024-03-01' + ${count} AS d, 1 AS share`);
      await build(model);
      const fresh = await goldModel(`fresh_${count}`, to);
      await build(fresh);
      const rows = await rowsOf(tables, fresh);
      expect({ from, to, rows: await rowsOf(tables, model) }).toEqual({ from, to, rows });
    }
  },
);
