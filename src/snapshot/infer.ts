import type { Column, ColumnType } from '../core/schema.ts';
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
  try {
    const [row] = await engine.rows(`SELECT ${aggregates.join(', ')} FROM ${table.relation}`);
    return row ?? {};
  } catch (error) {
    throw table.explain(error);
  }
}

function typeOf(found: Row, index: number): ColumnType {
  const direct = CANDIDATES.find((type) => found[`${type}_${index}`] === true);
  if (direct !== undefined && !(direct === 'double' && found[`integers_${index}`] === true)) return direct;
  if (found[`integers_${index}`] === true) return 'text';
  const integerDigits = Number(found[`digits_${index}`] ?? 99);
  const scale = Number(found[`scale_${index}`] ?? 99);
  const precision = Math.max(integerDigits + scale, 1);
  return precision <= 38 ? `decimal(${precision},${scale})` : 'text';
}
