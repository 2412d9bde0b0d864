import { IgarapeError } from '../../core/errors.ts';
import type { Snapshot } from '../../delta/log/snapshot.ts';
import { HelperTables } from '../../delta/read/relation.ts';
import { nullColumn } from '../../delta/schema/sql-schema.ts';
import { schemaOf } from '../../delta/write/row-source.ts';
import { quoteName } from '../../engine/quote.ts';
import { valueName } from '../incremental/nodes.ts';
import type { Follow, Replace } from '../incremental/plan.ts';
import type { LayerTables } from '../layer-tables.ts';
import type { Model } from '../models/model.ts';
import { type Cost, heldReport, type LayerReport, mergedReport, withCost, withSpark } from '../report.ts';
import { addSums, exactColumns } from './add-sums.ts';
import { check } from './checked.ts';
import { costOf, dearer, isCheap } from './cost.ts';
import { haveSameColumns } from './columns-alike.ts';
import { checkKeys, keyColumns } from './keys.ts';
import { ACT, ACTS, mergeRows } from './merge-rows.ts';
import { notFollowed, OTHER_COLUMNS } from './model-error.ts';
import { appliedVersions, isOneToOne, ONE_TO_ONE_PROPERTY } from './notes.ts';
import { OnSpark } from '../../spark/on-spark.ts';
import type { Source } from './sources.ts';
import { stepPrefix, ThenAndNow } from './then-and-now.ts';
import { describeReasons, type Understood } from './understand.ts';

/** What an update goes by. */
export interface UpdateInput {
  readonly model: Model;
  /** The table as it is. */
  readonly target: Snapshot;
  readonly sources: readonly Source[];
  readonly understood: Understood;
}

export type Updated =
  | { readonly kind: 'done'; readonly report: LayerReport }
  /** It has to be made as a whole: why. */
  | { readonly kind: 'rebuild'; readonly reason: string };

/**
 * Computes the rows again that the sources' changes touch, and merges those that are others now, in one commit. Where a
 * table is one to one with its source, they follow from the changes alone, unless it turns out to be so no longer.
 */
export async function update(tables: LayerTables, input: UpdateInput): Promise<Updated> {
  const followed = isOneToOne(input.target) ? await updateBy(tables, input, true) : undefined;
  const updated = followed ?? (await updateBy(tables, input, false));
  if (updated === undefined) throw new RangeError('Rows of the sources follow from these.');
  return updated;
}

/** Resolves undefined where rows do not follow from changes alone, for the table is not one to one with its source. */
async function updateBy(
  tables: LayerTables,
  input: UpdateInput,
  mayFollow: boolean,
): Promise<Updated | undefined> {
  const helpers = new HelperTables(tables.edge.engine);
  const { cluster } = tables.edge;
  await using spark = cluster && new OnSpark(tables.sparkEdge(input.model), cluster);
  await using rows = new ThenAndNow(tables, input.sources, input.understood.columns, helpers, spark);
  try {
    const computed = await compute(tables, input, rows, mayFollow, helpers);
    if (computed.kind === 'rebuild') return computed;
    const report = await merge(tables, input, computed, helpers);
    const cost = computed.kind === 'unchanged' ? undefined : computed.cost;
    return report && { kind: 'done', report: withSpark(withCost(report, cost), spark, rows.refused) };
  } catch (error) {
    const isKnownKey = error instanceof IgarapeError && error.code === 'DELTA_AMBIGUOUS';
    if (!mayFollow || !isKnownKey) throw error;
    return undefined;
  } finally {
    await helpers.drop();
  }
}

/** Nothing changed that matters. */
interface Same {
  readonly kind: 'unchanged';
}

type Costing<T> = T & { readonly cost: Cost | undefined };

