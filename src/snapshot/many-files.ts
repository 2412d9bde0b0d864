import { ensureFolder } from '../core/ensure-folder.ts';
import type { Said, Told } from '../core/language/sentence.ts';
import { join } from 'node:path';
import type { TableConfig } from '../config/config.ts';
import { EngineError, IgarapeError } from '../core/errors.ts';
import { sameName, sqlType } from '../core/schema.ts';
import type { Engine } from '../engine/engine.ts';
import { quoteName, quoteText } from '../engine/quote.ts';
import { checkColumnNames } from './column-names.ts';
import { folderValues, type FolderValues } from './hive-path.ts';
import { openTable, type TableFile } from './open-table.ts';
import { explained, type RawColumn, type RawTable } from './raw-table.ts';
import { EmptyFile } from './unreadable.ts';

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
 * counts where they agree; else the type is found in the values, as in a file of text. A file that is empty adds nothing.
 *
 * @throws EmptyFile where all are.
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
  const empty: EmptyFile[] = [];
  for (const [index, file] of files.entries()) {
    signal.throwIfAborted();
    const part = await openPart(engine, file, table, join(workDir, `file-${index}`), signal).catch(
      (error: unknown) => {
        if (error instanceof EmptyFile) return error;
        throw besideFirst(error, parts[0]);
      },
    );
    if (part instanceof EmptyFile) {
      empty.push(part);
      continue;
    }
    const [first] = parts;
    if (first !== undefined) refuseContradiction(first, part, table);
    parts.push(part);
  }
  if (parts.length === 0 && empty[0] !== undefined) throw empty[0];
  const names = columnNames(parts);
  checkColumnNames(name, names);
  const columns = names.map((column) => unite(column, parts));
  const valuesOf = parts.map((_, index) => columns.map(({ values }) => values[index] ?? 'NULL').join(', '));
  const own = parts.map(({ raw }, index) => {
    const values = valuesOf[index] ?? '';
    return { name: raw.name, relation: `(SELECT ${values} FROM ${raw.relation})`, values, scan: raw.scan };
  });
  return {
    name,
    rows: parts.reduce((sum, { raw }) => sum + raw.rows, 0),
    rejects: parts.flatMap(({ raw }) => raw.rejects ?? []),
    misread: parts.flatMap(({ raw }) => raw.misread ?? []),
    ...unendedOf(parts),
    waiting: parts.flatMap(({ raw }) => raw.waiting ?? []),
    emptyFiles: empty.map(({ file }) => file),
    columns: columns.map(({ column }) => column),
    relation: `(${together(parts, valuesOf).join(' UNION ALL ')})`,
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
    explain: (error) => explainOf(engine, error, name, parts),
  };
}

/** SQL: the rows of all files; those that are read in the same way are named in one list. */
function together(parts: readonly Part[], valuesOf: readonly string[]): string[] {
  const groups = new Map<unknown, { readonly values: string; readonly raws: RawTable[] }>();
  for (const [index, { raw }] of parts.entries()) {
    const { scan, dialect, columns } = raw;
    const values = valuesOf[index] ?? '';
    const names = columns.map(({ name }) => name);
    const way = scan === undefined ? raw : JSON.stringify([scan.relationOf([]), dialect, names, values]);
    const group = groups.get(way);
    if (group === undefined) groups.set(way, { values, raws: [raw] });
    else group.raws.push(raw);
  }
  return [...groups.values()].map(({ values, raws }) => {
    const [first, ...others] = raws;
    const paths = raws.flatMap(({ scan }) => scan?.path ?? []);
    const isOne = first?.scan === undefined || others.length === 0;
    return `SELECT ${values} FROM ${isOne ? first?.relation : first.scan.relationOf(paths)}`;
  });
}

/** Where all files are files of lines. */
function unendedOf(parts: readonly Part[]): Pick<RawTable, 'unended'> {
  const unended = parts.map(({ raw }) => raw.unended);
  return unended.includes(undefined) ? {} : { unended: unended.flatMap((names = []) => names) };
}

