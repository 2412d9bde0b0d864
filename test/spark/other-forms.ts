import { expect } from 'vitest';
import { buildModel } from '../../src/medallion/build/build.ts';
import type { LayerTables } from '../../src/medallion/layer-tables.ts';
import { type Form, FORMS, FORMS_OF } from '../medallion/gold/forms.ts';
import { createSilver, goldModel, request, rowsOf } from '../medallion/gold/gold.ts';

/** Each form after one other, or with IGARAPE_KINDS=all after each other. */
const PAIRS: readonly (readonly [from: Form, to: Form])[] = FORMS.flatMap((from, index) => {
  const others = process.env['IGARAPE_KINDS'] === 'all' ? FORMS : [FORMS[(index + 3) % FORMS.length] ?? from];
  return others.flatMap((to) => (to === from ? [] : [[from, to] as const]));
});

/**
 * A model that gets dates, loses them or is partitioned otherwise, and goes on from there: Spark computes its table, which is
 * what DuckDB makes of the same rows.
 *
 * @param here The same lake without Spark.
 * @returns What has computed the tables.
 */
export async function checkOtherForms(
  there: LayerTables,
  here: LayerTables,
): Promise<(string | undefined)[]> {
  await createSilver(there, 't', FORMS_OF);
  const engines = new Set<string | undefined>();
  for (const [index, [[from], [to, partitionColumns]]] of PAIRS.entries()) {
    const name = `g${index}`;
    const [before, model] = [await goldModel(name, from), await goldModel(name, to)];
    await buildModel(here, await request(here, before));
    const made = await buildModel(there, await request(there, model));
    expect({ from, to, operation: made.operation }).not.toMatchObject({ operation: 'held' });
    engines.add(made.engine);
    const { metadata } = await (await there.require(model)).snapshot();
    expect(metadata.partitionColumns).toEqual(partitionColumns ?? metadata.partitionColumns);
    const silver = await there.require({ layer: 'silver', name: 't' });
    await silver.append(`SELECT ${1000 + index} AS id, DATE '2024-03-01' + ${index} AS d, 1 AS share`);
    await buildModel(there, await request(there, model));
    const fresh = await goldModel(`fresh_${index}`, to);
    await buildModel(here, await request(here, fresh));
    const rows = await rowsOf(here, fresh);
    expect({ from, to, rows: await rowsOf(there, model) }).toEqual({ from, to, rows });
  }
  return [...engines];
}