async function compute(
  tables: LayerTables,
  { model, target, sources, understood }: UpdateInput,
  rows: ThenAndNow,
  mayFollow: boolean,
  helpers: HelperTables,
): Promise<Same | Costing<Replace | Follow> | Extract<Updated, { kind: 'rebuild' }>> {
  const { engine } = tables.edge;
  const lost = await rows.readChanges();
  if (lost !== undefined) return { kind: 'rebuild', reason: lost };
  const names = target.schema.fields.map(({ name }) => name);
  const plan = understood.incremental.plan({
    key: keyColumns(model, names),
    changed: rows.changed,
    isOneToOne: mayFollow,
    isExact: exactColumns(target),
    prefix: stepPrefix(),
  });
  if (plan.kind === 'whole') return { kind: 'rebuild', reason: describeReasons(model, plan.reasons) };
  if (plan.kind === 'unchanged') return plan;
  if (plan.kind === 'dates') throw new RangeError('A table without dates is brought up to date by its rows.');
  const cost = await costOf(plan.steps, understood.incremental.query, sources, rows.changedRows);
  const tooDear = cost && (await dearer(cost, model, target));
  if (tooDear !== undefined) return { kind: 'rebuild', reason: tooDear };
  try {
    if (plan.kind === 'sums') {
      await rows.run(plan.steps, [plan.gave, plan.give]);
      await using before = await (await tables.require(model)).read({ at: target.version });
      const added = await addSums(engine, plan, target.schema, before.sql, helpers);
      return added === undefined ? { kind: 'rebuild', reason: UNKNOWN_SUM } : { ...added, cost };
    }
    const touched = plan.kind === 'replace' ? plan.values : plan.gone;
    await rows.run(plan.steps, [touched]);
    const isDear = cost === undefined || !isCheap(cost, model);
    if (isDear && (await isMost(tables, model, target, touchedRows(plan, keyColumns(model, names)))))
      return { kind: 'rebuild', reason: 'most of its rows may have changed' };
    await rows.run(plan.steps, [plan.rows]);
    const schema = await schemaOf(engine, rowsOf(plan, names));
    return haveSameColumns(schema, target.schema)
      ? { ...plan, cost }
      : { kind: 'rebuild', reason: OTHER_COLUMNS };
  } catch (error) {
    return { kind: 'rebuild', reason: notFollowed(error) };
  }
}

const UNKNOWN_SUM = 'of a group of it the changes do not tell whether a sum is 0 or null';

/** A SELECT of the rows that a plan gives, in the columns of the table. */
function rowsOf({ rows }: Replace | Follow, names: readonly string[]): string {
  return `SELECT * FROM ${quoteName(rows)} AS r(${names.map(quoteName).join(', ')})`;
}

