import type { Snapshot } from '../../delta/log/snapshot.ts';
import { quoteName } from '../../engine/quote.ts';
import { changedGroups, IS_ODD } from './add-sums.ts';
import { engineComplaint } from './model-error.ts';
import { COMPUTED_FOR, DATES, PAIRS } from '../incremental/dated.ts';
import { valueName } from '../incremental/nodes.ts';
import type { Plan, Sums } from '../incremental/plan.ts';
import { isLostFeed } from '../net-changes.ts';
import { computeInto } from './compute-dates.ts';
import { type Cube, DATE_COLUMN } from './cube.ts';
import { datesBefore, datesNow, datesOf, storedDates } from './cube-dates.ts';
import { type CubeRows, emptyCubeRows } from './cube-rows.ts';
import { isOneOf, seenPairs } from './dates.ts';

export interface UpdatedDates {
  readonly rows: CubeRows;
  /** The dates whose rows they are. */
  readonly compute: readonly string[];
  /** Those that the table has, and that there are no more. */
  readonly vanished: readonly string[];
  /** Those of the dates that were computed by adding to the rows that the table has, and taking from them. */
  readonly added: ReadonlySet<string>;
  /** What they were found by. */
  readonly followed: Following;
}

/** A plan that changes are followed by. */
export type Following = Exclude<Plan, { kind: 'whole' }>;

/**
 * Computes the dates whose rows may have changed since a table was made, and those that have come with a newer row: as
 * a whole, or from the rows that the table has of them and those that changes move.
 *
 * @param target The table as it is.
 */
export async function updateDates(cube: Cube, target: Snapshot, plan: Following): Promise<UpdatedDates> {
  const { all, fresh } = await lookAtChanges(cube);
  const vanished = (await storedDates(cube, target)).filter((date) => !all.has(date));
  const rows = await emptyCubeRows(cube, cube.rows.helpers);
  const summed = plan.kind === 'sums' ? await addToDates(cube, target, plan, rows) : undefined;
  const followed = plan.kind === 'sums' && summed === undefined ? (plan.instead ?? plan) : plan;
  const touched = summed?.touched ?? (await touchedDates(cube, followed));
  const added = summed?.added ?? new Set<string>();
  await computeInto(cube, [...touched.filter((date) => !added.has(date)), ...fresh], rows);
  return { rows, compute: [...touched, ...fresh], added, vanished, followed };
}

/** Shows the core the dates that there were and are, and what they see; all dates that there are, and the new ones. */
async function lookAtChanges(
  cube: Cube,
): Promise<{ readonly all: ReadonlySet<string>; readonly fresh: readonly string[] }> {
  const { rows, dates, tables } = cube;
  const own = rows.changesOf(dates.source);
  const now = await rows.helpers.createAs(await datesNow(cube));
  const before = await rows.helpers.createAs(await datesBefore(cube, own));
  const stayed = await rows.helpers.createAs(`FROM ${now} INTERSECT FROM ${before}`);
  const { dayOf, windowDays } = dates;
  const moved = own && `SELECT ${dayOf} AS day FROM ${own} WHERE isfinite(${dayOf})`;
  const days = [`SELECT day FROM ${await cube.days()}`, ...(moved === undefined ? [] : [moved])];
  const pairs = await rows.helpers.createAs(seenPairs(`FROM ${stayed}`, days.join(' UNION '), windowDays));
  await rows.stands(DATES.source, stayed);
  await rows.stands(PAIRS.source, pairs);
  if (moved !== undefined && rows.changed.size === 1) {
    // No other rows go into dates that have changed.
    const [range = {}] = await tables.edge.engine.rows(
      `SELECT CAST(min(day) - ${windowDays - 1} AS VARCHAR) AS first, CAST(max(day) + ${windowDays - 1} AS VARCHAR) AS last FROM (${moved})`,
    );
    const { first, last } = range;
    if (typeof first === 'string' && typeof last === 'string')
      await rows.look(dates.source, dates.between(`DATE '${first}'`, `DATE '${last}'`));
  }
  const all = new Set(await datesOf(cube, `FROM ${now}`));
  return { all, fresh: await datesOf(cube, `FROM ${now} EXCEPT FROM ${before}`) };
}

async function touchedDates(cube: Cube, plan: Following): Promise<readonly string[]> {
  if (plan.kind !== 'dates') return [];
  await cube.rows.run(plan.steps, [plan.values]);
  return datesOf(cube, `SELECT ${valueName(0)} AS dt_ref FROM ${quoteName(plan.values)}`);
}

/** Adds to groups of the table, and takes from them; undefined where it is quicker, or necessary, to compute dates as a whole. */
async function addToDates(
  cube: Cube,
  target: Snapshot,
  plan: Sums,
  into: CubeRows,
): Promise<(Pick<UpdatedDates, 'added'> & { readonly touched: readonly string[] }) | undefined> {
  const { tables, model, rows, columns } = cube;
  const { engine } = tables.edge;
  const known = plan.rows.filter((step) => plan.steps.some(({ name }) => name === step));
  try {
    await rows.run(plan.steps, known);
    if (await isMost(cube, plan, known)) return undefined;
    await rows.run(plan.steps, [plan.gave, plan.give]);
  } catch (error) {
    // Files of versions before may have been vacuumed, and the SELECT may not fit what the tables were then.
    if (isLostFeed(error) || engineComplaint(error) !== undefined) return undefined;
    throw error;
  }
  const all = [...columns, { name: COMPUTED_FOR, type: 'DATE' }];
  const groups = await changedGroups(engine, plan, all, rows.helpers);
  if (groups === undefined) return undefined;
  const touched = await datesOf(cube, `SELECT ${COMPUTED_FOR} AS dt_ref FROM ${groups.touched}`);
  const delta = await tables.require(model);
  await using stored = await delta.read({ at: target.version, where: isOneOf(DATE_COLUMN, touched) });
  const list = [...columns.map(({ name }) => quoteName(name)), `${DATE_COLUMN} AS ${COMPUTED_FOR}`];
  const become = await groups.become(`SELECT ${list.join(', ')} FROM (${stored.sql})`);
  const odd = await datesOf(cube, `SELECT ${COMPUTED_FOR} AS dt_ref FROM ${become} WHERE ${IS_ODD}`);
  await engine.run(
    `INSERT INTO ${into.table} SELECT * EXCLUDE (${IS_ODD}) FROM ${become} WHERE NOT (${isOneOf(COMPUTED_FOR, odd)})`,
  );
  return { touched, added: new Set(touched.filter((date) => !odd.includes(date))) };
}

/** True where so many rows move that it is quicker to compute dates as a whole. */
async function isMost({ tables, days }: Cube, plan: Sums, known: readonly string[]): Promise<boolean> {
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

/** So few rows are added and taken away as quickly as anything. */
const FEW_ROWS = 100_000;
