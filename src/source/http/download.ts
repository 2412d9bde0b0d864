import { ensureFolder } from '../../core/ensure-folder.ts';
import type { Told } from '../../core/language/sentence.ts';
import { createReadStream, createWriteStream } from 'node:fs';
import { rename, truncate } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { IgarapeError, systemErrorCode } from '../../core/errors.ts';
import type { Logger, ProgressListener } from '../../core/log.ts';
import { checkFreeSpace, diskFull } from '../archive-extract.ts';
import { createDigester, type Digester } from './checksums.ts';
import type { HttpAnswer } from './client.ts';
import { areSameBytes, type Marks, marksOf, parseContentRange } from './marks.ts';
import { PartialFile } from './partial.ts';
import { BusyError, type Patience, withRetries } from './retry.ts';

/** Where the bytes come from. */
export interface Remote {
  /** Asks for the bytes, with headers such as `range`; `renew` asks for a fresh address, where addresses expire. */
  get(headers: Readonly<Record<string, string>>, renew: boolean): Promise<HttpAnswer>;
  /** True where an address expires, with 400 or 403 as its answer, and a fresh one can be had. */
  readonly expires: boolean;
  /** The error that an answer is which has no bytes. Reads or discards it. */
  refusal(answer: HttpAnswer): Promise<IgarapeError>;
}

export interface DownloadRequest {
  /** Names what is downloaded, version included, without an address or secret. */
  readonly key: string;
  /** What errors call it. */
  readonly label: string;
  readonly path: string;
  /** Where the unfinished bytes are kept (`<partialPath>.part`), so that every process finds them; `path` by default. */
  readonly partialPath?: string;
  readonly remote: Remote;
  /** True where the headers show that the bytes are known already: the connection is dropped. */
  readonly isKnown: (marks: Marks) => boolean;
}

export interface DownloadContext {
  readonly patience: Patience;
  readonly signal: AbortSignal;
  readonly log: Logger;
  readonly onProgress: ProgressListener;
}

interface Downloaded {
  readonly kind: 'downloaded';
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly marks: Marks;
  /** The address that gave the bytes; it may hold a secret. */
  readonly url: URL;
}

export type DownloadOutcome =
  | Downloaded
  /** `isKnown` said so, or the server did (304); nothing was read. */
  | { readonly kind: 'known'; readonly marks: Marks };

/**
 * Downloads to `path` by way of a `.part` file beside it, which a later call continues if the server states the same file by a
 * digest or a strong ETag, and answers the range exactly. Length and digests are checked before the rename; a wrong
 * digest is tried once more from the start. Throws `SOURCE_…`, `DISK_FULL`, or the signal's reason.
 */
export async function download(request: DownloadRequest, context: DownloadContext): Promise<DownloadOutcome> {
  await ensureFolder(dirname(request.path));
  const partial = await PartialFile.claim(request.partialPath ?? request.path, request.key);
  try {
    return await downloadIntact(request, context, partial);
  } finally {
    await partial.release();
  }
}

async function downloadIntact(
  request: DownloadRequest,
  context: DownloadContext,
  partial: PartialFile,
): Promise<DownloadOutcome> {
  for (let tries = 1; ; tries += 1) {
    const outcome = await downloadOnce(request, context, partial);
    if (outcome.kind !== 'damaged') return outcome;
    if (tries === 2) {
      const found: Told = `${request.label} arrived damaged twice: its ${outcome.digest} is not the one that the server states`;
      throw new IgarapeError('SOURCE_CORRUPT', found, {
        hint: 'Nothing was used. A proxy on the way may change it, or the server has a damaged file: try again later.',
      });
    }
    context.log.warn({ digest: outcome.digest }, 'The download arrived damaged, and is begun again');
  }
}

type OnceOutcome = DownloadOutcome | { readonly kind: 'damaged'; readonly digest: string };

async function downloadOnce(
  request: DownloadRequest,
  context: DownloadContext,
  partial: PartialFile,
): Promise<OnceOutcome> {
  const reach = { bestBytes: 0, nowBytes: 0 };
  const cameFurther = (): boolean => {
    const isFurther = reach.nowBytes >= reach.bestBytes + WORTHWHILE_BYTES;
    reach.bestBytes = Math.max(reach.bestBytes, reach.nowBytes);
    return isFurther;
  };
  const onBytes = (done: number): void => {
    reach.nowBytes = done;
  };
  return await withRetries(() => attempt(request, context, partial, onBytes), { ...context, cameFurther });
}

/** A connection that is lost again and again is patiently reopened as long as it brought this much each time. */
const WORTHWHILE_BYTES = 1 << 20;

