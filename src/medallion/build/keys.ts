import { IgarapeError } from '../../core/errors.ts';
import { sameName } from '../../core/schema.ts';
import type { Snapshot } from '../../delta/log/snapshot.ts';
import type { HelperTables } from '../../delta/read/relation.ts';
import type { DeltaTable } from '../../delta/table.ts';
import { countRows } from '../../engine/count-rows.ts';
import type { Engine } from '../../engine/engine.ts';
import { alikeIn, quoteName } from '../../engine/quote.ts';
import { nodesIn } from '../../engine/sql-tree.ts';
import { groupingSets } from '../incremental/partition.ts';
import { isDated, type Model } from '../models/model.ts';
import { DATE_COLUMN } from './cube.ts';

export type KeyCheck =
  /** `isSet` is true where no two rows are alike. */
  | { readonly kind: 'kept'; readonly isSet: boolean }
  /** A reason for users, with the key and rows. */
  | { readonly kind: 'broken'; readonly reason: string };

/**
 * The names of a model's key columns, as its rows have them; where they are of dates, the date first; none where its
 * header names none.
 *
 * @param columns The columns of the model's rows.
 * @throws IgarapeError CONFIG_INVALID where they have no such column
 */
export function keyColumns(model: Model, columns: readonly string[]): readonly string[] {
  const { key } = model.header;
  const isWithDate = isDated(model) && key.length > 0;
  const others = key.filter((name) => !(isWithDate && sameName(name, DATE_COLUMN)));
  return [...(isWithDate ? [DATE_COLUMN] : []), ...others].map((name) => {
    const found = columns.find((column) => sameName(column, name));
    if (found !== undefined) return found;
    throw new IgarapeError(
      'CONFIG_INVALID',
      `${model.path}: its key column ${name} is none of its SELECT's.`,
      {
        hint: `The SELECT has: ${columns.join(', ')}.`,
      },
    );
  });
}

/** Columns that tell rows apart. */
export interface Key {
  readonly key: readonly string[];
  /** True where nulls are values like others: the total of a cube has one in place of what it adds up. */
  readonly mayBeNull: boolean;
}

/** @throws as {@link keyColumns} */
export function keyOf(model: Model, columns: readonly string[]): Key {
  return { key: keyColumns(model, columns), mayBeNull: isDated(model) || hasTotals(model) };
}

function hasTotals({ tree }: Model): boolean {
  return [...nodesIn(tree)].some((node) => groupingSets(node).length > 1);
}

/** Whether every key has one row. Rows that are wholly alike count as one. @param rows A SELECT. */
export async function checkKeys(
  engine: Engine,
  rows: string,
  { key, mayBeNull }: Key,
  helpers: HelperTables,
): Promise<KeyCheck> {
  if (key.length === 0) return { kind: 'kept', isSet: true };
  const list = key.map(quoteName).join(', ');
  const hasNull = nullIn({ key, mayBeNull });
  const { name: found, count } = await helpers.createCounted(oddKeys(rows, { key, mayBeNull }));
  if (count === 0) return { kind: 'kept', isSet: true };
  const [counts = {}] = await engine.rows(
    `SELECT sum(_igarape_rows) FILTER (${hasNull}) AS nulls FROM ${found}`,
  );
  const same = alikeIn(key, 'r', 'f');
  const affected = await helpers.createAs(
    `SELECT DISTINCT r.* FROM (${rows}) AS r SEMI JOIN ${found} AS f ON ${same}`,
  );
  if (Number(counts['nulls'] ?? 0) > 0) {
    const [example] = await samples(engine, `SELECT * FROM ${affected} WHERE ${hasNull}`);
    const counted = countOf(Number(counts['nulls']), 'row has', 'rows have');
    return { kind: 'broken', reason: `${counted} a null in the key ${key.join(', ')}, e.g. ${example}` };
  }
  const clashes = `SELECT ${list} FROM ${affected} GROUP BY ${list} HAVING count(*) > 1`;
  const number = await countRows(engine, `(${clashes})`);
  if (number === 0) return { kind: 'kept', isSet: false };
  const first = `SELECT * FROM (${clashes}) ORDER BY ALL LIMIT 1`;
  const examples = await samples(
    engine,
    `SELECT r.* FROM ${affected} AS r SEMI JOIN (${first}) AS f ON ${same}`,
  );
  const counted = countOf(number, 'key has', 'keys have');
  return {
    kind: 'broken',
    reason: `${counted} different rows by ${key.join(', ')}, e.g. ${examples.join(' and ')}`,
  };
}

/** Whether a table tells its rows apart by a key: it may have been made by another one. */
export async function isKeyOf(
  engine: Engine,
  delta: DeltaTable,
  { version }: Snapshot,
  of: Key,
): Promise<boolean> {
  if (of.key.length === 0) return false;
  await using stored = await delta.read({ at: version });
  return (await engine.rows(`SELECT 1 AS odd FROM (${oddKeys(stored.sql, of)}) LIMIT 1`)).length === 0;
}

/** SQL: keys, and how many rows have each, that are no keys. */
function oddKeys(rows: string, of: Key): string {
  const list = of.key.map(quoteName).join(', ');
  return `SELECT ${list}, count(*) AS _igarape_rows FROM (${rows}) GROUP BY ${list} HAVING _igarape_rows > 1 OR ${nullIn(of)}`;
}

function nullIn({ key, mayBeNull }: Key): string {
  return mayBeNull ? 'false' : key.map((name) => `${quoteName(name)} IS NULL`).join(' OR ');
}

function countOf(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}

const SAMPLES = 2;
const MOST_CHARACTERS = 200;

/** Rows as texts, in the order of their columns, so that a message is the same every time. */
async function samples(engine: Engine, select: string): Promise<string[]> {
  const rows = await engine.rows(
    `SELECT CAST(r AS VARCHAR) AS row FROM (SELECT * FROM (${select}) ORDER BY ALL LIMIT ${SAMPLES}) AS r`,
  );
  return rows.map(({ row }) => {
    const text = String(row);
    return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
  });
}
