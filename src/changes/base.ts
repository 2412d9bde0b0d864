import { describedType, type Schema } from '../core/schema.ts';
import type { Engine } from '../engine/engine.ts';
import { equalIn, parquetFile, quoteName } from '../engine/quote.ts';
import { asColumn, castColumn } from '../engine/sql-column.ts';
import type { TypeChange } from '../snapshot/evolve.ts';
import { KEY_HASH, ROW_HASH } from '../snapshot/hashes.ts';

/** False in a row that says that its key is gone. */
export const LIVE = '_igarape_live';

/** The relation that {@link openBase} leaves, unless told another name: the base's columns in the types asked for, and both hashes. */
export const BASE = 'igarape_base';

/** What the lake has in a column whose type would change: most of it has no form in the new one. */
export function recordedValue(name: string): string {
  return `_igarape_recorded_${name}`;
}

/** What tells rows of a base apart that has hashes. */
export const BY_HASH: readonly string[] = [KEY_HASH];

/** A base on local disk. */
export interface BaseFiles {
  /** Of its segments, in their order. */
  readonly paths: readonly string[];
  /** The columns that tell its rows apart: {@link BY_HASH}, or of a base without hashes the key. */
  readonly by: readonly string[];
}

/**
 * A base is a list of segments, oldest first: one with every row of its time, then one a run with the rows that
 * changed, and a mark for each that is gone. So a run stores what changed and not the table. The newest segment that
 * has a key, or its hash, says what is with it; the first one alone may have two rows of one hash, and then stands alone.
 *
 * @param retyped Columns of which it has the recorded values, too, as {@link recordedValue}.
 */
export async function openBase(
  engine: Engine,
  { paths, by }: BaseFiles,
  schema: Schema,
  name: string = BASE,
  retyped: readonly TypeChange[] = [],
): Promise<void> {
  const overrides = quoteName(`${name}_overrides`);
  const view = quoteName(name);
  const [full, ...deltas] = await Promise.all(
    paths.map((path) => segmentRows(engine, path, schema, retyped)),
  );
  if (full === undefined) throw new RangeError('A base has at least one segment.');
  if (deltas.length === 0) {
    await engine.run(`CREATE OR REPLACE TEMP VIEW ${view} AS ${full}`);
    return;
  }
  const later = paths.slice(1).map((path) => parquetFile(path));
  await engine.run(`CREATE OR REPLACE TEMP TABLE ${overrides} AS ${overridesOf(later, by)}`);
  await engine.run(`CREATE OR REPLACE TEMP VIEW ${view} AS ${liveRows(full, deltas, overrides, by)}`);
}

/**
 * SQL: of what tells rows apart in the later segments, the last of them that has it, counted from 1, as `_igarape_segment`.
 *
 * @param later SQL after FROM.
 */
export function overridesOf(later: readonly string[], by: readonly string[]): string {
  const list = by.map(quoteName).join(', ');
  const keys = later.map((rows, index) => `SELECT ${list}, ${index + 1} AS ${SEGMENT} FROM ${rows}`);
  return `SELECT ${list}, max(${SEGMENT}) AS ${SEGMENT} FROM (${keys.join(' UNION ALL ')}) GROUP BY ${list}`;
}

const SEGMENT = '_igarape_segment';

/**
 * SQL: the rows of a base.
 *
 * @param full SELECTs without WHERE: of the first segment, and of the later ones.
 * @param overrides The name of what {@link overridesOf} gives.
 */
export function liveRows(
  full: string,
  later: readonly string[],
  overrides: string,
  by: readonly string[],
): string {
  const same = equalIn(by, 's', 'o');
  const live = later.map(
    (rows, index) =>
      `SELECT s.* FROM (${rows} WHERE ${LIVE}) s JOIN ${overrides} o ON ${same} AND o.${SEGMENT} = ${index + 1}`,
  );
  const untouched = `SELECT s.* FROM (${full}) s ANTI JOIN ${overrides} o ON ${same}`;
  return [untouched, ...live].join(' UNION ALL ');
}

/** SQL: a segment's rows in the columns and types of `schema`; what it does not have, hashes too, is null. */
async function segmentRows(
  engine: Engine,
  path: string,
  schema: Schema,
  retyped: readonly TypeChange[],
): Promise<string> {
  const described = await engine.describe(`SELECT * FROM ${parquetFile(path)}`);
  const types = new Map(described.map((column) => [column.name, column.type]));
  const columns = schema.map(({ name, type }) =>
    asColumn({ name, type: describedType(type) }, types.get(name)),
  );
  const recorded = retyped.map(
    ({ name, from }) =>
      `${castColumn({ name, type: describedType(from) }, types.get(name))} AS ${quoteName(recordedValue(name))}`,
  );
  // Spark has no type for them but DECIMAL(20,0).
  const hashes = [KEY_HASH, ROW_HASH].map((name) =>
    types.get(name) === 'UBIGINT' ? name : `CAST(${types.has(name) ? name : 'NULL'} AS UBIGINT) AS ${name}`,
  );
  return `SELECT ${[...columns, ...recorded, ...hashes].join(', ')} FROM ${parquetFile(path)}`;
}
