import { sameName } from '../../core/schema.ts';
import type { HelperTables } from '../../delta/read/relation.ts';
import type { Snapshot } from '../../delta/log/snapshot.ts';
import type { Engine } from '../../engine/engine.ts';
import { quoteName } from '../../engine/quote.ts';
import { parseSql, printSql } from '../../engine/sql-tree.ts';
import { type AdditiveCube, type AdditiveItem, sumName } from './additive-shape.ts';
import { type Cube, DATE_COLUMN } from './cube.ts';
import type { CubeRows } from './cube-rows.ts';
import { isOneOf } from './dates.ts';
import { list, queryOf, withQuery } from './sql-parts.ts';

/** What some rows of the date source give of an additive cube. */
export interface Parts {
  /** A table with the date, the items of the cube in their order, and whether a row is a total. */
  readonly table: string;
  /** The types of the items. */
  readonly types: readonly string[];
}

export interface Sides {
  /** The gold table as it is. */
  readonly stored: Snapshot;
  readonly before: Parts;
  readonly now: Parts;
}

/** True where sums can be added and taken away without loss, and become what the SELECT makes of them. */
export function haveExactSums(cube: Cube, { items }: AdditiveCube, { types }: Parts): boolean {
  return items.every(({ kind }, index) => {
    if (kind !== 'sum') return true;
    const [sum, column] = [digits(types[index] ?? ''), digits(cube.columns[index]?.type ?? '')];
    return sum !== undefined && column !== undefined && sum <= column;
  });
}

const INTEGER = /^U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER)?$/;

/** How many digits a number has after its point; undefined for numbers that are rounded, and other types. */
function digits(type: string): number | undefined {
  if (INTEGER.test(type)) return 0;
  const scale = /^DECIMAL\(\d+,\s*(\d+)\)$/.exec(type)?.[1];
  return scale === undefined ? undefined : Number(scale);
}

/** A column of the SELECT, with what it is called among the sides, where it may be a sum or a group. */
interface Column {
  readonly item: AdditiveItem;
  readonly alias: string;
  readonly name: string;
  /** As the gold table has it. */
  readonly storedType: string;
  readonly sumType: string;
  readonly type: string;
}

const DATE = 'igarape_date';
const SIDE = 'igarape_side';
const IS_TOTAL = 'igarape_is_total';
const IS_DOUBTFUL = 'igarape_is_doubtful';

/**
 * Adds to the groups that a table has what rows give now, and takes what they gave before.
 *
 * @param dates Those that the parts are of; the table has each of them.
 * @param into Takes all rows of the dates, but for those that are given back.
 * @returns The dates for which it cannot be told: where groups are alike, the table lacks what was counted, or it is not
 * known whether a sum is 0 or null.
 */
export async function combineSums(
  cube: Cube,
  { items }: AdditiveCube,
  { stored, before, now }: Sides,
  dates: readonly string[],
  into: CubeRows,
  helpers: HelperTables,
): Promise<readonly string[]> {
  const { engine } = cube.tables.edge;
  const delta = await cube.tables.require(cube.model);
  await using rows = await delta.read({ at: stored.version, where: isOneOf(DATE_COLUMN, dates) });
  const columns = cube.columns.map(({ name, type }, index): Column => ({
    item: items[index] ?? { kind: 'group' },
    alias: sumName(index),
    name,
    storedType: rows.columns.find((each) => sameName(each.name, name))?.type ?? type,
    sumType: now.types[index] ?? type,
    type,
  }));
  const sides = [
    // Only a total is there without rows.
    `SELECT 'stored' AS ${SIDE}, ${DATE_COLUMN} AS ${DATE}, ${quoteName(rowsOf(columns).name)} = 0 AS ${IS_TOTAL}${sideColumns(columns, ({ name }) => quoteName(name))} FROM (${rows.sql})`,
    ...Object.entries({ before, now }).map(([side, { table }]) => {
      const names = [DATE, ...columns.map(({ alias }) => alias), IS_TOTAL].join(', ');
      return `SELECT '${side}', ${DATE}, ${IS_TOTAL}${sideColumns(columns, ({ alias }) => alias)} FROM ${table} AS p(${names})`;
    }),
  ];
  const combined = await helpers.createAs(combination(columns, sides.join(' UNION ALL ')));
  const doubtful = `SELECT ${DATE} FROM ${combined} WHERE ${IS_DOUBTFUL}`;
  const kept = `${rowsOf(columns).alias} > 0 OR ${IS_TOTAL}`;
  const select = await resultOf(
    engine,
    columns,
    `${combined} WHERE (${kept}) AND ${DATE} NOT IN (${doubtful})`,
  );
  await engine.run(`INSERT INTO ${into.table} ${select}`);
  const left = await engine.rows(`SELECT DISTINCT CAST(${DATE} AS VARCHAR) AS date FROM (${doubtful})`);
  return left.map(({ date }) => String(date));
}

