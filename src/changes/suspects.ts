import type { Engine } from '../engine/engine.ts';
import { type HashedColumns, hashColumns, KEY_HASH, ROW_HASH } from '../snapshot/hashes.ts';
import { explained, type RawTable, requireAllRows } from '../snapshot/raw-table.ts';
import { BASE } from './base.ts';

/** What {@link findSuspects} leaves: raw rows with their hashes, and base hashes without a partner of the same hashes. */
const SUSPECTS = 'igarape_suspects';
const BASE_HASH = '_igarape_base_hash';

export type SuspectsFound =
  | {
      readonly kind: 'found';
      /** Rows in the file. */
      readonly rows: number;
      /** The file's suspects, as a raw table of their own. */
      readonly table: RawTable;
    }
  /** Some key hash occurs twice in the file: one key of two rows, or two keys of one hash. */
  | { readonly kind: 'not-unique' };

/**
 * Reads a file once, against the hashes of the base, and keeps only the suspects: rows whose key hash is new, or whose
 * row hash is another than the base's; and of the base, rows whose key hash is not in the file.
 *
 * Every hash of the base is unique. So the join has one row for each of the base and one for each new hash, unless one
 * in the file occurs twice, and its own row count tells that without another look at the file.
 */
export async function findSuspects(
  engine: Engine,
  raw: RawTable,
  hashed: HashedColumns,
  baseRows: number,
): Promise<SuspectsFound> {
  const joined = await explained(
    raw.explain,
    engine.countJoined(`CREATE OR REPLACE TEMP TABLE ${SUSPECTS} AS
      SELECT n.*, b.k AS ${BASE_HASH}
      FROM (SELECT *, ${hashColumns(raw, hashed)} FROM ${raw.relation}) n
      FULL JOIN (SELECT ${KEY_HASH} AS k, ${ROW_HASH} AS r FROM ${BASE}) b ON n.${KEY_HASH} = b.k
      WHERE n.${ROW_HASH} IS DISTINCT FROM b.r`),
  );
  const [row] = await engine.rows(`SELECT count(*) FILTER (${BASE_HASH} IS NULL) AS new,
    count(*) FILTER (${KEY_HASH} IS NULL) AS gone,
    count(${KEY_HASH}) - count(DISTINCT ${KEY_HASH}) AS repeated FROM ${SUSPECTS}`);
  const count = (name: string): number => Number(row?.[name]);
  if (count('repeated') > 0 || joined !== baseRows + count('new')) return { kind: 'not-unique' };
  const relation = `(SELECT * FROM ${SUSPECTS} WHERE ${KEY_HASH} IS NOT NULL)`;
  const rows = joined - count('gone');
  requireAllRows(raw, rows);
  return { kind: 'found', rows, table: { ...raw, relation } };
}

/**
 * SQL: the base's rows that a suspect stands for. Without aliases: beside a column of JSON or of a struct named `b`, the
 * name `b.x` would mean a member of that.
 */
export const SUSPECTED_BASE: string = `(SELECT * FROM ${BASE} WHERE ${KEY_HASH} IN (SELECT ${BASE_HASH} FROM ${SUSPECTS}))`;
