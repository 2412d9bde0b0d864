import type { AppVersions } from '../protocol/app-version.ts';
import { type WriteResult, nothingDone } from '../write/publish.ts';
import type { RowSource } from '../write/given-rows.ts';
import { type NewRows, type ParquetFiles, withNewRows } from '../write/new-rows.ts';
import { bindParameters, type WithParameters } from '../read/parameters.ts';
import { checkExpected, type ExpectedVersion } from './expected-version.ts';
import { type OverwriteOptions, overwriteRows } from './write-table.ts';
import { alignedRows, refused, rowsError } from '../write/row-source.ts';
import { deletedRows } from './delete-rows.ts';
import { HelperTables } from '../read/relation.ts';
import { filesFor } from '../write/row-condition.ts';
import { changeColumns, noRow, publishChanges, rowStruct } from '../write/row-changes.ts';
import { quoteName } from '../../engine/quote.ts';
import type { Snapshot } from '../log/snapshot.ts';
import { changedTable } from '../write/table-change.ts';
import { checkRemovable, checkTarget, isWritten } from '../write/target.ts';
import type { Writer } from '../files/disk.ts';

export interface ReplaceOptions {
  /** A condition in SQL on the table's columns. */
  readonly where: string;
  readonly app?: AppVersions;
  /** Table properties to be set in the same commit; the others stay. */
  readonly configuration?: Readonly<Record<string, string>>;
  /** What the commit tells beside its own counts, of rows that were compared: `numTargetRowsUpdated` … */
  readonly metrics?: Readonly<Record<string, number>>;
}

/** Replaces all rows, or, with `where`, those for which a condition holds, by rows of any kind. */
export async function replaceRows(
  writer: Writer,
  before: Snapshot,
  rows: RowSource | ParquetFiles,
  options: (OverwriteOptions | ReplaceOptions) & ExpectedVersion & WithParameters,
): Promise<WriteResult> {
  checkExpected(before, options);
  const { parameters, ...rest } = options;
  const isAnew = 'overwriteSchema' in rest && rest.overwriteSchema;
  const source = {
    rows,
    known: isAnew ? undefined : before.schema,
    parameters: typeof rows === 'string' ? parameters : undefined,
  };
  return withNewRows(writer, source, (given) =>
    'where' in rest && rest.where !== undefined
      ? replaceWhere(writer, before, given, { ...rest, where: bindParameters(rest.where, parameters) })
      : overwriteRows(writer, before, given, rest),
  );
}

/**
 * Replaces the rows for which a condition holds by those of a query, all of which have to meet it, too.
 *
 * @throws IgarapeError DELTA_CONSTRAINT for a row outside of the condition; else as for appending
 */
export async function replaceWhere(
  writer: Writer,
  before: Snapshot,
  rows: NewRows,
  { where, app, configuration, metrics }: ReplaceOptions,
): Promise<WriteResult> {
  checkTarget(before);
  if (typeof rows !== 'string') throw refused('files that are there replace all rows, or none');
  checkRemovable(before, 'an overwrite');
  if (isWritten(before, app)) return nothingDone(before);
  const wanted = { configuration, keepsRows: true, upgrade: 'any' } as const;
  const { after: snapshot, actions } = changedTable(before, wanted);
  const { schema } = snapshot;
  const tables = new HelperTables(writer.engine);
  try {
    const condition = await filesFor(writer, snapshot, where);
    const aligned = await alignedRows(writer.engine, snapshot, rows);
    const changes = await deletedRows(writer, snapshot, condition, where, tables);
    const inserted = changeColumns({
      file: 'NULL',
      row: 'NULL',
      kind: `'insert'`,
      old: noRow(schema),
      next: rowStruct(schema, ({ name }) => quoteName(name)),
    });
    const added = await tables
      .insert(changes.table, `SELECT ${inserted} FROM (${aligned})`)
      .catch((error: unknown) => {
        throw rowsError(error);
      });
    const all = { ...changes, count: changes.count + added };
    return await publishChanges(writer, snapshot, all, {
      operation: 'WRITE',
      parameters: {
        mode: 'Overwrite',
        partitionBy: JSON.stringify(snapshot.metadata.partitionColumns),
        predicate: where,
      },
      reads: condition.reads,
      app,
      change: { actions, widens: false },
      rule: { name: `it has to meet the condition that is replaced, ${where}`, sql: `(${where}\n)` },
      metrics: (counts) => ({
        numOutputRows: counts.inserted,
        numDeletedRows: counts.deleted,
        numFiles: counts.filesAdded,
        numRemovedFiles: counts.filesRemoved,
        numAddedChangeFiles: counts.changeFiles,
        ...metrics,
      }),
    });
  } finally {
    await tables.drop();
  }
}