async function openPart(
  engine: Engine,
  file: TableFile,
  table: TableConfig,
  folder: string,
  signal: AbortSignal,
): Promise<Part> {
  await ensureFolder(folder);
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

/**
 * Files of one table have its key, at least one column in common, and folders of the same columns; none spells a column
 * as the other does but for what cannot be seen.
 */
function refuseContradiction(first: Part, part: Part, { key }: TableConfig): void {
  const [one, other] = [first, part].map((file) => columnNames([file]));
  if (one === undefined || other === undefined) return;
  const has = (names: readonly string[], name: string): boolean =>
    names.some((candidate) => sameName(candidate, name));
  const folders = [first, part].map((file) =>
    [...file.folders.keys()]
      .map((name) => name.toLowerCase())
      .toSorted()
      .join(', '),
  );
  const lacking = key.find((name) => has(one, name) !== has(other, name));
  const isStrange = !other.some((name) => has(one, name));
  const onlyIn = (names: readonly string[], others: readonly string[]): string[] =>
    names.filter((name) => !has(others, name)).map(asSeen);
  const inOne = new Set(onlyIn(one, other));
  const isAlike = onlyIn(other, one).some((name) => inOne.has(name));
  if (lacking === undefined && !isStrange && !isAlike && folders[0] === folders[1]) return;
  const shown = (names: readonly string[]): string => names.map((name) => JSON.stringify(name)).join(', ');
  const columns = `${first.raw.name} has ${shown(one)}; ${part.raw.name} has ${shown(other)}` as const;
  throw unreadable(
    lacking === undefined
      ? `Two files of the table contradict each other: ${columns}.`
      : `Two files of the table contradict each other in the column ${JSON.stringify(lacking)} of "pk": ${columns}.`,
    'Check the headers, the separators and the folders of the two; let "file" match only the files of this table.',
  );
}

/** A name without what makes no difference to the eye: blanks, case, the way in which an accent is encoded. */
function asSeen(name: string): string {
  return name
    .normalize('NFKC')
    .replaceAll(/[\s\u200B\uFEFF]+/g, ' ')
    .trim()
    .toLowerCase();
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

/**
 * DuckDB mostly names the file that it could not read; where it does not, the first is told of that cannot be read by
 * itself, and where each can, all of them by their pattern.
 */
async function explainOf(engine: Engine, error: Error, name: string, parts: readonly Part[]): Promise<Error> {
  const broken = parts.find(
    ({ path, folder }) => error.message.includes(path) || error.message.includes(join(folder, '/')),
  );
  if (broken !== undefined) return broken.raw.explain(error);
  const explainedOf = (await parts[0]?.raw.explain(error)) ?? error;
  if (!(explainedOf instanceof IgarapeError)) return explainedOf;
  for (const { raw } of parts) {
    const trouble = await troubleOf(engine, raw);
    if (trouble !== undefined) return trouble;
  }
  const { code, message, hint = '', retryable } = explainedOf;
  const told = message.replace(parts[0]?.raw.name ?? '', name);
  return new IgarapeError(code, { quoted: told }, { hint: { quoted: hint }, retryable, cause: error });
}

/** What is wrong with a file that cannot be read. */
async function troubleOf(engine: Engine, { relation, explain }: RawTable): Promise<Error | undefined> {
  try {
    await engine.rows(`SELECT bit_xor(hash(COLUMNS(*))) FROM ${relation}`);
    return undefined;
  } catch (error) {
    if (!(error instanceof EngineError) || error.isInternal) throw error;
    const trouble = await explain(error);
    return trouble instanceof IgarapeError ? trouble : undefined;
  }
}

/** What is wrong with one file, told beside one of the same table that is well. */
function besideFirst(error: unknown, first: Part | undefined): unknown {
  if (!(error instanceof IgarapeError) || first === undefined) return error;
  const { code, message, hint, retryable, cause } = error;
  const columns = columnNames([first]).map((column) => JSON.stringify(column));
  const beside: Told = `The file ${first.raw.name} of the same table has the columns ${columns.join(', ')}.`;
  return new IgarapeError(
    code,
    { quoted: `${message} ${beside}` },
    {
      ...(hint === undefined ? {} : { hint: { quoted: hint } }),
      retryable,
      cause,
    },
  );
}

function unreadable(message: Said, hint: Told): IgarapeError {
  return new IgarapeError('TABLE_UNREADABLE', message, { hint });
}