/** Resolves undefined where rows that follow from changes show that the table is not one to one with its source. */
async function merge(
  tables: LayerTables,
  { model, target, sources }: UpdateInput,
  plan: Same | Replace | Follow,
  helpers: HelperTables,
): Promise<LayerReport | undefined> {
  const { engine } = tables.edge;
  const delta = await tables.require(model);
  const names = target.schema.fields.map(({ name }) => name);
  const key = keyColumns(model, names);
  const notes = { ...appliedVersions(sources), ifVersion: target.version };
  const none = `SELECT ${target.schema.fields.map(nullColumn).join(', ')} WHERE false`;
  if (plan.kind === 'unchanged') {
    const nothing = `SELECT *, ${ACTS.set} AS ${ACT} FROM (${none})`;
    return mergedReport('updated', await mergeRows(delta, nothing, key, notes));
  }
  const given = rowsOf(plan, names);
  const isFollowed = plan.kind === 'follow';
  const rows = isFollowed
    ? given
    : `SELECT * FROM ${await helpers.createAs(`SELECT DISTINCT * FROM (${given})`)}`;
  const touched = touchedRows(plan, key);
  // Where keys tell all, and there is no check, nobody looks at the rows that the table has.
  await using stored =
    touched.isByKey && model.header.checks.length === 0
      ? undefined
      : await delta.read({ at: target.version });
  const before = stored?.sql ?? none;
  const sameKey = key.map((name) => `r.${quoteName(name)} = n.${quoteName(name)}`).join(' AND ');
  // Rows that stay may have the key of one that has come, where the key is not all that these are looked for by.
  const clashing = `SELECT r.* FROM (${before}) AS r SEMI JOIN (${rows}) AS n ON ${sameKey} ANTI JOIN ${touched.from} ON ${touched.on}`;
  const kept = await checkKeys(
    engine,
    touched.isByKey ? rows : `${rows} UNION ALL BY NAME ${clashing}`,
    { key, mayBeNull: false },
    helpers,
  );
  if (isFollowed && !(kept.kind === 'kept' && kept.isSet)) return undefined;
  if (kept.kind === 'broken') return heldReport(target.version, kept.reason);
  const all = `SELECT r.* FROM (${before}) AS r ANTI JOIN ${touched.from} ON ${touched.on} UNION ALL BY NAME ${rows}`;
  const checked = await check(tables, model, { all, changed: rows }, sources);
  if (checked.isHeld) return heldReport(target.version, checked.reason ?? '');
  const list = key.map(quoteName).join(', ');
  const gone = touched.isByKey
    ? `SELECT ${key.map((name, index) => `${valueName(index)} AS ${quoteName(name)}`).join(', ')} FROM ${touched.from}`
    : `SELECT ${list} FROM (${before}) AS r SEMI JOIN ${touched.from} ON ${touched.on}`;
  const source = [
    `SELECT *, ${ACTS.set} AS ${ACT} FROM (${rows})`,
    `SELECT r.*, ${ACTS.drop} AS ${ACT} FROM (${gone}) AS r ANTI JOIN (${rows}) AS n ON ${sameKey}`,
    ...(isFollowed
      ? [`SELECT r.*, ${ACTS.isNew} AS ${ACT} FROM (${rows}) AS r ANTI JOIN ${touched.from} ON ${touched.on}`]
      : []),
  ];
  // Rows that are computed from the source may each be of several of its rows.
  const isOver = !isFollowed && isOneToOne(target);
  const result = await mergeRows(delta, source.join(' UNION ALL BY NAME '), key, {
    ...notes,
    ...(isOver ? { configuration: { [ONE_TO_ONE_PROPERTY]: 'false' } } : {}),
  });
  return mergedReport('updated', result, checked.reason);
}

interface TouchedRows {
  /** A table of values, as `k`. */
  readonly from: string;
  /** Whether a row `r` has such values. */
  readonly on: string;
  /** The columns that have them. */
  readonly by: readonly string[];
  /** True where the values are keys. */
  readonly isByKey: boolean;
}

function touchedRows(plan: Replace | Follow, key: readonly string[]): TouchedRows {
  const [by, values] = plan.kind === 'replace' ? [plan.by, plan.values] : [key, plan.gone];
  const on = by.map((name, index) => `r.${quoteName(name)} IS NOT DISTINCT FROM k.${valueName(index)}`);
  const isByKey = by.length === key.length && by.every((name, index) => name === key[index]);
  return { from: `${quoteName(values)} AS k`, on: on.join(' AND '), by, isByKey };
}

/** True where so many of a table's rows are touched that it is quicker to make it as a whole. */
async function isMost(
  tables: LayerTables,
  model: Model,
  target: Snapshot,
  { from, on, by, isByKey }: TouchedRows,
): Promise<boolean> {
  const delta = await tables.require(model);
  await using stored = isByKey ? undefined : await delta.read({ at: target.version, columns: by });
  const touched = stored === undefined ? from : `(${stored.sql}) AS r SEMI JOIN ${from} ON ${on}`;
  const [row] = await tables.edge.engine.rows(`SELECT count(*) AS n FROM ${touched}`);
  return Number(row?.['n'] ?? 0) > ((await target.countRows()) ?? Infinity) / 2;
}
