import { type Column, type ColumnType, decimalParts, sameName, type Schema } from '../core/schema.ts';
import type { Engine, Row } from '../engine/engine.ts';
import { decimalDigits, onlyIntegers, readerOf } from './column-types.ts';
import { explained, type RawColumn, type RawTable } from './raw-table.ts';

/** The types that need no digits to be counted, narrowest first: the first that holds every value is adopted. */
const CANDIDATES = [
  'bigint',
  'boolean',
  'double',
  'date',
  'timestamp',
  'timestamptz',
] as const satisfies ColumnType[];

const SAMPLE_ROWS = 20_000;

/**
 * The narrowest type that keeps the meaning of every value in a sample of the file's first rows, for each column; of a
 * column without a value there, of every value that it has. A column without any value is text, as is one of integers
 * that do not fit in 64 bits.
 *
 * No type that holds all of a column's values is narrower. Reading the file shows whether one is wider: see
 * {@link findMisfits}.
 */
export async function likelyTypes(engine: Engine, table: RawTable): Promise<Column[]> {
  const sample = { ...table, relation: `(SELECT * FROM ${table.relation} LIMIT ${SAMPLE_ROWS})` };
  const untyped = table.columns.filter((column) => column.typed === undefined);
  const sampled = await typesOf(engine, sample, untyped);
  const empty = untyped.filter((_, index) => sampled[index] === undefined);
  const measured = await typesOf(engine, table, empty);
  return table.columns.map((column): Column => {
    const type =
      column.typed?.type ?? sampled[untyped.indexOf(column)] ?? measured[empty.indexOf(column)] ?? 'text';
    return { name: column.name, type };
  });
}

/** The narrowest type of each column, undefined for one without a value. */
async function typesOf(
  engine: Engine,
  table: RawTable,
  columns: readonly RawColumn[],
): Promise<(ColumnType | undefined)[]> {
  if (columns.length === 0) return [];
  const found = await measure(engine, table, columns);
  return columns.map((_, index) => (found[`values_${index}`] === 0n ? undefined : typeOf(found, index)));
}

/** A column with a value that its recorded type does not hold. */
export interface Misfit extends Column {
  /** The type that would hold all of its values. */
  readonly type: ColumnType;
  /** One of the values that do not fit. */
  readonly sample: string;
}

/** The columns of the file with values that do not keep their meaning in the type that `schema` gives them. */
export async function findMisfits(engine: Engine, table: RawTable, schema: Schema): Promise<Misfit[]> {
  const checked = table.columns.flatMap((raw) => {
    const type = schema.find((column) => sameName(column.name, raw.name))?.type;
    return type === undefined || type === 'text' || type === raw.typed?.type ? [] : [{ raw, type }];
  });
  if (checked.length === 0) return [];
  const samples = checked.map(
    ({ raw, type }, index) =>
      `min(${raw.text}) FILTER (${raw.text} IS NOT NULL AND NOT (${readerOf(type, raw).holds})) AS sample_${index}`,
  );
  const [row] = await explained(
    table.explain,
    engine.rows(`SELECT ${samples.join(', ')} FROM ${table.relation}`),
  );
  const misfits = checked.flatMap(({ raw, type }, index) => {
    const sample = row?.[`sample_${index}`];
    return typeof sample === 'string' ? [{ raw, type, sample }] : [];
  });
  const columns = misfits.map(({ raw }) => raw);
  const found = columns.length === 0 ? {} : await measure(engine, table, columns);
  return misfits.map(({ raw, type, sample }, index) => ({
    name: raw.name,
    sample,
    type:
      raw.typed?.type ?? (decimalParts(type) === undefined ? typeOf(found, index) : decimalOf(found, index)),
  }));
}

async function measure(engine: Engine, table: RawTable, columns: readonly RawColumn[]): Promise<Row> {
  const aggregates = columns.flatMap((column, index) => {
    const digits = decimalDigits(column);
    return [
      ...CANDIDATES.map(
        (type) =>
          `bool_and(${readerOf(type, column).holds}) FILTER (${column.text} IS NOT NULL) AS ${type}_${index}`,
      ),
      `count(${column.text}) AS values_${index}`,
      `${onlyIntegers(column)} AS integers_${index}`,
      `${digits.integerDigits} AS digits_${index}`,
      `${digits.scale} AS scale_${index}`,
    ];
  });
  const [row] = await explained(
    table.explain,
    engine.rows(`SELECT ${aggregates.join(', ')} FROM ${table.relation}`),
  );
  return row ?? {};
}

function typeOf(found: Row, index: number): ColumnType {
  const direct = CANDIDATES.find((type) => found[`${type}_${index}`] === true);
  if (direct !== undefined && !(direct === 'double' && found[`integers_${index}`] === true)) return direct;
  return found[`integers_${index}`] === true ? 'text' : decimalOf(found, index);
}

function decimalOf(found: Row, index: number): ColumnType {
  const integerDigits = Number(found[`digits_${index}`] ?? 99);
  const scale = Number(found[`scale_${index}`] ?? 99);
  const precision = Math.max(integerDigits + scale, 1);
  return precision <= 38 ? `decimal(${precision},${scale})` : 'text';
}
