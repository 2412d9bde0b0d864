import type { HelperTables } from '../../delta/read/relation.ts';
import type { Snapshot } from '../../delta/log/snapshot.ts';
import type { Layout } from '../../delta/maintain/lay-out.ts';
import type { AppVersions } from '../../delta/protocol/app-version.ts';
import { nullColumn } from '../../delta/schema/sql-schema.ts';
import { needsMapping } from '../../delta/schema/map-columns.ts';
import type { StructType } from '../../delta/schema/schema.ts';
import type { ParquetFiles } from '../../delta/write/new-rows.ts';
import type { DeltaTable } from '../../delta/table.ts';
import type { Engine } from '../../engine/engine.ts';
import { check } from '../checks/checked.ts';
import { fullName } from '../layer.ts';
import type { LayerTables } from '../layer-tables.ts';
import type { Model } from '../models/model.ts';
import {
  createdReport,
  heldReport,
  type LayerReport,
  mergedReport,
  NO_ROWS,
  overwrittenReport,
  withReasons,
} from '../report.ts';
import { MODEL_PROPERTY } from '../step.ts';
import { haveSameColumns } from './columns-alike.ts';
import { DATE_COLUMN } from './cube.ts';
import { isOneOf } from './dates.ts';
import { differences, differingDates, type DifferingDates, isLarge } from './differences.ts';
import { checkKeys, isKeyOf, type Key, type KeyCheck, keyOf } from './keys.ts';
import { layoutOf } from './layout.ts';
import { mergeRows } from './merge-rows.ts';
import { appliedVersions, isOneToOne, madeOf, ONE_TO_ONE_PROPERTY } from './notes.ts';
import type { Source } from './sources.ts';
import { clashingRows, mergedRows, stayingRows, type Touched } from './touched.ts';

/** Rows that were computed for a model's table, as they are to be committed. */
export interface Computed {
  readonly model: Model;
  readonly sources: readonly Source[];
  /** The table as it was then; undefined where there was none. */
  readonly target: Snapshot | undefined;
  /** A SELECT of the rows; those that are wholly alike count once where the model has a key. */
  readonly sql: string;
  readonly schema: StructType;
  /** The dates whose rows they are, of a table with dates; undefined where they are all rows, or those that are touched. */
  readonly dates?: readonly string[];
  /** Which rows give way to them, of a table without dates that has the same columns and is to be kept as its model makes it. */
  readonly touched?: Touched;
  readonly operation: 'updated' | 'rebuilt';
  /** Why all rows were computed; undefined where it was for the first time, or only some were. */
  readonly reason?: string | undefined;
  /** True where nothing counts that was there before. */
  readonly isFullRefresh?: boolean;
  /** True where the rows, of a table without dates, are followed by their keys if no two have one. */
  readonly isFollowed?: boolean;
  /** What the commit notes beside the rows where the table is not as these sources make it: else that it is. */
  readonly notes?: Notes;
  /** Takes the files of the rows for the table's own, where they can become that as they are. */
  readonly take?: (() => ParquetFiles) | undefined;
}

/** By what a table was made, and how far it has come. */
interface Notes {
  readonly app?: AppVersions;
  readonly configuration: Readonly<Record<string, string>>;
}

/**
 * Commits rows in one commit, unless their key or a check of the model does not hold. Where the table has the same
 * columns, only rows that are others, or the dates that have such, are written.
 *
 * @throws IgarapeError DELTA_CONFLICT where the table is no longer as it was; CONFIG_INVALID for a key or a check that
 * does not fit the rows; DELTA_AMBIGUOUS where rows were taken to follow from changes and do not
 */
