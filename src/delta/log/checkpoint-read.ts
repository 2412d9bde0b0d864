import { join } from 'node:path';
import { IgarapeError } from '../../core/errors.ts';
import { parquetFile, quoteName, quotePath, quoteText } from '../../engine/quote.ts';
import { isKey } from '../../storage/key.ts';
import type { StoredObject } from '../../storage/port.ts';
import type { Sidecar } from '../protocol/actions.ts';
import { corrupt, messageOf } from '../protocol/corrupt.ts';
import { decodeAction, decodeText } from '../protocol/action-codec.ts';
import type { Disk } from '../files/disk.ts';
import type { Checkpoint } from './segment.ts';
import { SIDECAR_FOLDER } from './path.ts';
import { parseSqlType, type SqlField, type SqlType } from '../schema/sql-type.ts';

/** Lines of NDJSON, and the file that they come from. */
export interface LogText {
  readonly file: string;
  readonly text: string;
}

/**
 * The actions of a checkpoint as the lines that they would be in a commit, in no order; those of its sidecars are among
 * them.
 *
 * @throws IgarapeError DELTA_CORRUPT where a file is damaged or missing.
 */
export async function* readCheckpoint(disk: Disk, checkpoint: Checkpoint): AsyncGenerator<LogText> {
  const sidecars: Sidecar[] = [];
  for (const object of checkpoint.objects) {
    const texts = object.key.endsWith('.json') ? readJsonObject(disk, object) : readParquet(disk, object.key);
    for await (const log of texts) {
      if (checkpoint.form.type !== 'part') sidecars.push(...findSidecars(log));
      yield log;
    }
  }
  for (const { path } of sidecars) {
    // A name of the sidecars' folder; a path is legal only where it means just that.
    const name = path.split('/').at(-1) ?? path;
    const key = `${SIDECAR_FOLDER}${name}`;
    if (!isKey(key))
      throw corrupt(`${disk.storage.uri}/${SIDECAR_FOLDER}`, `a sidecar has the impossible name ${path}`);
    yield* readParquet(disk, key);
  }
}

async function* readJsonObject({ storage }: Disk, { key }: StoredObject): AsyncGenerator<LogText> {
  const file = `${storage.uri}/${key}`;
  const bytes = await storage.read(key);
  if (bytes === undefined) throw corrupt(file, 'the file is missing');
  yield { file, text: decodeText(bytes, file) };
}

function findSidecars({ file, text }: LogText): Sidecar[] {
  if (!text.includes('"sidecar"')) return [];
  return text.split('\n').flatMap((line) => {
    if (!line.includes('"sidecar"')) return [];
    const action = decodeAction(line, file);
    return action !== undefined && 'sidecar' in action ? [action.sidecar] : [];
  });
}

/** Actions that a checkpoint's Parquet files may hold, a column each. */
const ACTIONS: ReadonlySet<string> = new Set([
  'protocol',
  'metaData',
  'txn',
  'domainMetadata',
  'checkpointMetadata',
  'sidecar',
  'remove',
  'add',
]);

async function* readParquet(disk: Disk, key: string): AsyncGenerator<LogText> {
  const file = `${disk.storage.uri}/${key}`;
  try {
    const path = await disk.storage.localFile(key, join(disk.workDir, key));
    const source = parquetFile(path);
    const columns = await disk.engine.describe(`SELECT * FROM ${source}`);
    const add = columns.find(({ name }) => name === 'add');
    const empty = await emptyFields(disk, source, add === undefined ? undefined : parseSqlType(add.type));
    const bytes = await uncompressedBytes(disk, path);
    const lines = columns
      .filter(({ name }) => ACTIONS.has(name))
      .map(
        ({ name, type }) =>
          `CASE WHEN ${quoteName(name)} IS NOT NULL THEN ${line(name, parseSqlType(type), empty)} END`,
      );
    if (lines.length === 0) throw corrupt(file, 'it holds no actions');
    // To hand over a value for each of hundreds of thousands of lines would take longer than to make them.
    const each = `coalesce(${lines.join(', ')})`;
    const sql =
      bytes > MOST_GATHERED_BYTES
        ? `SELECT ${each} AS lines FROM ${source}`
        : `SELECT string_agg(${each}, chr(10)) AS lines FROM ${source} GROUP BY file_row_number // ${LINES_AT_ONCE}`;
    for await (const rows of disk.engine.batches(sql)) {
      const text = rows.map(({ lines: some }) => (typeof some === 'string' ? some : '')).join('\n');
      yield { file, text };
    }
  } catch (cause) {
    if (cause instanceof IgarapeError && cause.code !== 'LAKE_NOT_FOUND') throw cause;
    throw corrupt(file, `it cannot be read (${messageOf(cause)})`, cause);
  }
}

