import type { Said } from '../../core/language/sentence.ts';
import { sameName } from '../../core/schema.ts';
import { EngineError, IgarapeError, textOf } from '../../core/errors.ts';
import type { Engine } from '../../engine/engine.ts';
import { quoteName } from '../../engine/quote.ts';
import type { SqlColumn } from '../../engine/sql-column.ts';
import { checkInsert } from './made-values.ts';
import { messageOf } from '../protocol/corrupt.ts';
import {
  decimalType,
  type DeltaType,
  findField,
  type StructField,
  type StructType,
} from '../schema/schema.ts';
import { deltaTypeOf, sqlTypeOf } from '../schema/sql-schema.ts';

/** Columns that the change data feed adds; no table that records changes may have them. */
export const FEED_COLUMNS: readonly string[] = ['_change_type', '_commit_version', '_commit_timestamp'];

export interface SourceColumn {
  readonly name: string;
  /** Undefined for a column that holds nothing but nulls. */
  readonly type: DeltaType | undefined;
}

/** A column of a query. */
export interface QueryColumn extends SourceColumn {
  /** The type as the engine calls it. */
  readonly sqlType: string;
}

/**
 * The columns of a query with their Delta types.
 *
 * @throws IgarapeError DELTA_QUERY where the query is none, or two columns have one name; DELTA_UNSUPPORTED for a type
 * that Delta does not have.
 */
export async function sourceColumns(engine: Engine, sql: string): Promise<QueryColumn[]> {
  let found = await described(engine, `SELECT * FROM (${sql})`);
  // In brackets, the engine calls the second of two columns of one name `name_1`.
  if (found.some(({ name }) => /_\d+$/.test(name))) found = await described(engine, sql);
  const seen = new Set<string>();
  return found.map(({ name, type }) => {
    if (seen.has(name.toLowerCase())) throw refused(`two columns of the rows are called ${name}`);
    seen.add(name.toLowerCase());
    const own = type === '"NULL"' ? undefined : (storedAs(type) ?? deltaTypeOf(type, name));
    if (own !== undefined) checkNames(own, name);
    return { name, type: own, sqlType: type };
  });
}

/**
 * Looks at rows as they were given: in brackets, the engine would tell of brackets that nobody wrote, and take what closes
 * them for a query.
 *
 * @throws IgarapeError DELTA_QUERY where they are no query
 */
export async function checkQuery(engine: Engine, sql: string): Promise<void> {
  if (sql === '') throw noQuery('it is empty');
  await described(engine, sql);
}

async function described(engine: Engine, sql: string): Promise<SqlColumn[]> {
  try {
    return await engine.describe(sql);
  } catch (cause) {
    throw noQuery(messageOf(cause), cause);
  }
}

function noQuery(reason: string, cause?: unknown): IgarapeError {
  return new IgarapeError('DELTA_QUERY', `The rows to be written are no query: ${reason}`, {
    hint: 'Give one SELECT that DuckDB can run.',
    cause,
  });
}

/** @throws IgarapeError DELTA_QUERY for members without a name, as of ROW(1, 2), and of one name */
function checkNames(type: DeltaType, column: string): void {
  const seen = new Set<string>();
  for (const { name } of typeof type !== 'string' && type.type === 'struct' ? type.fields : []) {
    if (name === '' || seen.has(name.toLowerCase()))
      throw refused(
        name === ''
          ? `the column ${column} has members without names`
          : `the column ${column} has two members ${name}`,
      );
    seen.add(name.toLowerCase());
  }
  if (typeof type === 'string') return;
  if (type.type === 'struct')
    for (const field of type.fields) checkNames(field.type, `${column}.${field.name}`);
  else if (type.type === 'array') checkNames(type.elementType, `${column}.element`);
  else {
    checkNames(type.keyType, `${column}.key`);
    checkNames(type.valueType, `${column}.value`);
  }
}

/** Types of DuckDB's that Delta lacks, and that hold what one of its own does: sums of integers, labels, plain times. */
function storedAs(type: string): DeltaType | undefined {
  // The casts that follow fail for a number of 39 digits.
  if (type === 'HUGEINT') return 'decimal(38,0)';
  if (type === 'TIMESTAMP_S' || type === 'TIMESTAMP_MS') return 'timestamp_ntz';
  return type.startsWith('ENUM(') ? 'string' : undefined;
}

/** A schema with the columns of a query, all of them nullable. @throws IgarapeError as {@link sourceColumns} */
export async function schemaOf(engine: Engine, sql: string): Promise<StructType> {
  return schemaOfColumns(await sourceColumns(engine, sql));
}

export function schemaOfColumns(columns: readonly SourceColumn[]): StructType {
  return {
    type: 'struct',
    fields: columns.map(({ name, type }): StructField => ({
      name,
      type: type ?? 'string',
      nullable: true,
      metadata: {},
    })),
  };
}

