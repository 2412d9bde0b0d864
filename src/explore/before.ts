import { HelperTables } from '../delta/read/relation.ts';
import type { Engine } from '../engine/engine.ts';
import { equalIn, quoteName, textSql } from '../engine/quote.ts';
import { type Cell, type ExploredColumn } from './cells.ts';
import type { LakeReader } from './reader.ts';
import { STACKED, stackedFiles, type TableFile } from './table-files.ts';

/** Which rows are looked up: those of some keys, as text, or those whose keys a SELECT gives. */
export type Wanted =
  | { readonly kind: 'keys'; readonly keys: readonly (readonly Cell[])[] }
  | { readonly kind: 'query'; readonly sql: string };

/**
 * A table of the engine, with the columns that are asked for: rows as they were at the end of `earlier`, what each key
 * was last published with, unless it was deleted. It is there for as long as the engine is.
 */
export async function openBefore(
  reader: LakeReader,
  engine: Engine,
  earlier: readonly TableFile[],
  columns: readonly ExploredColumn[],
  wanted: Wanted,
): Promise<string> {
  const helpers = new HelperTables(engine);
  const key = columns.filter((column) => column.key);
  const names = key.map(({ name }) => name);
  const keys = await helpers.createAs(keysQuery(key, wanted));
  const stacked = await stackedFiles(reader, earlier, columns, engine);
  const list = columns.map(({ name }) => `s.${quoteName(name)}`).join(', ');
  return helpers.createAs(
    `SELECT * EXCLUDE (${STACKED.run}, ${STACKED.operation}, ${STACKED.order}) FROM (
      SELECT ${list}, s.${STACKED.run}, s.${STACKED.operation}, s.${STACKED.order}
      FROM (${stacked}) s SEMI JOIN ${keys} k ON ${equalIn(names, 's', 'k')})
    QUALIFY row_number() OVER (PARTITION BY ${names.map(quoteName).join(', ')}
      ORDER BY ${STACKED.run} DESC, ${STACKED.order} DESC) = 1 AND ${STACKED.operation} <> 'D'`,
  );
}

function keysQuery(key: readonly ExploredColumn[], wanted: Wanted): string {
  if (wanted.kind === 'query') return wanted.sql;
  const names = key.map(({ name }) => quoteName(name)).join(', ');
  const typed = key.map(({ name, type }) => `CAST(${quoteName(name)} AS ${type}) AS ${quoteName(name)}`);
  const rows = wanted.keys.map((cells) => `(${cells.map(literal).join(', ')})`);
  return `SELECT ${typed.join(', ')} FROM (VALUES ${rows.join(', ')}) keys(${names})`;
}

function literal(cell: Cell): string {
  return cell === null ? 'NULL::VARCHAR' : textSql(cell);
}
