import type { Snapshot } from '../../delta/log/snapshot.ts';
import { sqlColumns } from '../../delta/schema/sql-schema.ts';
import { schemaOf } from '../../delta/write/row-source.ts';
import { countRows } from '../../engine/count-rows.ts';
import { quoteName } from '../../engine/quote.ts';
import { valueName } from '../incremental/nodes.ts';
import type { Follow, Plan, Replace, Sums } from '../incremental/plan.ts';
import type { LayerTables } from '../layer-tables.ts';
import type { Model } from '../models/model.ts';
import type { Cost } from '../report.ts';
import { SourceViews } from '../source-views.ts';
import { changedGroups, IS_ODD } from './add-sums.ts';
import { haveSameColumns } from './columns-alike.ts';
import type { Computed } from './commit.ts';
import { costOf, dearer, isCheap } from './cost.ts';
import type { Cube } from './cube.ts';
import { hasSchema } from './cube-rows.ts';
import { type Planned, planOf } from './decide.ts';
import { checkKeys, keyColumns } from './keys.ts';
import { modelSchema, notFollowed, OTHER_COLUMNS } from './model-error.ts';
import { isOneToOne } from './notes.ts';
import type { Source } from './sources.ts';
import type { ThenAndNow } from './then-and-now.ts';
import { type Touched, touchedBy } from './touched.ts';
import { describeReasons, openAsWritten } from './understand.ts';
import { updateDates } from './update-dates.ts';

/** A model's table that follows the changes of its sources. */
export interface Updating extends Planned {
  readonly tables: LayerTables;
  readonly model: Model;
  readonly sources: readonly Source[];
  readonly rows: ThenAndNow;
  /** Of a model with dates. */
  readonly cube: Cube | undefined;
}

/** It has to be made as a whole: why. */
export interface Rebuild {
  readonly kind: 'rebuild';
  readonly reason: string;
}

export type Updated =
  /** The rows that are to be there in place of those that are touched. */
  | { readonly kind: 'computed'; readonly cost: Cost | undefined; readonly rows: UpdatedRows }
  /** Nothing changed that matters. */
  | { readonly kind: 'unchanged' }
  | Rebuild;

export type UpdatedRows = Pick<Computed, 'sql' | 'schema' | 'dates' | 'touched'>;

/**
 * Computes the rows that the sources' changes touch, or the dates that have such. Where a table is one to one with its
 * source, they follow from the changes alone, unless it turns out to be so no longer.
 *
 * @param mayFollow False where it has turned out so.
 */
export async function update(
  updating: Updating,
  mayFollow: boolean = isOneToOne(updating.target),
): Promise<Updated> {
  const { model, target, sources, understood, rows, cube } = updating;
  try {
    const lost = await rows.readChanges();
    if (lost !== undefined) return rebuild(lost);
    const plan = planNow(updating, mayFollow);
    if (plan.kind === 'whole') return rebuild(describeReasons(model, plan.reasons));
    if (cube !== undefined) {
      if (!(await hasSchema(cube, target.schema))) return rebuild(OTHER_COLUMNS);
      const { followed, compute, vanished, rows: found } = await updateDates(cube, target, plan);
      const cost = await costOf(followed, understood, sources, rows.changedRows);
      return { kind: 'computed', rows: { ...found, dates: [...compute, ...vanished] }, cost };
    }
    if (plan.kind === 'unchanged') return plan;
    if (plan.kind === 'dates') throw new RangeError('A table without dates has none to be computed.');
    const cost = await costOf(plan, understood, sources, rows.changedRows);
    const tooDear = cost && (await dearer(cost, model, target));
    if (tooDear !== undefined) return rebuild(tooDear);
    const found =
      plan.kind === 'sums'
        ? await addedRows(updating, plan)
        : await touchedRows(updating, plan, cost !== undefined && isCheap(cost, model));
    if (found === undefined) return await update(updating, false);
    return 'kind' in found ? found : { kind: 'computed', rows: found, cost };
  } catch (error) {
    return rebuild(notFollowed(error));
  }
}

function rebuild(reason: string): Rebuild {
  return { kind: 'rebuild', reason };
}

function planNow(updating: Updating, mayFollow: boolean): Plan {
  const { model, target, changed, plan, rows } = updating;
  const isKnown = mayFollow === isOneToOne(target) && rows.changed.size === changed.size;
  return isKnown ? plan : planOf(updating, model, rows.changed, mayFollow);
}

