import type { Config } from '../config/config.ts';

// Where things are in a lake: keys below its root.

/** Everything of a lake that is not for its readers. */
export const OWN = '_igarape/';
export const LEDGER = '_igarape/ledger/';
export const JOURNAL = '_igarape/journal/';
export const CHECKPOINTS = '_igarape/checkpoints/';
export const SNAPSHOTS = '_igarape/snapshots/';
export const REJECTS = '_igarape/rejects/';
export const STAGING = '_igarape/staging/';

const LEDGER_DIGITS = 20;

export function ledgerKey(run: number): string {
  return numbered(LEDGER, run);
}

/** The run of a ledger key, or undefined for any other key. */
export function ledgerRun(key: string): number | undefined {
  return runIn(LEDGER, key);
}

export function checkpointKey(run: number): string {
  return numbered(CHECKPOINTS, run);
}

/** The run of a checkpoint's key, or undefined for any other key. */
export function checkpointRun(key: string): number | undefined {
  return runIn(CHECKPOINTS, key);
}

function numbered(folder: string, run: number): string {
  return `${folder}${String(run).padStart(LEDGER_DIGITS, '0')}.json`;
}

function runIn(folder: string, key: string): number | undefined {
  const digits = key.startsWith(folder) ? /^(\d{20})\.json$/.exec(key.slice(folder.length))?.[1] : undefined;
  return digits === undefined ? undefined : Number(digits);
}

/**
 * An attempt's own name, for its staged files and bases: it begins with the run that it hopes to become, so that
 * whoever sees the ledger past that run knows that an attempt which is not in it can only fail.
 */
export function attemptName(run: number, id: string): string {
  return `${String(run).padStart(LEDGER_DIGITS, '0')}-${id}`;
}

export function attemptRun(name: string): number | undefined {
  const match = /^(\d{20})-/.exec(name);
  return match === null ? undefined : Number(match[1]);
}

export function snapshotKey(table: string, attempt: string): string {
  return `${SNAPSHOTS}${table}/${attempt}.parquet`;
}

/** Where what an attempt lets others write of a table's base lies. */
export function snapshotFolder(table: string, attempt: string): string {
  return `${SNAPSHOTS}${table}/${attempt}/`;
}

/** The list of the files that a growing table was taken from. */
export function takenKey(table: string, attempt: string): string {
  return `${SNAPSHOTS}${table}/${attempt}.files.json`;
}

export function rejectsKey(table: string, attempt: string): string {
  return `${REJECTS}${table}/${attempt}.csv`;
}

export function stagedKey(attempt: string, finalKey: string): string {
  return `${STAGING}${attempt}/${finalKey}`;
}

/** The visible name of a table's first full-load, or with `at` of a later one. */
export function fullLoadKey(layout: Config['layout'], table: string, at?: Date): string {
  const name = at === undefined ? table : `${table}_${timeStamp(at)}`;
  return layout === 'flat' ? `full-load/${name}.parquet` : `full-load/${table}/${name}.parquet`;
}

export function changeFileKey(layout: Config['layout'], table: string, at: Date): string {
  const name = `${table}_${timeStamp(at)}.parquet`;
  return layout === 'flat' ? `cdc/${name}` : `cdc/${table}/${name}`;
}

/** `YYYYMMDD_HHMMSS`, UTC. */
function timeStamp(at: Date): string {
  const digits = at.toISOString().replace(/[-:]/g, '');
  return `${digits.slice(0, 8)}_${digits.slice(9, 15)}`;
}
