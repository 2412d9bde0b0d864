import type { HelperTables } from '../../delta/read/relation.ts';
import type { StructType } from '../../delta/schema/schema.ts';
import type { Snapshot } from '../../delta/log/snapshot.ts';
import { sqlTypeOf } from '../../delta/schema/sql-schema.ts';
import type { DeltaTable } from '../../delta/table.ts';
import type { Engine } from '../../engine/engine.ts';
import { alikeIn, quoteName } from '../../engine/quote.ts';
import { DATE_COLUMN } from './cube.ts';
import { isOneOf } from './dates.ts';
import { ACT, ACTS, IS, WAS } from './merge-rows.ts';

/** The rows that a table of the same columns is to have, to be compared with those that it has. */
export interface NewRows {
  /** A SELECT. */
  readonly rows: string;
  readonly schema: StructType;
  /** Columns of which neither these rows nor the table's have the same twice; none where there are none. */
  readonly key: readonly string[];
}

/** True for a table of which it takes longer to say what is other in new rows than to write these all. */
export async function isLarge(target: Snapshot): Promise<boolean> {
  return ((await target.countRows()) ?? 0) > MANY_ROWS;
}

/**
 * A SELECT of what is other in new rows, which have a key, than in a table, for `mergeRows`; undefined where that is most
 * of it, so that it is quicker to write all.
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
  const table = await helpers.createAs(comparison(before.sql, next));
  return (await isMost(table, 1)) ? undefined : `SELECT * EXCLUDE (${WAS}) FROM ${table}`;
}

/** Dates whose rows are others than a table's, and how they differ. */
export interface DifferingDates {
  /** Written `2024-01-31`. */
  readonly dates: readonly string[];
  readonly inserted: number;
  /** Of rows without a key none. */
  readonly updated: number;
  readonly deleted: number;
}

/** Compares rows of some dates, of which a date may have none, with a table's rows of these. */
export async function differingDates(
  engine: Engine,
  delta: DeltaTable,
  target: Snapshot,
  next: NewRows & { readonly dates: readonly string[] },
  helpers: HelperTables,
): Promise<DifferingDates> {
  await using before = await delta.read({ at: target.version, where: isOneOf(DATE_COLUMN, next.dates) });
  const table = await helpers.createAs(comparison(before.sql, next));
  const found = await engine.rows(
    `SELECT DISTINCT CAST(${DATE_COLUMN} AS VARCHAR) AS date FROM ${table} ORDER BY 1`,
  );
  const count = (act: string, was: string): string => `count(*) FILTER (${ACT} = ${act} AND ${was})`;
  const [counts = {}] = await engine.rows(
    `SELECT ${count(ACTS.set, `NOT ${WAS}`)} AS inserted, ${count(ACTS.set, WAS)} AS updated, ${count(ACTS.drop, 'true')} AS deleted FROM ${table}`,
  );
  return {
    dates: found.map(({ date }) => String(date)),
    inserted: Number(counts['inserted']),
    updated: Number(counts['updated']),
    deleted: Number(counts['deleted']),
  };
}

/** Below so many rows it makes no difference which way is gone. */
const FEW_ROWS = 100_000;

/** Of so many rows some are looked at first: one of so many. */
const MANY_ROWS = 1_000_000;
const SAMPLED = 64;

/** Which it is of rows that are wholly alike. */
const NTH = '_igarape_nth';

/** SQL of the rows that differ, in the table's columns, with {@link ACT} and {@link WAS}. @param part One key of so many is looked at. */
function comparison(before: string, { rows, schema, key }: NewRows, part = 1): string {
  const names = schema.fields.map(({ name }) => quoteName(name));
  const typed = schema.fields.map(
    ({ name, type }) => `CAST(${quoteName(name)} AS ${sqlTypeOf(type)}) AS ${quoteName(name)}`,
  );
  const told = key.length > 0 ? key : [...schema.fields.map(({ name }) => name), NTH];
  const keys = told.map(quoteName);
  const nth = key.length > 0 ? '' : `, row_number() OVER (PARTITION BY ${names.join(', ')}) AS ${NTH}`;
  const some = part === 1 ? '' : ` WHERE hash(${keys.join(', ')}) % ${part} = 0`;
  const side = (from: string, is: string): string => `(SELECT *, true AS ${is}${nth} FROM (${from})${some})`;
  const values = names.map((name) =>
    keys.includes(name) ? `coalesce(n.${name}, o.${name}) AS ${name}` : `n.${name} AS ${name}`,
  );
  const differs = [
    `n.${IS} IS NULL`,
    `o.${WAS} IS NULL`,
    ...names.filter((name) => !keys.includes(name)).map((name) => `n.${name} IS DISTINCT FROM o.${name}`),
  ];
  return `SELECT ${values.join(', ')}, if(n.${IS} IS NULL, ${ACTS.drop}, ${ACTS.set}) AS ${ACT}, o.${WAS} IS NOT NULL AS ${WAS}
    FROM ${side(`SELECT ${typed.join(', ')} FROM (${rows})`, IS)} AS n
    FULL JOIN ${side(before, WAS)} AS o ON ${alikeIn(told, 'n', 'o')} WHERE ${differs.join(' OR ')}`;
}
