import type { HelperTables } from '../../delta/read/relation.ts';
import type { StructType } from '../../delta/schema/schema.ts';
import type { Snapshot } from '../../delta/log/snapshot.ts';
import { sqlTypeOf } from '../../delta/schema/sql-schema.ts';
import type { DeltaTable } from '../../delta/table.ts';
import type { Engine } from '../../engine/engine.ts';
import { quoteName } from '../../engine/quote.ts';
import { ACT, ACTS } from './merge-rows.ts';

/** The rows that a table is to have, to be compared with those that it has. */
export interface NewRows {
  /** A SELECT; a key has one row. */
  readonly rows: string;
  readonly schema: StructType;
  readonly key: readonly string[];
}

/** True for a table of which it takes longer to say what is other in new rows than to write these all. */
export async function isLarge(target: Snapshot): Promise<boolean> {
  return ((await target.countRows()) ?? 0) > MANY_ROWS;
}

/**
 * A SELECT of what is other in new rows than in a table of the same columns, for `mergeRows`; undefined where that is
 * most of it, so that it is quicker to write all.
 */
export async function differences(
  engine: Engine,
  delta: DeltaTable,
  target: Snapshot,
  next: NewRows,
  helpers: HelperTables,
): Promise<string | undefined> {
  await using before = await delta.read({ at: target.version });
  const known = (await target.countRows()) ?? 0;
  const isMost = async (table: string, part: number): Promise<boolean> => {
    const [row] = await engine.rows(`SELECT count(*) FILTER (${ACT} = ${ACTS.set}) AS n FROM ${table}`);
    const written = Number(row?.['n'] ?? 0) * part;
    return written > FEW_ROWS && written > known / 2;
  };
  if (await isLarge(target)) {
    const sample = await helpers.createAs(comparison(before.sql, next, SAMPLED));
    if (await isMost(sample, SAMPLED)) return undefined;
  }
  const table = await helpers.createAs(comparison(before.sql, next, 1));
  return (await isMost(table, 1)) ? undefined : `SELECT * FROM ${table}`;
}

/** Below so many rows it makes no difference which way is gone. */
const FEW_ROWS = 100_000;

/** Of so many rows some are looked at first: one of so many. */
const MANY_ROWS = 1_000_000;
const SAMPLED = 64;

function comparison(before: string, { rows, schema, key }: NewRows, part: number): string {
  const names = schema.fields.map(({ name }) => quoteName(name));
  const typed = schema.fields.map(
    ({ name, type }) => `CAST(${quoteName(name)} AS ${sqlTypeOf(type)}) AS ${quoteName(name)}`,
  );
  const keys = key.map(quoteName);
  const [first = ''] = keys;
  const values = names.map((name) =>
    keys.includes(name) ? `coalesce(n.${name}, o.${name}) AS ${name}` : `n.${name} AS ${name}`,
  );
  const some = part === 1 ? '' : ` WHERE hash(${keys.join(', ')}) % ${part} = 0`;
  const same = keys.map((name) => `n.${name} = o.${name}`).join(' AND ');
  const differs = names.map((name) => `n.${name} IS DISTINCT FROM o.${name}`).join(' OR ');
  return `SELECT ${values.join(', ')}, if(n.${first} IS NULL, ${ACTS.drop}, ${ACTS.set}) AS ${ACT}
    FROM (SELECT * FROM (SELECT ${typed.join(', ')} FROM (${rows}))${some}) AS n
    FULL JOIN (SELECT * FROM (${before})${some}) AS o ON ${same} WHERE ${differs}`;
}
