import type { Snapshot } from '../../delta/log/snapshot.ts';
import type { Plan } from '../incremental/plan.ts';
import { findField } from '../../delta/schema/schema.ts';
import { fullName } from '../layer.ts';
import type { LayerTables } from '../layer-tables.ts';
import type { Model } from '../models/model.ts';
import { exactColumns } from './add-sums.ts';
import { NEVER } from '../required.ts';
import { newSource } from '../source-identity.ts';
import { type LayerStep, MODEL_PROPERTY, type StepRequest } from '../step.ts';
import { unreadable } from '../net-changes.ts';
import { describeReasons, knownSource, understand, type Understood, understandOver } from './understand.ts';
import { openSources, otherSources, type Source, sourceName } from './sources.ts';
import { isOneToOne } from './notes.ts';
import { stepPrefix } from './then-and-now.ts';

/** What is to be done with a model's table, and all that it was decided by. */
export interface Decision {
  readonly step: LayerStep;
  /** The table as it is; undefined where there is none yet. */
  readonly target: Snapshot | undefined;
  readonly sources: readonly Source[];
  /** Given where the step is an update. */
  readonly planned?: Planned;
}

/** How a table follows the changes of its sources. */
export interface Planned {
  /** The table as it is. */
  readonly target: Snapshot;
  readonly understood: Understood;
  /** The sources that may have other rows or columns than it has applied, by their names for the core. */
  readonly changed: ReadonlySet<string>;
  readonly plan: Plan;
}

/**
 * @param changed Sources that have changed.
 * @param mayFollow True where the table is one to one with its source, as far as is known.
 */
export function planOf(
  { understood, target }: Pick<Planned, 'understood'> & { readonly target: Snapshot | undefined },
  { header }: Model,
  changed: ReadonlySet<string>,
  mayFollow: boolean,
): Plan {
  return understood.incremental.plan({
    key: header.key,
    changed,
    isOneToOne: mayFollow,
    isExact: target === undefined ? () => true : exactColumns(target),
    prefix: stepPrefix(),
  });
}

/** @throws IgarapeError DELTA_NOT_FOUND, DELTA_VERSION */
export async function decide(tables: LayerTables, request: StepRequest): Promise<Decision> {
  const { model, fullRefresh } = request;
  const target = await tables.newest(model);
  const sources = await openSources(tables, request, target);
  const common = { target, sources };
  const rebuild = (reason: string): Decision => ({ ...common, step: { kind: 'rebuild', reason } });
  if (target === undefined) return { ...common, step: { kind: 'create' } };
  if (target.configuration[MODEL_PROPERTY] !== model.hash) return rebuild('its model has changed');
  if (fullRefresh) return rebuild('a full refresh was asked for');
  const broken = sources.find((source) => source.broken !== undefined)?.broken;
  if (broken !== undefined) return rebuild(broken);
  const changed = await otherSources(tables, sources);
  if (changed.length === 0) return { ...common, step: { kind: 'unchanged' } };
  if (model.header.incremental === 'never') return rebuild(NEVER);
  const unknown = sources.find(({ applied }) => applied === undefined);
  if (unknown !== undefined) return rebuild(newSource(fullName(unknown.table)));
  const understood = await understandOver(tables, model, sources);
  const names = new Set(changed.map(({ table }) => sourceName(table)));
  const plan = planOf({ understood, target }, model, names, isOneToOne(target));
  if (plan.kind === 'whole') return rebuild(describeReasons(model, plan.reasons));
  for (const source of changed) {
    const reason = await otherColumns(tables, { model, sources, understood }, source);
    if (reason !== undefined) return rebuild(reason);
  }
  const ranges = changed.map(({ table, applied, wanted }) => ({
    table: fullName(table),
    from: applied ?? 0,
    to: wanted.version,
  }));
  const planned = { target, understood, changed: names, plan };
  return { ...common, planned, step: { kind: 'update', sources: ranges } };
}

interface Reading {
  readonly model: Model;
  readonly sources: readonly Source[];
  readonly understood: Understood;
}

/** Why an update cannot go by the changes of a source: what is read of it has another type, or is gone. */
async function otherColumns(
  tables: LayerTables,
  { model, sources, understood }: Reading,
  { table, delta, applied = 0, schema }: Source,
): Promise<string | undefined> {
  const name = fullName(table);
  try {
    const before = await delta.snapshot(applied);
    const gone = before.schema.fields.filter(({ name: column }) => findField(schema, column) === undefined);
    const withGone = sources.map((source) => knownSource(source, source.table === table ? gone : []));
    const { columns } =
      gone.length === 0 ? understood : await understand(tables, model, withGone, understood.dates);
    const read = columns.get(sourceName(table)) ?? [];
    const isSame = read.every((column) => typeIn(before, column) === typeIn({ schema }, column));
    return isSame ? undefined : `${name} has other columns than at version ${applied}`;
  } catch (error) {
    return unreadable(name, applied, error);
  }
}

function typeIn({ schema }: Pick<Source, 'schema'>, column: string): string {
  return JSON.stringify(findField(schema, column)?.type ?? null);
}
