import type { Told } from '../../core/language/sentence.ts';
import { IgarapeError } from '../../core/errors.ts';
import type { Storage, StoredObject } from '../../storage/port.ts';
import { corrupt } from '../protocol/corrupt.ts';
import { readLastCheckpoint } from './last-checkpoint.ts';
import { type CheckpointForm, commitKey, LOG_FOLDER, parseLogPath, versionPrefix } from './path.ts';

/** A commit's object. */
export interface CommitObject extends StoredObject {
  readonly version: number;
}

/** A whole checkpoint: one object, or every part of one. */
export interface Checkpoint {
  readonly version: number;
  readonly form: CheckpointForm;
  readonly objects: readonly StoredObject[];
}

/**
 * The files of the log that a version of the table is made of. Compactions are none of them: the commits that they stand
 * for are there as well, and a compaction that was not reconciled tells something else.
 */
export interface LogSegment {
  readonly version: number;
  readonly checkpoint: Checkpoint | undefined;
  /** Every commit after the checkpoint up to the version, without a gap. */
  readonly commits: readonly CommitObject[];
  /** The version's own commit; undefined where the log was cleaned up to its checkpoint. */
  readonly head: CommitObject | undefined;
}

/** What the log's folder holds from a version on. */
export interface LogListing {
  readonly commits: readonly CommitObject[];
  /** Whole ones only. */
  readonly checkpoints: readonly Checkpoint[];
}

/**
 * The segment of a version, or of the newest. The hint about the last checkpoint saves listing what is older; whatever
 * is wrong with it, the listing decides.
 *
 * @throws IgarapeError DELTA_NOT_FOUND where there is no log; DELTA_VERSION for a version that is not there, or no
 * longer; DELTA_CORRUPT for a gap.
 */
export async function findLogSegment(storage: Storage, version?: number): Promise<LogSegment> {
  return logSegmentBy(storage, await readLastCheckpoint(storage), version);
}

/** As {@link findLogSegment}, by a hint that has been read. The listing begins before this returns. */
export async function logSegmentBy(
  storage: Storage,
  hint: number | undefined,
  version?: number,
): Promise<LogSegment> {
  if (hint !== undefined && (version === undefined || version >= hint)) {
    const listing = await listLog(storage, hint);
    if (newestCheckpoint(listing, version) !== undefined) return segmentOf(storage, listing, version);
  }
  const listing = await listLog(storage);
  if (newestVersion(listing) === undefined) throw notFound(storage);
  return segmentOf(storage, listing, version);
}

/**
 * A segment of the same version that does without a damaged checkpoint: by an older one, or by the commits alone.
 * Undefined where the log no longer has what that takes.
 */
export async function segmentWithout(
  storage: Storage,
  version: number,
  damaged: readonly Checkpoint[],
): Promise<LogSegment | undefined> {
  const keys = new Set(damaged.flatMap(({ objects }) => objects.map(({ key }) => key)));
  const listing = await listLog(storage);
  const checkpoints = listing.checkpoints.filter(({ objects }) => !objects.some(({ key }) => keys.has(key)));
  try {
    return segmentOf(storage, { ...listing, checkpoints }, version);
  } catch (error) {
    if (error instanceof IgarapeError) return undefined;
    throw error;
  }
}

/** What became of a log since a segment of it was its newest. */
export type LogChange =
  | { readonly kind: 'none' }
  /** Commits have come after it: the next one. */
  | { readonly kind: 'newer'; readonly next: CommitObject }
  /** The commits after it are gone, or it is another log. */
  | { readonly kind: 'other' };

/**
 * Looks at the end of the log that a segment had. That a next commit is not there says nothing by itself: it may have
 * been cleaned, together with the last one that is known.
 */
export async function changeSince(
  storage: Storage,
  { version, head, checkpoint }: LogSegment,
): Promise<LogChange> {
  const known = head ?? checkpoint?.objects[0];
  const [found, next] = await Promise.all([
    known === undefined ? undefined : storage.stat(known.key),
    commitAt(storage, version + 1),
  ]);
  if (known === undefined || found === undefined || !isSameObject(found, known)) return { kind: 'other' };
  return next === undefined ? { kind: 'none' } : { kind: 'newer', next };
}

export async function commitAt(storage: Storage, version: number): Promise<CommitObject | undefined> {
  const object = await storage.stat(commitKey(version));
  return object && { ...object, version };
}

