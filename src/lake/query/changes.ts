import { CDC_COLUMNS } from '../../config/cdc-columns.ts';
import type { AddedColumns } from '../../changes/change-file.ts';
import { describedType, type Schema, sameName } from '../../core/schema.ts';
import type { Engine } from '../../engine/engine.ts';
import { quoteName } from '../../engine/quote.ts';
import { type FileHere, PUBLISHED_BY, stackedFiles } from '../stacked-files.ts';

/**
 * SQL: the rows of a table's change files in the columns of `schema`, then the added ones under the names that the
 * newest file gives them, then the run's number as `_run`. In no order: that is what the sequence is for.
 */
export async function changesQuery(
  engine: Engine,
  schema: Schema,
  files: readonly FileHere[],
): Promise<string> {
  const labels = files.at(-1)?.added ?? CDC_COLUMNS;
  const run = runColumn(schema, labels);
  const columns = schema.map(({ name, type }) => ({ name, type: describedType(type) }));
  return stackedFiles(engine, files, columns, (added) => [
    ...addedColumns(labels, added),
    `${PUBLISHED_BY} AS ${run}`,
  ]);
}

function addedColumns(labels: AddedColumns, own: AddedColumns | undefined): string[] {
  const columns = [
    ['operation', 'VARCHAR'],
    ['timestamp', 'TIMESTAMPTZ'],
    ['sequence', 'BIGINT'],
  ] as const;
  return columns.flatMap(([column, type]) => {
    const label = labels[column];
    const from = own?.[column] ?? null;
    return label === null
      ? []
      : [`CAST(${from === null ? 'NULL' : quoteName(from)} AS ${type}) AS ${quoteName(label)}`];
  });
}

function runColumn(schema: Schema, labels: AddedColumns): string {
  const taken = [...schema.map((column) => column.name), ...Object.values(labels)].filter(
    (name) => name !== null,
  );
  let name = '_run';
  while (taken.some((each) => sameName(each, name))) name = `_${name}`;
  return quoteName(name);
}
