import { CDC_COLUMNS } from '../../config/cdc-columns.ts';
import { type AddedColumns, isAdded } from '../../changes/change-file.ts';
import { type Schema, sameName, sqlType } from '../../core/schema.ts';
import type { Engine } from '../../engine/engine.ts';
import { quoteName, quotePaths, quoteText } from '../../engine/quote.ts';

/** A change file on local disk, with the run that published it and the columns that it adds. */
export interface OpenChangeFile {
  readonly run: number;
  readonly path: string;
  readonly added: AddedColumns | undefined;
}

/**
 * SQL: the rows of a table's change files in the columns of `schema`, then the added ones under the names that the
 * newest file gives them, then the run's number as `_run`. In no order: that is what the sequence is for.
 */
export async function changesQuery(
  engine: Engine,
  schema: Schema,
  files: readonly OpenChangeFile[],
): Promise<string> {
  const labels = files.at(-1)?.added ?? CDC_COLUMNS;
  const run = runColumn(schema, labels);
  const parts: string[] = [];
  for (const group of groupsOf(files)) parts.push(await groupQuery(engine, schema, group, labels, run));
  if (parts.length > 0) return parts.join(' UNION ALL ');
  return `SELECT ${ownColumns(schema, () => false)}, ${addedColumns(labels, undefined)}, NULL::BIGINT AS ${run} LIMIT 0`;
}

/** Files that add the same columns are read in one go: a table has thousands of files, but seldom two such forms. */
function groupsOf(files: readonly OpenChangeFile[]): OpenChangeFile[][] {
  const groups = new Map<string, OpenChangeFile[]>();
  for (const file of files) {
    const form = JSON.stringify(file.added);
    groups.set(form, [...(groups.get(form) ?? []), file]);
  }
  return [...groups.values()];
}

const PATH = '_igarape_path';

async function groupQuery(
  engine: Engine,
  schema: Schema,
  files: readonly OpenChangeFile[],
  labels: AddedColumns,
  run: string,
): Promise<string> {
  const source = `read_parquet(${quotePaths(files.map(({ path }) => path))}, union_by_name = true, hive_partitioning = false, filename = ${quoteText(PATH)})`;
  const present = new Set((await engine.describe(`SELECT * FROM ${source}`)).map(({ name }) => name));
  const added = files[0]?.added;
  const own = ownColumns(schema, (column) => present.has(column) && !isAdded(added, column));
  const runs = files.map((file) => `(${quoteText(file.path)}, ${file.run}::BIGINT)`).join(', ');
  return `SELECT ${own}, ${addedColumns(labels, added)}, _igarape_run AS ${run}
    FROM ${source} JOIN (VALUES ${runs}) runs(_igarape_run_path, _igarape_run) ON ${PATH} = _igarape_run_path`;
}

function addedColumns(labels: AddedColumns, own: AddedColumns | undefined): string {
  const columns = [
    ['operation', 'VARCHAR'],
    ['timestamp', 'TIMESTAMPTZ'],
    ['sequence', 'BIGINT'],
  ] as const;
  return columns
    .flatMap(([column, type]) => {
      const label = labels[column];
      const from = own?.[column] ?? null;
      return label === null
        ? []
        : [`CAST(${from === null ? 'NULL' : quoteName(from)} AS ${type}) AS ${quoteName(label)}`];
    })
    .join(', ');
}

function runColumn(schema: Schema, labels: AddedColumns): string {
  const taken = [...schema.map((column) => column.name), ...Object.values(labels)].filter(
    (name) => name !== null,
  );
  let name = '_run';
  while (taken.some((each) => sameName(each, name))) name = `_${name}`;
  return quoteName(name);
}

/** SQL: the table's own columns in their recorded types; null where `isThere` says that the relation has none. */
function ownColumns(schema: Schema, isThere: (column: string) => boolean = () => true): string {
  return schema
    .map(
      ({ name, type }) =>
        `TRY_CAST(${isThere(name) ? quoteName(name) : 'NULL'} AS ${sqlType(type)}) AS ${quoteName(name)}`,
    )
    .join(', ');
}
