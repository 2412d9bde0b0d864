import { expect, test } from 'vitest';
import { buildModel } from '../../../src/medallion/build/build.ts';
import type { LayerTables } from '../../../src/medallion/layer-tables.ts';
import type { Model } from '../../../src/medallion/models/model.ts';
import { FORMS, FORMS_OF } from './forms.ts';
import { goldModel, request, rowsOf, useSilver } from './gold.ts';

let tables: LayerTables;
useSilver({ t: FORMS_OF }, (opened) => {
  tables = opened;
});

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
