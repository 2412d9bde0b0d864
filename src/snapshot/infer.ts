import { type Column, type ColumnType, decimalParts, sameName, type Schema } from '../core/schema.ts';
import type { Engine, Row } from '../engine/engine.ts';
import { decimalDigits, onlyIntegers, readerOf } from './column-types.ts';
import type { RawColumn, RawTable } from './raw-table.ts';

/** The types that need no digits to be counted, narrowest first: the first that holds every value is adopted. */
const CANDIDATES = ['boolean', 'bigint', 'double', 'date', 'timestamp', 'timestamptz'] as const satisfies ColumnType[];

/**
 * The narrowest type that keeps the meaning of every value of each column, from one pass over all rows. A column
 * without any value is text, as is one of integers that do not fit in 64 bits.
 */
export async function inferTypes(engine: Engine, table: RawTable): Promise<Column[]> {
  const untyped = table.columns.filter((column) => column.typed === undefined);
  const found = untyped.length === 0 ? {} : await measure(engine, table, untyped);
  return table.columns.map((column) => ({
    name: column.name,
    type: column.typed?.type ?? typeOf(found, untyped.indexOf(column)),
  }));
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
  const [row] = await explained(table, engine.rows(`SELECT ${samples.join(', ')} FROM ${table.relation}`));
  const misfits = checked.flatMap(({ raw, type }, index) => {
    const sample = row?.[`sample_${index}`];
    return typeof sample === 'string' ? [{ raw, type, sample }] : [];
  });
  const columns = misfits.map(({ raw }) => raw);
  const found = columns.length === 0 ? {} : await measure(engine, table, columns);
  return misfits.map(({ raw, type, sample }, index) => ({
    name: raw.name,
    sample,
    type: raw.typed?.type ?? (decimalParts(type) === undefined ? typeOf(found, index) : decimalOf(found, index)),
  }));
}

async function explained<T>(table: RawTable, reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    throw table.explain(error);
  }
}

async function measure(engine: Engine, table: RawTable, columns: readonly RawColumn[]): Promise<Row> {
  const aggregates = columns.flatMap((column, index) => {
    const digits = decimalDigits(column);
    return [
      ...CANDIDATES.map((type) => `bool_and(${readerOf(type, column).holds}) FILTER (${column.text} IS NOT NULL) AS ${type}_${index}`),
      `${onlyIntegers(column)} AS integers_${index}`,
      `${digits.integerDigits} AS digits_${index}`,
      `${digits.scale} AS scale_${index}`,
    ];
  });
  const [row] = await explained(table, engine.rows(`SELECT ${aggregates.join(', ')} FROM ${table.relation}`));
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
