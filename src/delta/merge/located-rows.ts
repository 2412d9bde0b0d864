import pLimit from 'p-limit';
import { quoteName } from '../../engine/quote.ts';
import { messageOf } from '../protocol/corrupt.ts';
import type { Writer } from '../files/disk.ts';
import { localCopy } from '../files/table-file.ts';
import { KeyIndexes } from '../keys/key-index.ts';
import { readCommit } from '../log/commit-read.ts';
import type { Snapshot } from '../log/snapshot.ts';
import type { AddFile } from '../protocol/actions.ts';
import { isJsonObject } from '../protocol/json.ts';
import type { Relation } from '../read/relation.ts';
import { estimateRows, scanFiles } from '../read/scan.ts';
import { isOrdered, type KeyedSource, type MergeKey } from './plan.ts';

/** A merge's source, a table of the engine, and its rows. */
export interface CountedSource {
  readonly source: string;
  readonly count: number;
}

/** The files that may hold a key of a merge's source, and what of them is to be read. */
export interface LocatedFiles {
  /** All of them; first those of `rows`, then those of `whole`, at last those of which nothing need be read. */
  readonly files: readonly AddFile[];
  /** Of the first files the rows that may have a key. */
  readonly rows: readonly (readonly number[])[];
  /** Files that are read from the first row to the last. */
  readonly whole: readonly AddFile[];
  /** Local files with their bytes, as far as there are some already: of a bucket each is fetched once. */
  readonly copies: Map<AddFile, string>;
}

/** Files with the local ones that have their bytes. */
export async function withCopies(
  writer: Writer,
  files: readonly AddFile[],
  copies: Map<AddFile, string>,
): Promise<(AddFile & { readonly localFile: string })[]> {
  const limit = pLimit(CONCURRENT_FILES);
  return Promise.all(
    files.map((file) =>
      limit(async () => {
        const localFile = copies.get(file) ?? (await localCopy(writer, file.path));
        copies.set(file, localFile);
        return { ...file, localFile };
      }),
    ),
  );
}

const CONCURRENT_FILES = 32;

/** Of more, most row groups have one, and the engine passes over none. */
const FEW_ROWS = 32;

/** Smaller files are read as quickly as rows of them are looked for, and of smaller tables no index is written. */
const LARGE_FILE_ROWS = 250_000;
const LARGE_ROWS = 1_000_000;

/**
 * Where few keys are in large files: by the indexes of their keys, or else by reading these alone. The second of two such
 * merges, one right after the other, writes the indexes that are not there, which takes as long as some ten merges.
 *
 * @param predicate What the merge's commit says that rows are matched by.
 */
export async function locateRows(
  writer: Writer,
  snapshot: Snapshot,
  from: KeyedSource & CountedSource,
  files: readonly AddFile[],
  predicate: string | undefined,
): Promise<LocatedFiles> {
  const large = files.filter((file) => estimateRows([file]) >= LARGE_FILE_ROWS);
  const copies = new Map<AddFile, string>();
  const whole = { files, rows: [], whole: files, copies };
  if (from.count === 0 || from.count > FEW_ROWS || large.length === 0) return whole;
  const keys = from.keys
    .filter(
      ({ target, isComparable }) =>
        isComparable && isOrdered(target.type) && !snapshot.partitionFields.includes(target),
    )
    .toSorted((a, b) => (a.target.name < b.target.name ? -1 : 1));
  if (keys.length === 0) return whole;
  const fields = keys.map(({ target }) => target);
  const indexes = new KeyIndexes(writer, snapshot, fields);
  const hashes = await keyHashes(writer, from.source, keys, indexes);
  let found = await indexes.find(large, hashes);
  let others = large.filter((file) => !found.has(file));
  if (estimateRows(others) >= LARGE_ROWS && (await followsSuch(writer, snapshot, predicate))) {
    await writeIndexes(writer, snapshot, indexes, await withCopies(writer, others, copies));
    found = await indexes.find(large, hashes);
    others = large.filter((file) => !found.has(file));
  }
  // One alone the engine looks for itself before it decodes anything else.
  if (others.length > 0 && hashes.length > 1)
    found = new Map([...found, ...(await readKeys(writer, snapshot, { ...from, keys }, others, copies))]);
  const count = [...found.values()].reduce((sum, { length }) => sum + length, 0);
  return count > FEW_ROWS ? whole : { ...located(files, found), copies };
}

