import { randomUUID } from 'node:crypto';
import { copyFile, rename, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ensureFolder } from '../../core/ensure-folder.ts';
import { IgarapeError, systemErrorCode, systemReason } from '../../core/errors.ts';
import type { Engine } from '../../engine/engine.ts';
import { quoteName, quoteText } from '../../engine/quote.ts';
import { sealEngine } from '../../engine/seal.ts';
import { printSql } from '../../engine/sql-tree.ts';
import type { Storage } from '../../storage/port.ts';
import { readNewestEntry } from '../ledger.ts';
import { localPath } from '../stored.ts';
import { hintOnQuotes, namedTables } from './names.ts';
import { NO_OTHERS, type OtherTables } from './other-tables.ts';
import { openPastVersions } from './past-versions.ts';
import { queriedLake } from './queried-lake.ts';
import { hasTable, openTable, unknownTable } from './tables.ts';

export interface QueryRequest {
  readonly sql: string;
  readonly storage: Storage;
  /** A folder of this query's own, for files of a lake that is not on this disk. */
  readonly workDir: string;
  /** Where bases of a lake that is not on this disk are kept between runs; by default `workDir`. */
  readonly basesDir?: string;
  /** Tables beside those of the change files, made with the same engine. */
  readonly others?: OtherTables;
  /** Files and folders beside the lake that the SQL may read, e.g. by `read_csv`. */
  readonly allowFiles?: readonly string[];
}

export interface QueryColumn {
  readonly name: string;
  /** The engine's name of the type: `BIGINT`, `DECIMAL(12,2)`, `TIMESTAMP WITH TIME ZONE` … */
  readonly type: string;
}

/** Integers of up to 32 bits and doubles are numbers, longer integers bigint; every other value is the engine's text of it. */
export type QueryValue = boolean | number | bigint | string | null;

export interface QueryRows {
  readonly columns: readonly QueryColumn[];
  readonly rows: readonly (readonly QueryValue[])[];
  /** True where there are more rows than were asked for. */
  readonly truncated: boolean;
}

export type QueryFormat = 'csv' | 'jsonl' | 'parquet';

/** A query that is checked and has its tables open; nothing was computed yet. */
export interface OpenQuery {
  readonly columns: readonly QueryColumn[];
  /** The first rows, at most `limit`. */
  rows(limit: number): Promise<QueryRows>;
  /**
   * Writes the rows, all or the first `limit`, to a file at `path`. Numbers in JSON have all their digits; NaN and
   * Infinity are text there.
   */
  write(path: string, format: QueryFormat, limit?: number): Promise<WrittenRows>;
}

export interface WrittenRows {
  readonly rows: number;
  readonly bytes: number;
}

const RESULT = 'igarape_result';

/**
 * Opens a SELECT over a lake: `t` is a table's latest state, `run_3.t` its state after run 3, `full_load.t` what the
 * newest full-load published, `cdc.t` all its changes with their run as `_run`; other tables have schemas of their own,
 * and past versions by AT. Only tables that the SQL names are opened. The engine must be new and the query's own, for the names stay in it.
 *
 * The SQL is somebody's own and runs in a sealed engine: it reads the tables that it names and the files that are
 * allowed, writes nothing, has no network and changes no setting.
 *
 * @throws IgarapeError USAGE for anything but one SELECT, for unknown tables and for functions that lead out of the
 * lake, and with the engine's words for other errors.
 */
export async function openQuery(engine: Engine, request: QueryRequest): Promise<OpenQuery> {
  const { storage, workDir, others = NO_OTHERS, allowFiles = [] } = request;
  const allowed = await allowedPaths(allowFiles);
  const { tree, tables, defined, hasPast } = await namedTables(engine, request.sql, {
    mayReadFiles: allowFiles.length > 0,
  });
  const newest = tables.length === 0 ? undefined : await readNewestEntry(storage);
  const lake = queriedLake(newest, {
    storage,
    basesDir: request.basesDir ?? workDir,
    open: (file) => localPath(storage, file, join(workDir, file.key.replaceAll('/', '__'))),
    others,
  });
  for (const name of tables) {
    if (SYSTEM_SCHEMAS.has(name.schema)) continue;
    if (name.schema === '' && !hasTable(newest, name.table)) {
      if (defined.has(name.table)) continue;
      throw await unknownTable(lake, name);
    }
    await openTable(engine, lake, name);
  }
  const printed = await printSql(engine, hasPast ? await openPastVersions(engine, tree, others) : tree);
  const sql = asSelect(printed, hasPast ? printed : request.sql);
  const outDir = join(workDir, 'out');
  await ensureFolder(outDir);
  await engine.run('SET preserve_insertion_order = true');
  await sealEngine(engine, { files: allowed.files, folders: [...allowed.folders, outDir] });
  const columns = await asUsage(request.sql, async () => {
    await engine.describe(sql);
    await engine.run(`CREATE TEMP VIEW ${RESULT} AS\n${sql}`);
    return engine.describe(`SELECT * FROM ${RESULT}`);
  });
  return {
    columns,
    rows: (limit) => asUsage(request.sql, () => readRows(engine, columns, limit)),
    write: async (path, format, limit) => {
      const unfinished = join(outDir, randomUUID());
      const written = await asUsage(request.sql, () =>
        writeRows(engine, columns, { path: unfinished, format, limit }),
      );
      await moveFile(unfinished, path);
      return written;
    },
  };
}

