import { isOn } from '../protocol/configuration.ts';
import { IgarapeError } from '../../core/errors.ts';
import { quoteName } from '../../engine/quote.ts';
import type { Action, AddFile, RemoveFile } from '../protocol/actions.ts';
import { physicalName } from '../schema/column-mapping.ts';
import { type CommitChanges, commitChanges, vectorDifference } from './commit-changes.ts';
import { readCommit } from '../log/commit-read.ts';
import type { CommitTimes } from '../log/commit-times.ts';
import type { VersionOrTime } from '../log/versions.ts';
import { readDeletionVector } from '../vectors/deletion-vector.ts';
import type { Disk } from '../files/disk.ts';
import { checkReadable } from '../protocol/features.ts';
import type { Relation } from './relation.ts';
import { type ScanFile, scanFiles, type TableShape } from './scan.ts';
import { findField, parseSchema, type StructField } from '../schema/schema.ts';
import { unreadableAs } from '../schema/read-as.ts';
import type { Snapshot } from '../log/snapshot.ts';

const CHANGE_TYPE = '_change_type';
const COMMIT_VERSION = '_commit_version';
const COMMIT_TIMESTAMP = '_commit_timestamp';

export interface ChangesOptions {
  /** The first version whose changes are wanted; of a time, the first version since. */
  readonly from: VersionOrTime;
  /** The last one; the newest where it is left out. */
  readonly to?: VersionOrTime;
}

export interface ChangeRange {
  /** The first version whose changes are wanted. */
  readonly from: number;
  /** The last one; where it is the one before the first, there are no changes. */
  readonly to: number;
}

/**
 * The changes of a range of versions: the table's columns as they are at its end, then `_change_type` (`insert`,
 * `update_preimage`, `update_postimage`, `delete`), `_commit_version` and `_commit_timestamp`. In no order.
 *
 * @throws IgarapeError DELTA_CHANGE_FEED where the table did not record changes, or its columns changed so that they
 * cannot be shown as one table; DELTA_VERSION; DELTA_MISSING where files were vacuumed; DELTA_CORRUPT
 */
export async function readChanges(
  disk: Disk,
  { from, to, at }: ChangeRange & { readonly at: (version: number) => Promise<Snapshot> },
  times: CommitTimes,
): Promise<Relation> {
  const end = await at(to);
  checkNames(end);
  const start = from >= to ? end : await at(from);
  checkRecorded(start, start.version);
  checkSchema(start, end);
  const scans = new ChangeScans();
  for (let version = from; version <= to; version += 1) {
    const actions = await commitOf(disk, version);
    checkCommit(actions, version, end);
    const constants = [String(version), String(await times.of(version))];
    await scans.add(disk, end, commitChanges(actions), constants);
  }
  return scans.relation(disk, end);
}

/** Files whose changes are to be read, by how they are read. */
class ChangeScans {
  readonly #recorded: ScanFile[] = [];
  readonly #whole: ScanFile[] = [];
  readonly #rows: ScanFile[] = [];