function isSameObject(left: StoredObject, right: StoredObject): boolean {
  const isWhole = left.modifiedMs % 1000 === 0 || right.modifiedMs % 1000 === 0;
  // Asked for one object, a store may tell its time in seconds that it lists in milliseconds.
  const time = (ms: number): number => (isWhole ? Math.floor(ms / 1000) : ms);
  return left.sizeBytes === right.sizeBytes && time(left.modifiedMs) === time(right.modifiedMs);
}

export async function listLog(storage: Storage, from = 0): Promise<LogListing> {
  const commits: CommitObject[] = [];
  const checkpoints = new Map<string, { form: CheckpointForm; version: number; objects: StoredObject[] }>();
  for await (const object of storage.list(LOG_FOLDER, from === 0 ? undefined : versionPrefix(from))) {
    if (object.key > AFTER_VERSIONS) break;
    const file = parseLogPath(object.key);
    if (file?.kind === 'commit') commits.push({ ...object, version: file.version });
    if (file?.kind !== 'checkpoint') continue;
    const { version, form } = file;
    const id = form.type === 'part' ? `${version} of ${form.of}` : object.key;
    const whole = checkpoints.get(id) ?? { version, form, objects: [] };
    whole.objects.push(object);
    checkpoints.set(id, whole);
  }
  const whole = [...checkpoints.values()].filter(
    ({ form, objects }) => form.type !== 'part' || objects.length === form.of,
  );
  return { commits, checkpoints: whole };
}

/** Sorts after the name of every versioned file, and before `_last_checkpoint` and `_sidecars/`. */
const AFTER_VERSIONS = `${LOG_FOLDER}:`;

/** The oldest version that a listing of the whole log can be read at; undefined where there is none. */
export function oldestReadable({ commits, checkpoints }: LogListing): number | undefined {
  if (commits[0]?.version === 0) return 0;
  return least(checkpoints.map(({ version }) => version));
}

function newestVersion({ commits, checkpoints }: LogListing): number | undefined {
  const negated = least([...commits, ...checkpoints].map(({ version }) => -version));
  return negated === undefined ? undefined : Math.abs(negated);
}

function least(numbers: readonly number[]): number | undefined {
  return numbers.length === 0 ? undefined : numbers.reduce((left, right) => Math.min(left, right));
}

/** Of several checkpoints of one version the second form comes first, then the classic one, then the parts. */
function newestCheckpoint(listing: LogListing, limit = Infinity): Checkpoint | undefined {
  let newest: Checkpoint | undefined;
  for (const checkpoint of listing.checkpoints) {
    if (checkpoint.version > limit) continue;
    if (newest === undefined || checkpoint.version > newest.version) newest = checkpoint;
    else if (checkpoint.version === newest.version && rank(checkpoint) > rank(newest)) newest = checkpoint;
  }
  return newest;
}

function rank({ form }: Checkpoint): number {
  return ['part', 'classic', 'uuid'].indexOf(form.type);
}

function segmentOf(storage: Storage, listing: LogListing, wanted: number | undefined): LogSegment {
  const newest = newestVersion(listing) ?? 0;
  const version = wanted ?? newest;
  if (version > newest) throw noVersion(storage, `it has no version ${version}: the newest is ${newest}`);
  const checkpoint = newestCheckpoint(listing, version);
  const first = checkpoint === undefined ? 0 : checkpoint.version + 1;
  const commits = listing.commits.filter((commit) => commit.version >= first && commit.version <= version);
  if (checkpoint === undefined && listing.commits[0]?.version !== 0) {
    const oldest = oldestReadable(listing);
    if (oldest === undefined) throw gap(storage, 0);
    throw noVersion(
      storage,
      `its version ${version} can no longer be read: the oldest that can is ${oldest}`,
    );
  }
  for (let at = first; at <= version; at += 1) {
    if (commits[at - first]?.version !== at) throw gap(storage, at);
  }
  return {
    version,
    checkpoint,
    commits,
    head: listing.commits.find((commit) => commit.version === version),
  };
}

function gap(storage: Storage, version: number): IgarapeError {
  return corrupt(`${storage.uri}/${commitKey(version)}`, 'this commit is missing, so that the log has a gap');
}

function notFound(storage: Storage): IgarapeError {
  return new IgarapeError(
    'DELTA_NOT_FOUND',
    `${storage.uri} is not a Delta table: it has no commit in _delta_log`,
    {
      hint: 'Name the folder that holds _delta_log.',
    },
  );
}

export function noVersion(storage: Storage, reason: Told): IgarapeError {
  return new IgarapeError(
    'DELTA_VERSION',
    { quoted: `${storage.uri}: ${reason}` },
    {
      hint: 'See the versions with: igarape delta history',
    },
  );
}
