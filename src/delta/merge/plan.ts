import { IgarapeError } from '../../core/errors.ts';
import type { Engine } from '../../engine/engine.ts';
import { quoteName, quoteText } from '../../engine/quote.ts';
import type { AddFile } from '../protocol/actions.ts';
import { filesThatMayMatch } from '../read/data-skipping.ts';
import { isJsonObject, type Json } from '../protocol/json.ts';
import { type Expression, parsePredicate } from '../read/predicate.ts';
import { type QueryColumn, refused, type SourceColumn } from '../write/row-source.ts';
import { type DeltaType, findField, type PrimitiveType, type StructField } from '../schema/schema.ts';
import type { Snapshot } from '../log/snapshot.ts';
import { sqlTypeOf } from '../schema/sql-schema.ts';
import type { Writer } from '../files/disk.ts';

/** A column of each side that a merge demands to be equal. */
export interface MergeKey {
  readonly target: StructField;
  /** The source's name of it. */
  readonly source: string;
  /**
   * True where the join compares with the table's values as they are: of other types of the source, it compares both in a
   * third one, and what the log says of a file's texts, say, tells nothing of them as numbers.
   */
  readonly isComparable: boolean;
}

/** What tells which rows of the two sides belong together. */
export interface MergeCondition {
  /** SQL on `target` and `source`. */
  readonly sql: string;
  /** Columns whose equality the condition implies. */
  readonly keys: readonly MergeKey[];
}

/** @throws IgarapeError DELTA_QUERY */
export async function mergeCondition(
  engine: Engine,
  snapshot: Snapshot,
  source: readonly QueryColumn[],
  on: readonly string[] | string,
): Promise<MergeCondition> {
  if (typeof on === 'string') {
    const keys = equalities(await parsePredicate(engine, on)).flatMap(([left, right]): MergeKey[] => {
      const target = findField(snapshot.schema, left);
      const column = findColumn(source, right);
      return target === undefined || column === undefined ? [] : [mergeKey(target, column)];
    });
    return { sql: `(${on}\n)`, keys };
  }
  if (on.length === 0) throw refused('the merge has no key column');
  const keys = on.map((name): MergeKey => {
    const target = findField(snapshot.schema, name);
    const column = findColumn(source, name);
    if (target === undefined) throw refused(`the table has no key column ${name}`);
    if (column === undefined) throw refused(`the source has no key column ${name}`);
    return mergeKey(target, column);
  });
  const equal = keys.map((key) => `target.${quoteName(key.target.name)} = source.${quoteName(key.source)}`);
  return { sql: `(${equal.join(' AND ')})`, keys };
}

function mergeKey(target: StructField, { name, sqlType }: QueryColumn): MergeKey {
  const plain = (sql: string): string => sql.replaceAll(' ', '');
  const [own, other] = [plain(sqlTypeOf(target.type)), plain(sqlType)];
  const isComparable = own === other || (WHOLE_NUMBERS.has(own) && WHOLE_NUMBERS.has(other));
  return { target, source: name, isComparable };
}

const WHOLE_NUMBERS = new Set(['TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT']);

export function findColumn<T extends SourceColumn>(columns: readonly T[], name: string): T | undefined {
  return columns.find((column) => column.name.toLowerCase() === name.toLowerCase());
}

/** True for files that are read more quickly than it is found out which of them may hold a key. */
export function isLittle(files: readonly AddFile[]): boolean {
  const bytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return files.length <= FEW_FILES && bytes <= FEW_BYTES;
}

const FEW_FILES = 8;
const FEW_BYTES = 1_000_000;

/**
 * Of files those that may hold a key of the source: by lists of few values, else by the least and the greatest.
 */
export async function filesWithKeys(
  writer: Writer,
  snapshot: Snapshot,
  from: KeyedSource,
  files: readonly AddFile[],
): Promise<readonly AddFile[]> {
  const parts: string[] = [];
  for (const key of from.keys.filter(({ isComparable }) => isComparable)) {
    const part = await keyRange(writer.engine, from.source, key);
    if (part !== undefined) parts.push(part);
  }
  if (parts.length === 0) return files;
  return filesThatMayMatch(writer, snapshot, files, await parsePredicate(writer.engine, parts.join(' AND ')));
}

/** A merge's source, a table of the engine, and its keys. */
export interface KeyedSource {
  readonly source: string;
  readonly keys: readonly MergeKey[];
}

const LISTED_VALUES = 64;

async function keyRange(engine: Engine, table: string, key: MergeKey): Promise<string | undefined> {
  const { type, name } = key.target;
  if (!isOrdered(type)) return undefined;
  const value = `CAST(${quoteName(key.source)} AS ${sqlTypeOf(type)})`;
  const literal = (text: unknown): string =>
    type === 'string' ? quoteText(String(text)) : `CAST(${quoteText(String(text))} AS ${sqlTypeOf(type)})`;
  const distinct = `SELECT DISTINCT ${value} AS v FROM ${table} WHERE ${quoteName(key.source)} IS NOT NULL`;
  try {
    const few = await engine.rows(
      `SELECT CAST(v AS VARCHAR) AS v FROM (${distinct}) LIMIT ${LISTED_VALUES + 1}`,
    );
    if (few.length === 0) return 'false';
    if (few.length <= LISTED_VALUES)
      return `${quoteName(name)} IN (${few.map(({ v }) => literal(v)).join(', ')})`;
    const [range] = await engine.rows(
      `SELECT CAST(min(${value}) AS VARCHAR) AS low, CAST(max(${value}) AS VARCHAR) AS high FROM ${table}`,
    );
    return `${quoteName(name)} BETWEEN ${literal(range?.['low'])} AND ${literal(range?.['high'])}`;
  } catch (error) {
    // A value that is none of the column's type, or no SQL text: the join will tell, or keep it apart.
    if (error instanceof IgarapeError) throw error;
    return undefined;
  }
}

/** Of floating-point numbers no bounds are known above, and of nested values none at all. */
export function isOrdered(type: DeltaType): type is PrimitiveType {
  return typeof type === 'string' && !UNBOUNDED.has(type);
}

const UNBOUNDED = new Set(['float', 'double', 'binary', 'boolean', 'void']);

/** Pairs of a target's and a source's column, from the equalities that a condition is a conjunction of. */
function equalities(condition: Expression): [string, string][] {
  if (condition['type'] === 'CONJUNCTION_AND') {
    const { children } = condition;
    return Array.isArray(children)
      ? children.flatMap((child: Json) => (isJsonObject(child) ? equalities(child) : []))
      : [];
  }
  if (condition['type'] !== 'COMPARE_EQUAL') return [];
  const [left, right] = [columnOf(condition['left']), columnOf(condition['right'])];
  if (left === undefined || right === undefined) return [];
  if (left.side === 'target' && right.side === 'source') return [[left.name, right.name]];
  return left.side === 'source' && right.side === 'target' ? [[right.name, left.name]] : [];
}

function columnOf(node: Json | undefined): { side: string; name: string } | undefined {
  if (!isJsonObject(node) || node['class'] !== 'COLUMN_REF') return undefined;
  const names = node['column_names'];
  if (!Array.isArray(names) || names.length !== 2) return undefined;
  const [side, name]: readonly Json[] = names;
  return typeof side === 'string' && typeof name === 'string'
    ? { side: side.toLowerCase(), name }
    : undefined;
}
