import type { HelperTables } from '../../delta/read/relation.ts';
import type { Snapshot } from '../../delta/log/snapshot.ts';
import { quoteName } from '../../engine/quote.ts';
import { AddedSums, exactColumns, IS_ODD } from './add-sums.ts';
import { costOf } from './cost.ts';
import { engineComplaint, notFollowed } from './model-error.ts';
import { stepPrefix } from './then-and-now.ts';
import { describeReasons } from './understand.ts';
import { COMPUTED_FOR, DATES, PAIRS } from '../incremental/dated.ts';
import { valueName } from '../incremental/nodes.ts';
import type { Plan, Sums } from '../incremental/plan.ts';
import { isLostFeed } from '../net-changes.ts';
import type { Cost } from '../report.ts';
import { computeInto } from './compute-dates.ts';
import { type Cube, DATE_COLUMN } from './cube.ts';
import { type CubeDates, datesBefore, datesNow, datesOf, vanishedDates } from './cube-dates.ts';
import { type CubeRows, emptyCubeRows } from './cube-rows.ts';
import { isOneOf, seenPairs } from './dates.ts';

export type UpdatedDates =
  | ({
      readonly kind: 'computed';
      readonly rows: CubeRows;
      /** Those of the dates that were computed by adding to the rows that the table has, and taking from them. */
      readonly added: ReadonlySet<string>;
      readonly cost: Cost | undefined;
    } & CubeDates)
  /** All dates have to be computed: why. */
  | { readonly kind: 'rebuild'; readonly reason: string };

/**
 * Computes the dates whose rows may have changed since a table was made, and those that have come with a newer row: as
 * a whole, or from the rows that the table has of them and those that changes move.
 *
 * @param target The table as it is.
 */
export async function updateDates(
  cube: Cube,
  target: Snapshot,
  helpers: HelperTables,
): Promise<UpdatedDates> {
  try {
    const lost = await cube.rows.readChanges();
    if (lost !== undefined) return { kind: 'rebuild', reason: lost };
    return await new DatesUpdate(cube, target, helpers).run();
  } catch (error) {
    return { kind: 'rebuild', reason: notFollowed(error) };
  }
}

class DatesUpdate {
  readonly #cube: Cube;
  readonly #target: Snapshot;
  readonly #helpers: HelperTables;

  constructor(cube: Cube, target: Snapshot, helpers: HelperTables) {
    this.#cube = cube;
    this.#target = target;
    this.#helpers = helpers;
  }

