import type { Snapshot } from '../../delta/log/snapshot.ts';
import type { HelperTables } from '../../delta/read/relation.ts';
import { sqlTypeOf } from '../../delta/schema/sql-schema.ts';
import type { SqlColumn } from '../../engine/sql-column.ts';
import type { Engine } from '../../engine/engine.ts';
import { quoteName } from '../../engine/quote.ts';
import { printQuery } from '../incremental/print.ts';
import { column, named, result, select } from '../incremental/nodes.ts';
import type { Sums } from '../incremental/plan.ts';
import { type SumsColumn, TOTAL } from '../incremental/sums.ts';

/** True for columns whose sums are exact. */
export function exactColumns({ schema }: Snapshot): (column: string) => boolean {
  const exact = schema.fields.filter(({ type }) => digits(sqlTypeOf(type)) !== undefined);
  const names = new Set(exact.map(({ name }) => name.toLowerCase()));
  return (name) => names.has(name.toLowerCase());
}

/** Groups of a table that changed rows touch. */
export interface ChangedGroups {
  /** The columns that tell them apart. */
  readonly by: readonly string[];
  /** A table of the groups. */
  readonly touched: string;
  /**
   * A table of the rows as they become, with {@link IS_ODD}: what changed rows gave is taken from them, and what they give
   * now is added.
   *
   * @param before SQL of the rows that the table has of the groups; those of others stay as they are.
   */
  readonly become: (before: string) => Promise<string>;
}

/**
 * True in rows of which it is not known what becomes of them: they were not what they should be, others look like them, or
 * a sum may be 0 or null.
 */
export const IS_ODD = '_igarape_is_odd';

/** Undefined where sums are not exact, or the table has less exact ones. @param columns Of the table, in the order of the query's. */
export async function changedGroups(
  engine: Engine,
  plan: Sums,
  columns: readonly SqlColumn[],
  helpers: HelperTables,
): Promise<ChangedGroups | undefined> {
  const described = await engine.describe(`SELECT * FROM ${quoteName(plan.give)}`);
  const known = columns.map(({ name, type }, index): Column => {
    const of = plan.columns[index];
    if (of === undefined) throw new RangeError('A table has the columns of its query.');
    return { of, name: quoteName(name), called: name, type, sumType: described[index]?.type ?? type };
  });
  if (!known.every(isExact)) return undefined;
  const by = known.filter(isGroup).map(({ called }) => called);
  const names = [...known.map(({ name }) => name), TOTAL];
  const [gave, give] = [plan.gave, plan.give].map(
    (step) => `(SELECT * FROM ${quoteName(step)} AS r(${names.join(', ')}))`,
  );
  const list = by.map(quoteName).join(', ');
  const touched = await helpers.createAs(`SELECT ${list} FROM ${gave} UNION SELECT ${list} FROM ${give}`);
  const side = (name: string, from: string, total: string): string => {
    const own = known.flatMap((each) => {
      if (each.of.kind === 'derived') return [];
      return [`CAST(${each.name} AS ${isGroup(each) ? each.type : each.sumType}) AS ${each.name}`];
    });
    return `SELECT '${name}' AS _igarape_side, ${total} AS ${TOTAL}, ${own.join(', ')} FROM ${from}`;
  };
  const sums = known.filter(({ of }) => of.kind === 'sum');
  const rows = sums.find(({ of }) => of.kind === 'sum' && of.isRows);
  if (rows === undefined) throw new RangeError('Groups that sums are added to count their rows.');
  const sides = (before: string): string =>
    [
      // Only a total is there without rows.
      side('stored', `(${before})`, `${rows.name} = 0`),
      side('then', String(gave), TOTAL),
      side('now', String(give), TOTAL),
    ].join(' UNION ALL ');
  const sum = (name: string): string => `sum(CASE _igarape_side WHEN 'then' THEN -${name} ELSE ${name} END)`;
  const times = (of: string, what = '*'): string => `count(${what}) FILTER (_igarape_side = '${of}')`;
  const isKept = `(${sum(rows.name)} > 0 OR coalesce(bool_or(${TOTAL}), false))`;
  const odd = [
    ...['stored', 'then', 'now'].map((each) => `${times(each)} > 1`),
    `${sum(rows.name)} < 0`,
    `${times('then')} > ${times('stored')}`,
    ...sums
      .filter(({ of }) => of.kind === 'sum' && !of.isCount)
      .map(
        ({ name }) =>
          `(${isKept} AND ${times('then', name)} > 0 AND ${times('now', name)} = 0 AND ${sum(name)} = 0)`,
      ),
  ];
  const added = sums.map(({ name, sumType }) => `CAST(${sum(name)} AS ${sumType}) AS ${name}`);
  const typed = known.map(({ of, name, type }) => `CAST(${quoteName(of.name)} AS ${type}) AS ${name}`);
  const become = async (before: string): Promise<string> => {
    const all = await helpers.createAs(
      `SELECT ${[list, ...added].join(', ')}, ${isKept} AS _igarape_is_kept, (${odd.join(' OR ')}) AS ${IS_ODD}
        FROM (${sides(before)}) GROUP BY ${list}`,
    );
    const own = known.map(({ of }) =>
      of.kind === 'derived' ? named(of.expression, of.name) : column('r', of.name),
    );
    const kept = [column('r', '_igarape_is_kept'), column('r', IS_ODD)];
    const derived = await printQuery(engine, select([...own, ...kept], result(all, 'r')));
    return helpers.createAs(
      `SELECT ${typed.join(', ')}, ${IS_ODD} FROM (${derived}) WHERE _igarape_is_kept OR ${IS_ODD}`,
    );
  };
  return { by, touched, become };
}

interface Column {
  readonly of: SumsColumn;
  /** SQL of its name in the table. */
  readonly name: string;
  readonly called: string;
  readonly type: string;
  /** The type that sums are added in. */
  readonly sumType: string;
}

function isGroup({ of }: Column): boolean {
  return of.kind === 'group';
}

function isExact({ of, type, sumType }: Column): boolean {
  if (of.kind !== 'sum' || of.isCount) return true;
  const [own, stored] = [digits(sumType), digits(type)];
  return own !== undefined && stored !== undefined && own <= stored;
}

const INTEGER = /^U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER)?$/;

/** How many digits a number has after its point; undefined for numbers that are rounded, and other types. */
function digits(type: string): number | undefined {
  if (INTEGER.test(type)) return 0;
  const scale = /^DECIMAL\(\d+,\s*(\d+)\)$/.exec(type)?.[1];
  return scale === undefined ? undefined : Number(scale);
}