export async function commitRows(
  tables: LayerTables,
  computed: Computed,
  helpers: HelperTables,
): Promise<LayerReport> {
  const { model, sources, target, sql, schema, dates, touched, operation } = computed;
  const { engine } = tables.edge;
  const columns = schema.fields.map(({ name }) => name);
  const key = keyOf(model, columns);
  const hasSameColumns = target !== undefined && haveSameColumns(schema, target.schema);
  const delta = target === undefined ? undefined : await tables.require(model);
  // Where keys tell all, and there is no check, nobody looks at the rows that the table has.
  const isLookedAt =
    hasSameColumns &&
    (touched?.isByKey === false ||
      (model.header.checks.length > 0 && (dates !== undefined || touched !== undefined)));
  await using others = isLookedAt ? await delta?.read({ at: target.version, ...staying(dates) }) : undefined;
  const had = others?.sql ?? `SELECT ${schema.fields.map(nullColumn).join(', ')} WHERE false`;
  const clashing =
    touched?.isByKey === false ? ` UNION ALL BY NAME ${clashingRows(had, sql, touched, key.key)}` : '';
  const kept: KeyCheck =
    touched?.isFollowed === true
      ? { kind: 'kept', isSet: true }
      : await checkKeys(engine, `${sql}${clashing}`, key, helpers);
  if (kept.kind === 'broken') return heldReport(target?.version ?? null, kept.reason);
  const rows = `SELECT ${kept.isSet ? '' : 'DISTINCT '}* FROM (${sql})`;
  const stay = touched === undefined ? `SELECT * FROM (${had})` : stayingRows(had, touched);
  const all = others === undefined ? rows : `${stay} UNION ALL BY NAME ${rows}`;
  const changed = operation === 'updated' ? { changed: rows } : {};
  const versions = new Map(sources.map(({ table, wanted }) => [fullName(table), wanted.version]));
  const checked = await check(tables, model, { all, ...changed }, versions);
  if (checked.isHeld) return heldReport(target?.version ?? null, checked.reason ?? '');
  const checkedRows = {
    ...computed,
    sql: rows,
    notes: notesOf(computed, kept.isSet),
    take: kept.isSet ? computed.take : undefined,
  };
  if (target === undefined || delta === undefined)
    return withReasons(await create(tables, checkedRows), checked.reason);
  if (touched !== undefined) {
    const merged = mergedRows(had, rows, touched, key.key);
    const result = await mergeRows(delta, merged, key, {
      ...checkedRows.notes,
      ifVersion: target.version,
    });
    return mergedReport('updated', result, checked.reason);
  }
  const before = { delta, target, hasSameColumns };
  const report = await replace(engine, before, checkedRows, key, helpers);
  return withReasons(report, computed.reason, checked.reason);
}

/** Notes that no row has changed by the versions of the sources that the table has not applied. */
export async function commitNothing(
  tables: LayerTables,
  { model, sources, target }: Pick<Computed, 'model' | 'sources'> & { readonly target: Snapshot },
): Promise<LayerReport> {
  const delta = await tables.require(model);
  const none = `SELECT ${target.schema.fields.map(nullColumn).join(', ')} WHERE false`;
  const notes = { ...appliedVersions(sources), ifVersion: target.version };
  const { version } = await delta.overwrite(none, { where: 'false', ...notes });
  return { operation: 'unchanged', ...NO_ROWS, version };
}

/** The rows that are not of some dates, of a table that has these. */
function staying(dates: readonly string[] | undefined): { readonly where?: string } {
  return dates === undefined ? {} : { where: `NOT coalesce(${isOneOf(DATE_COLUMN, dates)}, false)` };
}

function notesOf(
  { model, sources, target, touched, isFollowed, ...computed }: Computed,
  isSet: boolean,
): Notes {
  const notes = computed.notes ?? { ...appliedVersions(sources), configuration: madeOf(model, sources) };
  // Rows that are computed from the source may each be of several of its rows.
  const isOver = touched !== undefined && touched.isFollowed !== true && target && isOneToOne(target);
  if (isFollowed === undefined && isOver !== true) return notes;
  const isStill = String(isFollowed === true && isSet);
  return { ...notes, configuration: { ...notes.configuration, [ONE_TO_ONE_PROPERTY]: isStill } };
}

