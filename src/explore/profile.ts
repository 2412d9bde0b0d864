import { checkOptions, COUNT, type Kinds, TEXT } from '../core/kinds.ts';
import { isNumberType } from '../core/schema.ts';
import { countRows } from '../engine/count-rows.ts';
import type { SqlColumn } from '../engine/sql-column.ts';
import type { Engine } from '../engine/engine.ts';
import { quoteName } from '../engine/quote.ts';
import { textOrNull } from '../engine/text-rows.ts';
import type { Cell } from './cells.ts';
import type { LakeReader } from './reader.ts';
import { momentOf, openTableAt, type TableAt } from './table-rows.ts';
import { exactName } from './table-page.ts';

export interface TableProfile {
  readonly table: string;
  readonly rows: number;
  /** The columns are told of by so many rows; null where by all. */
  readonly sampled: number | null;
  readonly columns: readonly ColumnProfile[];
}

export interface ColumnProfile {
  readonly name: string;
  readonly type: string;
  readonly nulls: number;
  /** How many different values. */
  readonly distinct: number;
  readonly min: Cell;
  readonly max: Cell;
  /** How many rows lie in each of equal stretches from the least to the greatest number or time; null for others. */
  readonly histogram: readonly number[] | null;
  /** The most frequent values. */
  readonly top: readonly { readonly value: Cell; readonly rows: number }[];
}

const SAMPLE_ROWS = 200_000;
const BINS = 24;
const TOP_VALUES = 5;

/** What is in the columns of a table. @throws IgarapeError as {@link tablePage} */
export async function profile(
  reader: LakeReader,
  request: TableAt,
  signal?: AbortSignal,
): Promise<TableProfile> {
  checkOptions('profile', request, { table: TEXT, at: COUNT } satisfies Kinds<TableAt>, ['table']);
  const { table, at } = request;
  const name = await exactName(reader, table);
  const moment = await momentOf(reader, { table: name, ...(at === undefined ? {} : { at }) });
  return reader.dear(JSON.stringify(['profile', name, moment]), signal, async (engine, tables) => {
    const relation = await openTableAt(reader, engine, tables, { table: name, ...moment.at });
    const rows = await countRows(engine, relation);
    const isSampled = rows > 2 * SAMPLE_ROWS;
    const sample = isSampled ? `USING SAMPLE reservoir(${SAMPLE_ROWS} ROWS) REPEATABLE (1)` : '';
    await engine.run(`CREATE TEMP TABLE igarape_sample AS SELECT * FROM ${relation} ${sample}`);
    const columns: ColumnProfile[] = [];
    for (const column of await engine.describe('SELECT * FROM igarape_sample'))
      columns.push(await profileColumn(engine, column));
    return { table: name, rows, sampled: isSampled ? SAMPLE_ROWS : null, columns };
  });
}

async function profileColumn(engine: Engine, { name, type }: SqlColumn): Promise<ColumnProfile> {
  const column = quoteName(name);
  const [row] = await engine.rows(
    `SELECT count(*) - count(${column}) AS nulls, count(DISTINCT ${column}) AS different,
      CAST(min(${column}) AS VARCHAR) AS least, CAST(max(${column}) AS VARCHAR) AS most FROM igarape_sample`,
  );
  const top = await engine.rows(
    `SELECT CAST(${column} AS VARCHAR) AS v, count(*) AS n FROM igarape_sample WHERE ${column} IS NOT NULL
      GROUP BY ${column} ORDER BY n DESC, v LIMIT ${TOP_VALUES}`,
  );
  return {
    name,
    type,
    nulls: Number(row?.['nulls']),
    distinct: Number(row?.['different']),
    min: textOrNull(row?.['least']),
    max: textOrNull(row?.['most']),
    histogram: await histogramOf(engine, column, type),
    top: top.map(({ v, n }) => ({ value: textOrNull(v), rows: Number(n) })),
  };
}

async function histogramOf(engine: Engine, column: string, type: string): Promise<number[] | null> {
  const number = isNumberType(type)
    ? `CAST(${column} AS DOUBLE)`
    : /^(?:DATE|TIMESTAMP)/.test(type)
      ? `CAST(epoch_us(${column}) AS DOUBLE)`
      : undefined;
  if (number === undefined) return null;
  const rows = await engine.rows(
    `WITH v AS (SELECT ${number} AS x FROM igarape_sample WHERE ${column} IS NOT NULL),
      r AS (SELECT min(x) AS low, max(x) AS high FROM v WHERE isfinite(x))
      SELECT CAST(least(floor((x - low) / (high - low) * ${BINS}), ${BINS - 1}) AS INTEGER) AS bin, count(*) AS n
      FROM v, r WHERE high > low AND isfinite(x) GROUP BY bin`,
  );
  if (rows.length === 0) return null;
  const bins = Array.from({ length: BINS }, () => 0);
  for (const { bin, n } of rows) bins[Number(bin)] = Number(n);
  return bins;
}
