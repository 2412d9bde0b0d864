import { quoteName } from '../../engine/quote.ts';
import type { AppVersions } from '../protocol/app-version.ts';
import { queryError } from '../read/query-error.ts';
import { type WriteResult, nothingDone } from '../write/publish.ts';
import { HelperTables } from '../read/relation.ts';
import { type ConditionFiles, filesFor } from '../write/row-condition.ts';
import {
  changeColumns,
  type ChangeOptions,
  noRow,
  publishChanges,
  type RowChanges,
  rowStruct,
} from '../write/row-changes.ts';
import { AT } from '../read/row-places.ts';
import { scanFiles } from '../read/scan.ts';
import type { Snapshot } from '../log/snapshot.ts';
import { checkRemovable, checkTarget, isWritten, recordsChanges } from '../write/target.ts';
import type { Writer } from '../files/disk.ts';

export interface DeleteOptions {
  /** A condition in SQL; without one, every row is deleted. */
  readonly where?: string;
  readonly app?: AppVersions;
}

/**
 * Deletes the rows for which a condition holds. Where it names partition columns only, no file is read.
 *
 * @throws IgarapeError DELTA_QUERY, DELTA_CONSTRAINT, DELTA_UNSUPPORTED, DELTA_CONFLICT
 */
export async function deleteRows(
  writer: Writer,
  snapshot: Snapshot,
  { where, app }: DeleteOptions = {},
): Promise<WriteResult> {
  checkTarget(snapshot);
  checkRemovable(snapshot, 'a delete');
  if (isWritten(snapshot, app)) return nothingDone(snapshot);
  const tables = new HelperTables(writer.engine);
  try {
    const condition = await filesFor(writer, snapshot, where);
    const changes = await deletedRows(writer, snapshot, condition, where, tables);
    return await publishChanges(writer, snapshot, changes, {
      operation: 'DELETE',
      parameters: { predicate: JSON.stringify(where === undefined ? [] : [where]) },
      reads: condition.reads,
      app,
      metrics: deleteMetrics,
    });
  } finally {
    await tables.drop();
  }
}

/** The rows for which a condition holds, to be deleted. */
export async function deletedRows(
  writer: Writer,
  snapshot: Snapshot,
  { sql, files, isExact }: ConditionFiles,
  where: string | undefined,
  tables: HelperTables,
): Promise<RowChanges> {
  const { schema, table } = snapshot;
  // The rows that are left of a file with a deletion vector are told one by one: not every reader derives them.
  const areWhole = files.every(({ deletionVector }) => deletionVector === undefined);
  if (isExact && (areWhole || !recordsChanges(snapshot))) {
    const columns = changeColumns({
      file: 'CAST(NULL AS BIGINT)',
      row: 'CAST(NULL AS BIGINT)',
      kind: `''`,
      old: noRow(schema),
      next: noRow(schema),
    });
    return {
      table: await tables.createAs(`SELECT ${columns} WHERE false`),
      count: 0,
      files: [],
      dropped: files,
    };
  }
  const rows = await scanFiles(writer, snapshot, files, { positions: true });
  try {
    const columns = changeColumns({
      file: AT.file,
      row: AT.row,
      kind: `'delete'`,
      old: rowStruct(schema, ({ name }) => quoteName(name)),
      next: noRow(schema),
    });
    const { name, count } = await writer.engine.withJoinsAsWritten(() =>
      tables.createCounted(`SELECT ${columns} FROM (${rows.sql}) WHERE ${sql}`),
    );
    return { table: name, count, files };
  } catch (error) {
    throw queryError(error, table, where);
  } finally {
    await rows.release();
  }
}

const deleteMetrics: ChangeOptions['metrics'] = (counts) => ({
  numDeletedRows: counts.deleted,
  numCopiedRows: counts.copied,
  numAddedFiles: counts.filesAdded,
  numRemovedFiles: counts.filesRemoved,
  numDeletionVectorsAdded: counts.vectors,
  numAddedChangeFiles: counts.changeFiles,
});
