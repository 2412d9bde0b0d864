import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { TableConfig } from '../config/config.ts';
import { IgarapeError } from '../core/errors.ts';
import { sameName, sqlType } from '../core/schema.ts';
import type { Engine } from '../engine/engine.ts';
import { quoteName, quoteText } from '../engine/quote.ts';
import { checkColumnNames } from './column-names.ts';
import { folderValues, type FolderValues } from './hive-path.ts';
import { openTable, type TableFile } from './open-table.ts';
import { explained, type RawColumn, type RawTable } from './raw-table.ts';

/** A file of the table, opened. */
interface Part {
  readonly path: string;
  /** What the file was rewritten to, where it was, lies here. */
  readonly folder: string;
  readonly raw: RawTable;
  readonly folders: FolderValues;
}

/**
 * The rows of many files as one relation. Its columns are those of all files, by name: one that a file does not have is
 * null there, and folders named as `dt=2024-01-01` give one, too. What the files themselves say of a column's type
 * counts where they agree; else the type is found in the values, as in a file of text.
 *
 * @throws IgarapeError TABLE_UNREADABLE, SOURCE_CORRUPT also where the files contradict each other.
 */
export async function openManyFiles(
  engine: Engine,
  { name, files }: { readonly name: string; readonly files: readonly TableFile[] },
  table: TableConfig,
  workDir: string,
  signal: AbortSignal,
): Promise<RawTable> {
  const parts: Part[] = [];
  for (const [index, file] of files.entries()) {
    signal.throwIfAborted();
    const part = await openPart(engine, file, table, join(workDir, `file-${index}`), signal).catch(
      (error: unknown) => {
        throw besideFirst(error, parts[0]);
      },
    );
    const [first] = parts;
    if (first !== undefined) refuseContradiction(first, part, table);
    parts.push(part);
  }
  const names = columnNames(parts);
  checkColumnNames(name, names);
  const columns = names.map((column) => unite(column, parts));
  const own = parts.map(({ raw }, index) => ({
    name: raw.name,
    relation: `(SELECT ${columns.map(({ values }) => values[index] ?? 'NULL').join(', ')} FROM ${raw.relation})`,
  }));
  const rows = parts.reduce((sum: number | undefined, { raw }) => plus(sum, raw.rows), 0);
  return {
    name,
    ...(rows === undefined ? {} : { rows }),
    rejects: parts.flatMap(({ raw }) => raw.rejects ?? []),
    columns: columns.map(({ column }) => column),
    relation: `(${own.map(({ relation }) => `FROM ${relation}`).join(' UNION ALL ')})`,
    dialect: `files ${[...new Set(parts.map(({ raw }) => raw.dialect))].toSorted().join(', ')}`,
    files: own,
    locate: async (column, text) => {
      for (const { raw } of parts) {
        const found = await raw.locate?.(column, text);
        if (found !== undefined) return found;
      }
      return undefined;
    },
    isPartial: parts.some(({ raw }) => raw.isPartial === true),
    explain: (error) => explainOf(error, name, parts),
  };
}

function plus(left: number | undefined, right: number | undefined): number | undefined {
  return left === undefined || right === undefined ? undefined : left + right;
}

async function openPart(
  engine: Engine,
  file: TableFile,
  table: TableConfig,
  folder: string,
  signal: AbortSignal,
): Promise<Part> {
  await mkdir(folder, { recursive: true });
  const raw = await openTable(engine, file, table, folder, signal);
  const folders = folderValues(file.name);
  for (const [column, value] of folders) await refuseOtherValue(engine, raw, column, value);
  return { path: file.path, folder, raw, folders };
}

/** A column that the file has as well as its folders must say the same in every row. */
async function refuseOtherValue(
  engine: Engine,
  raw: RawTable,
  name: string,
  value: string | null,
): Promise<void> {
  const column = findColumn(raw, name);
  if (column === undefined) return;
  const text = textOf(column);
  const number = (sql: string): string => `TRY_CAST(${sql} AS DECIMAL(38,10))`;
  const wanted = value === null ? 'NULL' : quoteText(value);
  const [row] = await explained(
    raw.explain,
    engine.rows(`SELECT ${text} AS found FROM ${raw.relation}
      WHERE ${text} IS DISTINCT FROM ${wanted} AND coalesce(${number(text)} <> ${number(wanted)}, true) LIMIT 1`),
  );
  if (row === undefined) return;
  throw unreadable(
    `${raw.name}: its folder says that ${name} is ${JSON.stringify(value)}, and a row of the file that it is ${JSON.stringify(row['found'])}.`,
    'Move the file to the folder of its rows, or rename the folder or the column.',
  );
}

/** Files of one table have its key, at least one column in common, and folders of the same columns. */
function refuseContradiction(first: Part, part: Part, { key }: TableConfig): void {
  const [one, other] = [first, part].map((file) => columnNames([file]));
  if (one === undefined || other === undefined) return;
  const has = (names: readonly string[], name: string): boolean =>
    names.some((candidate) => sameName(candidate, name));
  const folders = [first, part].map((file) => [...file.folders.keys()].toSorted().join(', '));
  const lacking = key.find((name) => has(one, name) !== has(other, name));
  const isStrange = !other.some((name) => has(one, name));
  if (lacking === undefined && !isStrange && folders[0] === folders[1]) return;
  const shown = [
    { name: first.raw.name, columns: one },
    { name: part.raw.name, columns: other },
  ].map(({ name, columns }) => `${name} has ${columns.map((column) => JSON.stringify(column)).join(', ')}`);
  const what =
    lacking === undefined
      ? 'Two files of the table contradict each other'
      : `Two files of the table contradict each other in the column ${JSON.stringify(lacking)} of "pk"`;
  throw unreadable(
    `${what}: ${shown.join('; ')}.`,
    'Check the headers, the separators and the folders of the two; let "file" match only the files of this table.',
  );
}

