import { quoteName } from '../../engine/quote.ts';
import { type Action, type AddFile, removeOf } from '../protocol/actions.ts';
import { type AppVersions, appVersions } from '../protocol/app-version.ts';
import type { ReadSet } from '../log/conflict.ts';
import { type ChangedPlace, changedPlaces, countedBy } from './changed-places.ts';
import { publish, type WriteResult, nothingDone } from './publish.ts';
import { countRows, markDeleted, type TouchedFile, touchedFiles } from './replaced-files.ts';
import { restaged, rewriteFiles } from './rewrite-files.ts';
import { brokenRule, checkedRows, rowRules } from './row-rules.ts';
import { holds, type StructField, type StructType } from '../schema/schema.ts';
import type { Snapshot } from '../log/snapshot.ts';
import { physicalSql } from '../schema/mapped-sql.ts';
import { sqlTypeOf, writtenSqlType } from '../schema/sql-schema.ts';
import { addOf, changeFileOf, discard, type StagedFile, stageRows } from './stage.ts';
import {
  isolationOf,
  recordsChanges,
  transactionActions,
  unwritten,
  writesDeletionVectors,
} from './target.ts';
import { filePathKey } from '../protocol/uri-path.ts';
import type { Writer } from '../files/disk.ts';

/**
 * Changed rows in a table of the engine, with the columns of {@link changeColumns}: where a row lies, what happens to
 * it, and what it was and becomes.
 */
export interface RowChanges {
  readonly table: string;
  /** How many rows it has. */
  readonly count: number;
  /** Where they lie, if that is known already. */
  readonly places?: readonly ChangedPlace[];
  /** The files that `_file` counts. */
  readonly files: readonly AddFile[];
  /** Files all of whose rows go away, beside those of the table. */
  readonly dropped?: readonly AddFile[];
}

export interface ChangeCounts {
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
  /** Rows that were written again as they were. */
  readonly copied: number;
  readonly filesAdded: number;
  readonly filesRemoved: number;
  readonly vectors: number;
  readonly changeFiles: number;
}

export interface ChangeOptions {
  readonly operation: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly metrics: (counts: ChangeCounts) => Readonly<Record<string, number>>;
  readonly reads: ReadSet;
  readonly app?: AppVersions | undefined;
  /** What the write makes of the table's metadata; then it is a table of that kind that is written to. */
  readonly change?: {
    readonly actions: readonly Action[];
    /** Whether every file is to be written anew, for a wider type. */
    readonly widens: boolean;
  };
  /** Columns that the change data feed is sorted by. */
  readonly order?: readonly string[];
  /** A rule for new rows beside the table's own. */
  readonly rule?: { readonly name: string; readonly sql: string };
}

/** SQL of the columns of {@link RowChanges}; `old` and `next` are structs or null. */
export function changeColumns(parts: {
  readonly file: string;
  readonly row: string;
  readonly kind: string;
  readonly old: string;
  readonly next: string;
}): string {
  return `${parts.file} AS _file, ${parts.row} AS _row, ${parts.kind} AS kind, ${parts.old} AS old, ${parts.next} AS next`;
}

/** SQL of a whole row as a struct. @param value SQL of a column's value. */
export function rowStruct(schema: StructType, value: (field: StructField) => string): string {
  const members = schema.fields.map(
    (field) => `${quoteName(field.name)} := CAST(${value(field)} AS ${sqlTypeOf(field.type)})`,
  );
  return `struct_pack(${members.join(', ')})`;
}

/** SQL that is true where `old` and `next` are different rows; the engine does not compare variants of any kind. */
export function differSql(schema: StructType): string {
  const comparable = (row: string): string =>
    holds(schema, 'variant')
      ? `CAST(${physicalSql(row, schema, 'none')} AS ${writtenSqlType(schema, 'none')})`
      : row;
  return `${comparable('old')} IS DISTINCT FROM ${comparable('next')}`;
}

export function noRow(schema: StructType): string {
  return `CAST(NULL AS ${sqlTypeOf(schema)})`;
}

/**
 * Commits changes of rows: new and changed rows go to new files; old ones are marked in deletion vectors where the table
 * has them, else their files are written again without them. The change data feed comes in the same commit. Without any
 * change, and without an application's version to note, nothing is committed.
 *
 * @param snapshot The table as the write makes it.
 * @throws IgarapeError DELTA_CONSTRAINT, DELTA_CONFLICT
 */
export async function publishChanges(
  writer: Writer,
  snapshot: Snapshot,
  changes: RowChanges,
  options: ChangeOptions,
): Promise<WriteResult> {
  const staged: string[] = [];
  const { actions: ofRows, counts } = await stageChanges(writer, snapshot, changes, options, staged).catch(
    async (error: unknown) => {
      await discard(writer, staged);
      throw error;
    },
  );
  const actions = [...(options.change?.actions ?? []), ...ofRows];
  const metrics = options.metrics(counts);
  if (actions.length === 0 && appVersions(options.app).length === 0)
    return { ...nothingDone(snapshot), metrics };
  return publish(
    writer,
    {
      base: snapshot,
      actions: [...transactionActions(unwritten(snapshot, options.app), writer.now()), ...actions],
      operation: options.operation,
      parameters: options.parameters,
      metrics,
      reads: options.reads,
      isolation: isolationOf(snapshot),
      isBlindAppend: false,
    },
    staged,
    snapshot.configuration,
  );
}

