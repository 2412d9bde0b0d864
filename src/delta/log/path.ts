/** A file of the log, by what its name says. */
export type LogFile =
  | { readonly kind: 'commit'; readonly version: number }
  | { readonly kind: 'checkpoint'; readonly version: number; readonly form: CheckpointForm }
  /** The reconciled actions of the commits `from` to `to`. */
  | { readonly kind: 'compaction'; readonly from: number; readonly to: number }
  | { readonly kind: 'checksum'; readonly version: number };

export type CheckpointForm =
  | { readonly type: 'classic' }
  | { readonly type: 'part'; readonly part: number; readonly of: number }
  /** Of the second form, named by a UUID, its actions in JSON or Parquet. */
  | { readonly type: 'uuid'; readonly format: 'json' | 'parquet' };

export const LOG_FOLDER = '_delta_log/';

export const LAST_CHECKPOINT: string = `${LOG_FOLDER}_last_checkpoint`;

export const SIDECAR_FOLDER: string = `${LOG_FOLDER}_sidecars/`;

const VERSION_DIGITS = 20;

/** The key of a version's commit. */
export function commitKey(version: number): string {
  return `${versionPrefix(version)}.json`;
}

/** @param uuid Of a checkpoint of the second form. */
export function checkpointKey(version: number, uuid?: string): string {
  return `${versionPrefix(version)}.checkpoint.${uuid === undefined ? '' : `${uuid}.`}parquet`;
}

/** What the keys of all files of a version begin with; it sorts before them, and after those of earlier versions. */
export function versionPrefix(version: number): string {
  return `${LOG_FOLDER}${String(version).padStart(VERSION_DIGITS, '0')}`;
}

/** What a key in the log's folder names, or undefined for what is no file of the log: temporaries, hints, folders. */
export function parseLogPath(key: string): LogFile | undefined {
  if (!key.startsWith(LOG_FOLDER)) return undefined;
  const match = /^(\d{20})\.(.+)$/.exec(key.slice(LOG_FOLDER.length));
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  const version = safeVersion(match[1]);
  return version === undefined ? undefined : parseKind(version, match[2]);
}

function parseKind(version: number, ending: string): LogFile | undefined {
  if (ending === 'json') return { kind: 'commit', version };
  if (ending === 'crc') return { kind: 'checksum', version };
  if (ending === 'checkpoint.parquet') return { kind: 'checkpoint', version, form: { type: 'classic' } };
  const part = /^checkpoint\.(\d{10})\.(\d{10})\.parquet$/.exec(ending);
  if (part !== null) {
    const [number, of] = [Number(part[1]), Number(part[2])];
    if (number < 1 || number > of) return undefined;
    return { kind: 'checkpoint', version, form: { type: 'part', part: number, of } };
  }
  const uuid = /^checkpoint\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.(json|parquet)$/i.exec(ending);
  if (uuid !== null) {
    const format = uuid[1]?.toLowerCase() === 'json' ? 'json' : 'parquet';
    return { kind: 'checkpoint', version, form: { type: 'uuid', format } };
  }
  const compacted = /^(\d{20})\.compacted\.json$/.exec(ending)?.[1];
  const to = compacted === undefined ? undefined : safeVersion(compacted);
  return to === undefined || to <= version ? undefined : { kind: 'compaction', from: version, to };
}

function safeVersion(digits: string): number | undefined {
  const version = Number(digits);
  return Number.isSafeInteger(version) ? version : undefined;
}
