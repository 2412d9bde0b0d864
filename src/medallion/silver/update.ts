import { randomUUID } from 'node:crypto';
import { IgarapeError } from '../../core/errors.ts';
import { describeSnapshot } from '../../delta/describe.ts';
import type { Snapshot } from '../../delta/log/snapshot.ts';
import { HelperTables } from '../../delta/read/relation.ts';
import { schemaOf } from '../../delta/write/row-source.ts';
import type { Engine } from '../../engine/engine.ts';
import { quoteName } from '../../engine/quote.ts';
import { valueName } from '../incremental/nodes.ts';
import type { Follow, Replace } from '../incremental/plan.ts';
import type { LayerTables } from '../layer-tables.ts';
import type { Model } from '../models/model.ts';
import { lostChanges } from '../net-changes.ts';
import type { LayerReport } from '../report.ts';
import { addSums, exactColumns } from './add-sums.ts';
import { check } from './checked.ts';
import { haveSameColumns } from './columns-alike.ts';
import { checkKeys, keyColumns } from './keys.ts';
import { ACT, ACTS, mergeRows } from './merge-rows.ts';
import { engineComplaint } from './model-error.ts';
import { appliedVersions, isOneToOne, ONE_TO_ONE_PROPERTY } from './notes.ts';
import { held, mergeReport } from './reports.ts';
import type { Source } from './sources.ts';
import { ThenAndNow } from './then-and-now.ts';
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
  const { engine } = tables.edge;
  await using rows = new ThenAndNow(engine, input.sources, input.understood.columns, helpers);
  try {
    const computed = await compute(tables, input, rows, mayFollow, helpers);
    if (computed.kind === 'rebuild') return computed;
    const report = await merge(tables, input, computed, helpers);
    return report === undefined ? undefined : { kind: 'done', report };
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

async function compute(
  tables: LayerTables,
  { model, target, understood }: UpdateInput,
  rows: ThenAndNow,
  mayFollow: boolean,
  helpers: HelperTables,
): Promise<Same | Replace | Follow | Extract<Updated, { kind: 'rebuild' }>> {
  const { engine } = tables.edge;
  let changed: ReadonlySet<string>;
  try {
    changed = await rows.readChanges();
  } catch (error) {
    return { kind: 'rebuild', reason: `the changes of its sources cannot be read: ${lostChanges(error)}` };
  }
  const names = target.schema.fields.map(({ name }) => name);
  const plan = understood.incremental.plan({
    key: keyColumns(model, names),
    changed,
    isOneToOne: mayFollow,
    isExact: exactColumns(target),
    prefix: `igarape_${randomUUID().replaceAll('-', '').slice(0, 12)}_`,
  });
  if (plan.kind === 'whole') return { kind: 'rebuild', reason: describeReasons(model, plan.reasons) };
  if (plan.kind === 'unchanged') return plan;
  try {
    if (plan.kind === 'sums') {
      await rows.run(plan.steps);
      await using before = await (await tables.require(model)).read({ at: target.version });
      const added = await addSums(engine, plan, target.schema, before.sql, helpers);
      return added ?? { kind: 'rebuild', reason: UNKNOWN_SUM };
    }
    const touched = plan.kind === 'replace' ? plan.values : plan.gone;
    const upTo = plan.steps.findIndex(({ name }) => name === touched) + 1;
    await rows.run(plan.steps.slice(0, upTo));
    if (await isMost(engine, touched, target))
      return { kind: 'rebuild', reason: 'most of its rows may have changed' };
    await rows.run(plan.steps.slice(upTo));
    const schema = await schemaOf(engine, rowsOf(plan, names));
    return haveSameColumns(schema, target.schema)
      ? plan
      : { kind: 'rebuild', reason: 'the columns of its SELECT have changed' };
  } catch (error) {
    // Rows are looked at that a WHERE may leave out, and rows that are no more: only the whole tells what is wrong.
    const complaint = engineComplaint(error);
    if (complaint === undefined)
      return { kind: 'rebuild', reason: `its sources cannot be read as they were: ${lostChanges(error)}` };
    return { kind: 'rebuild', reason: `its changes cannot be computed alone: ${complaint}` };
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
  await using before = await delta.read({ at: target.version });
  if (plan.kind === 'unchanged') {
    const nothing = `SELECT *, ${ACTS.set} AS ${ACT} FROM (${before.sql}) LIMIT 0`;
    return mergeReport('updated', await mergeRows(delta, nothing, key, notes));
  }
  const given = rowsOf(plan, names);
  const isFollowed = plan.kind === 'follow';
  const rows = isFollowed
    ? given
    : `SELECT * FROM ${await helpers.createAs(`SELECT DISTINCT * FROM (${given})`)}`;
  const touched = touchedRows(plan, key);
  const sameKey = key.map((name) => `r.${quoteName(name)} = n.${quoteName(name)}`).join(' AND ');
  // Rows that stay may have the key of one that has come, where the key is not all that these are looked for by.
  const clashing = `SELECT r.* FROM (${before.sql}) AS r SEMI JOIN (${rows}) AS n ON ${sameKey} ANTI JOIN ${touched.from} ON ${touched.on}`;
  const kept = await checkKeys(
    engine,
    touched.isByKey ? rows : `${rows} UNION ALL BY NAME ${clashing}`,
    key,
    helpers,
  );
  if (isFollowed && !(kept.kind === 'kept' && kept.isSet)) return undefined;
  if (kept.kind === 'broken') return held(target.version, kept.reason);
  const all = `SELECT r.* FROM (${before.sql}) AS r ANTI JOIN ${touched.from} ON ${touched.on} UNION ALL BY NAME ${rows}`;
  const checked = await check(tables, model, { all, changed: rows }, sources);
  if (checked.isHeld) return held(target.version, checked.reason ?? '');
  const list = key.map(quoteName).join(', ');
  const gone = touched.isByKey
    ? `SELECT ${key.map((name, index) => `${valueName(index)} AS ${quoteName(name)}`).join(', ')} FROM ${touched.from}`
    : `SELECT ${list} FROM (${before.sql}) AS r SEMI JOIN ${touched.from} ON ${touched.on}`;
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
  return mergeReport('updated', result, checked.reason);
}

interface TouchedRows {
  /** A table of values, as `k`. */
  readonly from: string;
  /** Whether a row `r` has such values. */
  readonly on: string;
  /** True where the values are keys. */
  readonly isByKey: boolean;
}

function touchedRows(plan: Replace | Follow, key: readonly string[]): TouchedRows {
  const [by, values] = plan.kind === 'replace' ? [plan.by, plan.values] : [key, plan.gone];
  const on = by.map((name, index) => `r.${quoteName(name)} IS NOT DISTINCT FROM k.${valueName(index)}`);
  const isByKey = by.length === key.length && by.every((name, index) => name === key[index]);
  return { from: `${quoteName(values)} AS k`, on: on.join(' AND '), isByKey };
}

/** Below so many keys it makes no difference which way is gone. */
const FEW_KEYS = 100_000;

/** True where so many keys are touched that it is quicker to make the table as a whole. */
async function isMost(engine: Engine, touched: string, target: Snapshot): Promise<boolean> {
  const [row] = await engine.rows(`SELECT count(*) AS n FROM ${quoteName(touched)}`);
  const count = Number(row?.['n'] ?? 0);
  return count > FEW_KEYS && count > (describeSnapshot(target).rows ?? 0) / 2;
}
