import { READ_NOTHING } from '../log/conflict.ts';
import type { Snapshot } from '../log/snapshot.ts';
import { findField, type StructField } from '../schema/schema.ts';
import type { WriteResult } from '../write/publish.ts';
import { refused } from '../write/row-source.ts';
import type { Writer } from '../files/disk.ts';
import { alter } from './alter-table.ts';

/** What a table and its columns are said to be; what is left out stays, and an empty text takes it away. */
export interface Descriptions {
  readonly table?: string;
  /** By name. */
  readonly columns?: Readonly<Record<string, string>>;
}

/**
 * Says what the table and its columns are.
 *
 * @throws IgarapeError DELTA_QUERY where there is no such column; DELTA_CONFLICT
 */
export async function setDescriptions(
  writer: Writer,
  snapshot: Snapshot,
  { table: description, columns = {} }: Descriptions,
): Promise<WriteResult> {
  const { schema } = snapshot;
  const comments = new Map<StructField, string>();
  for (const [name, comment] of Object.entries(columns)) {
    const field = findField(schema, name);
    if (field === undefined) throw refused(`the table has no column ${name} to describe`);
    comments.set(field, comment);
  }
  const fields = schema.fields.map((field) => commented(field, comments.get(field)));
  const isOfColumns = comments.size > 0;
  return alter(writer, snapshot, {
    wanted: { schema: { ...schema, fields }, description, keepsRows: true, upgrade: 'any' },
    operation: isOfColumns ? 'CHANGE COLUMNS' : 'SET TBLPROPERTIES',
    parameters: isOfColumns
      ? { columns: JSON.stringify(columns) }
      : { properties: JSON.stringify({ comment: description ?? '' }) },
    reads: READ_NOTHING,
  });
}

function commented(field: StructField, comment: string | undefined): StructField {
  if (comment === undefined) return field;
  const { comment: _, ...metadata } = field.metadata;
  return { ...field, metadata: comment === '' ? metadata : { ...metadata, comment } };
}
