import { join, posix } from 'node:path';
import pLimit from 'p-limit';
import { sameName, sqlType } from '../../core/schema.ts';
import type { HelperTables } from '../../delta/read/relation.ts';
import type { Engine } from '../../engine/engine.ts';
import { quoteName, quoteText } from '../../engine/quote.ts';
import { BRONZE_COLUMNS } from '../source-views.ts';
import { CHANGE } from './columns.ts';
import {
  castColumn,
  type ForeignColumns,
  type ForeignForm,
  isUnreadable,
  readForeignColumns,
  ROW_NUMBER,
} from './foreign-columns.ts';
import type { ForeignFile, ForeignFiles } from './foreign-files.ts';
import { checkExact, type ForeignSchema, growSchema } from './foreign-schema.ts';

/** Where a change stands among those with its order value: earlier files' names first, then folders, then rows. */
export const PLACE: readonly string[] = [CHANGE.file, CHANGE.folder, CHANGE.row];

/** The rows of files, in a table of the engine. */
export interface LoadedFiles {
  readonly table: string;
  readonly schema: ForeignSchema;
  readonly files: readonly ForeignFile[];
  /** Files that are gone or cannot be read (yet). */
  readonly unreadable: readonly ForeignFile[];
}

export interface LoadRequest {
  readonly form: ForeignForm;
  readonly source: ForeignFiles;
  /** In the order in which they are wanted. */
  readonly files: readonly ForeignFile[];
  readonly maxFiles: number;
  readonly recorded: ForeignSchema;
  readonly workDir: string;
}

/**
 * Reads files, up to `maxFiles` of those that can be read.
 *
 * @throws IgarapeError TABLE_UNREADABLE where a file does not fit the table
 */
export async function loadForeignFiles(
  engine: Engine,
  helpers: HelperTables,
  request: LoadRequest,
): Promise<LoadedFiles> {
  const unreadable: ForeignFile[] = [];
  for (let pass = 0; ; pass += 1) {
    const files = request.files.filter((file) => !unreadable.includes(file));
    const workDir = join(request.workDir, String(pass));
    const opened = await openFiles(engine, { ...request, files, workDir }, unreadable);
    const table = await createTable(helpers, opened.schema);
    const damaged = await fillTable(engine, table, opened, request.form);
    if (damaged === undefined)
      return { table, schema: opened.schema, files: opened.files.map(({ file }) => file), unreadable };
    // Its columns must not count either: all over again, without it.
    unreadable.push(damaged);
  }
}

interface OpenFiles {
  readonly files: readonly ForeignColumns[];
  readonly schema: ForeignSchema;
}

const AT_ONCE = 8;

async function openFiles(
  engine: Engine,
  { form, source, files, maxFiles, recorded, workDir }: LoadRequest,
  unreadable: ForeignFile[],
): Promise<OpenFiles> {
  const limit = pLimit(AT_ONCE);
  const opened: ForeignColumns[] = [];
  let schema = recorded;
  for (let start = 0; opened.length < maxFiles && start < files.length;) {
    const wanted = files.slice(start, start + Math.min(maxFiles - opened.length, AT_ONCE));
    const paths = await Promise.all(
      wanted.map((file, index) =>
        limit(() => source.localFile(file, join(workDir, `${start + index}.parquet`))),
      ),
    );
    for (const [index, file] of wanted.entries()) {
      const path = paths[index];
      const found = path === undefined ? undefined : await readForeignColumns(engine, file, path, form);
      if (found === undefined) unreadable.push(file);
      else {
        const grown = await growSchema(engine, schema, found, form.key);
        schema = grown.schema;
        opened.push(grown.file);
      }
    }
    start += wanted.length;
  }
  return { files: opened, schema };
}

async function createTable(helpers: HelperTables, { columns, orderType }: ForeignSchema): Promise<string> {
  const own = columns.map(({ name, type }) => `${quoteName(name)} ${sqlType(type)}`);
  return helpers.create(
    [
      ...own,
      `${BRONZE_COLUMNS.timestamp} TIMESTAMPTZ`,
      `${CHANGE.operation} VARCHAR`,
      `${CHANGE.order} ${sqlType(orderType ?? 'text')}`,
      `${CHANGE.file} VARCHAR`,
      `${CHANGE.folder} VARCHAR`,
      `${CHANGE.row} BIGINT`,
      `${CHANGE.reason} VARCHAR`,
    ].join(', '),
  );
}

/** Resolves a file that turned out to be damaged, where there is one. */
async function fillTable(
  engine: Engine,
  table: string,
  { files, schema }: OpenFiles,
  { key }: ForeignForm,
): Promise<ForeignFile | undefined> {
  for (const file of files) {
    try {
      await checkExact(engine, file, schema);
      await engine.run(`INSERT INTO ${table} ${changesOf(file, schema, key)}`);
    } catch (error) {
      if (isUnreadable(error)) return file.file;
      throw error;
    }
  }
  return undefined;
}

function changesOf(
  file: ForeignColumns,
  { columns, orderType }: ForeignSchema,
  key: readonly string[],
): string {
  const find = (wanted: string): string => {
    const column = file.columns.find((each) => sameName(each.name, wanted));
    const type = columns.find((each) => sameName(each.name, wanted))?.type;
    return column === undefined || type === undefined ? 'NULL' : castColumn(column, type);
  };
  const { operation } = CHANGE;
  const { name } = file.file;
  const isKeyless = key.map((each) => `${find(each)} IS NULL`).join(' OR ');
  return `SELECT ${[...columns.map((column) => find(column.name)), file.time].join(', ')},
      ${file.operation} AS ${operation}, ${castColumn(file.order, orderType ?? file.order.type)},
      ${quoteText(posix.basename(name))}, ${quoteText(name.slice(0, -posix.basename(name).length))}, ${ROW_NUMBER},
      CASE WHEN ${isKeyless} THEN 'no key' WHEN ${operation} IN ('I', 'U', 'D') THEN NULL ELSE 'unknown operation' END
    FROM ${file.relation}`;
}
