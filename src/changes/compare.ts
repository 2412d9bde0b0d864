import { type Schema, sqlType } from '../core/schema.ts';
import type { Engine } from '../engine/engine.ts';
import { quoteName, quoteText } from '../engine/quote.ts';
import { KEY_HASH, ROW_HASH } from '../snapshot/snapshot.ts';

/** One side of a comparison: a snapshot file, as far as comparing needs it. */
export interface Side {
  readonly path: string;
  readonly rows: number;
  readonly schema: Schema;
  /** Null: its hashes cannot be used. */
  readonly hashVersion: string | null;
}

/** What makes a row of a known key an update. */
export interface UpdateTest {
  /** Columns whose values are compared, null-safe. */
  readonly columns: readonly string[];
  /** Set: only a row whose value here is later than before, or was null before, is an update. */
  readonly laterIn?: string;
}

export interface Comparison {
  readonly base: Side;
  readonly next: Side;
  readonly key: readonly string[];
  readonly update: UpdateTest;
}

export interface ChangeCounts {
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
  readonly unchanged: number;
}

export type ComparisonResult =
  | { readonly kind: 'compared'; readonly counts: ChangeCounts; readonly hashesUnique: boolean }
  | { readonly kind: 'duplicate-keys'; readonly side: 'base' | 'next' };

/** The changes that the last comparison found: {@link OPERATION} ('I', 'U', 'D') and the columns of `next`'s schema. */
export const CHANGES = 'igarape_changes';
export const OPERATION = '_igarape_operation';
const PRESENT = '_igarape_present';
const SUSPECTS = 'igarape_suspects';

/**
 * Compares two snapshots by key and leaves the changes in the relation {@link CHANGES}.
 *
 * Where both sides' hashes were taken alike, a join on the stored hashes finds the suspects: rows whose key has no
 * partner or whose row hash differs. Only these are then compared on their real values, so that a hash never decides
 * that something changed. A row counts as unchanged when both of its 64-bit hashes have a partner. Where the hashes
 * cannot be used, every row is compared on its real values.
 */
export async function compareSnapshots(engine: Engine, comparison: Comparison): Promise<ComparisonResult> {
  const { base, next } = comparison;
  if (base.hashVersion !== null && base.hashVersion === next.hashVersion) {
    if (await findSuspects(engine, comparison)) {
      await compareValues(engine, comparison, `${KEY_HASH} IN (SELECT ${KEY_HASH} FROM ${SUSPECTS})`);
      return { kind: 'compared', counts: await countChanges(engine, next), hashesUnique: true };
    }
  }
  for (const side of ['next', 'base'] as const) {
    if (await hasDuplicates(engine, comparison[side], comparison.key)) return { kind: 'duplicate-keys', side };
  }
  await compareValues(engine, comparison, 'true');
  const hashesUnique = !(await hasDuplicates(engine, next, [KEY_HASH]));
  return { kind: 'compared', counts: await countChanges(engine, next), hashesUnique };
}

/**
 * Finds the suspects; resolves false where a key hash occurs twice on a side, be it for two rows with one key or for
 * two keys with one hash. The join shows that without another scan: where every hash is unique, as many rows of one
 * side as of the other are no suspects.
 */
async function findSuspects(engine: Engine, { base, next }: Comparison): Promise<boolean> {
  const hashes = (side: Side): string => `(SELECT ${KEY_HASH} AS k, ${ROW_HASH} AS r FROM ${scan(side)})`;
  await engine.run(`CREATE OR REPLACE TEMP TABLE ${SUSPECTS} AS
    SELECT coalesce(n.k, b.k) AS ${KEY_HASH}, n.k IS NOT NULL AS in_next, b.k IS NOT NULL AS in_base
    FROM ${hashes(next)} n FULL JOIN ${hashes(base)} b ON n.k = b.k
    WHERE n.r IS DISTINCT FROM b.r`);
  const [row] = await engine.rows(`SELECT count(*) FILTER (in_next) AS next, count(*) FILTER (in_base) AS base,
    count(*) - count(DISTINCT ${KEY_HASH}) AS repeated FROM ${SUSPECTS}`);
  const count = (name: string): number => Number(row?.[name] ?? 0);
  return count('repeated') === 0 && next.rows - count('next') === base.rows - count('base');
}

async function compareValues(engine: Engine, comparison: Comparison, suspect: string): Promise<void> {
  const { base, next, key } = comparison;
  const columns = next.schema.map((column) => {
    const name = quoteName(column.name);
    return `CASE WHEN n.${PRESENT} THEN n.${name} ELSE b.${name} END AS ${name}`;
  });
  const sameKey = key.map((name) => `n.${quoteName(name)} = b.${quoteName(name)}`).join(' AND ');
  await engine.run(`CREATE OR REPLACE TEMP TABLE ${CHANGES} AS
    WITH n AS (SELECT true AS ${PRESENT}, ${castTo(next, next.schema)} FROM ${scan(next)} WHERE ${suspect}),
         b AS (SELECT true AS ${PRESENT}, ${castTo(base, next.schema)} FROM ${scan(base)} WHERE ${suspect})
    SELECT CASE WHEN b.${PRESENT} IS NULL THEN 'I' WHEN n.${PRESENT} IS NULL THEN 'D' ELSE 'U' END AS ${OPERATION}, ${columns.join(', ')}
    FROM n FULL JOIN b ON ${sameKey}
    WHERE n.${PRESENT} IS NULL OR b.${PRESENT} IS NULL OR (${isUpdate(comparison.update)})`);
}

/** SQL: the columns of the side in the types of `schema`; one that it does not have is null. */
export function castTo(side: Pick<Side, 'schema'>, schema: Schema): string {
  return schema
    .map((column) => {
      const own = side.schema.find((candidate) => candidate.name === column.name);
      const name = quoteName(column.name);
      if (own?.type === column.type) return name;
      return `TRY_CAST(${own === undefined ? 'NULL' : name} AS ${sqlType(column.type)}) AS ${name}`;
    })
    .join(', ');
}

function isUpdate(test: UpdateTest): string {
  if (test.laterIn !== undefined) {
    const field = quoteName(test.laterIn);
    return `n.${field} > b.${field} OR (b.${field} IS NULL AND n.${field} IS NOT NULL)`;
  }
  if (test.columns.length === 0) return 'false';
  return test.columns.map((name) => `n.${quoteName(name)} IS DISTINCT FROM b.${quoteName(name)}`).join(' OR ');
}

async function countChanges(engine: Engine, next: Side): Promise<ChangeCounts> {
  const [row] = await engine.rows(`SELECT count(*) FILTER (${OPERATION} = 'I') AS inserted,
    count(*) FILTER (${OPERATION} = 'U') AS updated, count(*) FILTER (${OPERATION} = 'D') AS deleted FROM ${CHANGES}`);
  const inserted = Number(row?.['inserted']);
  const updated = Number(row?.['updated']);
  return { inserted, updated, deleted: Number(row?.['deleted']), unchanged: next.rows - inserted - updated };
}

/** True where two rows of the side agree in all of the (non-null) columns. */
export async function hasDuplicates(engine: Engine, side: Side, columns: readonly string[]): Promise<boolean> {
  const [row] = await engine.rows(`SELECT 1 FROM ${scan(side)} GROUP BY ${columns.map(quoteName).join(', ')} HAVING count(*) > 1 LIMIT 1`);
  return row !== undefined;
}

function scan(side: Side): string {
  return `read_parquet(${quoteText(side.path)}, hive_partitioning = false)`;
}
