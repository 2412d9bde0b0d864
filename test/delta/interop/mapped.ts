import { join } from 'node:path';
import { DeltaTable } from '../../../src/delta/table.ts';
import type { Traveled } from './expected.ts';

/** Rows of which a column, a partition, and a field inside have names that want mapping, or none where they come later. */
function rowsOf(from: number, to: number, mapped: boolean): string {
  const name = (plain: string): string => (mapped ? `"the ${plain} (new)"` : plain);
  return `SELECT i AS id, i % 2 AS ${name('part')}, 'n' || i AS ${name('label')},
    {'x': i, 'y': [{${mapped ? `'a key'` : `'k'`}: i}]} AS place FROM range(${from}, ${to}) AS r(i)`;
}

/**
 * A table with mapped columns, from its beginning or from a merge on that also adds a field inside, which went through
 * appends, merges, deletes and an optimize.
 */
export async function travelMapped(folder: string, when: 'always' | 'later'): Promise<Traveled> {
  const path = join(folder, `mapped-${when}`);
  const rows = (from: number, to: number): string => rowsOf(from, to, when === 'always');
  const table = await DeltaTable.create(path, {
    rows: rows(0, 20),
    partitionColumns: [when === 'always' ? 'the part (new)' : 'part'],
  });
  await table.append(rows(20, 30));
  const changed = `SELECT * REPLACE ({'x': id, 'z, new': [{'a': id}], 'y': place.y} AS place), id * 2 AS "doubled, really" FROM (${rows(15, 35)})`;
  await table
    .merge(changed, { on: ['id'], mergeSchema: true })
    .whenMatchedDelete({ where: 'source.id = 16' })
    .whenMatchedUpdateAll()
    .whenNotMatchedInsertAll()
    .execute();
  await table.delete({ where: 'id % 7 = 1' });
  await table.optimize();
  await table.update({ set: { 'doubled, really': '5' }, where: 'id < 3' });
  const kind = { name: `mapped ${when}`, vectors: true, partitioned: true, seed: 0 };
  return { kind, path, table, last: (await table.snapshot()).version };
}

/** A Parquet file with rows of every column of the table, under new keys, for others to write. */
export async function mappedRows({ path, table }: Traveled): Promise<string> {
  const file = `${path}-rows.parquet`;
  const rows = await table.read({ where: 'id < 5' });
  await table.engine.run(
    `COPY (SELECT * REPLACE (id + 100 AS id) FROM (${rows.sql})) TO '${file}' (FORMAT parquet)`,
  );
  await rows.close();
  return file;
}
