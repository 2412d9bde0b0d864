import { sameName } from '../../core/schema.ts';
import { type RemoveFile, removeOf } from '../protocol/actions.ts';
import type { AppVersions } from '../protocol/app-version.ts';
import { partitionNames } from './create-table.ts';
import { READ_NOTHING, readEverything } from '../log/conflict.ts';
import { evolveSchema } from '../write/evolve-schema.ts';
import { nothingDone, publish, type WriteResult } from '../write/publish.ts';
import { restaged } from '../write/rewrite-files.ts';
import { columnsOf, type NewRows, ownKeys, stageNew } from '../write/new-rows.ts';
import { refused, schemaOfColumns } from '../write/row-source.ts';
import type { Snapshot } from '../log/snapshot.ts';
import { addOf, fileMetrics } from '../write/stage.ts';
import { type ChangedTable, changedTable } from '../write/table-change.ts';
import {
  checkRemovable,
  checkTarget,
  isolationOf,
  isWritten,
  transactionActions,
  unwritten,
} from '../write/target.ts';
import type { Writer } from '../files/disk.ts';

export interface WriteOptions {
  /** Adds columns that the table lacks, and widens types, which writes every file anew in the same commit. */
  readonly mergeSchema?: boolean;
  /** Makes the write happen once: it is skipped where the table has these versions of the applications, or later ones. */
  readonly app?: AppVersions;
  /** Table properties to be set in the same commit, e.g. `{ owner: 'sales' }`; the others stay. */
  readonly configuration?: Readonly<Record<string, string>>;
}

export interface OverwriteOptions extends WriteOptions {
  /** Takes the rows' schema for the table's, whatever that was. */
  readonly overwriteSchema?: boolean;
  /** With `overwriteSchema`: the columns that the table is partitioned by from then on; those of before by default. */
  readonly partitionColumns?: readonly string[];
}

/**
 * Adds rows. A blind append: it goes together with whatever others do to the table, but for a change of
 * its schema, properties or protocol.
 *
 * @param rows Their columns go by name, those that they lack are null.
 * @throws IgarapeError DELTA_QUERY, DELTA_CONSTRAINT, DELTA_UNSUPPORTED, DELTA_CONFLICT
 */
export async function appendRows(
  writer: Writer,
  snapshot: Snapshot,
  rows: NewRows,
  options: WriteOptions = {},
): Promise<WriteResult> {
  checkTarget(snapshot);
  if (isWritten(snapshot, options.app)) return nothingDone(snapshot);
  const target = await targetOf(writer, snapshot, rows, options, true);
  const added = await stageNew(writer, target.after, rows);
  const rewritten = target.widens ? await restaged(writer, target.after, await snapshot.files()) : [];
  return publish(
    writer,
    {
      base: snapshot,
      actions: [
        ...target.actions,
        ...transactionActions(unwritten(snapshot, options.app), writer.now()),
        ...(target.widens ? await removesOf(snapshot, writer.now(), false) : []),
        ...rewritten.map((file) => ({ add: addOf(file, writer.now(), false) })),
        ...added.map((file) => ({ add: addOf(file, writer.now()) })),
      ],
      operation: 'WRITE',
      parameters: { mode: 'Append', partitionBy: JSON.stringify(snapshot.metadata.partitionColumns) },
      metrics: fileMetrics(added),
      reads: target.widens ? readEverything(snapshot) : READ_NOTHING,
      isolation: isolationOf(target.after),
      isBlindAppend: target.actions.length === 0,
    },
    [...rewritten.map(({ key }) => key), ...ownKeys(rows, added)],
    target.after.configuration,
  );
}

/**
 * Replaces all rows by others, in one commit.
 *
 * @throws IgarapeError as {@link appendRows}
 */
export async function overwriteRows(
  writer: Writer,
  snapshot: Snapshot,
  rows: NewRows,
  options: OverwriteOptions = {},
): Promise<WriteResult> {
  checkTarget(snapshot);
  checkRemovable(snapshot, 'an overwrite');
  if (options.partitionColumns !== undefined && options.overwriteSchema !== true)
    throw refused('partitionColumns goes with overwriteSchema');
  if (isWritten(snapshot, options.app)) return nothingDone(snapshot);
  const target =
    options.overwriteSchema === true
      ? await newSchema(writer, snapshot, rows, options)
      : await targetOf(writer, snapshot, rows, options, false);
  const added = await stageNew(writer, target.after, rows);
  return publish(
    writer,
    {
      base: snapshot,
      actions: [
        ...target.actions,
        ...transactionActions(unwritten(snapshot, options.app), writer.now()),
        ...(await removesOf(snapshot, writer.now(), true)),
        ...added.map((file) => ({ add: addOf(file, writer.now()) })),
      ],
      operation: 'WRITE',
      parameters: { mode: 'Overwrite', partitionBy: JSON.stringify(target.after.metadata.partitionColumns) },
      metrics: { ...fileMetrics(added), numRemovedFiles: snapshot.fileCount },
      reads: readEverything(snapshot),
      isolation: isolationOf(target.after),
      isBlindAppend: false,
    },
    ownKeys(rows, added),
    target.after.configuration,
  );
}

async function removesOf(
  snapshot: Snapshot,
  deletedMs: number,
  dataChange: boolean,
): Promise<{ remove: RemoveFile }[]> {
  return (await snapshot.files()).map((file) => ({ remove: removeOf(file, deletedMs, dataChange) }));
}

interface Target extends ChangedTable {
  readonly widens: boolean;
}

async function targetOf(
  writer: Writer,
  snapshot: Snapshot,
  rows: NewRows,
  { mergeSchema, configuration }: WriteOptions,
  keepsRows: boolean,
): Promise<Target> {
  const evolution =
    mergeSchema === true
      ? evolveSchema(snapshot, await columnsOf(writer, rows, snapshot.partitionFields))
      : undefined;
  const upgrade = configuration === undefined ? 'listed' : 'any';
  const wanted = { schema: evolution?.schema, configuration, keepsRows, upgrade } as const;
  return { ...changedTable(snapshot, wanted), widens: evolution?.widens ?? false };
}

async function newSchema(
  writer: Writer,
  snapshot: Snapshot,
  rows: NewRows,
  { configuration, partitionColumns: names = snapshot.metadata.partitionColumns }: OverwriteOptions,
): Promise<Target> {
  const stillApart = snapshot.partitionFields.filter((field) =>
    names.some((name) => sameName(name, field.name)),
  );
  const schema = schemaOfColumns(await columnsOf(writer, rows, stillApart));
  const partitionColumns = partitionNames(schema, names);
  const wanted = { schema, partitionColumns, configuration, keepsRows: false, upgrade: 'any' } as const;
  return { ...changedTable(snapshot, wanted), widens: false };
}
