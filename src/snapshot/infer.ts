import { type Column, type ColumnType, decimalParts, type Schema } from '../core/schema.ts';
import type { Engine } from '../engine/engine.ts';
import type { Row } from '../engine/result-rows.ts';
import { quoteName } from '../engine/quote.ts';
import { decimalDigits, onlyIntegers, readerOf } from './column-types.ts';
import {
  alikeColumns,
  columnsToCheck,
  explained,
  listOf,
  type RawColumn,
  type RawRows,
} from './raw-table.ts';

/** The types that need no digits to be counted, narrowest first: the first that holds every value is adopted. */
const CANDIDATES = [
  'bigint',
  'boolean',
  'double',
  'date',
  'timestamp',
  'timestamptz',
] as const satisfies ColumnType[];

/** How much of a file is looked at for its likely types. */
const SAMPLE_VALUES = 200_000;
const MOST_SAMPLE_ROWS = 20_000;
const FEWEST_SAMPLE_ROWS = 100;

/** Columns that one statement looks at. */
const COLUMNS_AT_ONCE = 2500;

/**
 * The narrowest type that keeps the meaning of every value in a sample of the file's rows, for each column; of a
 * column without a value there, of every value that it has. A column without any value is text, and open; one of
 * integers that do not fit in 64 bits is text.
 *
 * No type that holds all of a column's values is narrower. Reading the file shows whether one is wider: see
 * {@link findMisfits}.
 */
export async function likelyTypes(engine: Engine, table: RawRows): Promise<Column[]> {
  const untyped = table.columns.filter((column) => column.typed === undefined);
  const sample = { ...table, relation: sampleRows({ ...table, columns: untyped }) };
  const sampled = await typesOf(engine, sample, untyped);
  const empty = untyped.filter(({ name }) => !sampled.has(name));
  const measured = await typesOf(engine, table, empty);
  return table.columns.map(({ name, typed }): Column => {
    const type = typed?.type ?? sampled.get(name) ?? measured.get(name);
    return type === undefined ? { name, type: 'text', open: true } : { name, type };
  });
}

/** SQL after FROM: rows of the file, fewer of a wide one. */
export function sampleRows({ relation, columns }: RawRows): string {
  const rows = Math.floor(SAMPLE_VALUES / Math.max(columns.length, 1));
  return `(SELECT * FROM ${relation} LIMIT ${Math.min(Math.max(rows, FEWEST_SAMPLE_ROWS), MOST_SAMPLE_ROWS)})`;
}

/** The narrowest type of each column that has a value, by its name. */
async function typesOf(
  engine: Engine,
  table: RawRows,
  columns: readonly RawColumn[],
): Promise<Map<string, ColumnType>> {
  const measured = await measure(engine, table, columns);
  return new Map(measured.map(({ column, found }) => [column.name, typeOf(found)]));
}

/** A column with a value that its recorded type does not hold. */
export interface Misfit extends Column {
  /** The type that would hold all of its values. */
  readonly type: ColumnType;
  /** One of the values that do not fit. */
  readonly sample: string;
}

/** The columns of the file with values that do not keep their meaning in the type that `schema` gives them. */
export async function findMisfits(engine: Engine, table: RawRows, schema: Schema): Promise<Misfit[]> {
  const samples = new Map<RawColumn, { sample: string; given: ColumnType }>();
  for (const [given, columns] of columnsToCheck(table, schema)) {
    const found = await ofEachColumn(engine, table, columns, (column) => ({
      aggregates: [`min(${column.text}) AS sample`],
      where: `NOT (${readerOf(given, column).holds})`,
    }));
    for (const { column, found: row } of found) samples.set(column, { sample: String(row['sample']), given });
  }
  const misfits = table.columns.flatMap((raw) => {
    const misfit = samples.get(raw);
    return misfit === undefined ? [] : [{ raw, ...misfit }];
  });
  const measured = await measure(engine, table, [...samples.keys()]);
  const rowOf = new Map(measured.map(({ column, found }) => [column, found]));
  return misfits.map(({ raw, sample, given }) => {
    const found = rowOf.get(raw) ?? {};
    const type = raw.typed?.type ?? (decimalParts(given) === undefined ? typeOf(found) : decimalOf(found));
    return { name: raw.name, sample, type };
  });
}

function measure(engine: Engine, table: RawRows, columns: readonly RawColumn[]): Promise<ColumnFound[]> {
  return ofEachColumn(engine, table, columns, (column) => {
    const digits = decimalDigits(column);
    return {
      aggregates: [
        ...CANDIDATES.map((type) => `bool_and(${readerOf(type, column).holds}) AS ${type}`),
        `${onlyIntegers(column)} AS integers`,
        `${digits.integerDigits} AS digits`,
        `${digits.scale} AS scale`,
      ],
      where: 'true',
    };
  });
}

interface ColumnFound {
  readonly column: RawColumn;
  readonly found: Row;
}

const INDEX = '_igarape_index';

/**
 * Aggregates over the values of each column; a column without a value (that `where` is true of) is left out. The
 * statement has the expressions once and not for each column: there may be thousands.
 */
async function ofEachColumn(
  engine: Engine,
  table: RawRows,
  columns: readonly RawColumn[],
  expressions: (column: RawColumn) => { aggregates: string[]; where: string },
): Promise<ColumnFound[]> {
  const all: ColumnFound[] = [];
  for (const some of alikeColumns(columns, COLUMNS_AT_ONCE)) {
    const [first] = some;
    const { aggregates, where } = expressions(first);
    const rows = await explained(
      table.explain,
      engine.rows(`SELECT ${INDEX}, ${aggregates.join(', ')}
        FROM (SELECT unnest(range(${some.length})) AS ${INDEX}, unnest(${listOf(some)}) AS ${quoteName(first.name)} FROM ${table.relation})
        WHERE ${first.text} IS NOT NULL AND ${where} GROUP BY ${INDEX}`),
    );
    for (const found of rows) {
      const column = some[Number(found[INDEX])];
      if (column !== undefined) all.push({ column, found });
    }
  }
  return all;
}

function typeOf(found: Row): ColumnType {
  const direct = CANDIDATES.find((type) => found[type] === true);
  if (direct !== undefined && !(direct === 'double' && found['integers'] === true)) return direct;
  return found['integers'] === true ? 'text' : decimalOf(found);
}

function decimalOf(found: Row): ColumnType {
  const integerDigits = Number(found['digits'] ?? 99);
  const scale = Number(found['scale'] ?? 99);
  const precision = Math.max(integerDigits + scale, 1);
  return precision <= 38 ? `decimal(${precision},${scale})` : 'text';
}