  async run(): Promise<UpdatedDates> {
    const cube = this.#cube;
    const { all, fresh } = await this.#lookAtChanges();
    const vanished = await vanishedDates(cube, all, this.#target);
    const byDates = this.#plan(false);
    if (byDates.kind === 'whole')
      return { kind: 'rebuild', reason: describeReasons(cube.model, byDates.reasons) };
    const rows = await emptyCubeRows(cube, this.#helpers);
    const bySums = this.#plan(true);
    const summed = bySums.kind === 'sums' ? await this.#added(bySums, rows) : undefined;
    const { touched, added } = summed ?? {
      touched: await this.#values(byDates),
      added: new Set<string>(),
    };
    const left = [...touched.filter((date) => !added.has(date)), ...fresh];
    await computeInto(cube, left, rows);
    const { steps } = summed === undefined || bySums.kind !== 'sums' ? { steps: [], ...byDates } : bySums;
    const { changedRows } = cube.rows;
    const cost = await costOf(steps, cube.understood.incremental.query, cube.sources, changedRows);
    return { kind: 'computed', rows, compute: [...touched, ...fresh], added, vanished, cost };
  }

  /** Shows the core the dates that there were and are, and what they see; all dates that there are, and the new ones. */
  async #lookAtChanges(): Promise<{ readonly all: readonly string[]; readonly fresh: readonly string[] }> {
    const { rows, dates, days: readDays } = this.#cube;
    const own = rows.changesOf(dates.source);
    const now = await this.#helpers.createAs(await datesNow(this.#cube));
    const before = await this.#helpers.createAs(await datesBefore(this.#cube, own));
    const stayed = await this.#helpers.createAs(`FROM ${now} INTERSECT FROM ${before}`);
    const { dayOf, windowDays } = dates;
    const moved = own && `SELECT ${dayOf} AS day FROM ${own} WHERE isfinite(${dayOf})`;
    const days = [`SELECT day FROM ${await readDays()}`, ...(moved === undefined ? [] : [moved])];
    const pairs = await this.#helpers.createAs(seenPairs(`FROM ${stayed}`, days.join(' UNION '), windowDays));
    await rows.stands(DATES.source, stayed);
    await rows.stands(PAIRS.source, pairs);
    if (moved !== undefined && rows.changed.size === 1) {
      // No other rows go into dates that have changed.
      const [range = {}] = await this.#cube.tables.edge.engine.rows(
        `SELECT CAST(min(day) - ${windowDays - 1} AS VARCHAR) AS first, CAST(max(day) + ${windowDays - 1} AS VARCHAR) AS last FROM (${moved})`,
      );
      const { first, last } = range;
      if (typeof first === 'string' && typeof last === 'string')
        await rows.look(dates.source, dates.between(`DATE '${first}'`, `DATE '${last}'`));
    }
    const all = await datesOf(this.#cube, `FROM ${now}`);
    return { all, fresh: await datesOf(this.#cube, `FROM ${now} EXCEPT FROM ${before}`) };
  }

  #plan(bySums: boolean): Plan {
    const { understood, rows } = this.#cube;
    return understood.incremental.plan({
      key: [],
      changed: rows.changed,
      isOneToOne: false,
      isExact: exactColumns(this.#target),
      prefix: stepPrefix(),
      bySums,
    });
  }

  async #values(plan: Plan): Promise<readonly string[]> {
    if (plan.kind !== 'dates') return [];
    await this.#cube.rows.run(plan.steps, [plan.values]);
    return datesOf(this.#cube, `SELECT ${valueName(0)} AS dt_ref FROM ${quoteName(plan.values)}`);
  }

  /** Adds to groups of the table, and takes from them; undefined where it is quicker, or necessary, to compute dates as a whole. */
  async #added(plan: Sums, into: CubeRows): Promise<Touched | undefined> {
    const { tables, model, rows, columns } = this.#cube;
    const { engine } = tables.edge;
    const known = plan.rows.filter((step) => plan.steps.some(({ name }) => name === step));
    try {
      await rows.run(plan.steps, known);
      if (await this.#isMost(plan, known)) return undefined;
      await rows.run(plan.steps, [plan.gave, plan.give]);
    } catch (error) {
      // Files of versions before may have been vacuumed, and the SELECT may not fit what the tables were then.
      if (isLostFeed(error) || engineComplaint(error) !== undefined) return undefined;
      throw error;
    }
    const sums = await AddedSums.of(engine, plan, [...columns, { name: COMPUTED_FOR, type: 'DATE' }]);
    if (sums === undefined) return undefined;
    const groups = await this.#helpers.createAs(sums.touched);
    const touched = await datesOf(this.#cube, `SELECT ${COMPUTED_FOR} AS dt_ref FROM ${groups}`);
    const delta = await tables.require(model);
    await using stored = await delta.read({
      at: this.#target.version,
      where: isOneOf(DATE_COLUMN, touched),
    });
    const list = columns.map(({ name }) => quoteName(name));
    const before = `SELECT ${[...list, `${DATE_COLUMN} AS ${COMPUTED_FOR}`].join(', ')} FROM (${stored.sql})`;
    const added = await this.#helpers.createAs(await sums.added(before, this.#helpers));
    const odd = await datesOf(this.#cube, `SELECT ${COMPUTED_FOR} AS dt_ref FROM ${added} WHERE ${IS_ODD}`);
    await engine.run(
      `INSERT INTO ${into.table} SELECT * EXCLUDE (${IS_ODD}) FROM ${added} WHERE NOT (${isOneOf(COMPUTED_FOR, odd)})`,
    );
    const isOdd = new Set(odd);
    return { touched, added: new Set(touched.filter((date) => !isOdd.has(date))) };
  }

  /** True where so many rows move that it is quicker to compute dates as a whole. */
  async #isMost(plan: Sums, known: readonly string[]): Promise<boolean> {
    const { tables, days } = this.#cube;
    // What has come and gone alone is little.
    if (known.length === 0) return false;
    const count = known.map((step) => `(SELECT count(*) FROM ${quoteName(step)})`).join(' + ');
    const pairs = `igarape_now.${quoteName(PAIRS.source)}`;
    const seen = `SELECT sum(d.n) FROM ${await days()} AS d ${plan.isOfSource ? 'SEMI ' : ''}JOIN ${pairs} USING (day)`;
    const [row] = await tables.edge.engine.rows(
      `SELECT (${count}) > greatest((${seen}) / 2, ${FEW_ROWS}) AS is_most`,
    );
    return row?.['is_most'] === true;
  }
}

interface Touched {
  readonly touched: readonly string[];
  /** Those that are computed already. */
  readonly added: ReadonlySet<string>;
}

/** So few rows are added and taken away as quickly as anything. */
const FEW_ROWS = 100_000;
