import type { Snapshot } from '../../delta/log/snapshot.ts';
import { fullName } from '../layer.ts';
import type { LayerTables } from '../layer-tables.ts';
import { exactColumns } from './add-sums.ts';
import { NEVER } from '../required.ts';
import { newSource } from '../source-identity.ts';
import { type LayerStep, MODEL_PROPERTY, type StepRequest } from '../step.ts';
import { lostChanges } from '../net-changes.ts';
import { describeReasons, sourceName, understand, type Understood } from './understand.ts';
import { changedSources, columnNames, openSources, type Source } from './sources.ts';
import { isOneToOne } from './notes.ts';

/** What is to be done with a silver table, and all that it was decided by. */
export interface Decision {
  readonly step: LayerStep;
  /** The table as it is; undefined where there is none yet. */
  readonly target: Snapshot | undefined;
  readonly sources: readonly Source[];
  /** Given where the step is an update. */
  readonly understood?: Understood;
}

/** @throws IgarapeError DELTA_NOT_FOUND, DELTA_VERSION */
export async function decide(tables: LayerTables, request: StepRequest): Promise<Decision> {
  const { model, fullRefresh } = request;
  const target = await (await tables.find(model))?.snapshot();
  const sources = await openSources(tables, request, target);
  const common = { target, sources };
  const rebuild = (reason: string): Decision => ({ ...common, step: { kind: 'rebuild', reason } });
  if (target === undefined) return { ...common, step: { kind: 'create' } };
  if (target.configuration[MODEL_PROPERTY] !== model.hash) return rebuild('its model has changed');
  if (fullRefresh) return rebuild('a full refresh was asked for');
  const broken = sources.find((source) => source.broken !== undefined)?.broken;
  if (broken !== undefined) return rebuild(broken);
  const changed = changedSources(sources);
  if (changed.length === 0) return { ...common, step: { kind: 'unchanged' } };
  if (model.header.incremental === 'never') return rebuild(NEVER);
  const unknown = sources.find(({ applied }) => applied === undefined);
  if (unknown !== undefined) return rebuild(newSource(fullName(unknown.table)));
  const known = sources.map(({ table, wanted }) => ({ table, columns: columnNames(wanted) }));
  const understood = await understand(tables, model, known);
  if (understood === undefined) return rebuild('its SQL is no SELECT');
  const plan = understood.incremental.plan({
    key: model.header.key,
    changed: new Set(changed.map(({ table }) => sourceName(table))),
    isOneToOne: isOneToOne(target),
    isExact: exactColumns(target),
    prefix: '',
  });
  if (plan.kind === 'whole') return rebuild(describeReasons(model, plan.reasons));
  for (const source of changed) {
    const reason = await unreadable(source, understood.columns.get(sourceName(source.table)) ?? []);
    if (reason !== undefined) return rebuild(reason);
  }
  const ranges = changed.map(({ table, applied, wanted }) => ({
    table: fullName(table),
    from: applied ?? 0,
    to: wanted.version,
  }));
  return { ...common, understood, step: { kind: 'update', sources: ranges } };
}

/** Why an update cannot go by the changes of a source. @param columns Those that are read of it. */
async function unreadable(source: Source, columns: readonly string[]): Promise<string | undefined> {
  const { table, delta, applied = 0, wanted } = source;
  const name = fullName(table);
  try {
    const before = await delta.snapshot(applied);
    if (columnsAsText(before, columns) !== columnsAsText(wanted, columns))
      return `${name} has other columns than at version ${applied}`;
    await (await delta.changes({ from: applied + 1, to: wanted.version })).close();
    return undefined;
  } catch (error) {
    return `the changes of ${name} since version ${applied} cannot be read: ${lostChanges(error)}`;
  }
}

function columnsAsText({ schema }: Snapshot, columns: readonly string[]): string {
  const read = new Set(columns.map((name) => name.toLowerCase()));
  const fields = schema.fields.filter(({ name }) => read.has(name.toLowerCase()));
  return JSON.stringify(fields.map(({ name, type }) => [name.toLowerCase(), type]).toSorted(byText));
}

function byText(left: readonly unknown[], right: readonly unknown[]): number {
  return String(left[0]) < String(right[0]) ? -1 : 1;
}
