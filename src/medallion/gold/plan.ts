import { IgarapeError } from '../../core/errors.ts';
import { schemaOf } from '../../delta/write/row-source.ts';
import type { StructType } from '../../delta/schema/schema.ts';
import type { Snapshot } from '../../delta/log/snapshot.ts';
import type { DeltaTable } from '../../delta/table.ts';
import { HelperTables } from '../../delta/read/relation.ts';
import { fullName } from '../layer.ts';
import { haveSameColumns } from '../silver/columns-alike.ts';
import type { LayerTables } from '../layer-tables.ts';
import { lostChanges } from '../net-changes.ts';
import { appliedVersion, brokenBy, newSource } from '../source-identity.ts';
import { type LayerStep, MODEL_PROPERTY, type SourceRange, type StepRequest } from '../step.ts';
import { type Cube, openCube } from './cube.ts';
import { emptyCubeRows } from './cube-rows.ts';
import { pathsToDates } from './reach.ts';

/**
 * What a run has to do with a gold table, without doing it.
 *
 * @throws IgarapeError CONFIG_INVALID, DELTA_NOT_FOUND; DELTA_CONFLICT where another run has gone ahead with a part of
 * the sources
 */
export async function planGold(tables: LayerTables, request: StepRequest): Promise<LayerStep> {
  const before = await (await tables.find(request.model))?.snapshot();
  const early = await planByVersions(tables, request, before);
  if (early.kind !== 'update') return early;
  await using cube = await openCube(tables, request.model, request.versions);
  return await planByModel(cube, early.sources);
}

/** What follows from the tables' logs alone. `snapshot`: the gold table; undefined where there is none yet. */
export async function planByVersions(
  tables: LayerTables,
  { model, versions, fullRefresh }: StepRequest,
  snapshot: Snapshot | undefined,
): Promise<LayerStep> {
  if (snapshot === undefined) return { kind: 'create' };
  const ranges: SourceRange[] = [];
  let reason: string | undefined;
  let isAhead = false;
  for (const source of model.sources) {
    const name = fullName(source);
    const newest = await (await tables.require(source)).snapshot();
    const from = appliedVersion(snapshot, name);
    const to = versions.get(name) ?? newest.version;
    const broken = from === undefined ? newSource(name) : brokenBy(snapshot, name, newest);
    if (broken !== undefined) reason ??= broken;
    else if (from === undefined || from === to) continue;
    else if (from > to) isAhead = true;
    else ranges.push({ table: name, from, to });
  }
  if (isAhead) {
    if (ranges.length === 0 && reason === undefined) return { kind: 'unchanged' };
    throw new IgarapeError(
      'DELTA_CONFLICT',
      `Another run has made ${fullName(model)} from other versions of its sources meanwhile.`,
      { hint: 'Nothing was changed. Run again.', retryable: true },
    );
  }
  if (snapshot.configuration[MODEL_PROPERTY] !== model.hash) reason = 'its model has changed';
  else if (fullRefresh) reason = 'a full refresh was asked for';
  if (reason !== undefined) return { kind: 'rebuild', reason };
  return ranges.length === 0 ? { kind: 'unchanged' } : { kind: 'update', sources: ranges };
}

/** Whether an update is possible, by the SELECT and the sources' feeds. */
export async function planByModel(cube: Cube, ranges: readonly SourceRange[]): Promise<LayerStep> {
  const snapshot = await (await cube.tables.require(cube.model)).snapshot();
  if (!(await hasSchema(cube, snapshot.schema)))
    return { kind: 'rebuild', reason: 'the columns of its SELECT have changed' };
  for (const { table, from, to } of ranges) {
    const source = cube.model.sources.find((each) => fullName(each) === table);
    if (source === undefined) continue;
    const unreadable = await unreadableFeed(await cube.tables.require(source), from + 1, to);
    if (unreadable !== undefined)
      return { kind: 'rebuild', reason: `the changes of ${table} cannot be read: ${unreadable}` };
    const paths = pathsToDates(cube, cube.sources.of(source));
    if (paths.kind === 'none') return { kind: 'rebuild', reason: paths.reason };
  }
  return { kind: 'update', sources: ranges };
}

async function unreadableFeed(source: DeltaTable, from: number, to: number): Promise<string | undefined> {
  try {
    await (await source.changes({ from, to })).close();
    return undefined;
  } catch (error) {
    return lostChanges(error);
  }
}

/** True where the cube's rows have exactly the columns that a table has. */
export async function hasSchema(cube: Cube, schema: StructType): Promise<boolean> {
  const helpers = new HelperTables(cube.tables.edge.engine);
  try {
    const { sql } = await emptyCubeRows(cube, helpers);
    return haveSameColumns(await schemaOf(cube.tables.edge.engine, sql), schema);
  } finally {
    await helpers.drop();
  }
}
