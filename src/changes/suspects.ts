import type { Engine } from '../engine/engine.ts';
import { type HashedColumns, hashColumns, KEY_HASH, ROW_HASH } from '../snapshot/hashes.ts';
import { explained, type RawTable } from '../snapshot/raw-table.ts';
import { BASE } from './base.ts';

/** What {@link findSuspects} leaves: raw rows with their hashes, and base hashes without a partner of the same hashes. */
const SUSPECTS = 'igarape_suspects';
const BASE_HASH = '_igarape_base_hash';
const SUSPECTED_BASE = 'igarape_suspected_base';

export type SuspectsFound =
  | {
      readonly kind: 'found';
      /** The file's suspects, as a raw table of their own. */
      readonly table: RawTable;
    }
  /** Some key hash occurs twice in the file: one key of two rows, or two keys of one hash; or rows are missing. */
  | { readonly kind: 'not-unique' };

/**
 * Reads a file once, against the hashes of the base, and keeps only the suspects: rows whose key hash is new, or whose
 * row hash is another than the base's; and of the base, rows whose key hash is not in the file.
 *
 * Every hash of the base is unique. So the file's rows that are not new are as many as the base's that are not gone, unless
 * a key hash of the base occurs twice in the file, or the engine has not read every row that was counted: the suspects alone
 * tell, without another look at the file.
 */
export async function findSuspects(
  engine: Engine,
  raw: RawTable,
  hashed: HashedColumns,
  baseRows: number,
): Promise<SuspectsFound> {
  await explained(
    raw.explain,
    engine.withJoinsAsWritten(() =>
      engine.run(`CREATE OR REPLACE TEMP TABLE ${SUSPECTS} AS
        SELECT n.*, b.k AS ${BASE_HASH}
        FROM (SELECT *, ${hashColumns(raw, hashed)} FROM ${raw.relation}) n
        FULL JOIN (SELECT ${KEY_HASH} AS k, ${ROW_HASH} AS r FROM ${BASE}) b ON n.${KEY_HASH} = b.k
        WHERE n.${ROW_HASH} IS DISTINCT FROM b.r`),
    ),
  );
  const [row] = await engine.rows(`SELECT count(*) FILTER (${BASE_HASH} IS NULL) AS new,
    count(*) FILTER (${KEY_HASH} IS NULL) AS gone, count(${KEY_HASH}) AS rows,
    count(${KEY_HASH}) - count(DISTINCT ${KEY_HASH}) AS repeated FROM ${SUSPECTS}`);
  const count = (name: string): number => Number(row?.[name]);
  if (count('repeated') > 0 || raw.rows - count('new') !== baseRows - count('gone'))
    return { kind: 'not-unique' };
  const relation = `(SELECT * FROM ${SUSPECTS} WHERE ${KEY_HASH} IS NOT NULL)`;
  return { kind: 'found', table: { ...raw, relation, rows: count('rows') } };
}

/**
 * Compares the base's rows that suspects stand for, given as SQL after FROM. The file's suspects, which have types elsewhere
 * now, are dropped. Of a wide table the rows are read first: a statement that also compared them would have all columns in
 * hand several times.
 */
export async function withSuspectedBase<T>(
  engine: Engine,
  compare: (base: string) => Promise<T>,
): Promise<T> {
  await engine.run(
    `CREATE OR REPLACE TEMP TABLE ${SUSPECTS} AS SELECT ${BASE_HASH} FROM ${SUSPECTS} WHERE ${BASE_HASH} IS NOT NULL`,
  );
  // Without aliases: beside a column of JSON or of a struct named `b`, the name `b.x` would mean a member of that.
  const rows = `SELECT * FROM ${BASE} WHERE ${KEY_HASH} IN (SELECT ${BASE_HASH} FROM ${SUSPECTS})`;
  if (!engine.isWide) return compare(`(${rows})`);
  await engine.run(`CREATE OR REPLACE TEMP TABLE ${SUSPECTED_BASE} AS ${rows}`);
  const compared = await compare(SUSPECTED_BASE);
  await engine.run(`DROP TABLE ${SUSPECTED_BASE}`);
  return compared;
}