async function attempt(
  request: DownloadRequest,
  context: DownloadContext,
  partial: PartialFile,
  onBytes: (done: number) => void,
): Promise<OnceOutcome> {
  const opened = await openBytes(request, partial);
  if (opened.kind === 'known') return opened;
  const { answer, marks, fromBytes } = opened;
  if (request.isKnown(marks)) {
    answer.discard();
    return { kind: 'known', marks };
  }
  const digester = await createDigester(marks);
  const sizeBytes = await writeBytes(request, context, partial, opened, digester, onBytes);
  const expected = marks.totalBytes ?? sizeBytes;
  if (sizeBytes < expected) {
    throw new BusyError(
      'SOURCE_UNREACHABLE',
      `${request.label} broke off after ${sizeBytes} of ${expected} bytes`,
      {},
      undefined,
    );
  }
  const { sha256, mismatch } = digester.finish();
  if (mismatch !== undefined || sizeBytes > expected) {
    await partial.drop();
    return { kind: 'damaged', digest: mismatch ?? 'length' };
  }
  await partial.seal();
  await rename(partial.path, request.path);
  context.log.debug({ sizeBytes, resumedAtBytes: fromBytes }, 'Downloaded');
  return { kind: 'downloaded', sizeBytes, sha256, marks, url: answer.url };
}

interface OpenedBytes {
  readonly kind: 'opened';
  readonly answer: HttpAnswer;
  readonly marks: Marks;
  /** How many bytes of the partial file stay. */
  readonly fromBytes: number;
}

type Opened = OpenedBytes | { readonly kind: 'known'; readonly marks: Marks };

/** Asks for the rest of what is there, if it is certainly of the same file, else for all. */
async function openBytes(request: DownloadRequest, partial: PartialFile): Promise<Opened> {
  const found = await partial.find();
  if (found) {
    // The last byte is asked for again where all are there: so the server states what they must be checked with.
    const fromBytes = Math.min(found.haveBytes, (found.marks.totalBytes ?? Infinity) - 1);
    const answer = await ask(request.remote, fromBytes > 0 ? { range: `bytes=${fromBytes}-` } : {});
    if (answer.status === 304) return knownBy(answer);
    if (answer.status === 200) return { kind: 'opened', answer, marks: marksOf(answer), fromBytes: 0 };
    if (answer.status === 206 && continues(answer, fromBytes, found.marks)) {
      return { kind: 'opened', answer, marks: found.marks, fromBytes };
    }
    if (answer.status !== 206 && answer.status !== 416) throw await request.remote.refusal(answer);
    answer.discard();
    await partial.drop();
  }
  const answer = await ask(request.remote, {});
  if (answer.status === 304) return knownBy(answer);
  if (answer.status !== 200) throw await request.remote.refusal(answer);
  return { kind: 'opened', answer, marks: marksOf(answer), fromBytes: 0 };
}

function knownBy(answer: HttpAnswer): Opened {
  answer.discard();
  return { kind: 'known', marks: marksOf(answer) };
}

function continues(answer: HttpAnswer, fromBytes: number, marks: Marks): boolean {
  const range = parseContentRange(answer);
  return range?.from === fromBytes && areSameBytes(marksOf(answer), marks);
}

async function ask(remote: Remote, headers: Readonly<Record<string, string>>): Promise<HttpAnswer> {
  const answer = await remote.get(headers, false);
  const isExpired = remote.expires && (answer.status === 400 || answer.status === 403);
  if (!isExpired) return answer;
  answer.discard();
  return await remote.get(headers, true);
}

const PROGRESS_STEP_BYTES = 1 << 18;

/** Writes the answer behind what stays of the partial file, which is read again for the digests; the size of all. */
async function writeBytes(
  request: DownloadRequest,
  context: DownloadContext,
  partial: PartialFile,
  { answer, marks, fromBytes }: OpenedBytes,
  digester: Digester,
  onBytes: (done: number) => void,
): Promise<number> {
  const total = marks.totalBytes;
  let done = 0;
  let shown = 0;
  const count = (chunk: Uint8Array): void => {
    done += chunk.length;
    digester.update(chunk);
    onBytes(done);
    if (done - shown < PROGRESS_STEP_BYTES && done !== total) return;
    shown = done;
    context.onProgress({ step: 'download', done, ...(total === undefined ? {} : { total }) });
  };
  let broken: unknown;
  /** Ends where the connection breaks, so that all that came is written, and a next try need not fetch it again. */
  async function* counted(): AsyncGenerator<Uint8Array> {
    const chunks = answer.bytes()[Symbol.asyncIterator]();
    for (;;) {
      const next = await chunks.next().catch((error: unknown) => {
        broken = error;
        return undefined;
      });
      if (next === undefined || next.done === true) return;
      count(next.value);
      yield next.value;
    }
  }
  try {
    await checkFreeSpace(dirname(request.path), (total ?? 0) - fromBytes, request.label);
    if (fromBytes === 0) {
      await partial.begin(marks, answer.header('accept-ranges')?.toLowerCase() === 'bytes');
    } else {
      await truncate(partial.path, fromBytes);
      for await (const chunk of createReadStream(partial.path)) if (chunk instanceof Uint8Array) count(chunk);
    }
    const file = createWriteStream(partial.path, { flags: 'r+', start: fromBytes });
    await pipeline(counted(), file, { signal: context.signal });
    if (broken !== undefined) throw broken;
    return done;
  } catch (error) {
    answer.discard();
    context.signal.throwIfAborted();
    throw writingError(request.label, error);
  }
}

function writingError(label: string, error: unknown): unknown {
  const code = systemErrorCode(error);
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return error;
  return diskFull(`The disk became full while ${label} was downloaded`, error);
}