const LINES_AT_ONCE = 4096;
/** The engine gathers lines in its memory. */
const MOST_GATHERED_BYTES = 128 * 1024 * 1024;

/** How large a file is without compression. */
async function uncompressedBytes({ engine }: Disk, path: string): Promise<number> {
  const [row] = await engine.rows(
    `SELECT sum(total_uncompressed_size)::DOUBLE AS bytes FROM parquet_metadata(${quotePath(path)})`,
  );
  return Number(row?.['bytes'] ?? 0);
}

/** What an add may lack; lines are shorter without what none of them has. */
const OPTIONAL = [
  'tags',
  'deletionVector',
  'baseRowId',
  'defaultRowCommitVersion',
  'clusteringProvider',
  'stats',
];

/** Of the optional fields of adds those that no row has. */
async function emptyFields(
  { engine }: Disk,
  source: string,
  add: SqlType | undefined,
): Promise<ReadonlySet<string>> {
  const names = OPTIONAL.filter(
    (name) => add?.kind === 'struct' && add.fields.some((field) => field.name === name),
  );
  if (names.length === 0) return new Set();
  const counts = names.map((name) => `count(add.${quoteName(name)}) AS ${quoteName(name)}`);
  const [row] = await engine.rows(`SELECT ${counts.join(', ')} FROM ${source}`);
  return new Set(names.filter((name) => Number(row?.[name]) === 0));
}

/** The SQL of an action's line. An add has its path first, as in a commit. */
function line(action: string, type: SqlType, empty: ReadonlySet<string>): string {
  const column = quoteName(action);
  if (type.kind !== 'struct') throw new RangeError(`the column ${action} is no struct`);
  const fields = type.fields
    .filter(({ name }) => !PARSED.has(name) && !(action === 'add' && empty.has(name)))
    .map((field) => member(column, field));
  if (action === 'add') fields.push(...parsedStatistics(column, type.fields));
  const path = fields.findIndex(({ name }) => name === 'path');
  const ordered = path < 0 ? fields : [...fields.splice(path, 1), ...fields];
  const packed = ordered.map(({ name, sql }) => `${quoteName(name)} := ${sql}`).join(', ');
  return `${quoteText(`{"${action}":`)} || CAST(to_json(struct_pack(${packed})) AS VARCHAR) || '}'`;
}

/** Copies of other fields in the table's own types. */
const PARSED = new Set(['stats', 'stats_parsed', 'partitionValues_parsed']);

interface Member {
  readonly name: string;
  readonly sql: string;
}

function member(column: string, { name }: SqlField): Member {
  return { name, sql: `${column}.${quoteName(name)}` };
}

/** Statistics are text, or typed; where there are only typed ones, text is made of them. */
function parsedStatistics(column: string, fields: readonly SqlField[]): Member[] {
  const names = new Set(fields.map(({ name }) => name));
  const texts = [
    ...(names.has('stats') ? [`${column}.stats`] : []),
    ...(names.has('stats_parsed') ? [`CAST(to_json(${column}.stats_parsed) AS VARCHAR)`] : []),
  ];
  return texts.length === 0 ? [] : [{ name: 'stats', sql: `coalesce(${texts.join(', ')})` }];
}