type Noted = Computed & { readonly notes: Notes };

async function create(tables: LayerTables, computed: Noted): Promise<LayerReport> {
  const { model, sql, schema, take } = computed;
  const { description } = model.header;
  const delta = await tables.create(model, {
    ...laidOutNotes(computed),
    rows: (needsMapping(schema) ? undefined : take?.()) ?? sql,
    name: fullName(model),
    ...(description === undefined ? {} : { description }),
  });
  return createdReport(delta);
}

/** What is noted of a table that is written as a whole, in its model's layout. */
function laidOutNotes({ model, notes }: Noted): Notes & Pick<Layout, 'partitionColumns'> {
  const { partitionColumns, configuration } = layoutOf(model);
  return { ...notes, partitionColumns, configuration: { ...configuration, ...notes.configuration } };
}

interface Before {
  readonly delta: DeltaTable;
  readonly target: Snapshot;
  readonly hasSameColumns: boolean;
}

/** Writes the dates, or the rows, that are others than before; all rows where that is quicker or has to be. */
async function replace(
  engine: Engine,
  { delta, target, hasSameColumns }: Before,
  computed: Noted,
  key: Key,
  helpers: HelperTables,
): Promise<LayerReport> {
  const { model, sql: rows, schema, dates, notes, take, isFullRefresh = false } = computed;
  const isOwn = target.configuration[MODEL_PROPERTY] === model.hash && !isFullRefresh;
  const isKeyed = hasSameColumns && (isOwn || (await isKeyOf(engine, delta, target, key)));
  const next = { rows, schema, key: isKeyed ? key.key : [] };
  const options = { ...notes, ifVersion: target.version };
  // Where another model made it, rows may be of no date, which none of these replace.
  const isOfDates =
    dates !== undefined &&
    hasSameColumns &&
    (isOwn || (await delta.count({ at: target.version, where: `${DATE_COLUMN} IS NULL` })) === 0);
  if (isOfDates) {
    const differing = await differingDates(engine, delta, target, { ...next, dates }, helpers);
    return replaceDates(delta, differing, computed, target);
  }
  const isCompared = isKeyed && dates === undefined && !(isFullRefresh && (await isLarge(target)));
  const changes = isCompared ? await differences(engine, delta, target, next, helpers) : undefined;
  if (changes !== undefined) return mergedReport('rebuilt', await mergeRows(delta, changes, key, options));
  const { rows: deleted } = await delta.describe(target.version);
  // A table that is there may call such columns otherwise in its files.
  const files = target.mapping === 'none' && !needsMapping(schema) ? take?.() : undefined;
  const result = await delta.overwrite(files ?? rows, {
    ...options,
    ...laidOutNotes(computed),
    overwriteSchema: true,
  });
  return overwrittenReport(result, deleted ?? 0);
}

async function replaceDates(
  delta: DeltaTable,
  { dates, ...counts }: DifferingDates,
  { sql, operation, notes }: Noted,
  target: Snapshot,
): Promise<LayerReport> {
  const where = isOneOf(DATE_COLUMN, dates);
  const rows = `SELECT * FROM (${sql}) WHERE ${where}`;
  const { version, committed } = await delta.overwrite(rows, {
    where,
    ...notes,
    // All rows of the dates are written, few of which may be others than before.
    metrics: {
      numTargetRowsInserted: counts.inserted,
      numTargetRowsUpdated: counts.updated,
      numTargetRowsDeleted: counts.deleted,
    },
    ifVersion: target.version,
  });
  // Another run has made the table from these versions at the same time.
  if (!committed && notes.app !== undefined) return { operation: 'unchanged', ...NO_ROWS, version };
  const isSame = operation === 'updated' && dates.length === 0;
  return { operation: isSame ? 'unchanged' : operation, ...counts, version };
}
