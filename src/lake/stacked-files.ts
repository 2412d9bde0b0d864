import { type AddedColumns, isAdded } from '../changes/change-file.ts';
import type { Engine } from '../engine/engine.ts';
import { quotePaths, quoteText } from '../engine/quote.ts';
import { asColumn, type SqlColumn } from '../engine/sql-column.ts';

/** A published file on this disk; a path that ends in `/` is of a folder of several. */
export interface FileHere {
  readonly run: number;
  readonly path: string;
  /** The columns that it adds; undefined for a full-load. */
  readonly added: AddedColumns | undefined;
}

/** The run that has published a row of {@link stackedFiles}. */
export const PUBLISHED_BY = '_igarape_of';

/**
 * SQL: the rows of published files one below the other, in the columns and types asked for; a column that a file does not
 * have is null.
 *
 * @param more SQL of further columns, of those that a file adds and {@link PUBLISHED_BY}.
 */
export async function stackedFiles(
  engine: Engine,
  files: readonly FileHere[],
  columns: readonly SqlColumn[],
  more: (added: AddedColumns | undefined) => readonly string[],
): Promise<string> {
  // Files that add the same columns are read in one go: a table has thousands of files, but seldom two such forms.
  const groups = new Map<string, FileHere[]>();
  for (const file of files) {
    const form = JSON.stringify(file.added);
    groups.set(form, [...(groups.get(form) ?? []), file]);
  }
  const selectOf = (types: ReadonlyMap<string, string>, added: AddedColumns | undefined): string =>
    `SELECT ${[...columns.map((column) => asColumn(column, types.get(column.name))), ...more(added)].join(', ')}`;
  const parts: string[] = [];
  for (const group of groups.values()) {
    const paths = group.map(({ path }) => path);
    const source = `read_parquet(${quotePaths(paths)}, union_by_name = true, hive_partitioning = false, filename = '_igarape_path')`;
    const described = await engine.describe(`SELECT * FROM ${source}`);
    const own = described.filter(({ name }) => !isAdded(group[0]?.added, name));
    const types = new Map(own.map(({ name, type }) => [name, type]));
    const runs = group.map(({ run, path }) => `(${quoteText(path)}, ${run}::BIGINT)`).join(', ');
    // Of a folder the path of each file begins with its own.
    const isAt = paths.some((path) => path.endsWith('/'))
      ? `_igarape_path = _igarape_at OR (suffix(_igarape_at, '/') AND starts_with(_igarape_path, _igarape_at))`
      : '_igarape_path = _igarape_at';
    parts.push(
      `${selectOf(types, group[0]?.added)} FROM ${source} JOIN (VALUES ${runs}) runs(_igarape_at, ${PUBLISHED_BY}) ON ${isAt}`,
    );
  }
  if (parts.length > 0) return parts.join(' UNION ALL ');
  return `${selectOf(new Map(), undefined)} FROM (SELECT 0::BIGINT AS ${PUBLISHED_BY}) WHERE false`;
}