/** Columns of the files in the order in which they first come, then those of their folders. */
function columnNames(parts: readonly Part[]): string[] {
  const names = new Map<string, string>();
  const add = (name: string): void => {
    const folded = name.toLowerCase();
    if (!names.has(folded)) names.set(folded, name);
  };
  for (const { raw } of parts) for (const { name } of raw.columns) add(name);
  for (const { folders } of parts) for (const name of folders.keys()) add(name);
  return [...names.values()];
}

interface United {
  readonly column: RawColumn;
  /** SQL: the column's value in each file, `AS` its name. */
  readonly values: readonly string[];
}

function unite(name: string, parts: readonly Part[]): United {
  const quoted = quoteName(name);
  const plain: RawColumn = { name, text: quoted, scalar: quoted, hashed: quoted };
  const folders = parts.map((part) => folderValue(part, name));
  if (folders.some((value) => value !== undefined)) {
    const values = folders.map((value) => (value == null ? 'CAST(NULL AS VARCHAR)' : quoteText(value)));
    return { column: plain, values: values.map((value) => `${value} AS ${quoted}`) };
  }
  const found = parts.map(({ raw }) => findColumn(raw, name));
  const valuesOf = (valueOf: (column: RawColumn) => string, none: string): string[] =>
    found.map((column) => `${column === undefined ? none : valueOf(column)} AS ${quoted}`);
  const present = found.filter((column) => column !== undefined);
  const type = present[0]?.typed?.type;
  if (type !== undefined && present.every(({ typed }) => typed?.type === type)) {
    const text = `CAST(${quoted} AS VARCHAR)`;
    return {
      column: { name, text, scalar: text, hashed: quoted, typed: { type, sql: quoted } },
      values: valuesOf(({ typed }) => typed?.sql ?? 'NULL', `CAST(NULL AS ${sqlType(type)})`),
    };
  }
  const [first] = present;
  const written = present.map((column) => writtenAs(column, quoted));
  if (first !== undefined && written.every((form) => form !== undefined && form === written[0])) {
    const values = valuesOf((column) => quoteName(column.name), 'NULL');
    return { column: { ...first, name }, values };
  }
  const special = present.find(
    ({ typed, text, scalar, reads }) => typed === undefined && (text !== scalar || reads !== undefined),
  );
  if (special !== undefined) throw refuseForms(name, special, parts);
  return { column: plain, values: valuesOf(textOf, 'CAST(NULL AS VARCHAR)') };
}

function folderValue({ folders }: Part, name: string): string | null | undefined {
  return [...folders].find(([column]) => sameName(column, name))?.[1];
}

/** How an untyped column is read, told without its own spelling of the name; undefined for one that has a type. */
function writtenAs({ name, typed, ...sql }: RawColumn, quoted: string): string | undefined {
  if (typed !== undefined) return undefined;
  return JSON.stringify(sql).replaceAll(
    JSON.stringify(quoteName(name)).slice(1, -1),
    JSON.stringify(quoted).slice(1, -1),
  );
}

/** SQL: a value as text. */
function textOf({ text, typed }: RawColumn): string {
  return typed === undefined ? text : `CAST(${typed.sql} AS VARCHAR)`;
}

function findColumn(raw: RawTable, name: string): RawColumn | undefined {
  return raw.columns.find((column) => sameName(column.name, name));
}

function refuseForms(name: string, special: RawColumn, parts: readonly Part[]): IgarapeError {
  const one = parts.find(({ raw }) => raw.columns.includes(special))?.raw.name ?? '';
  const other =
    parts.find(({ raw }) => raw.name !== one && findColumn(raw, name)?.text !== special.text)?.raw.name ?? '';
  return unreadable(
    `The column ${name} is written in one way in ${one} and in another in ${other}, so that it cannot be put together.`,
    'Let "file" match files of one format only.',
  );
}

/** DuckDB names the file that it could not read; where it does not, all of them are told of by their pattern. */
function explainOf(error: Error, name: string, parts: readonly Part[]): Error {
  const broken = parts.find(
    ({ path, folder }) => error.message.includes(path) || error.message.includes(join(folder, '/')),
  );
  if (broken !== undefined) return broken.raw.explain(error);
  const explainedOf = parts[0]?.raw.explain(error) ?? error;
  if (!(explainedOf instanceof IgarapeError)) return explainedOf;
  const { code, message, hint = '', retryable } = explainedOf;
  const told = message.replace(parts[0]?.raw.name ?? '', name);
  return new IgarapeError(code, told, { hint, retryable, cause: error });
}

/** What is wrong with one file, told beside one of the same table that is well. */
function besideFirst(error: unknown, first: Part | undefined): unknown {
  if (!(error instanceof IgarapeError) || first === undefined) return error;
  const { code, message, hint, retryable, cause } = error;
  const columns = columnNames([first]).map((column) => JSON.stringify(column));
  const beside = `${first.raw.name}, a file of the same table, has the columns ${columns.join(', ')}.`;
  return new IgarapeError(code, `${message} ${beside}`, {
    ...(hint === undefined ? {} : { hint }),
    retryable,
    cause,
  });
}

function unreadable(message: string, hint: string): IgarapeError {
  return new IgarapeError('TABLE_UNREADABLE', message, { hint });
}