interface StagedChanges {
  readonly actions: readonly Action[];
  readonly counts: ChangeCounts;
}

async function stageChanges(
  writer: Writer,
  snapshot: Snapshot,
  changes: RowChanges,
  options: ChangeOptions,
  staged: string[],
): Promise<StagedChanges> {
  const {
    files,
    dropped = [],
    count,
    places = await changedPlaces(writer.engine, changes.table, count),
  } = changes;
  const table = `(SELECT * FROM ${changes.table} WHERE kind IS NOT NULL)`;
  const changed = places.filter(({ kind }) => kind !== undefined);
  const byKind = countedBy(changed, ({ kind }) => kind);
  const kinds = {
    inserted: byKind.get('insert') ?? 0,
    updated: byKind.get('update') ?? 0,
    deleted: byKind.get('delete') ?? 0,
  };
  const touched = await touchedFiles(
    writer,
    countedBy(changed, ({ file }) => file),
    files,
  );
  const keep = (list: readonly StagedFile[]): readonly StagedFile[] => {
    staged.push(...list.map(({ key }) => key));
    return list;
  };
  const widens = options.change?.widens === true;
  const newRows = kinds.inserted + kinds.updated;
  const feedRows = newRows + kinds.updated + kinds.deleted;
  // Where whole files go and come, they tell the changes themselves; of what is left of a file with a deletion vector
  // not every reader knows, nor of what a file of a narrower type says in the wider one.
  const needsFeed =
    recordsChanges(snapshot) &&
    (kinds.updated > 0 ||
      touched.some(({ file, isCovered }) => widens || !isCovered || file.deletionVector !== undefined));
  const steps = [
    newRows > 0 ? stageNew(writer, snapshot, table, newRows, options).then(keep) : none(),
    needsFeed ? stageFeed(writer, snapshot, table, feedRows, options).then(keep) : none(),
    writesDeletionVectors(snapshot) && !widens
      ? markDeleted(writer, { table, places: changed }, touched, staged)
      : rewriteFiles(writer, snapshot, table, touched, staged),
  ] as const;
  // Whichever fails, what the others store is known when they are through.
  await Promise.allSettled(steps);
  const [added, feed, replaced] = await Promise.all(steps);
  const untouched = widens ? await untouchedOf(snapshot, touched) : [];
  const moved = keep(await restaged(writer, snapshot, untouched));
  const now = writer.now();
  return {
    actions: [
      ...[...dropped, ...replaced.removed].map((file) => ({ remove: removeOf(file, now, true) })),
      ...[...replaced.added, ...added.map((file) => addOf(file, now))].map((file) => ({ add: file })),
      ...untouched.map((file) => ({ remove: removeOf(file, now, false) })),
      ...moved.map((file) => ({ add: addOf(file, now, false) })),
      ...feed.map((file) => ({ cdc: changeFileOf(file) })),
    ],
    counts: {
      ...kinds,
      deleted: kinds.deleted + (await countRows(writer, dropped)),
      copied: replaced.copiedRows,
      filesAdded: added.length + replaced.added.length,
      filesRemoved: dropped.length + replaced.removed.length,
      vectors: replaced.vectors,
      changeFiles: feed.length,
    },
  };
}

/** The files of a table of which no row changes. */
async function untouchedOf(snapshot: Snapshot, touched: readonly TouchedFile[]): Promise<AddFile[]> {
  const keys = new Set(touched.map(({ file }) => filePathKey(file.path)));
  return (await snapshot.files()).filter(({ path }) => !keys.has(filePathKey(path)));
}

async function stageNew(
  writer: Writer,
  snapshot: Snapshot,
  table: string,
  rows: number,
  { rule }: ChangeOptions,
): Promise<StagedFile[]> {
  const own = await rowRules(writer.engine, snapshot.table, snapshot.metadata);
  const rules = rule === undefined ? own : [...own, rule];
  try {
    const sql = `SELECT unnest(next) FROM ${table} WHERE next IS NOT NULL`;
    return await stageRows(writer, snapshot, checkedRows(sql, rules), { rows });
  } catch (error) {
    throw brokenRule(error, snapshot.table, rules);
  }
}

const FEED_FOLDER = '_change_data/';

const CHANGE_TYPE: StructField = { name: '_change_type', type: 'string', nullable: true, metadata: {} };

/** Sorts what became of a row after what it was. */
const FEED_ORDER = '_igarape_order';

async function stageFeed(
  writer: Writer,
  snapshot: Snapshot,
  table: string,
  rows: number,
  { order = [] }: ChangeOptions,
): Promise<StagedFile[]> {
  const before = `SELECT unnest(old), if(kind = 'update', 'update_preimage', kind) AS _change_type, 0 AS ${FEED_ORDER} FROM ${table} WHERE old IS NOT NULL`;
  const after = `SELECT unnest(next), if(kind = 'update', 'update_postimage', kind) AS _change_type, 1 AS ${FEED_ORDER} FROM ${table} WHERE next IS NOT NULL`;
  return stageRows(writer, snapshot, `${before} UNION ALL ${after}`, {
    rows,
    folder: FEED_FOLDER,
    fileColumns: [CHANGE_TYPE],
    ...(order.length === 0 ? {} : { order: [...order.map(quoteName), FEED_ORDER].join(', ') }),
  });
}

async function none(): Promise<readonly StagedFile[]> {
  return [];
}
