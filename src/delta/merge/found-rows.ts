import { quoteName } from '../../engine/quote.ts';
import type { Writer } from '../files/disk.ts';
import { tableFile } from '../files/table-file.ts';
import type { AddFile } from '../protocol/actions.ts';
import { HelperTables, type Relation } from '../read/relation.ts';
import { AT } from '../read/row-places.ts';
import type { StructType } from '../schema/schema.ts';
import { nullColumn, sqlTypeOf } from '../schema/sql-schema.ts';

/**
 * Rows of a table that were found elsewhere, as `scanFiles` gives them with their positions.
 *
 * @param found A SELECT as of `MergeOptions.found`.
 * @param files Those that may have such rows.
 */
export async function foundRows(
  writer: Writer,
  schema: StructType,
  found: string,
  files: readonly AddFile[],
): Promise<Relation> {
  const { engine, storage } = writer;
  const tables = new HelperTables(engine);
  try {
    const indexes = new Map(files.map(({ path }, index) => [tableFile(storage, path).uri, index]));
    const named = await engine.rows(`SELECT DISTINCT ${AT.file} AS path FROM (${found})`);
    const paths = named.map(({ path }) => String(path));
    const numbers = paths.map((path) => {
      const index = indexes.get(tableFile(storage, path).uri);
      if (index === undefined)
        throw new RangeError(`The rows found are of ${path}, which is not of the version.`);
      return BigInt(index);
    });
    const numbered = await tables.create('path VARCHAR, file BIGINT');
    if (paths.length > 0) await engine.append(numbered, [paths, numbers]);
    const given = new Set((await engine.describe(found)).map(({ name }) => name.toLowerCase()));
    const columns = schema.fields.map((field) => {
      if (!given.has(field.name.toLowerCase())) return nullColumn(field);
      const name = quoteName(field.name);
      return `CAST(r.${name} AS ${sqlTypeOf(field.type)}) AS ${name}`;
    });
    const sql = `SELECT ${columns.join(', ')}, f.file AS ${AT.file}, CAST(r.${AT.row} AS BIGINT) AS ${AT.row} FROM (${found}) AS r JOIN ${numbered} AS f ON f.path = r.${AT.file}`;
    return { sql, release: () => tables.drop() };
  } catch (error) {
    await tables.drop();
    throw error;
  }
}
