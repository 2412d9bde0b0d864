import { IgarapeError } from '../../core/errors.ts';
import { describeSnapshot } from '../../delta/describe.ts';
import { HelperTables } from '../../delta/read/relation.ts';
import { schemaOf } from '../../delta/write/row-source.ts';
import type { Snapshot } from '../../delta/log/snapshot.ts';
import type { Engine } from '../../engine/engine.ts';
import { quoteName } from '../../engine/quote.ts';
import type { LayerTables } from '../layer-tables.ts';
import type { Model } from '../models/model.ts';
import type { LayerReport } from '../report.ts';
import { affectedKeys, keyName } from './affected-keys.ts';
import { check } from './checked.ts';
import { haveSameColumns } from './columns-alike.ts';
import { checkKeys, keyColumns } from './keys.ts';
import { engineComplaint } from './model-error.ts';
import { lostChanges } from '../net-changes.ts';
import { appliedVersions } from './notes.ts';
import { followChanges, ONE_TO_ONE_PROPERTY } from './one-to-one.ts';
import { recompute } from './recompute.ts';
import { held, mergeReport } from './reports.ts';
import { ACT, ACTS, mergeRows } from './merge-rows.ts';
import type { Incremental } from './shape.ts';
import { SourceRows } from './source-rows.ts';
import type { Source } from './sources.ts';

/** What an update goes by. */
export interface UpdateInput {
  readonly model: Model;
  /** The table as it is. */
  readonly target: Snapshot;
  readonly sources: readonly Source[];
  readonly shape: Incremental;
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
  const followed = isOneToOne(input.target) ? await updateBy(tables, input, 'changes') : undefined;
  const updated = followed ?? (await updateBy(tables, input, 'sources'));
  if (updated === undefined) throw new RangeError('Rows of the sources follow from these.');
  return updated;
}

function isOneToOne({ configuration }: Snapshot): boolean {
  return configuration[ONE_TO_ONE_PROPERTY] === 'true';
}

/** What rows are computed from. */
type Basis = 'changes' | 'sources';

/** Resolves undefined where rows do not follow from the basis, for the table is not one to one with its source. */
async function updateBy(tables: LayerTables, input: UpdateInput, basis: Basis): Promise<Updated | undefined> {
  const helpers = new HelperTables(tables.edge.engine);
  try {
    const touched = await computeTouched(tables, input, basis, helpers);
    if (touched.kind === 'rebuild') return touched;
    const report = await mergeTouched(tables, input, touched, helpers);
    return report === undefined ? undefined : { kind: 'done', report };
  } catch (error) {
    const isKnownKey = error instanceof IgarapeError && error.code === 'DELTA_AMBIGUOUS';
    if (basis === 'sources' || !isKnownKey) throw error;
    return undefined;
  } finally {
    await helpers.drop();
  }
}

interface Touched {
  readonly kind: 'touched';
  /** Undefined where nothing changed that matters. */
  readonly tables: TouchedTables | undefined;
}

interface TouchedTables {
  readonly keys: string;
  /** The rows that the keys have now. */
  readonly rows: string;
  /** Given where they follow from changes: of these, rows whose keys the table must not have yet. */
  readonly fresh?: string;
}

