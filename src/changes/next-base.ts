import type { Schema } from '../core/schema.ts';
import type { Engine } from '../engine/engine.ts';
import { equalIn, quoteName } from '../engine/quote.ts';
import { KEY_HASH, ROW_HASH } from '../snapshot/hashes.ts';
import { copyToParquet } from '../snapshot/snapshot.ts';
import { BASE, BY_HASH, LIVE } from './base.ts';
import { CHANGES, OPERATION, SAME } from './compare.ts';

/** Writes the segment that follows from the changes; resolves its number of rows. */
export async function writeDeltaSegment(
  engine: Engine,
  schema: Schema,
  by: readonly string[],
  path: string,
): Promise<number> {
  return copyToParquet(engine, segmentChanges(schema, by), path);
}

/** SQL: the rows of such a segment. */
export function segmentChanges(schema: Schema, by: readonly string[]): string {
  // A key hash may pass from a row that is gone to one that is new: then the new one says it all.
  return `SELECT ${storedOf(schema, by)}, true AS ${LIVE} FROM ${CHANGES} WHERE ${OPERATION} <> 'D'
     UNION ALL BY NAME SELECT ${by.map(quoteName).join(', ')}, false AS ${LIVE} FROM ${CHANGES} c WHERE ${OPERATION} = 'D'
       AND NOT EXISTS (SELECT 1 FROM ${CHANGES} o WHERE o.${OPERATION} <> 'D' AND ${equalIn(by, 'o', 'c')})`;
}

/** Writes the open base with the changes applied as one segment; resolves its number of rows. */
export async function writeCompactedBase(
  engine: Engine,
  schema: Schema,
  by: readonly string[],
  path: string,
): Promise<number> {
  return copyToParquet(engine, changedRows(storedOf(schema, by), by, BASE, CHANGES), path);
}

/**
 * SQL: rows with changes applied.
 *
 * @param columns A list for SELECT.
 * @param by What tells rows apart.
 * @param rows SQL after FROM: the rows as they were.
 * @param changes The same of the last change of each: what a row is now, and {@link OPERATION}.
 */
export function changedRows(columns: string, by: readonly string[], rows: string, changes: string): string {
  return `SELECT ${columns} FROM ${rows} r ANTI JOIN ${changes} c ON ${equalIn(by, 'r', 'c')}
    UNION ALL SELECT ${columns} FROM ${changes} WHERE ${OPERATION} <> 'D'`;
}

/**
 * Writes what was last published of every row as one segment, with the hashes of `next`: rows that differ without
 * being an update stay as they were. Resolves the number of rows.
 */
export async function writePublishedRows(
  engine: Engine,
  schema: Schema,
  key: readonly string[],
  next: string,
  path: string,
): Promise<number> {
  const published = schema.map(({ name }) => `b.${quoteName(name)}`).join(', ');
  return copyToParquet(
    engine,
    `SELECT ${published}, n.${KEY_HASH}, n.${ROW_HASH} FROM ${BASE} b JOIN ${next} n ON ${equalIn(key, 'b', 'n')}
       WHERE NOT EXISTS (SELECT 1 FROM ${CHANGES} c WHERE c.${OPERATION} <> '${SAME}' AND ${equalIn(key, 'c', 'b')})
     UNION ALL SELECT ${columnsOf(schema)}, ${KEY_HASH}, ${ROW_HASH} FROM ${CHANGES} WHERE ${OPERATION} IN ('I', 'U')`,
    path,
  );
}

/** SQL: what a segment has of a row, told apart by these columns. */
function storedOf(schema: Schema, by: readonly string[]): string {
  return by === BY_HASH ? `${columnsOf(schema)}, ${KEY_HASH}, ${ROW_HASH}` : columnsOf(schema);
}

/** SQL: the columns of a schema, a list for SELECT. */
export function columnsOf(schema: Schema): string {
  return schema.map(({ name }) => quoteName(name)).join(', ');
}