  async add(disk: Disk, end: Snapshot, changes: CommitChanges, commit: readonly string[]): Promise<void> {
    if (changes.kind === 'recorded') {
      this.#recorded.push(...changes.files.map((file) => ({ ...file, constants: commit })));
      return;
    }
    for (const change of changes.files) {
      const partitionValues = partitionValuesOf(change.file, end);
      const { path, sizeBytes, stats } = change.file;
      if (change.type !== 'vector') {
        const { deletionVector } = change.file;
        const vector = deletionVector === undefined ? {} : { deletionVector };
        this.#whole.push({
          path,
          sizeBytes,
          stats,
          partitionValues,
          ...vector,
          constants: [...commit, change.type],
        });
        continue;
      }
      const [before, after] = await Promise.all(
        [change.before, change.after].map(async (vector) =>
          vector === undefined ? [] : readDeletionVector(disk, vector),
        ),
      );
      const { deleted, inserted } = vectorDifference(before ?? [], after ?? []);
      for (const [type, rows] of [
        ['delete', deleted],
        ['insert', inserted],
      ] as const) {
        if (rows.length > 0)
          this.#rows.push({ path, sizeBytes, stats, partitionValues, rows, constants: [...commit, type] });
      }
    }
  }

  async relation(disk: Disk, end: Snapshot): Promise<Relation> {
    // Recorded changes are found by name even where columns are mapped by id: the change type has none.
    const { table, schema, mapping } = end;
    const inFiles = { table, schema, mapping };
    const byName = { ...inFiles, mapping: mapping === 'id' ? ('name' as const) : mapping };
    const commit = [COMMIT_VERSION, COMMIT_TIMESTAMP];
    const open: Relation[] = [];
    const release = async (): Promise<void> => {
      for (const relation of open.splice(0)) await relation.release();
    };
    try {
      const recorded = { constants: commit, fileColumns: [CHANGE_TYPE_FIELD] };
      const derived = { constants: [...commit, CHANGE_TYPE] };
      for (const { shape, files } of byLayout(byName, this.#recorded))
        open.push(await scanFiles(disk, shape, files, recorded));
      for (const { shape, files } of [...byLayout(inFiles, this.#whole), ...byLayout(inFiles, this.#rows)])
        open.push(await scanFiles(disk, shape, files, derived));
      if (open.length === 0) open.push(await scanFiles(disk, end, [], derived));
    } catch (error) {
      await release();
      throw error;
    }
    const columns = [
      ...end.schema.fields.map(({ name }) => quoteName(name)),
      CHANGE_TYPE,
      `CAST(${COMMIT_VERSION} AS BIGINT) AS ${COMMIT_VERSION}`,
      `make_timestamptz(CAST(${COMMIT_TIMESTAMP} AS BIGINT) * 1000) AS ${COMMIT_TIMESTAMP}`,
    ].join(', ');
    return { sql: open.map(({ sql }) => `SELECT ${columns} FROM (${sql})`).join(' UNION ALL '), release };
  }
}

interface FilesOfLayout {
  readonly shape: TableShape;
  readonly files: readonly ScanFile[];
}

/** Files by the columns that they lie apart by: a table may have got others since. What the log does not tell of a file is in it. */
function byLayout(
  table: Omit<TableShape, 'partitionFields'>,
  files: readonly ScanFile[],
): readonly FilesOfLayout[] {
  const layouts = new Map<string, FilesOfLayout & { readonly files: ScanFile[] }>();
  for (const file of files) {
    const partitionFields = table.schema.fields.filter((field) =>
      Object.hasOwn(file.partitionValues, physicalName(field, table.mapping)),
    );
    const name = JSON.stringify(partitionFields.map((field) => field.name));
    const layout = layouts.get(name) ?? { shape: { ...table, partitionFields }, files: [] };
    layout.files.push(file);
    layouts.set(name, layout);
  }
  return [...layouts.values()];
}

const CHANGE_TYPE_FIELD: StructField = { name: CHANGE_TYPE, type: 'string', nullable: true, metadata: {} };

async function commitOf(disk: Disk, version: number): Promise<Action[]> {
  const actions = await readCommit(disk.storage, version);
  if (actions !== undefined) return actions;
  throw new IgarapeError(
    'DELTA_VERSION',
    `${disk.storage.uri}: the commit of version ${version} is not in its log`,
    {
      hint: 'Old commits are removed after the log retention of the table: begin with a newer version.',
    },
  );
}

function checkCommit(actions: readonly Action[], version: number, end: Snapshot): void {
  for (const action of actions) {
    if ('protocol' in action) checkReadable(action.protocol, end.table);
    if (!('metaData' in action)) continue;
    const { schemaString, configuration } = action.metaData;
    checkRecorded({ table: end.table, configuration }, version);
    checkSchema({ version, schema: parseSchema(schemaString) }, end);
  }
}

function checkRecorded(
  { table, configuration }: Pick<Snapshot, 'table' | 'configuration'>,
  version: number,
): void {
  if (isOn(configuration, 'delta.enableChangeDataFeed')) return;
  throw new IgarapeError('DELTA_CHANGE_FEED', `${table} does not record its changes at version ${version}`, {
    hint: 'Changes are recorded from the version on that sets delta.enableChangeDataFeed to true: begin there.',
  });
}

function checkSchema(older: Pick<Snapshot, 'version' | 'schema'>, end: Snapshot): void {
  const reason = unreadableAs(older.schema, end.schema, end.mapping);
  if (reason === undefined) return;
  throw new IgarapeError(
    'DELTA_CHANGE_FEED',
    `${end.table}: the changes of version ${older.version} do not fit the columns of version ${end.version}: ${reason}`,
    { hint: 'Read the versions before and after the change of columns apart.' },
  );
}

function checkNames(end: Snapshot): void {
  for (const name of [CHANGE_TYPE, COMMIT_VERSION, COMMIT_TIMESTAMP]) {
    if (findField(end.schema, name) === undefined) continue;
    throw new IgarapeError('DELTA_CHANGE_FEED', `${end.table} has a column ${name} of its own`, {
      hint: 'The name is reserved for the change data feed.',
    });
  }
}

/** A value that a file has none of is null; of a removed file only where it tells all: Spark leaves its nulls out. */
function partitionValuesOf(file: AddFile | RemoveFile, end: Snapshot): ScanFile['partitionValues'] {
  const values = file.partitionValues ?? {};
  const missing = end.partitionFields.find(
    (field) => !Object.hasOwn(values, physicalName(field, end.mapping)),
  );
  if (missing === undefined || 'modifiedMs' in file) return values;
  if (file.extendedFileMetadata === true && file.partitionValues !== undefined) return values;
  throw new IgarapeError(
    'DELTA_CHANGE_FEED',
    `${end.table}: the log does not say in which ${missing.name} the removed file ${file.path} was`,
  );
}