async function computeTouched(
  { edge: { engine } }: LayerTables,
  { target, sources, shape }: UpdateInput,
  basis: Basis,
  helpers: HelperTables,
): Promise<Touched | Extract<Updated, { kind: 'rebuild' }>> {
  await using source = new SourceRows(engine, sources, shape, helpers);
  try {
    await source.readChanges();
  } catch (error) {
    return { kind: 'rebuild', reason: `the changes of its sources cannot be read: ${lostChanges(error)}` };
  }
  try {
    const changes = basis === 'changes' ? source.changesOf(0) : undefined;
    const followed = changes === undefined ? undefined : await followChanges(engine, shape, changes, helpers);
    const keys = followed?.keys ?? (await affectedKeys(engine, shape, source, helpers));
    if (keys === undefined) return { kind: 'touched', tables: undefined };
    if (await isMost(engine, keys, target))
      return { kind: 'rebuild', reason: 'most of its rows may have changed' };
    const found = followed ?? { keys, rows: await recompute(engine, shape, source, keys, helpers) };
    const schema = await schemaOf(engine, `SELECT * FROM ${found.rows}`);
    return haveSameColumns(schema, target.schema)
      ? { kind: 'touched', tables: found }
      : { kind: 'rebuild', reason: 'the columns of its SELECT have changed' };
  } catch (error) {
    // Rows are looked at that a WHERE may leave out, and rows that are no more: only the whole tells what is wrong.
    const complaint = engineComplaint(error);
    if (complaint === undefined) throw error;
    return { kind: 'rebuild', reason: `its changes cannot be computed alone: ${complaint}` };
  }
}

/** Resolves undefined where rows that follow from changes show that the table is not one to one with its source. */
async function mergeTouched(
  tables: LayerTables,
  { model, target, sources }: UpdateInput,
  touched: Touched,
  helpers: HelperTables,
): Promise<LayerReport | undefined> {
  const { engine } = tables.edge;
  const delta = await tables.require(model);
  const names = target.schema.fields.map(({ name }) => name);
  const key = keyColumns(model, names);
  const notes = { ...appliedVersions(sources), ifVersion: target.version };
  await using before = await delta.read({ at: target.version });
  if (touched.tables === undefined) {
    const nothing = `SELECT *, ${ACTS.set} AS ${ACT} FROM (${before.sql}) LIMIT 0`;
    return mergeReport('updated', await mergeRows(delta, nothing, key, notes));
  }
  const { keys, rows, fresh } = touched.tables;
  const next = `SELECT * FROM ${rows}`;
  const kept = await checkKeys(engine, next, key, helpers);
  if (fresh !== undefined && !(kept.kind === 'kept' && kept.isSet)) return undefined;
  if (kept.kind === 'broken') return held(target.version, kept.reason);
  const isOf = key.map((name, index) => `r.${quoteName(name)} = k.${keyName(index)}`).join(' AND ');
  const all = `SELECT r.* FROM (${before.sql}) AS r ANTI JOIN ${keys} AS k ON ${isOf} UNION ALL BY NAME ${next}`;
  const checked = await check(tables, model, { all, changed: next }, sources);
  if (checked.isHeld) return held(target.version, checked.reason ?? '');
  const gone = key.map((name, index) => `k.${keyName(index)} AS ${quoteName(name)}`);
  const source = [
    `SELECT *, ${ACTS.set} AS ${ACT} FROM ${rows}`,
    `SELECT ${gone.join(', ')}, ${ACTS.drop} AS ${ACT} FROM ${keys} AS k ANTI JOIN ${rows} AS r ON ${isOf}`,
    ...(fresh === undefined ? [] : [`SELECT *, ${ACTS.isNew} AS ${ACT} FROM ${fresh}`]),
  ];
  // Rows that are computed from the source may each be of several of its rows.
  const isOver = fresh === undefined && isOneToOne(target);
  const result = await mergeRows(delta, source.join(' UNION ALL BY NAME '), key, {
    ...notes,
    ...(isOver ? { configuration: { [ONE_TO_ONE_PROPERTY]: 'false' } } : {}),
  });
  return mergeReport('updated', result, checked.reason);
}

/** Below so many keys it makes no difference which way is gone. */
const FEW_KEYS = 100_000;

/** True where so many keys are touched that it is quicker to make the table as a whole. */
async function isMost(engine: Engine, keys: string, target: Snapshot): Promise<boolean> {
  const [row] = await engine.rows(`SELECT count(*) AS n FROM ${keys}`);
  const touched = Number(row?.['n'] ?? 0);
  return touched > FEW_KEYS && touched > (describeSnapshot(target).rows ?? 0) / 2;
}
