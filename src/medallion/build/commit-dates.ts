import type { HelperTables } from '../../delta/read/relation.ts';
import type { Snapshot } from '../../delta/log/snapshot.ts';
import type { AppVersion } from '../../delta/protocol/app-version.ts';
import { check } from './checked.ts';
import { appliedVersions, madeOf } from './notes.ts';
import {
  createdReport,
  heldReport,
  type LayerReport,
  NO_ROWS,
  overwrittenReport,
  withReasons,
} from '../report.ts';
import type { LayerStep } from '../step.ts';
import { type Cube, DATE_COLUMN } from './cube.ts';
import type { CubeDates } from './cube-dates.ts';
import { type CubeRows, hasSchema } from './cube-rows.ts';
import { isOneOf } from './dates.ts';
import { differences } from './date-differences.ts';
import { brokenKey, keyOf } from './date-key.ts';
import { layoutOf } from './layout.ts';

/** Dates that were computed for a table. */
export interface Computed extends CubeDates {
  readonly step: Exclude<LayerStep, { kind: 'unchanged' }>;
  readonly rows: CubeRows;
  /** The table as it was then; undefined where there was none. */
  readonly before: Snapshot | undefined;
}

/** What a commit notes beside the rows: by what the table was made, and how far it has come. */
export interface Notes {
  readonly app?: readonly AppVersion[];
  readonly configuration: Readonly<Record<string, string>>;
}

/**
 * Commits computed dates, unless a check of the model fails. Dates that have the same rows already are left as they are.
 *
 * @throws IgarapeError DELTA_CONFLICT where the table is no longer as it was
 */
export async function commitDates(
  cube: Cube,
  computed: Computed,
  helpers: HelperTables,
  notes: Notes = { ...appliedVersions(cube.sources), configuration: madeOf(cube.model, cube.sources) },
): Promise<LayerReport> {
  const key = await brokenKey(cube, computed.rows);
  if (key !== undefined) return kept(computed, key);
  if (computed.before === undefined) return create(cube, computed, notes);
  return (await hasSchema(cube, computed.before.schema))
    ? replaceDates(cube, computed, computed.before, notes, helpers)
    : replaceAll(cube, computed, computed.before, notes);
}

async function create(cube: Cube, computed: Computed, { app, configuration }: Notes): Promise<LayerReport> {
  const { model, tables } = cube;
  const { sql } = computed.rows;
  const checked = await check(tables, model, { all: sql }, cube.sources);
  if (checked.isHeld) return kept(computed, checked.reason);
  const { description } = model.header;
  const layout = layoutOf(model);
  const delta = await tables.create(model, {
    rows: sql,
    partitionColumns: layout.partitionColumns,
    configuration: { ...layout.configuration, ...configuration },
    ...(description === undefined ? {} : { description }),
    ...(app === undefined ? {} : { app }),
  });
  return createdReport(delta, reasonOf(computed.step), checked.reason);
}

async function replaceAll(
  cube: Cube,
  computed: Computed,
  before: Snapshot,
  { app, configuration }: Notes,
): Promise<LayerReport> {
  const { model, tables } = cube;
  const { sql } = computed.rows;
  const checked = await check(tables, model, { all: sql }, cube.sources);
  if (checked.isHeld) return kept(computed, checked.reason);
  const delta = await tables.require(model);
  const { rows: deleted } = await delta.describe(before.version);
  const result = await delta.overwrite(sql, {
    overwriteSchema: true,
    configuration,
    ifVersion: before.version,
    ...(app === undefined ? {} : { app }),
  });
  return overwrittenReport(result, deleted ?? 0, reasonOf(computed.step), checked.reason);
}

async function replaceDates(
  cube: Cube,
  computed: Computed,
  before: Snapshot,
  { app, configuration }: Notes,
  helpers: HelperTables,
): Promise<LayerReport> {
  const { model, tables } = cube;
  const { compute, vanished, rows, step } = computed;
  const delta = await tables.require(model);
  const { dates, ...counts } = await differences(
    tables.edge.engine,
    delta,
    rows.sql,
    { dates: [...compute, ...vanished], key: keyOf(cube), at: before.version },
    helpers,
  );
  const replaced = isOneOf(DATE_COLUMN, dates);
  const next = `SELECT * FROM (${rows.sql}) WHERE ${replaced}`;
  await using others = await delta.read({ at: before.version, where: `NOT coalesce(${replaced}, false)` });
  const all = `SELECT * FROM (${others.sql}) UNION ALL BY NAME ${next}`;
  const checked = await check(
    tables,
    model,
    { all, ...(step.kind === 'update' ? { changed: next } : {}) },
    cube.sources,
  );
  if (checked.isHeld) return kept(computed, checked.reason);
  const { version, committed } = await delta.overwrite(next, {
    where: replaced,
    ifVersion: before.version,
    configuration,
    ...(app === undefined ? {} : { app }),
  });
  // Another run has made the table from these versions at the same time.
  if (!committed && app !== undefined) return { operation: 'unchanged', ...NO_ROWS, version };
  const same = step.kind === 'update' && dates.length === 0;
  const operation = same ? 'unchanged' : step.kind === 'update' ? 'updated' : 'rebuilt';
  return withReasons({ operation, ...counts, version }, reasonOf(step), checked.reason);
}

function kept({ before }: Computed, reason: string | undefined): LayerReport {
  return heldReport(before?.version ?? null, reason ?? '');
}

function reasonOf(step: LayerStep): string | undefined {
  return step.kind === 'rebuild' ? step.reason : undefined;
}
