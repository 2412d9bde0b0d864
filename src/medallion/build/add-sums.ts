import type { Snapshot } from '../../delta/log/snapshot.ts';
import type { HelperTables } from '../../delta/read/relation.ts';
import type { StructType } from '../../delta/schema/schema.ts';
import { sqlTypeOf } from '../../delta/schema/sql-schema.ts';
import type { Engine } from '../../engine/engine.ts';
import { quoteName } from '../../engine/quote.ts';
import { printQuery } from '../incremental/print.ts';
import { column, named, result, select, valueName } from '../incremental/nodes.ts';
import type { Replace, Sums } from '../incremental/plan.ts';
import { type SumsColumn, TOTAL } from '../incremental/sums.ts';

/** A column of the table, in the order of the query's. */
export interface TableColumn {
  readonly name: string;
  readonly type: string;
}

/** True for columns whose sums are exact. */
export function exactColumns({ schema }: Snapshot): (column: string) => boolean {
  const exact = schema.fields.filter(({ type }) => digits(sqlTypeOf(type)) !== undefined);
  const names = new Set(exact.map(({ name }) => name.toLowerCase()));
  return (name) => names.has(name.toLowerCase());
}

/** The groups that change, and what they become; undefined where that is not known of one of them. */
export async function addSums(
  engine: Engine,
  plan: Sums,
  { fields }: StructType,
  before: string,
  helpers: HelperTables,
): Promise<Replace | undefined> {
  const columns = fields.map(({ name, type }) => ({ name, type: sqlTypeOf(type) }));
  const sums = await AddedSums.of(engine, plan, columns);
  if (sums === undefined) return undefined;
  const touched = await helpers.createAs(sums.touched);
  const same = sums.groups.map((name) => `r.${quoteName(name)} IS NOT DISTINCT FROM h.${quoteName(name)}`);
  const stored = `SELECT r.* FROM (${before}) AS r SEMI JOIN ${touched} AS h ON ${same.join(' AND ')}`;
  const rows = await helpers.createAs(await sums.added(stored, helpers));
  const [odd] = await engine.rows(`SELECT 1 AS odd FROM ${rows} WHERE ${IS_ODD} LIMIT 1`);
  if (odd !== undefined) return undefined;
  const values = sums.groups.map((name, index) => `${quoteName(name)} AS ${valueName(index)}`);
  return {
    kind: 'replace',
    steps: [],
    by: sums.groups,
    values: await helpers.createAs(`SELECT ${values.join(', ')} FROM ${touched}`),
    rows: await helpers.createAs(`SELECT * EXCLUDE (${IS_ODD}) FROM ${rows}`),
  };
}

/** True in rows of {@link AddedSums} of which it is not known what they should be. */
export const IS_ODD = 'igarape_is_odd';

/** The groups of a table that changed rows touch. */
export class AddedSums {
  readonly #engine: Engine;
  readonly #columns: readonly Column[];
  readonly #sums: Sums;

  private constructor(engine: Engine, sums: Sums, columns: readonly Column[]) {
    this.#engine = engine;
    this.#sums = sums;
    this.#columns = columns;
  }

  /** Undefined where sums are not exact, or the table has less exact ones. */
  static async of(
    engine: Engine,
    sums: Sums,
    columns: readonly TableColumn[],
  ): Promise<AddedSums | undefined> {
    const described = await engine.describe(`SELECT * FROM ${quoteName(sums.give)}`);
    const known = columns.map(({ name, type }, index): Column => {
      const of = sums.columns[index];
      if (of === undefined) throw new RangeError('A table has the columns of its query.');
      return { of, name: quoteName(name), called: name, type, sumType: described[index]?.type ?? type };
    });
    const isExact = known.every(({ of, type, sumType }) => {
      if (of.kind !== 'sum' || of.isCount) return true;
      const [own, stored] = [digits(sumType), digits(type)];
      return own !== undefined && stored !== undefined && own <= stored;
    });
    return isExact ? new AddedSums(engine, sums, known) : undefined;
  }

  /** The names of the columns that tell groups apart. */
  get groups(): readonly string[] {
    return this.#columns.filter(isGroup).map(({ called }) => called);
  }

  /** SQL of the groups. */
  get touched(): string {
    const list = this.groups.map(quoteName).join(', ');
    const of = (step: string): string => `SELECT ${list} FROM ${this.#named(step)}`;
    return `${of(this.#sums.gave)} UNION ${of(this.#sums.give)}`;
  }

  /**
   * SQL of the groups as they become, with {@link IS_ODD}: what changed rows gave is taken from them, and what they give
   * now is added. It is not known what becomes of one where it was not what it should be, others look like it, or a sum
   * may be 0 or null.
   *
   * @param before SQL of the rows that the table has of these groups; those of others stay as they are.
   */
  async added(before: string, helpers: HelperTables): Promise<string> {
    const sums = this.#columns.filter(({ of }) => of.kind === 'sum');
    const rows = sums.find(({ of }) => of.kind === 'sum' && of.isRows);
    if (rows === undefined) throw new RangeError('Groups that sums are added to count their rows.');
    const list = this.groups.map(quoteName).join(', ');
    const side = (name: string, from: string, total: string): string => {
      const own = this.#columns.flatMap((each) => {
        if (each.of.kind === 'derived') return [];
        return [`CAST(${each.name} AS ${isGroup(each) ? each.type : each.sumType}) AS ${each.name}`];
      });
      return `SELECT '${name}' AS igarape_side, ${total} AS ${TOTAL}, ${own.join(', ')} FROM ${from}`;
    };
    const sides = [
      // Only a total is there without rows.
      side('stored', `(${before})`, `${rows.name} = 0`),
      side('then', this.#named(this.#sums.gave), TOTAL),
      side('now', this.#named(this.#sums.give), TOTAL),
    ];
    const sum = (name: string): string => `sum(CASE igarape_side WHEN 'then' THEN -${name} ELSE ${name} END)`;
    const times = (of: string, what = '*'): string => `count(${what}) FILTER (igarape_side = '${of}')`;
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
    const all = await helpers.createAs(
      `SELECT ${[list, ...added].join(', ')}, ${isKept} AS igarape_is_kept, (${odd.join(' OR ')}) AS ${IS_ODD}
        FROM (${sides.join(' UNION ALL ')}) GROUP BY ${list}`,
    );
    const derived = await printQuery(
      this.#engine,
      select(
        [
          ...this.#columns.map(({ of }) =>
            of.kind === 'derived' ? named(of.expression, of.name) : column('r', of.name),
          ),
          column('r', 'igarape_is_kept'),
          column('r', IS_ODD),
        ],
        result(all, 'r'),
      ),
    );
    const typed = this.#columns.map(
      ({ of, name, type }) => `CAST(${quoteName(of.name)} AS ${type}) AS ${name}`,
    );
    return `SELECT ${typed.join(', ')}, ${IS_ODD} FROM (${derived}) WHERE igarape_is_kept OR ${IS_ODD}`;
  }

  #named(step: string): string {
    const names = [...this.#columns.map(({ name }) => name), TOTAL];
    return `(SELECT * FROM ${quoteName(step)} AS r(${names.join(', ')}))`;
  }
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

const INTEGER = /^U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER)?$/;

/** How many digits a number has after its point; undefined for numbers that are rounded, and other types. */
function digits(type: string): number | undefined {
  if (INTEGER.test(type)) return 0;
  const scale = /^DECIMAL\(\d+,\s*(\d+)\)$/.exec(type)?.[1];
  return scale === undefined ? undefined : Number(scale);
}
