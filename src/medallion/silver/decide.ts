import type { Snapshot } from '../../delta/log/snapshot.ts';
import { aggregateFunctions } from '../../engine/aggregates.ts';
import { parseSql } from '../../engine/sql-tree.ts';
import { fullName } from '../layer.ts';
import type { LayerTables } from '../layer-tables.ts';
import { newSource } from '../source-identity.ts';
import { type LayerStep, MODEL_PROPERTY, type StepRequest } from '../step.ts';
import type { Mention } from './from.ts';
import { lostChanges } from '../net-changes.ts';
import { classify, type Incremental, readColumns, type Whole } from './shape.ts';
import { changedSources, openSources, type Source } from './sources.ts';

/** What is to be done with a silver table, and all that it was decided by. */
export interface Decision {
  readonly step: LayerStep;
  /** The table as it is; undefined where there is none yet. */
  readonly target: Snapshot | undefined;
  readonly sources: readonly Source[];
  /** Given where the step is an update. */
  readonly shape?: Incremental;
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
  const unknown = sources.find(({ applied }) => applied === undefined);
  if (unknown !== undefined) return rebuild(newSource(fullName(unknown.table)));
  const shape = await shapeOf(tables, request, sources);
  if (shape.kind === 'rebuild') return rebuild(shape.reason);
  for (const source of changed) {
    const reason = await unreadable(source, shape);
    if (reason !== undefined) return rebuild(reason);
  }
  const ranges = changed.map(({ table, applied, wanted }) => ({
    table: fullName(table),
    from: applied ?? 0,
    to: wanted.version,
  }));
  return { ...common, shape, step: { kind: 'update', sources: ranges } };
}

/** True for a mention of a source in FROM. */
export function isMentionOf({ schema, table }: Mention, source: Source): boolean {
  return `${schema}.${table}`.toLowerCase() === fullName(source.table).toLowerCase();
}

/** How a model is brought up to date, by its SELECT. */
export async function shapeOf(
  { edge: { engine } }: LayerTables,
  { model }: StepRequest,
  sources: readonly Source[],
): Promise<Incremental | Whole> {
  const parsed = await parseSql(engine, model.sql);
  if (parsed.kind === 'refused') return { kind: 'rebuild', reason: 'its SQL is no SELECT' };
  return classify({
    tree: parsed.tree,
    header: model.header,
    columnsOf: (mention) => columnNames(sources.find((source) => isMentionOf(mention, source))?.wanted),
    aggregates: await aggregateFunctions(engine),
  });
}

/** Why an update cannot go by the changes of a source. */
async function unreadable(source: Source, shape: Incremental): Promise<string | undefined> {
  const { table, delta, applied = 0, wanted } = source;
  const name = fullName(table);
  try {
    const before = await delta.snapshot(applied);
    if (columnsRead(before, source, shape) !== columnsRead(wanted, source, shape))
      return `${name} has other columns than at version ${applied}`;
    await (await delta.changes({ from: applied + 1, to: wanted.version })).close();
    return undefined;
  } catch (error) {
    return `the changes of ${name} since version ${applied} cannot be read: ${lostChanges(error)}`;
  }
}

/** The columns and types of a source that a SELECT reads, as a text to be compared. */
function columnsRead(snapshot: Snapshot, source: Source, { select, from, header }: Incremental): string {
  const names = columnNames(snapshot);
  const read = new Set(
    from.mentions
      .filter((mention) => isMentionOf(mention, source))
      .flatMap((mention) => readColumns(mention, names, select, header)),
  );
  const fields = snapshot.schema.fields.filter(({ name }) => read.has(name));
  return JSON.stringify(fields.map(({ name, type }) => [name.toLowerCase(), type]).toSorted(byText));
}

function columnNames(snapshot: Snapshot | undefined): readonly string[] {
  return snapshot?.schema.fields.map(({ name }) => name) ?? [];
}

function byText(left: readonly unknown[], right: readonly unknown[]): number {
  return String(left[0]) < String(right[0]) ? -1 : 1;
}
