import { describeSnapshot } from '../../delta/describe.ts';
import { HelperTables } from '../../delta/relation.ts';
import { schemaOf } from '../../delta/row-source.ts';
import type { Snapshot } from '../../delta/snapshot.ts';
import { quoteName } from '../../engine/quote.ts';
import type { LayerTables } from '../layer-tables.ts';
import type { Model } from '../models/model.ts';
import type { LayerReport } from '../report.ts';
import { affectedKeys, keyName } from './affected-keys.ts';
import { check } from './checked.ts';
import { haveSameColumns } from './columns-alike.ts';
import { checkKeys, keyColumns } from './keys.ts';
import { asModel } from './model-error.ts';
import { lostChanges } from './net-changes.ts';
import { appliedVersions } from './notes.ts';
import { recompute } from './recompute.ts';
import { held, mergeReport } from './reports.ts';
import { mergeRows, GONE } from './merge-rows.ts';
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

/** Computes the rows again that the sources' changes touch, and merges those that are others now, in one commit. */
export async function update(tables: LayerTables, input: UpdateInput): Promise<Updated> {
  const helpers = new HelperTables(tables.edge.engine);
  await using rows = new SourceRows(tables.edge.engine, input.sources, input.shape, helpers);
  try {
    await rows.readChanges();
  } catch (error) {
    await helpers.drop();
    return { kind: 'rebuild', reason: `the changes of its sources cannot be read: ${lostChanges(error)}` };
  }
  try {
    return await updateBy(tables, input, rows, helpers);
  } finally {
    await helpers.drop();
  }
}

async function updateBy(
  tables: LayerTables,
  { model, target, sources, shape }: UpdateInput,
  rows: SourceRows,
  helpers: HelperTables,
): Promise<Updated> {
  const { engine } = tables.edge;
  const delta = await tables.require(model);
  const notes = { ...appliedVersions(sources), ifVersion: target.version };
  await using before = await delta.read({ at: target.version });
  const keys = await asModel(model, () => affectedKeys(engine, shape, rows, helpers));
  if (keys === undefined) {
    const key = keyColumns(
      model,
      target.schema.fields.map(({ name }) => name),
    );
    const nothing = `SELECT *, false AS ${GONE} FROM (${before.sql}) LIMIT 0`;
    return { kind: 'done', report: mergeReport('updated', await mergeRows(delta, nothing, key, notes)) };
  }
  if (await isMost(tables, keys, target))
    return { kind: 'rebuild', reason: 'most of its rows may have changed' };
  const next = await asModel(model, () => recompute(engine, shape, rows, keys, helpers));
  const schema = await schemaOf(engine, `SELECT * FROM ${next}`);
  if (!haveSameColumns(schema, target.schema))
    return { kind: 'rebuild', reason: 'the columns of its SELECT have changed' };
  const names = schema.fields.map(({ name }) => name);
  const key = keyColumns(model, names);
  const kept = await checkKeys(engine, `SELECT * FROM ${next}`, key, helpers);
  if (kept.kind === 'broken') return { kind: 'done', report: held(target.version, kept.reason) };
  const isOf = (table: string): string =>
    key.map((name, index) => `${table}.${quoteName(name)} = k.${keyName(index)}`).join(' AND ');
  const all = `SELECT r.* FROM (${before.sql}) AS r ANTI JOIN ${keys} AS k ON ${isOf('r')} UNION ALL BY NAME SELECT * FROM ${next}`;
  const checked = await check(tables, model, { all, changed: `SELECT * FROM ${next}` }, sources);
  if (checked.isHeld) return { kind: 'done', report: held(target.version, checked.reason ?? '') };
  const gone = key.map((name, index) => `k.${keyName(index)} AS ${quoteName(name)}`);
  const source = `SELECT *, false AS ${GONE} FROM ${next} UNION ALL BY NAME
    SELECT ${gone.join(', ')}, true AS ${GONE} FROM ${keys} AS k ANTI JOIN ${next} AS r ON ${isOf('r')}`;
  const result = await mergeRows(delta, source, key, notes);
  return { kind: 'done', report: mergeReport('updated', result, checked.reason) };
}

/** Below so many keys it makes no difference which way is gone. */
const FEW_KEYS = 100_000;

/** True where so many keys are touched that it is quicker to make the table as a whole. */
async function isMost({ edge: { engine } }: LayerTables, keys: string, target: Snapshot): Promise<boolean> {
  const [row] = await engine.rows(`SELECT count(*) AS n FROM ${keys}`);
  const touched = Number(row?.['n'] ?? 0);
  return touched > FEW_KEYS && touched > (describeSnapshot(target).rows ?? 0) / 2;
}