/** Resolves undefined where rows that follow from changes show that the table is not one to one with its source. */
async function touchedRows(
  updating: Updating,
  plan: Replace | Follow,
  isLittle: boolean,
): Promise<UpdatedRows | Rebuild | undefined> {
  const { tables, model, target, rows } = updating;
  const { engine } = tables.edge;
  const names = target.schema.fields.map(({ name }) => name);
  const key = keyColumns(model, names);
  const [by, values] = plan.kind === 'replace' ? [plan.by, plan.values] : [key, plan.gone];
  const touched = touchedBy(quoteName(values), by, key);
  await rows.run(plan.steps, [values]);
  if (!isLittle && (await isMost(tables, model, target, touched)))
    return rebuild('most of its rows may have changed');
  await rows.run(plan.steps, [plan.rows]);
  const of = `${quoteName(plan.rows)} AS r(${names.map(quoteName).join(', ')})`;
  const isTyped = haveSameColumns(await schemaOf(engine, `SELECT * FROM ${of}`), target.schema);
  if (!isTyped && !(await isStillOf(updating))) return rebuild(OTHER_COLUMNS);
  const { schema } = target;
  const typed = sqlColumns(schema.fields).map(
    ({ name, type }) => `CAST(${quoteName(name)} AS ${type}) AS ${quoteName(name)}`,
  );
  const sql = `SELECT ${isTyped ? '*' : typed.join(', ')} FROM ${of}`;
  if (plan.kind === 'replace') return { sql, schema, touched };
  const kept = await checkKeys(engine, sql, { key, mayBeNull: false }, rows.helpers);
  if (kept.kind === 'broken' || !kept.isSet) return undefined;
  return { sql, schema, touched: { ...touched, isFollowed: true } };
}

/**
 * True where the SELECT has the columns of the table: rows that come of one side of a UNION alone may have types that hold
 * less.
 */
async function isStillOf({ tables, model, sources, target }: Updating): Promise<boolean> {
  await using views = new SourceViews(tables);
  await openAsWritten(views, model, sources);
  return haveSameColumns(await modelSchema(tables.edge.engine, model, model.sql), target.schema);
}

/** True where so many of a table's rows are touched that it is quicker to make it as a whole. */
async function isMost(
  tables: LayerTables,
  model: Model,
  target: Snapshot,
  { from, on, by, isByKey }: Touched,
): Promise<boolean> {
  const delta = await tables.require(model);
  await using stored = isByKey ? undefined : await delta.read({ at: target.version, columns: by });
  const touched = stored === undefined ? from : `(${stored.sql}) AS r SEMI JOIN ${from} ON ${on}`;
  return (await countRows(tables.edge.engine, touched)) > ((await target.countRows()) ?? Infinity) / 2;
}

async function addedRows(
  { tables, model, target, rows }: Updating,
  plan: Sums,
): Promise<UpdatedRows | Rebuild> {
  const { engine } = tables.edge;
  const { schema } = target;
  await rows.run(plan.steps, [plan.gave, plan.give]);
  const columns = sqlColumns(schema.fields);
  const groups = await changedGroups(engine, plan, columns, rows.helpers);
  if (groups === undefined) return rebuild(UNKNOWN_SUM);
  const names = columns.map(({ name }) => name);
  const values = groups.by.map((name, index) => `${quoteName(name)} AS ${valueName(index)}`);
  const from = `(SELECT ${values.join(', ')} FROM ${groups.touched})`;
  const touched = touchedBy(from, groups.by, keyColumns(model, names));
  const delta = await tables.require(model);
  await using stored = await delta.read({ at: target.version });
  const become = await groups.become(
    `SELECT r.* FROM (${stored.sql}) AS r SEMI JOIN ${touched.from} ON ${touched.on}`,
  );
  const [odd] = await engine.rows(`SELECT 1 AS odd FROM ${become} WHERE ${IS_ODD} LIMIT 1`);
  if (odd !== undefined) return rebuild(UNKNOWN_SUM);
  return { sql: `SELECT * EXCLUDE (${IS_ODD}) FROM ${become}`, schema, touched };
}

const UNKNOWN_SUM = 'of a group of it the changes do not tell whether a sum is 0 or null';
