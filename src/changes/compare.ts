import type { Schema } from '../core/schema.ts';
import { countRows } from '../engine/count-rows.ts';
import type { Engine } from '../engine/engine.ts';
import { equalIn, quoteName } from '../engine/quote.ts';
import { KEY_HASH, ROW_HASH } from '../snapshot/hashes.ts';
import { BASE, recordedValue } from './base.ts';
import { isKeyless } from './key.ts';

/** What makes a row of a known key an update. */
export interface UpdateTest {
  /** Columns whose values are compared, null-safe. */
  readonly columns: readonly string[];
  /** Set: only a row whose value here is later than before, or was null before, is an update. */
  readonly laterIn?: string;
  /** Columns whose type has changed its meaning: every row that has a {@link recordedValue} there is an update. */
  readonly retyped: readonly string[];
}

export interface Comparison {
  /** SQL after FROM: both have the columns of `schema`, in its types, and the hash columns; in the base keys are not null. */
  readonly base: string;
  readonly next: string;
  readonly schema: Schema;
  readonly key: readonly string[];
  readonly update: UpdateTest;
  /** Also keep rows that are no update and yet have another row hash, as {@link SAME}. */
  readonly keepSame: boolean;
}

export interface ChangeCounts {
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
  readonly unchanged: number;
}

export interface ChangesFound extends Omit<ChangeCounts, 'unchanged'> {
  /** Rows of {@link CHANGES}: beside the changes those that stay the same under another row hash. */
  readonly rows: number;
  /** Of the inserted rows, those whose key is null, or in part: a table with one is to be refused. */
  readonly keyless: number;
}

/**
 * The changes that the last comparison found: {@link OPERATION}, the columns of its schema, and the hashes that the
 * base is to have of the row.
 */
export const CHANGES = 'igarape_changes';
/** 'I', 'U' or 'D', or {@link SAME}. */
export const OPERATION = '_igarape_operation';
/** Nothing to publish: the row stays as it was published, under a new row hash. */
export const SAME = 'S';
const PRESENT = '_igarape_present';

/** Rows of the file beside those of the lake with their key. */
export interface Pairs {
  /** SQL after FROM. */
  readonly from: string;
  /** SQL: whether the file has the row, and the lake. */
  readonly isInFile: string;
  readonly isInLake: string;
  /** SQL of a column's value in the file, by its name, and in the lake. */
  readonly next: (name: string) => string;
  readonly base: (name: string) => string;
  /** SQL of further columns. */
  readonly more: readonly string[];
}

/** What the lake has of a row in a column of the schema, by its place, in {@link changesOf}. */
export function baseValue(index: number): string {
  return `_igarape_before_${index}`;
}

/**
 * SQL: pairs as rows of {@link CHANGES}, {@link SAME} among them; without WHERE.
 *
 * @param more The names of further columns: of the pairs', and of {@link baseValue}.
 */
export function changesOf(
  schema: Schema,
  update: UpdateTest,
  { from, isInFile, isInLake, next, base, more: given }: Pairs,
  more: readonly string[],
): string {
  const operation = `CASE WHEN NOT (${isInLake}) THEN 'I' WHEN NOT (${isInFile}) THEN 'D' WHEN ${isUpdate(update, next, base)} THEN 'U' ELSE '${SAME}' END`;
  const nextValue = (index: number): string => `_igarape_next_${index}`;
  const values = schema.map(
    ({ name }, index) => `${next(name)} AS ${nextValue(index)}, ${base(name)} AS ${baseValue(index)}`,
  );
  const columns = schema.map(
    ({ name }, index) =>
      `CASE WHEN ${OPERATION} IN ('I', 'U') THEN ${nextValue(index)} ELSE ${baseValue(index)} END AS ${quoteName(name)}`,
  );
  return `SELECT ${[OPERATION, ...columns, ...more].join(', ')} FROM (
    SELECT ${[`${operation} AS ${OPERATION}`, ...values, ...given].join(', ')} FROM ${from})`;
}

/** Compares rows by key, on their real values, and leaves the changes in {@link CHANGES}. */
export async function compareRows(engine: Engine, comparison: Comparison): Promise<ChangesFound> {
  const { base, next, schema, key, update, keepSame } = comparison;
  const hashes = [KEY_HASH, ROW_HASH];
  const pairs: Pairs = {
    from: `(SELECT true AS ${PRESENT}, * FROM ${next}) n
      FULL JOIN (SELECT true AS ${PRESENT}, * FROM ${base}) b ON ${equalIn(key, 'n', 'b')}`,
    isInFile: `n.${PRESENT} IS NOT NULL`,
    isInLake: `b.${PRESENT} IS NOT NULL`,
    next: (name) => `n.${quoteName(name)}`,
    base: (name) => `b.${quoteName(name)}`,
    more: hashes.map((name) => `coalesce(n.${name}, b.${name}) AS ${name}`),
  };
  const kept = keepSame ? 'true' : `${OPERATION} <> '${SAME}'`;
  await engine.run(
    `CREATE OR REPLACE TEMP TABLE ${CHANGES} AS ${changesOf(schema, update, pairs, hashes)} WHERE ${kept}`,
  );
  return countChanges(engine, key);
}

/** SQL: whether a row of a known key is an update. */
function isUpdate(
  { columns, laterIn, retyped }: UpdateTest,
  next: Pairs['next'],
  base: Pairs['base'],
): string {
  const differs = columns.map((name) => `${next(name)} IS DISTINCT FROM ${base(name)}`);
  const tests = laterIn === undefined ? differs : [isLater(next(laterIn), base(laterIn))];
  const all = [...tests, ...retyped.map((name) => `${base(recordedValue(name))} IS NOT NULL`)];
  return all.length === 0 ? 'false' : `(${all.join(' OR ')})`;
}

function isLater(next: string, base: string): string {
  return `${next} > ${base} OR (${base} IS NULL AND ${next} IS NOT NULL)`;
}

/** How many rows the last comparison with the open base found to be updates in one of these columns. */
export async function countUpdatesOf(
  engine: Engine,
  key: readonly string[],
  columns: readonly string[],
): Promise<number> {
  if (columns.length === 0) return 0;
  const differs = columns.map((name) => `c.${quoteName(name)} IS DISTINCT FROM b.${quoteName(name)}`);
  const pairs = `${CHANGES} c JOIN ${BASE} b ON ${equalIn(key, 'c', 'b')}`;
  return countRows(engine, `${pairs} WHERE c.${OPERATION} = 'U' AND (${differs.join(' OR ')})`);
}

async function countChanges(engine: Engine, key: readonly string[]): Promise<ChangesFound> {
  const of = (operation: string): string => `count(*) FILTER (${OPERATION} = '${operation}')`;
  const [row] =
    await engine.rows(`SELECT ${of('I')} AS inserted, ${of('U')} AS updated, ${of('D')} AS deleted,
    count(*) AS rows, count(*) FILTER (${isKeyless(key)}) AS keyless FROM ${CHANGES}`);
  const count = (name: string): number => Number(row?.[name]);
  return {
    inserted: count('inserted'),
    updated: count('updated'),
    deleted: count('deleted'),
    rows: count('rows'),
    keyless: count('keyless'),
  };
}
