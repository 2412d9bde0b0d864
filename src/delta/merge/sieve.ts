import type { Engine } from '../../engine/engine.ts';
import { quotePaths, quoteText } from '../../engine/quote.ts';
import type { Writer } from '../files/disk.ts';
import type { Snapshot } from '../log/snapshot.ts';
import type { AddFile } from '../protocol/actions.ts';
import { estimateRows } from '../read/scan.ts';
import { fieldId, physicalName } from '../schema/column-mapping.ts';
import { sqlTypeOf } from '../schema/sql-schema.ts';
import type { KeyedSource, MergeKey } from './plan.ts';

/**
 * A merge's source as the right side of its join with large files. Where that side has a condition, whatever it says, the
 * engine sieves their rows by the keys of it, and decodes the other columns of no more than what is left. It has no sieve
 * for keys of several columns, and breaks off where a file has the key in another type than the table.
 *
 * @returns What stands after JOIN.
 */
export async function sievingSource(
  writer: Writer,
  snapshot: Snapshot,
  { source, keys }: KeyedSource,
  files: readonly LocalFile[],
): Promise<string> {
  const [key, ...others] = keys;
  const isLarge = files.length > 0 && estimateRows(files) >= files.length * LARGE_FILE_ROWS;
  if (key === undefined || others.length > 0 || !isLarge) return source;
  return (await isStoredAs(writer.engine, snapshot, key, files))
    ? `(SELECT * FROM ${source} WHERE hash(rowid) >= 0)`
    : source;
}

type LocalFile = AddFile & { readonly localFile: string };

/** Of smaller ones it is the opening that takes the time. */
const LARGE_FILE_ROWS = 100_000;

/** Whether all files have the key in the table's type. */
async function isStoredAs(
  engine: Engine,
  { mapping }: Snapshot,
  { target }: MergeKey,
  files: readonly LocalFile[],
): Promise<boolean> {
  const paths = files.map(({ localFile }) => localFile);
  const is =
    mapping === 'id' ? `field_id = ${fieldId(target)}` : `name = ${quoteText(physicalName(target, mapping))}`;
  const types = await engine.rows(
    `SELECT DISTINCT duckdb_type AS type FROM parquet_schema(${quotePaths([...new Set(paths)])}) WHERE ${is}`,
  );
  const plain = (type: string): string => type.replaceAll(' ', '');
  return types.length > 0 && types.every(({ type }) => plain(String(type)) === plain(sqlTypeOf(target.type)));
}
