import type { HelperTables } from '../../delta/read/relation.ts';
import type { Snapshot } from '../../delta/log/snapshot.ts';
import { describeBroken } from '../checks/describe-broken.ts';
import { runChecks } from '../checks/run-checks.ts';
import { fullName } from '../layer.ts';
import { type LayerReport, NO_ROWS } from '../report.ts';
import type { LayerStep } from '../step.ts';
import { type Cube, DATE_COLUMN } from './cube.ts';
import type { CubeDates } from './cube-dates.ts';
import type { CubeRows } from './cube-rows.ts';
import { isOneOf } from './dates.ts';
import { differences } from './differences.ts';
import { brokenKey, keyOf } from './key.ts';
import { layoutOf } from './layout.ts';
import { hasSchema } from './plan.ts';
import type { SourceNotes } from './source-notes.ts';

/** Dates that were computed for a table. */
export interface Computed extends CubeDates {
  readonly step: Exclude<LayerStep, { kind: 'unchanged' }>;
  readonly rows: CubeRows;
  /** The table as it was then; undefined where there was none. */
  readonly before: Snapshot | undefined;
}

/** What a commit notes beside the rows. */
export interface Notes extends SourceNotes {
  /** The sources' versions that the rows follow from. */
  readonly versions: ReadonlyMap<string, number>;
}

/**
 * Commits computed dates, unless a check of the model fails. Dates that have the same rows already are left as they are.
 *
 * @throws IgarapeError DELTA_CONFLICT where the table is no longer as it was
 */
export async function commitCube(
  cube: Cube,
  computed: Computed,
  notes: Notes,
  helpers: HelperTables,
): Promise<LayerReport> {
  const key = await brokenKey(cube, computed.rows);
  if (key !== undefined) return held(computed, key);
  if (computed.before === undefined) return create(cube, computed, notes);
  return (await hasSchema(cube, computed.before.schema))
    ? replaceDates(cube, computed, computed.before, notes, helpers)
    : replaceAll(cube, computed, computed.before, notes);
}

async function create(
  cube: Cube,
  computed: Computed,
  { app, configuration, versions }: Notes,
): Promise<LayerReport> {
  const { model, tables } = cube;
  const { sql } = computed.rows;
  const checked = await check(cube, sql, versions);
  if (checked.isBroken) return held(computed, checked.text);
  const { description } = model.header;
  const layout = layoutOf(model);
  const delta = await tables.create(model, {
    rows: sql,
    partitionColumns: layout.partitionColumns,
    configuration: { ...layout.configuration, ...configuration },
    ...(description === undefined ? {} : { description }),
    ...(app === undefined ? {} : { app }),
  });
  const inserted = await count(cube, sql);
  const { version } = await delta.snapshot();
  return { operation: 'created', ...NO_ROWS, inserted, version, ...reasonOf(computed.step, checked) };
}

async function replaceAll(
  cube: Cube,
  computed: Computed,
  before: Snapshot,
  { app, configuration, versions }: Notes,
): Promise<LayerReport> {
  const { model, tables } = cube;
  const { sql } = computed.rows;
  const checked = await check(cube, sql, versions);
  if (checked.isBroken) return held(computed, checked.text);
  const delta = await tables.require(model);
  await using stored = await delta.read({ at: before.version });
  const deleted = await count(cube, stored.sql);
  const { version } = await delta.overwrite(sql, {
    overwriteSchema: true,
    configuration,
    ifVersion: before.version,
    ...(app === undefined ? {} : { app }),
  });
  const inserted = await count(cube, sql);
  return {
    operation: 'rebuilt',
    inserted,
    updated: 0,
    deleted,
    version,
    ...reasonOf(computed.step, checked),
  };
}

async function replaceDates(
  cube: Cube,
  computed: Computed,
  before: Snapshot,
  { app, configuration, versions }: Notes,
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
  await using kept = await delta.read({ at: before.version, where: `NOT coalesce(${replaced}, false)` });
  const checked = await check(cube, `FROM (${kept.sql}) UNION ALL BY NAME ${next}`, versions);
  if (checked.isBroken) return held(computed, checked.text);
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
  return { operation, ...counts, version, ...reasonOf(step, checked) };
}

function held({ before }: Computed, reason: string): LayerReport {
  return { operation: 'held', ...NO_ROWS, version: before?.version ?? null, reason };
}

interface Checked {
  readonly isBroken: boolean;
  readonly text: string;
}

/** What the model's checks say of the rows that the table is to have. */
async function check(
  { model, tables }: Cube,
  candidate: string,
  versions: ReadonlyMap<string, number>,
): Promise<Checked> {
  const broken = await runChecks(tables, model.header.checks, { table: model, candidate, versions });
  const errors = broken.filter(({ check: { severity } }) => severity === 'error');
  if (errors.length > 0) return { isBroken: true, text: describeBroken(errors) };
  const text = describeBroken(broken);
  if (text !== '') tables.edge.log.warn({ table: fullName(model) }, `${fullName(model)}: ${text}`);
  return { isBroken: false, text };
}

function reasonOf(step: LayerStep, { text }: Checked): { reason?: string } {
  const parts = [...(step.kind === 'rebuild' ? [step.reason] : []), ...(text === '' ? [] : [text])];
  return parts.length === 0 ? {} : { reason: parts.join('; ') };
}

async function count({ tables }: Cube, sql: string): Promise<number> {
  const [row = {}] = await tables.edge.engine.rows(`SELECT count(*) AS n FROM (${sql})`);
  return Number(row['n']);
}