async function writeIndexes(
  writer: Writer,
  { table }: Snapshot,
  indexes: KeyIndexes,
  files: readonly AddFile[],
): Promise<void> {
  try {
    for (const file of files) await indexes.write(file);
  } catch (error) {
    writer.log?.warn({ table, error: messageOf(error) }, 'No index of keys can be written.');
  }
}

/** Which rows of files have one of the source's keys; one more than few, where there are as many. */
async function readKeys(
  writer: Writer,
  snapshot: Snapshot,
  { source, keys }: KeyedSource,
  files: readonly AddFile[],
  copies: Map<AddFile, string>,
): Promise<ReadonlyMap<AddFile, readonly number[]>> {
  const { engine } = writer;
  const equal = keys.map((key) => `target.${quoteName(key.target.name)} = source.${quoteName(key.source)}`);
  const local = await withCopies(writer, files, copies);
  const rows = await scanFiles(writer, snapshot, local, { positions: true });
  try {
    const found = await engine.withJoinsAsWritten(() =>
      engine.rows(
        `SELECT _file, _row FROM (${rows.sql}) AS target SEMI JOIN ${source} AS source ON ${equal.join(' AND ')} LIMIT ${FEW_ROWS + 1}`,
      ),
    );
    const sorted = found
      .map(({ _file, _row }) => [Number(_file), Number(_row)] as const)
      .toSorted(([, a], [, b]) => a - b);
    return new Map(
      files.map((file, index) => [file, sorted.flatMap(([of, row]) => (of === index ? [row] : []))]),
    );
  } finally {
    await rows.release();
  }
}

function located(
  files: readonly AddFile[],
  found: ReadonlyMap<AddFile, readonly number[]>,
): Omit<LocatedFiles, 'copies'> {
  const hit = files.filter((file) => (found.get(file)?.length ?? 0) > 0);
  const whole = files.filter((file) => !found.has(file));
  const missed = files.filter((file) => found.get(file)?.length === 0);
  return {
    files: [...hit, ...whole, ...missed],
    rows: hit.map((file) => found.get(file) ?? []),
    whole,
  };
}

/** The rows of located files, with their positions in {@link LocatedFiles.files}. */
export async function scanLocated(
  writer: Writer,
  snapshot: Snapshot,
  { files, rows, whole, copies }: LocatedFiles,
): Promise<Relation> {
  const local = await withCopies(writer, whole, copies);
  if (rows.length === 0) return scanFiles(writer, snapshot, local, { positions: true });
  const hit = await withCopies(writer, files.slice(0, rows.length), copies);
  const located = hit.map((file, index) => ({ ...file, rows: rows[index] ?? [] }));
  const first = await scanFiles(writer, snapshot, located, { positions: true });
  if (whole.length === 0) return first;
  try {
    const others = await scanFiles(writer, snapshot, local, { positions: true });
    return {
      sql: `${first.sql} UNION ALL SELECT * REPLACE (_file + ${rows.length} AS _file) FROM (${others.sql})`,
      release: async () => {
        await first.release();
        await others.release();
      },
    };
  } catch (error) {
    await first.release();
    throw error;
  }
}

async function keyHashes(
  { engine }: Writer,
  source: string,
  keys: readonly MergeKey[],
  indexes: KeyIndexes,
): Promise<number[]> {
  const columns = new Map(keys.map((key) => [key.target, key.source]));
  const hash = indexes.hashSql((field) => quoteName(columns.get(field) ?? field.name));
  const rows = await engine.rows(
    `SELECT DISTINCT h FROM (SELECT ${hash} AS h FROM ${source}) WHERE h IS NOT NULL`,
  );
  return rows.map(({ h }) => Number(h));
}

/** Whether the version before is that of such a merge, too. */
async function followsSuch(
  { storage }: Writer,
  { version }: Snapshot,
  predicate: string | undefined,
): Promise<boolean> {
  for (const action of (await readCommit(storage, version)) ?? []) {
    if (!('commitInfo' in action)) continue;
    const { operation, operationParameters: asked, operationMetrics: counted } = action.commitInfo;
    if (operation !== 'MERGE' || !isJsonObject(asked) || !isJsonObject(counted)) return false;
    return asked['predicate'] === predicate && Number(counted['numSourceRows'] ?? NaN) <= FEW_ROWS;
  }
  return false;
}
