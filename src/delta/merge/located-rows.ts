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
import { AT } from '../read/row-places.ts';
import { estimateRows, scanFiles } from '../read/scan.ts';
import { isLittle, isOrdered, type KeyedSource, type MergeKey } from './plan.ts';

/** The files that may hold a key of a merge's source, and what of them is to be read. */
export interface LocatedFiles {
  /** All of them; first those of `rows`, then those of `whole`. */
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

/** So many files at most are looked for in their indexes before it is asked what statistics say of them. */
const FEW_FILES = 8;

/** What the rows of a merge's source are looked for by. */
export interface Search extends KeyedSource {
  /** How many rows the source has. */
  readonly count: number;
  /** Of files those that may have a row with a key of the source. */
  readonly filter: (files: readonly AddFile[]) => Promise<readonly AddFile[]>;
  /** What the merge's commit says that rows are matched by. */
  readonly predicate: string | undefined;
}

/**
 * The files of a table that may hold a key of a merge's source. Where few keys are in large files: by the indexes of their
 * keys, or else by reading these alone. The second of two such merges, one right after the other, writes the indexes that
 * are not there, which takes as long as some ten merges.
 */
export async function locateRows(
  writer: Writer,
  snapshot: Snapshot,
  search: Search,
  all: readonly AddFile[],
): Promise<LocatedFiles> {
  const { source, filter } = search;
  const copies = new Map<AddFile, string>();
  const keys = indexedKeys(snapshot, search);
  if (keys.length === 0 || !all.some(isLarge)) return wholeFiles(search, all);
  const isFew = all.length <= FEW_FILES;
  const files = isFew ? all : await filter(all);
  const indexes = new KeyIndexes(
    writer,
    snapshot,
    keys.map(({ target }) => target),
  );
  const hashes = await keyHashes(writer, source, keys, indexes);
  const found = new Map(await indexes.find(files.filter(isLarge), hashes));
  const unindexed = files.filter((file) => !found.has(file));
  const rest = isFew && unindexed.length > 0 ? await filter(unindexed) : unindexed;
  const others = (): AddFile[] => rest.filter((file) => isLarge(file) && !found.has(file));
  const add = (rows: ReadonlyMap<AddFile, readonly number[]>): void =>
    rows.forEach((numbers, file) => found.set(file, numbers));
  if (estimateRows(others()) >= LARGE_ROWS && (await followsSuch(writer, snapshot, search.predicate))) {
    await writeIndexes(writer, snapshot, indexes, await withCopies(writer, others(), copies));
    add(await indexes.find(others(), hashes));
  }
  // One alone the engine looks for itself before it decodes anything else.
  if (others().length > 0 && hashes.length > 1)
    add(await readKeys(writer, snapshot, { source, keys }, others(), copies));
  return { ...located(found, rest), copies };
}

/** The files of a table that may hold a key, each to be read as a whole. */
export async function wholeFiles({ filter }: Search, all: readonly AddFile[]): Promise<LocatedFiles> {
  const files = isLittle(all) ? all : await filter(all);
  return { files, rows: [], whole: files, copies: new Map() };
}

function isLarge(file: AddFile): boolean {
  return estimateRows([file]) >= LARGE_FILE_ROWS;
}

/** The keys that rows of such a source are looked for by in indexes, in their order there. */
function indexedKeys(snapshot: Snapshot, { keys, count }: Search): MergeKey[] {
  if (count === 0 || count > FEW_ROWS) return [];
  return keys
    .filter(
      ({ target, isComparable }) =>
        isComparable && isOrdered(target.type) && !snapshot.partitionFields.includes(target),
    )
    .toSorted((a, b) => (a.target.name < b.target.name ? -1 : 1));
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
        `SELECT ${AT.file} AS file, ${AT.row} AS row FROM (${rows.sql}) AS target SEMI JOIN ${source} AS source ON ${equal.join(' AND ')} LIMIT ${FEW_ROWS + 1}`,
      ),
    );
    const sorted = found
      .map(({ file, row }) => [Number(file), Number(row)] as const)
      .toSorted(([, a], [, b]) => a - b);
    return new Map(
      files.map((file, index) => [file, sorted.flatMap(([of, row]) => (of === index ? [row] : []))]),
    );
  } finally {
    await rows.release();
  }
}

/** @param rest Files of which some have been found out nothing. */
function located(
  found: ReadonlyMap<AddFile, readonly number[]>,
  rest: readonly AddFile[],
): Omit<LocatedFiles, 'copies'> {
  const hit = [...found].filter(([, { length }]) => length > 0);
  const files = hit.map(([file]) => file);
  const rows = hit.map(([, numbers]) => numbers);
  const whole = rest.filter((file) => !found.has(file));
  const isMuch = rows.flat().length > FEW_ROWS;
  const all = [...files, ...whole];
  return isMuch ? { files: all, rows: [], whole: all } : { files: all, rows, whole };
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
      sql: `${first.sql} UNION ALL SELECT * REPLACE (${AT.file} + ${rows.length} AS ${AT.file}) FROM (${others.sql})`,
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
