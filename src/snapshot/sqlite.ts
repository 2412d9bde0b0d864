import { copyFile, open, rm, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { TextDecoder } from 'node:util';
import type { Database } from 'node-sqlite3-wasm';
import type { TableConfig } from '../config/config.ts';
import { refuseUnclosed } from '../source/unclosed.ts';
import { canonicalNumber, openCells } from './cell-file.ts';
import { type CellRow, writeCells } from './cell-writer.ts';
import { checkColumnNames } from './column-names.ts';
import type { TableFile } from './open-table.ts';
import type { RawTable } from './raw-table.ts';
import { unreadable } from './unreadable.ts';

/**
 * A table or view of a SQLite database as a relation. A value is what SQLite stores, whatever its column declares:
 * integers of 64 bits, the shortest text of a double, text, and bytes as base64 text.
 *
 * @throws IgarapeError TABLE_UNREADABLE a database that is being written, cut off or damaged; no such table
 */
export async function openSqlite(
  file: TableFile,
  table: TableConfig,
  workDir: string,
  signal: AbortSignal,
): Promise<RawTable> {
  return withDatabase(file, workDir, async (sqlite) => {
    const chosen = chooseTable(sqlite, file.name, table);
    try {
      return await readOne(sqlite, file.name, chosen.name, workDir, signal);
    } catch (error) {
      if (chosen.type === 'table' || !isOfSqlite(error)) throw error;
      throw unreadable(
        file.name,
        `SQLite cannot read its ${chosen.type} ${JSON.stringify(chosen.name)} (${error.message})`,
        'Correct it in the database, where texts stand in single quotes and names in double ones; or set "table" of the table to another one.',
        error,
      );
    }
  });
}

async function readOne(
  sqlite: Database,
  file: string,
  source: string,
  workDir: string,
  signal: AbortSignal,
): Promise<RawTable> {
  const names = sqlite
    .all('SELECT name FROM pragma_table_xinfo(?) WHERE hidden <> 1 ORDER BY cid', [source])
    .map(nameOf);
  checkColumnNames(file, names);
  const path = join(workDir, 'cells.ndjson');
  const written = await writeCells(rowsOf(sqlite, file, source, names), path, signal);
  const key = sqlite
    .all('SELECT name FROM pragma_table_xinfo(?) WHERE pk > 0 ORDER BY pk', [source])
    .map(nameOf);
  return {
    ...openCells({ path, names, ...written }, file, 'sqlite cells'),
    ...(key.length === 0 ? {} : { declaredKey: key }),
  };
}

/**
 * The names of a database's tables and views.
 *
 * @throws IgarapeError TABLE_UNREADABLE a database that is being written, cut off or damaged
 */
export function sqliteTables(file: TableFile, workDir: string): Promise<readonly string[]> {
  return withDatabase(file, workDir, (sqlite) => Promise.resolve(tablesOf(sqlite).map(({ name }) => name)));
}

async function withDatabase<Result>(
  file: TableFile,
  workDir: string,
  use: (sqlite: Database) => Promise<Result>,
): Promise<Result> {
  const database = join(workDir, 'database.sqlite');
  await link(file, database);
  const { Database } = (await import('node-sqlite3-wasm')).default;
  let sqlite: Database | undefined;
  try {
    sqlite = new Database(database, { fileMustExist: true, readOnly: true });
    return await use(sqlite);
  } catch (error) {
    if (!isOfSqlite(error)) throw error;
    throw DAMAGED.test(error.message)
      ? unreadable(file.name, 'it is a damaged SQLite database', 'Fetch it again.', error)
      : unreadable(
          file.name,
          `SQLite cannot read it (${error.message})`,
          'Have the source corrected, or write the table as CSV, JSON or Parquet.',
          error,
        );
  } finally {
    sqlite?.close();
    await rm(database, { force: true });
  }
}

const DAMAGED = /malformed|is not a database|disk I\/O error|unable to open/;

function isOfSqlite(error: unknown): error is Error {
  return error instanceof Error && error.name === 'SQLite3Error';
}

const HEADER_BYTES = 100;
const WRITE_AHEAD = 2;
const FIRST_UTF_16 = 2;

/**
 * Makes the database readable below the working folder, where SQLite may leave its lock: nothing is written beside the
 * source's file. One that was written ahead is copied, and told to be none.
 */
async function link({ path, name }: TableFile, to: string): Promise<void> {
  await refuseUnclosed(name, async (left) => {
    const beside = `${path}${left.slice(name.length)}`;
    return (await stat(beside).catch(() => undefined))?.size;
  });
  const file = await open(path);
  let header: Buffer;
  try {
    header = (await file.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0)).buffer;
  } finally {
    await file.close();
  }
  if (header.readUInt32BE(56) >= FIRST_UTF_16)
    throw unreadable(
      name,
      'its texts are in UTF-16, which is not read',
      'Make a copy in UTF-8, as `sqlite3 FILE .dump | sqlite3 COPY` does, and read that.',
    );
  const pageBytes = header.readUInt16BE(16) === 1 ? 65_536 : header.readUInt16BE(16);
  const isSizeValid = header.readUInt32BE(24) === header.readUInt32BE(92);
  const neededBytes = isSizeValid ? pageBytes * header.readUInt32BE(28) : pageBytes;
  const { size } = await stat(path);
  if (size < neededBytes)
    throw unreadable(name, `it is cut off: ${size} bytes of ${neededBytes}`, 'Fetch it again.');
  await rm(to, { force: true });
  if (header[18] !== WRITE_AHEAD && (await linked(path, to))) return;
  await copyFile(path, to);
  const copy = await open(to, 'r+');
  try {
    await copy.write(Buffer.from([1, 1]), 0, 2, 18);
  } finally {
    await copy.close();
  }
}

