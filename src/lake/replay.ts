import { isAdded } from '../changes/change-file.ts';
import { type Schema, sqlType } from '../core/schema.ts';
import type { Engine } from '../engine/engine.ts';
import { equalIn, quoteName, quotePath, quotePaths } from '../engine/quote.ts';
import { exactCast } from '../engine/sql-column.ts';
import type { HistoryFile, TableHistory } from './history.ts';

/** A published file, on local disk. */
export interface LocalHistoryFile extends HistoryFile {
  readonly path: string;
}

/**
 * Leaves in the relation `name` what a reader gets who applies a table's full-load and then its change files, by key,
 * in order. This is the definition of the published files' meaning, and shares nothing with the comparison that made
 * them.
 */
export async function replay(
  engine: Engine,
  history: Omit<TableHistory, 'files'> & { readonly files: readonly LocalHistoryFile[] },
  name: string,
): Promise<void> {
  const [fullLoad, ...changeFiles] = history.files;
  const { schema } = history.state;
  if (fullLoad === undefined) throw new RangeError(`${history.name} has no full-load.`);
  const present = (await columnsOf(engine, [fullLoad.path])).get(fullLoad.path);
  await engine.run(`CREATE OR REPLACE TEMP TABLE ${name} AS ${rowsOf(fullLoad.path, present, schema)}`);
  for (const files of bySameKey(changeFiles)) await applyFiles(engine, files, schema, name);
}

/** The same from rows that are known to be what the files before these give, in the relation `known`. */
export async function replayOn(
  engine: Engine,
  known: string,
  { state: { schema }, files }: Pick<TableHistory, 'state'> & { readonly files: readonly LocalHistoryFile[] },
  name: string,
): Promise<void> {
  const columns = schema.map((column) => quoteName(column.name)).join(', ');
  await engine.run(`CREATE OR REPLACE TEMP TABLE ${name} AS SELECT ${columns} FROM ${known}`);
  for (const group of bySameKey(files)) await applyFiles(engine, group, schema, name);
}

/** Change files that follow each other and are applied by the same key can be applied in one go. */
function bySameKey(files: readonly LocalHistoryFile[]): LocalHistoryFile[][] {
  const groups: LocalHistoryFile[][] = [];
  for (const file of files) {
    const group = groups.at(-1);
    if (group?.[0]?.primaryKey.join('\0') === file.primaryKey.join('\0')) group.push(file);
    else groups.push([file]);
  }
  return groups;
}

async function applyFiles(
  engine: Engine,
  files: readonly LocalHistoryFile[],
  schema: Schema,
  name: string,
): Promise<void> {
  const key = files[0]?.primaryKey ?? [];
  for (let start = 0; start < files.length; start += FILES_AT_ONCE) {
    const batch = files.slice(start, start + FILES_AT_ONCE);
    await collectLastChanges(engine, batch, { key, schema, start });
  }
  const columns = schema.map((column) => quoteName(column.name)).join(', ');
  await engine.run(`CREATE OR REPLACE TEMP TABLE ${name} AS
    SELECT ${columns} FROM ${name} t WHERE NOT EXISTS (SELECT 1 FROM ${LAST_CHANGES} c WHERE ${equalIn(key, 'c', 't')})
    UNION ALL SELECT ${columns} FROM ${LAST_CHANGES} WHERE _igarape_operation <> 'D'`);
  await engine.run(`DROP TABLE ${LAST_CHANGES}`);
}

/** So many open files are held in memory at a time. */
const FILES_AT_ONCE = 32;

const LAST_CHANGES = 'igarape_last_changes';

/** Adds files, the first of which is number `start` of all, to the table of each key's last change. */
async function collectLastChanges(
  engine: Engine,
  files: readonly LocalHistoryFile[],
  {
    key,
    schema,
    start,
  }: { readonly key: readonly string[]; readonly schema: Schema; readonly start: number },
): Promise<void> {
  const present = await columnsOf(
    engine,
    files.map(({ path }) => path),
  );
  const sources = files.map(({ path, file }, index) => {
    const operation = quoteName(file.cdcColumns?.operation ?? '');
    const sequence = file.cdcColumns?.sequence ?? undefined;
    const own = [...(present.get(path) ?? [])].filter((column) => !isAdded(file.cdcColumns, column));
    return rowsOf(path, new Set(own), schema, [
      `${operation} AS _igarape_operation`,
      `${start + index} AS _igarape_file`,
      // Without a sequence a key is in a file once, so that any order is right.
      `${sequence === undefined ? 0 : quoteName(sequence)} AS _igarape_row`,
    ]);
  });
  if (start > 0) sources.push(`SELECT * FROM ${LAST_CHANGES}`);
  const keyList = key.map(quoteName).join(', ');
  await engine.run(`CREATE OR REPLACE TEMP TABLE ${LAST_CHANGES} AS
    SELECT * FROM (${sources.join(' UNION ALL ')})
    QUALIFY row_number() OVER (PARTITION BY ${keyList} ORDER BY _igarape_file DESC, _igarape_row DESC) = 1`);
}

/** The names of the columns that files have, by path; one statement for all, for there may be many. */
async function columnsOf(
  engine: Engine,
  paths: readonly string[],
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const found = new Map(paths.map((path) => [path, new Set<string>()]));
  const rows = await engine.rows(
    `SELECT file_name, name FROM parquet_schema(${quotePaths(paths)}) WHERE type IS NOT NULL`,
  );
  const folders = paths.filter((path) => path.endsWith('/'));
  for (const row of rows) {
    const file = String(row['file_name']);
    const path = found.has(file) ? file : folders.find((folder) => file.startsWith(folder));
    found.get(path ?? '')?.add(String(row['name']));
  }
  const without = paths.find((path) => found.get(path)?.size === 0);
  if (without !== undefined) throw new RangeError(`${without} has no columns.`);
  return found;
}

/** SQL: a file's rows in the columns and types of `schema`. */
function rowsOf(
  path: string,
  present: ReadonlySet<string> | undefined,
  schema: Schema,
  more: readonly string[] = [],
): string {
  const columns = schema.map(({ name, type }) => {
    const value = present?.has(name) === true ? quoteName(name) : 'NULL';
    return `${exactCast(value, undefined, sqlType(type))} AS ${quoteName(name)}`;
  });
  return `SELECT ${[...columns, ...more].join(', ')} FROM read_parquet(${quotePath(path)}, hive_partitioning = false)`;
}
