import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import pLimit from 'p-limit';
import type { Config } from '../config/config.ts';
import { IgarapeError } from '../core/errors.ts';
import { sha256File } from '../source/hash.ts';
import type { Storage } from '../storage/port.ts';
import { changeFileKey, fullLoadKey, snapshotKey, stagedKey } from './layout.ts';
import type { PublishedFile, Segment, TableState } from './ledger-entry.ts';
import { objectsOf } from './stored.ts';

const SECOND_MS = 1000;

/** What a published file's name follows from. */
export interface NameRequest {
  readonly kind: PublishedFile['kind'];
  readonly table: string;
  readonly layout: Config['layout'];
  /** The run's time. */
  readonly runMs: number;
  /** A full-load of a table that has one already. */
  readonly reload: boolean;
}

export interface StageRequest extends NameRequest {
  /** A local file, which is given away: it may become the stored one. */
  readonly path: string;
  readonly rows: number;
  readonly cdcColumns?: PublishedFile['cdcColumns'];
  /** Told how many bytes of how many are stored: at the beginning, now and then, and at the end. */
  readonly onBytes: (done: number, total: number) => void;
}

/** Puts a file where only its attempt's ledger entry can make it visible, and chooses the name that it will have. */
export async function stageFile(
  storage: Storage,
  attempt: string,
  request: StageRequest,
): Promise<PublishedFile> {
  const key = await freeKey(storage, request);
  const staged = stagedKey(attempt, key);
  const [{ size }, sha256] = await Promise.all([stat(request.path), sha256File(request.path)]);
  request.onBytes(0, size);
  await storage.upload(request.path, staged, (done) => request.onBytes(done, size));
  request.onBytes(size, size);
  return {
    kind: request.kind,
    key,
    stagedKey: staged,
    sizeBytes: size,
    sha256,
    rows: request.rows,
    ...(request.cdcColumns === undefined ? {} : { cdcColumns: request.cdcColumns }),
  };
}

/** Rows that lie in the lake already, as the files of a folder of an attempt. */
export interface RowsThere {
  readonly key: string;
  readonly rows: number;
  readonly parts: NonNullable<PublishedFile['parts']>;
}

/** Chooses the name that such a folder will have: what an attempt compares with is staged already. */
export async function stageFolder(
  storage: Storage,
  { cdcColumns, ...request }: NameRequest & Pick<PublishedFile, 'cdcColumns'>,
  { key, rows, parts }: RowsThere,
): Promise<PublishedFile> {
  const sum = createHash('sha256');
  for (const { sha256 } of parts) sum.update(sha256);
  return {
    kind: request.kind,
    key: await freeKey(storage, request),
    stagedKey: key,
    sizeBytes: parts.reduce((bytes, { sizeBytes }) => bytes + sizeBytes, 0),
    sha256: sum.digest('hex'),
    rows,
    parts,
    ...(cdcColumns === undefined ? {} : { cdcColumns }),
  };
}

/** Stores a segment of a base under a name of its attempt's own: nothing refers to it until the entry is committed. */
export async function storeSegment(
  storage: Storage,
  attempt: string,
  table: string,
  file: { path: string; rows: number },
): Promise<Segment> {
  const key = snapshotKey(table, attempt);
  const { size } = await stat(file.path);
  await storage.upload(file.path, key);
  return { key, sizeBytes: size, rows: file.rows };
}

/**
 * Looks once more at what an attempt has stored, before its entry names it.
 *
 * @throws IgarapeError LAKE_NOT_FOUND, retryable: something is gone.
 */
export async function confirmStaged(
  storage: Storage,
  attempt: string,
  states: readonly TableState[],
): Promise<void> {
  const objects = states.flatMap(({ file, base }) => [
    ...(file === null ? [] : objectsOf({ ...file, key: file.stagedKey })),
    ...base.segments.filter(({ key }) => key.includes(attempt)).flatMap(objectsOf),
  ]);
  const limit = pLimit(LOOKS_AT_ONCE);
  await Promise.all(
    objects.map(({ key, sizeBytes }) =>
      limit(async () => {
        if ((await storage.stat(key))?.sizeBytes === sizeBytes) return;
        throw new IgarapeError(
          'LAKE_NOT_FOUND',
          `${storage.uri}/${key}, which this run had staged, is gone.`,
          {
            hint: 'Nothing was published. Run again; let nothing else clean up below _igarape/.',
            retryable: true,
          },
        );
      }),
    ),
  );
}

const LOOKS_AT_ONCE = 8;

/**
 * The file's name; where that time is taken, the one of the next free second. A table's change files and later
 * full-loads never share a second, so that a reader who starts from a full-load knows by the names which changes follow.
 */
async function freeKey(storage: Storage, request: NameRequest): Promise<string> {
  const { kind, layout, table, runMs } = request;
  // What is published may be a folder.
  const isFree = async (key: string): Promise<boolean> => {
    if ((await storage.stat(key)) !== undefined) return false;
    for await (const _ of storage.list(`${key}/`)) return false;
    return true;
  };
  if (kind === 'full-load' && !request.reload) {
    const first = fullLoadKey(layout, table);
    if (await isFree(first)) return first;
  }
  for (let ms = runMs; ; ms += SECOND_MS) {
    const at = new Date(ms);
    const keys = { cdc: changeFileKey(layout, table, at), 'full-load': fullLoadKey(layout, table, at) };
    if ((await isFree(keys.cdc)) && (await isFree(keys['full-load']))) return keys[kind];
  }
}
