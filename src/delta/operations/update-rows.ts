import { IgarapeError } from '../../core/errors.ts';
import { quoteName } from '../../engine/quote.ts';
import type { AppVersions } from '../protocol/app-version.ts';
import { checkExpressions } from '../read/predicate.ts';
import { queryError } from '../read/query-error.ts';
import { type WriteResult, nothingDone } from '../write/publish.ts';
import { HelperTables } from '../read/relation.ts';
import { filesFor } from '../write/row-condition.ts';
import { changeColumns, differSql, publishChanges, rowStruct } from '../write/row-changes.ts';
import { AT } from '../read/row-places.ts';
import { scanFiles } from '../read/scan.ts';
import { findField, type StructField, type StructType } from '../schema/schema.ts';
import type { Snapshot } from '../log/snapshot.ts';
import { checkUpdate } from '../write/made-values.ts';
import { checkRemovable, checkTarget, isWritten } from '../write/target.ts';
import type { Writer } from '../files/disk.ts';

export interface UpdateOptions {
  /** SQL expressions by column, e.g. `{ points: 'points + 1' }`; they see the row as it was. */
  readonly set: Readonly<Record<string, string>>;
  readonly where?: string;
  readonly app?: AppVersions;
}

/**
 * Changes the rows for which a condition holds. A row that stays as it was is neither written nor told as a change.
 *
 * @throws IgarapeError DELTA_QUERY, DELTA_CONSTRAINT, DELTA_UNSUPPORTED, DELTA_CONFLICT
 */
export async function updateRows(
  writer: Writer,
  snapshot: Snapshot,
  { set, where, app }: UpdateOptions,
): Promise<WriteResult> {
  checkTarget(snapshot);
  checkRemovable(snapshot, 'an update');
  const values = assignments(snapshot.schema, set);
  await checkExpressions(writer.engine, [], Object.values(set));
  checkUpdate(snapshot.table, values.keys());
  if (isWritten(snapshot, app)) return nothingDone(snapshot);
  const { files, sql, reads } = await filesFor(writer, snapshot, where);
  const tables = new HelperTables(writer.engine);
  const rows = await scanFiles(writer, snapshot, files, { positions: true });
  try {
    const columns = changeColumns({
      file: AT.file,
      row: AT.row,
      kind: `'update'`,
      old: rowStruct(snapshot.schema, ({ name }) => quoteName(name)),
      next: rowStruct(snapshot.schema, (field) => values.get(field) ?? quoteName(field.name)),
    });
    const changed = `SELECT * FROM (SELECT ${columns} FROM (${rows.sql}) WHERE ${sql}) WHERE ${differSql(snapshot.schema)}`;
    const { name: table, count } = await writer.engine
      .withJoinsAsWritten(() => tables.createCounted(changed))
      .catch((error: unknown) => {
        throw queryError(error, snapshot.table, where ?? Object.values(set).join(', '));
      });
    return await publishChanges(
      writer,
      snapshot,
      { table, count, files },
      {
        operation: 'UPDATE',
        parameters: { predicate: JSON.stringify(where === undefined ? [] : [where]) },
        reads,
        app,
        metrics: (counts) => ({
          numUpdatedRows: counts.updated,
          numCopiedRows: counts.copied,
          numAddedFiles: counts.filesAdded,
          numRemovedFiles: counts.filesRemoved,
          numDeletionVectorsAdded: counts.vectors,
          numAddedChangeFiles: counts.changeFiles,
        }),
      },
    );
  } finally {
    await rows.release();
    await tables.drop();
  }
}

/** Expressions by the columns that they are for. @throws IgarapeError DELTA_QUERY for a column that is not there. */
export function assignments(
  schema: StructType,
  set: Readonly<Record<string, string>>,
): ReadonlyMap<StructField, string> {
  const values = new Map<StructField, string>();
  for (const [name, sql] of Object.entries(set)) {
    const field = findField(schema, name);
    if (field === undefined || values.has(field)) {
      throw new IgarapeError(
        'DELTA_QUERY',
        `The column ${name} cannot be set: ${field === undefined ? 'the table has none of that name' : 'it is set twice'}`,
        { hint: `Its columns are ${schema.fields.map((known) => known.name).join(', ')}.` },
      );
    }
    values.set(field, `(${sql}\n)`);
  }
  return values;
}
