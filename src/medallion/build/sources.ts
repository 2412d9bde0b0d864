import type { Snapshot } from '../../delta/log/snapshot.ts';
import type { DeltaTable } from '../../delta/table.ts';
import { fullName, type LayerTable } from '../layer.ts';
import type { LayerTables } from '../layer-tables.ts';
import { appliedVersion, brokenBy } from '../source-identity.ts';
import type { StepRequest } from '../step.ts';

/** A table that a model reads. */
export interface Source {
  readonly table: LayerTable;
  readonly delta: DeltaTable;
  /** The version to be applied. */
  readonly wanted: Snapshot;
  /** The version that the model's table has applied; undefined where it has none. */
  readonly applied: number | undefined;
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
  { model, versions }: StepRequest,
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
    sources.push({ table, delta, wanted, applied, broken });
  }
  return sources;
}

/** Sources whose version is another than the one applied. */
export function changedSources(sources: readonly Source[]): readonly Source[] {
  return sources.filter(({ applied, wanted }) => applied !== wanted.version);
}

export function columnNames({ schema }: Snapshot): readonly string[] {
  return schema.fields.map(({ name }) => name);
}

/** A source's name as the core has it. */
export function sourceName(table: LayerTable): string {
  return fullName(table).toLowerCase();
}