/**
 * A query that gives another's rows the columns of a schema, in its order and types; a column that is missing is null.
 *
 * @throws IgarapeError DELTA_QUERY for a column that the schema lacks, or whose values it cannot hold; DELTA_UNSUPPORTED
 * for one that is missing and whose values would have to be made.
 */
export async function alignedRows(
  engine: Engine,
  { table, schema }: { readonly table: string; readonly schema: StructType },
  sql: string,
): Promise<string> {
  const columns = await sourceColumns(engine, sql);
  checkInsert(table, schema, ({ name }) => columns.some((column) => sameName(column.name, name)));
  for (const { name, type } of columns) {
    const field = findField(schema, name);
    if (field === undefined) throw refused(`the table has no column ${name}`);
    if (type !== undefined && !isAssignable(type, field.type))
      throw refused(
        `the column ${name} is ${nameOf(type)}, which the table's ${nameOf(field.type)} cannot hold`,
      );
  }
  const selected = schema.fields.map((field) => {
    const column = columns.find(({ name }) => sameName(name, field.name));
    const value = column === undefined ? 'NULL' : `r.${quoteName(column.name)}`;
    return `CAST(${value} AS ${sqlTypeOf(field.type)}) AS ${quoteName(field.name)}`;
  });
  return `SELECT ${selected.join(', ')} FROM (${sql}) AS r`;
}

/** True where a cast keeps every value, or fails loudly. */
export function isAssignable(from: DeltaType, to: DeltaType): boolean {
  if (to === 'variant') return true;
  if (typeof from !== 'string' || typeof to !== 'string') return isNestedAssignable(from, to);
  // Of what may only hold nulls, a rule sees to that.
  if (from === to || from === 'void' || to === 'void') return true;
  if (INTEGERS.has(from)) return INTEGERS.has(to) || decimalType(to) !== undefined || isExactFloat(from, to);
  const fromDecimal = decimalType(from);
  const toDecimal = decimalType(to);
  if (fromDecimal !== undefined) {
    if (toDecimal !== undefined) return toDecimal.scale >= fromDecimal.scale;
    return fromDecimal.scale === 0 && INTEGERS.has(to);
  }
  return (from === 'float' && to === 'double') || (from === 'date' && to === 'timestamp_ntz');
}

/** True where every value of the one type is one of the other, and stays of its type. */
export function isWithin(from: DeltaType, to: DeltaType): boolean {
  if (to === 'variant') return from === to;
  const [inner, outer] = [digitsOf(from), digitsOf(to)];
  if (inner === undefined || outer === undefined) return isAssignable(from, to);
  return inner.precision - inner.scale <= outer.precision - outer.scale && inner.scale <= outer.scale;
}

/** The digits that a type of exact numbers takes or offers; undefined for other types. */
export function digitsOf(type: DeltaType): { precision: number; scale: number } | undefined {
  const digits = typeof type === 'string' ? INTEGER_DIGITS[type] : undefined;
  return digits === undefined ? decimalType(type) : { precision: digits, scale: 0 };
}

const INTEGER_DIGITS: Readonly<Record<string, number>> = { byte: 3, short: 5, integer: 10, long: 19 };

export function nameOf(type: DeltaType): string {
  return typeof type === 'string' ? type : sqlTypeOf(type);
}

export function refused(reason: Said, cause?: unknown): IgarapeError {
  return new IgarapeError('DELTA_QUERY', `The rows cannot be written: ${textOf(reason)}`, {
    hint: 'Nothing was written. Select the columns of the table, with casts where they are meant; a bare NULL counts as an integer.',
    cause,
  });
}

/** What the engine says while it makes rows: where their SQL or a value is at fault, an error of ours, else as it is. */
export function rowsError(error: unknown): unknown {
  if (!(error instanceof EngineError)) return error;
  const reason = /^(?:Conversion|Out of Range|Invalid Input) Error: (.*)/.exec(error.message)?.[1];
  return reason === undefined ? error : refused({ quoted: reason }, error);
}

const INTEGERS = new Set<DeltaType>(['byte', 'short', 'integer', 'long']);

function isExactFloat(from: DeltaType, to: DeltaType): boolean {
  if (to === 'double') return from !== 'long';
  return to === 'float' && (from === 'byte' || from === 'short');
}

function isNestedAssignable(from: DeltaType, to: DeltaType): boolean {
  if (typeof from === 'string' || typeof to === 'string') return from === 'void';
  if (from.type === 'struct' && to.type === 'struct') {
    return from.fields.every((field) => {
      const target = findField(to, field.name);
      return target !== undefined && isAssignable(field.type, target.type);
    });
  }
  if (from.type === 'array' && to.type === 'array') return isAssignable(from.elementType, to.elementType);
  return (
    from.type === 'map' &&
    to.type === 'map' &&
    isAssignable(from.keyType, to.keyType) &&
    isAssignable(from.valueType, to.valueType)
  );
}