function isGroup({ item, name }: Column): boolean {
  return item.kind === 'group' && !sameName(name, DATE_COLUMN);
}

/** SQL: the groups as the gold table has them, and the sums in the types that they are added in. */
function sideColumns(columns: readonly Column[], from: (column: Column) => string): string {
  return columns
    .filter((column) => isGroup(column) || column.item.kind === 'sum')
    .map((column) => {
      const type = isGroup(column) ? column.storedType : column.sumType;
      return `, CAST(${from(column)} AS ${type}) AS ${column.alias}`;
    })
    .join('');
}

/** The column with the number of a group's rows. */
function rowsOf(columns: readonly Column[]): Column {
  const rows = columns.find(({ item }) => item.kind === 'sum' && item.isRows);
  if (rows === undefined) throw new RangeError('An additive cube counts its rows.');
  return rows;
}

/** SQL: each group once, with its sums. */
function combination(columns: readonly Column[], sides: string): string {
  const groups = [DATE, ...columns.filter(isGroup).map(({ alias }) => alias)].join(', ');
  const sums = columns.filter(({ item }) => item.kind === 'sum');
  const sum = (alias: string): string => `sum(CASE ${SIDE} WHEN 'before' THEN -${alias} ELSE ${alias} END)`;
  const times = (side: string, what = '*'): string => `count(${what}) FILTER (${SIDE} = '${side}')`;
  const rows = sum(rowsOf(columns).alias);
  const isKept = `(${rows} > 0 OR bool_or(${IS_TOTAL}))`;
  const doubts = [
    ...['stored', 'before', 'now'].map((side) => `${times(side)} > 1`),
    `${rows} < 0`,
    ...sums
      .filter(({ item }) => item.kind === 'sum' && !item.isCount)
      .map(
        ({ alias }) =>
          `(${isKept} AND ${times('before', alias)} > 0 AND ${times('now', alias)} = 0 AND ${sum(alias)} = 0)`,
      ),
  ];
  return `SELECT ${groups}, coalesce(bool_or(${IS_TOTAL}), false) AS ${IS_TOTAL}, (${doubts.join(' OR ')}) AS ${IS_DOUBTFUL}${sums
    .map(({ alias, sumType }) => `, CAST(${sum(alias)} AS ${sumType}) AS ${alias}`)
    .join('')} FROM (${sides}) GROUP BY ${groups}`;
}

/** SQL: the date, and the SELECT's columns. */
async function resultOf(engine: Engine, columns: readonly Column[], from: string): Promise<string> {
  const values = columns.map((column) => {
    if (column.item.kind === 'derived') return 'NULL';
    return `CAST(${column.item.kind === 'sum' || isGroup(column) ? column.alias : DATE} AS ${column.type})`;
  });
  const parsed = await parseSql(engine, `SELECT ${[DATE, ...values].join(', ')} FROM ${from}`);
  if (parsed.kind === 'refused') throw new RangeError(parsed.reason);
  const select = queryOf(parsed.tree);
  const [date, ...own] = list(select, 'select_list');
  const derived = own.map((value, index) => {
    const item = columns[index]?.item;
    return item?.kind === 'derived' ? item.expression : value;
  });
  return printSql(engine, withQuery(parsed.tree, { ...select, select_list: [date, ...derived] }));
}
