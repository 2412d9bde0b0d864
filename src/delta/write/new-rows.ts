import type { Writer } from '../files/disk.ts';
import type { TableState } from '../log/replay.ts';
import type { Metadata } from '../protocol/actions.ts';
import { encodeUriPath, filePathKey } from '../protocol/uri-path.ts';
import { physicalName } from '../schema/column-mapping.ts';
import { allFields, findField, type StructField } from '../schema/schema.ts';
import { sqlTypeOf } from '../schema/sql-schema.ts';
import {
  checkFolders,
  findFiles,
  type FoundFile,
  notTaken,
  stageFound,
  storedFields,
} from './found-files.ts';
import { type GivenRows, type RowSource, withGivenRows } from './given-rows.ts';
import { checkInsert } from './made-values.ts';
import { brokenRule, checkedRows, rowRules } from './row-rules.ts';
import { alignedRows, refused, type SourceColumn, sourceColumns } from './row-source.ts';
import { type StagedFile, stageRows, type TargetShape } from './stage.ts';

/**
 * Rows that are in the table's folder already: Parquet files, by their names below its root, e.g. `load-7/part-0.parquet`.
 * They become files of the table as they are.
 */
export interface ParquetFiles {
  readonly files: readonly string[];
  /** Local files with the same bytes, by name, where there are some already: the others are fetched. */
  readonly copies?: ReadonlyMap<string, string>;
}

/** Rows that are to become a table's: one SELECT, or files that are there. */
export type NewRows = string | readonly FoundFile[];

/** Does something with rows that users give, which may be files that are there. @throws as {@link withGivenRows} */
export async function withNewRows<T>(
  writer: Writer,
  given: Omit<GivenRows, 'rows'> & { readonly rows: RowSource | ParquetFiles },
  use: (rows: NewRows) => Promise<T>,
): Promise<T> {
  const { rows, known, parameters } = given;
  if (!isFiles(rows)) return withGivenRows(writer, { rows, known, parameters }, use);
  if (parameters !== undefined) throw refused('parameters go with SQL, and these rows are none');
  return use(await findFiles(writer, rows));
}

function isFiles(source: RowSource | ParquetFiles): source is ParquetFiles {
  return typeof source === 'object' && 'files' in source && !(Symbol.iterator in source);
}

/**
 * The columns of rows, with their types.
 *
 * @param partitions Columns that files have in their folders, not in themselves.
 * @throws IgarapeError DELTA_QUERY, DELTA_UNSUPPORTED
 */
export async function columnsOf(
  writer: Writer,
  rows: NewRows,
  partitions: readonly StructField[],
): Promise<readonly SourceColumn[]> {
  if (typeof rows === 'string') return sourceColumns(writer.engine, rows);
  return [...(await storedFields(writer, rows, partitions)), ...partitions];
}

/** A table that rows are to be files of. */
export interface StageTarget extends TargetShape {
  readonly metadata: Metadata;
  readonly state?: Pick<TableState, 'files'>;
}

/**
 * Rows as files that no commit names yet, all of which meet the table's rules.
 *
 * @throws IgarapeError DELTA_QUERY, DELTA_UNSUPPORTED for what it cannot hold; DELTA_CONSTRAINT for what breaks a rule
 */
export async function stageNew(writer: Writer, target: StageTarget, rows: NewRows): Promise<StagedFile[]> {
  const rules = await rowRules(writer.engine, target.table, target.metadata);
  if (typeof rows !== 'string') {
    await checkFiles(writer, target, rows);
    return stageFound(writer, target, rows, rules);
  }
  const aligned = await alignedRows(writer.engine, target, rows);
  try {
    return await stageRows(writer, target, checkedRows(aligned, rules));
  } catch (error) {
    throw brokenRule(error, target.table, rules);
  }
}

/** The files that go where a commit cannot be: those that were made for it. */
export function ownKeys(rows: NewRows, staged: readonly StagedFile[]): string[] {
  return typeof rows === 'string' ? staged.map(({ key }) => key) : [];
}

/** Refuses files that would be read as something else, or twice. */
async function checkFiles(writer: Writer, target: StageTarget, found: readonly FoundFile[]): Promise<void> {
  const { table, schema, mapping, partitionFields } = target;
  const renamed = allFields(schema).find((field) => physicalName(field, mapping) !== field.name);
  if (renamed !== undefined)
    throw notTaken(table, `its column ${renamed.name} is called otherwise in files than in the table`);
  checkFolders(
    table,
    found,
    partitionFields.map(({ name }) => name),
  );
  const twice = found.find(({ key }) => target.state?.files.all().has(filePathKey(encodeUriPath(key))));
  if (twice !== undefined) throw notTaken(table, `${twice.key} is a file of the table already`);
  const fields = await storedFields(writer, found, partitionFields);
  checkInsert(table, schema, ({ name }) => findField({ type: 'struct', fields }, name) !== undefined);
  for (const { name, type } of fields) {
    const field = findField(schema, name);
    if (field?.name !== name) throw notTaken(table, `the table has no column ${name}`);
    if (sqlTypeOf(field.type) !== sqlTypeOf(type))
      throw notTaken(
        table,
        `the column ${name} is ${sqlTypeOf(type)} in them, and ${sqlTypeOf(field.type)} in the table`,
      );
  }
}
