import type { Writer } from '../files/disk.ts';
import { readEverything } from '../log/conflict.ts';
import type { Snapshot } from '../log/snapshot.ts';
import { removeOf } from '../protocol/actions.ts';
import { unreadable } from '../read/query-error.ts';
import { scanFiles } from '../read/scan.ts';
import { partitionNames } from '../operations/create-table.ts';
import { evolveSchema } from '../write/evolve-schema.ts';
import { publish, type WriteResult } from '../write/publish.ts';
import { sourceColumns } from '../write/row-source.ts';
import { addOf, stageRows } from '../write/stage.ts';
import { changedTable } from '../write/table-change.ts';
import { checkTarget, isolationOf } from '../write/target.ts';

export interface Layout {
  /** The columns that files lie apart by; none for an empty list. */
  readonly partitionColumns: readonly string[];
  /** Table properties to be set in the same commit; the others stay. */
  readonly configuration?: Readonly<Record<string, string>>;
  /** SQL of a select list over the table's rows, for columns that come or go with the layout. */
  readonly select?: string;
}

/**
 * Writes all files of a table anew, in another layout, in one commit. The rows stay the same: a reader of changes sees
 * none.
 *
 * @throws IgarapeError DELTA_CONFLICT where the table was changed meanwhile; DELTA_UNSUPPORTED, DELTA_QUERY
 */
export async function layOut(
  writer: Writer,
  snapshot: Snapshot,
  { partitionColumns, configuration, select = '*' }: Layout,
): Promise<WriteResult> {
  checkTarget(snapshot);
  const files = await snapshot.files();
  const rows = await scanFiles(writer, snapshot, files);
  try {
    const sql = `SELECT ${select} FROM (${rows.sql})`;
    const columns = await sourceColumns(writer.engine, sql);
    const names = new Set(columns.map(({ name }) => name.toLowerCase()));
    const { fields } = (evolveSchema(snapshot, columns) ?? snapshot).schema;
    const schema = {
      type: 'struct' as const,
      fields: fields.filter(({ name }) => names.has(name.toLowerCase())),
    };
    const { after, actions } = changedTable(snapshot, {
      schema,
      partitionColumns: partitionNames(schema, partitionColumns),
      configuration,
      keepsRows: true,
      upgrade: 'any',
    });
    const staged = await stageRows(writer, after, sql).catch(unreadable(snapshot.table));
    const now = writer.now();
    return await publish(
      writer,
      {
        base: snapshot,
        actions: [
          ...actions,
          ...files.map((file) => ({ remove: removeOf(file, now, false) })),
          ...staged.map((file) => ({ add: addOf(file, now, false) })),
        ],
        operation: 'OPTIMIZE',
        parameters: { partitionBy: JSON.stringify(after.metadata.partitionColumns) },
        metrics: { numRemovedFiles: files.length, numAddedFiles: staged.length },
        reads: readEverything(snapshot),
        isolation: isolationOf(after),
        isBlindAppend: false,
      },
      staged.map(({ key }) => key),
      after.configuration,
    );
  } finally {
    await rows.release();
  }
}
