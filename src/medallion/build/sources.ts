import type { Snapshot } from '../../delta/log/snapshot.ts';
import type { StructType } from '../../delta/schema/schema.ts';
import type { DeltaTable } from '../../delta/table.ts';
import { fullName, type LayerTable } from '../layer.ts';
import type { LayerTables } from '../layer-tables.ts';
import { isLostFeed } from '../net-changes.ts';
import { appliedVersion, brokenBy } from '../source-identity.ts';
import type { StepRequest } from '../step.ts';
import { haveSameColumns } from './columns-alike.ts';

/** A table that a model reads. */
export interface Source {
  readonly table: LayerTable;
  readonly delta: DeltaTable;
  /** The version to be applied. */
  readonly wanted: Snapshot;
  /** The columns that are read of it. */
  readonly schema: StructType;
  /** The version that the model's table has applied; undefined where it has none. */
  readonly applied: number | undefined;
  /** Whether it is about to have another version than {@link wanted}. */
  readonly isComing: boolean;
  /** Why the changes since then are not those of the table that was applied. */
  readonly broken: string | undefined;
}

/**
 * A model's sources, at the versions that a run reads.
 *
 * @param target The model's table; undefined where there is none yet.
 * @throws IgarapeError DELTA_NOT_FOUND, DELTA_VERSION
 */
export async function openSources(
  tables: LayerTables,
  { model, versions, coming }: StepRequest,
  target: Snapshot | undefined,
): Promise<Source[]> {
  const sources: Source[] = [];
  for (const table of model.sources) {
    const name = fullName(table);
    const delta = await tables.require(table);
    const applied = appliedVersion(target, name);
    const asked = versions?.get(name);
    // A run that began before another has gone further reads on from there: a version never falls.
    const isAhead = asked !== undefined && (applied ?? 0) > asked;
    const newest = await delta.snapshot(isAhead ? undefined : asked);
    const broken = brokenBy(target, name, newest);
    const wanted = isAhead ? await delta.snapshot(broken === undefined ? applied : asked) : newest;
    const schema = coming?.get(name) ?? wanted.schema;
    const isComing = coming?.has(name) === true;
    sources.push({ table, delta, wanted, schema, applied, isComing, broken });
  }
  return sources;
}

/** Sources that have another version than the one applied, or are about to. */
export function changedSources(sources: readonly Source[]): readonly Source[] {
  return sources.filter(({ applied, wanted, isComing }) => applied !== wanted.version || isComing);
}

/** Those of them that may have other rows than at the version applied, or other columns: a model computes the same of others. */
export async function otherSources(
  tables: LayerTables,
  sources: readonly Source[],
): Promise<readonly Source[]> {
  const others: Source[] = [];
  for (const source of changedSources(sources)) if (!(await isAsApplied(tables, source))) others.push(source);
  return others;
}

async function isAsApplied(
  tables: LayerTables,
  { table, delta, applied, wanted, schema, isComing }: Source,
): Promise<boolean> {
  if (applied === undefined || isComing) return false;
  const range = { from: applied + 1, to: wanted.version };
  if (await tables.changes.mayTouchRows(tables.storage(table), range)) return false;
  try {
    return haveSameColumns((await delta.snapshot(applied)).schema, schema);
  } catch (error) {
    if (isLostFeed(error)) return false;
    throw error;
  }
}

/** A source's name as the core has it. */
export function sourceName(table: LayerTable): string {
  return fullName(table).toLowerCase();
}