/** `DESCRIBE t` and `SUMMARIZE t` are SELECTs to the parser, and no views. */
function asSelect(printed: string, sql: string): string {
  return /^(?:DESCRIBE|SUMMARIZE)\b/.test(printed) ? `FROM (${printed})` : sql;
}

async function allowedPaths(
  paths: readonly string[],
): Promise<{ readonly files: string[]; readonly folders: string[] }> {
  const [files, folders]: [string[], string[]] = [[], []];
  for (const path of paths.map((each) => resolve(each))) {
    const found = await stat(path).catch((cause: unknown) => {
      throw new IgarapeError('USAGE', `${path} cannot be read: ${systemReason(cause)}.`, {
        hint: 'Only files and folders that there are can be allowed to a query.',
        cause,
      });
    });
    (found.isDirectory() ? folders : files).push(path);
  }
  return { files, folders };
}

/** The sealed engine writes into a folder of its own; from there on it is our file. */
async function moveFile(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (systemErrorCode(error) !== 'EXDEV') throw error;
    await copyFile(from, to);
    await rm(from);
  }
}

const SYSTEM_SCHEMAS = new Set(['information_schema']);

async function readRows(engine: Engine, columns: readonly QueryColumn[], limit: number): Promise<QueryRows> {
  const values = columns.map(({ name, type }, index) => {
    const value = quoteName(name);
    return `${NATIVE_TYPES.has(type) ? value : `CAST(${value} AS VARCHAR)`} AS c${index}`;
  });
  const found = await engine.rows(`SELECT ${values.join(', ')} FROM ${RESULT} LIMIT ${limit + 1}`);
  const rows = found.slice(0, limit).map((row) => columns.map((_, index) => asValue(row[`c${index}`])));
  return { columns, rows, truncated: found.length > limit };
}

const INTEGERS = [
  'TINYINT',
  'SMALLINT',
  'INTEGER',
  'BIGINT',
  'HUGEINT',
  'UTINYINT',
  'USMALLINT',
  'UINTEGER',
  'UBIGINT',
  'UHUGEINT',
];
const FLOATS = ['FLOAT', 'DOUBLE'];
const NATIVE_TYPES = new Set(['BOOLEAN', ...INTEGERS, ...FLOATS]);

function asValue(value: unknown): QueryValue {
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return value;
  return typeof value === 'string' ? value : null;
}

async function writeRows(
  engine: Engine,
  columns: readonly QueryColumn[],
  { path, format, limit }: { path: string; format: QueryFormat; limit: number | undefined },
): Promise<WrittenRows> {
  const values = columns.map(({ name, type }) => {
    const value = quoteName(name);
    if (format !== 'jsonl' || !FLOATS.includes(type)) return value;
    return `CASE WHEN isfinite(${value}) THEN to_json(${value}) ELSE to_json(CAST(${value} AS VARCHAR)) END AS ${value}`;
  });
  const first = limit === undefined ? '' : ` LIMIT ${limit}`;
  const query = `SELECT ${values.join(', ')} FROM ${RESULT}${first}`;
  const [row] = await engine.rows(`COPY (${query}) TO ${quoteText(path)} (${COPY_OPTIONS[format]})`);
  return { rows: Number(row?.['Count'] ?? 0), bytes: (await stat(path)).size };
}

const COPY_OPTIONS: Readonly<Record<QueryFormat, string>> = {
  csv: 'FORMAT csv, HEADER true',
  jsonl: 'FORMAT json, ARRAY false',
  parquet: 'FORMAT parquet, COMPRESSION snappy',
};

/** What the engine shows of the SQL that reads the result is not the user's. */
function withoutOwnSql(message: string): string {
  return message.replace(new RegExp(String.raw`\n+LINE \d+:[^\n]*\b${RESULT}\b[^]*`), '');
}

/** What the engine says of the user's own SQL is the user's to read, not a defect. */
async function asUsage<T>(sql: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof IgarapeError || /^INTERNAL Error|^INTERRUPT Error/i.test(message)) throw error;
    throw new IgarapeError(
      'USAGE',
      { quoted: withoutOwnSql(message).trimEnd() },
      {
        hint: hintOnQuotes(sql, 'Queries are in the SQL of DuckDB: https://duckdb.org/docs/sql/introduction'),
        cause: error,
      },
    );
  }
}