async function linked(path: string, to: string): Promise<boolean> {
  try {
    await symlink(path, to);
    return true;
  } catch {
    // Some systems let only administrators make links.
    return false;
  }
}

interface Relation {
  readonly name: string;
  readonly type: 'table' | 'view' | 'virtual table';
}

/** Not the tables in which a virtual one keeps what it has. */
function tablesOf(sqlite: Database): readonly Relation[] {
  return sqlite
    .all(
      `SELECT name, type FROM pragma_table_list
        WHERE schema = 'main' AND type <> 'shadow' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name`,
    )
    .map((row) => ({
      name: nameOf(row),
      type: row['type'] === 'view' ? 'view' : row['type'] === 'virtual' ? 'virtual table' : 'table',
    }));
}

function chooseTable(sqlite: Database, file: string, { name, sqliteTable }: TableConfig): Relation {
  const tables = tablesOf(sqlite);
  const wanted = sqliteTable ?? name;
  const found =
    tables.find((table) => table.name === wanted) ??
    tables.find((table) => table.name.toLowerCase() === wanted.toLowerCase()) ??
    (sqliteTable === undefined && tables.length === 1 ? tables[0] : undefined);
  if (found !== undefined) return found;
  const there =
    tables.length === 0
      ? 'no tables'
      : tables
          .slice(0, 10)
          .map((table) => JSON.stringify(table.name))
          .join(', ');
  throw unreadable(
    file,
    `it has no table ${JSON.stringify(wanted)}: it has ${there}`,
    'Set "table" of the table to one of them.',
  );
}

/**
 * SQL: a value whose type in JavaScript tells the one that it is stored in, so that a column takes one of the result,
 * which has no more than a table: a text is its bytes, for as a text it would end at a NUL, and what is no text would
 * become another one; an integer is a text of digits; bytes are a text that begins with `x`.
 */
function toldValue(name: string): string {
  const column = quoted(name);
  return `CASE typeof(${column}) WHEN 'text' THEN CAST(${column} AS BLOB) WHEN 'integer' THEN CAST(${column} AS TEXT)
    WHEN 'blob' THEN 'x' || hex(${column}) ELSE ${column} END`;
}

function* rowsOf(
  sqlite: Database,
  file: string,
  table: string,
  names: readonly string[],
): Generator<CellRow> {
  const values = names.map((name, index) => `${toldValue(name)} AS v${index}`);
  const statement = sqlite.prepare(`SELECT ${values.join(', ')} FROM ${quoted(table)}`);
  let number = 0;
  try {
    for (const row of statement.iterate()) {
      number += 1;
      yield names.map((name, index) => {
        try {
          return cellOf(row[`v${index}`]);
        } catch (error) {
          throw unreadable(
            file,
            `the text of the column ${JSON.stringify(name)} in row ${number} is no UTF-8`,
            'Correct it at the source; or set "table" to a view that leaves the column out.',
            error,
          );
        }
      });
    }
  } finally {
    statement.finalize();
  }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** @throws TypeError for a text that is no UTF-8. */
function cellOf(value: unknown): string | null {
  if (value instanceof Uint8Array) return `s${UTF8.decode(value)}`;
  if (typeof value === 'string')
    return value.startsWith('x') ? `s${Buffer.from(value.slice(1), 'hex').toString('base64')}` : `n${value}`;
  if (typeof value !== 'number') return null;
  if (!Number.isFinite(value)) return `n${value}`;
  if (!Number.isInteger(value) || Math.abs(value) >= 1e21) return canonicalNumber(String(value));
  return `n${Object.is(value, -0) ? '-0' : value}.0`;
}

function nameOf(row: Readonly<Record<string, unknown>>): string {
  return typeof row['name'] === 'string' ? row['name'] : '';
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
