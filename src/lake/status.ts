import { bareRecord } from '../core/bare-record.ts';
import type { Storage } from '../storage/port.ts';
import { STAGING } from './layout.ts';
import { readLedgerBackwards, readNewestEntry } from './ledger.ts';
import { objectsOf } from './stored.ts';
import type { LedgerEntry, PastEntry, Rejects, TableReport, TableRun, TableState } from './ledger-entry.ts';
import { asPastRun, isoMicros, type PastRun } from './past-runs.ts';
import { lakeSizes, type LakeSizes } from './sizes.ts';

/** Times are ISO 8601, UTC. */
export interface LakeStatus {
  readonly lake: string;
  /** How many runs are committed. */
  readonly runs: number;
  /** What feeds the lake, and its version at the newest run; null for a lake without runs. */
  readonly source: PastRun['source'] | null;
  /** Those of the lake, then those that only the configuration has yet. */
  readonly tables: Readonly<Record<string, TableStatus>>;
  /** Newest first. */
  readonly lastRuns: readonly PastRun[];
  readonly sizes: LakeSizes;
  /** Files of the newest run that are committed and not visible yet: the next run finishes that. */
  readonly unfinished: readonly string[];
  /** Staged files: of a run under way, or of one that was stopped, which a later run drops. */
  readonly staged: { readonly files: number; readonly bytes: number };
}

export interface TableStatus {
  /** Null where the table is not in the lake yet. */
  readonly rows: number | null;
  /** How often the table was started anew: 0 is its first full-load. */
  readonly epoch: number | null;
  readonly key: readonly string[];
  /** The source version whose rows the lake has. */
  readonly sourceVersion: string | null;
  /** The newest run that published something of the table. */
  readonly lastChange: LastChange | null;
  /** Why the last cycle left the table as it was; null where it did not. */
  readonly trouble: { readonly operation: 'held' | 'failed'; readonly reason: string } | null;
  /** The newest value of the table's date_field, as text; null where there is none, or it is not known cheaply. */
  readonly newest: { readonly column: string; readonly value: string } | null;
  /** Lines of the file that it was last read from that are no rows; left out where there are none. */
  readonly rejects?: Rejects;
  /** False for a table that the lake has and the configuration does not. */
  readonly configured: boolean;
}

interface LastChange {
  readonly run: number;
  readonly at: string;
  /** What the change's rows carry as their time, with microseconds; null for a full-load. */
  readonly time: string | null;
  readonly operation: 'full-load' | 'cdc';
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
  readonly file: string;
}

/** What a cycle told of tables, also one that committed nothing. */
export interface ToldOfTables {
  readonly endedAt: string;
  readonly tables: Readonly<Record<string, TableReport>>;
}

export interface StatusRequest {
  readonly storage: Storage;
  /** The configured tables. */
  readonly tables: readonly {
    readonly name: string;
    readonly key: readonly string[];
    readonly dateField: string | undefined;
  }[];
  readonly lastRuns: number;
  /** The folders of layers, whose sizes are told, too. */
  readonly layers?: readonly string[];
  /** The last cycles, newest first. */
  readonly cycles?: readonly ToldOfTables[];
  /** The newest value of a column among a table's rows, as text; undefined where it is not to be had cheaply. */
  readonly newestValue?: (state: TableState, column: string) => Promise<string | undefined>;
}

/** How a lake stands, by its ledger and a few listings. */
export async function lakeStatus(request: StatusRequest): Promise<LakeStatus> {
  const { storage, cycles = [] } = request;
  const { newest, lastRuns, changes } = await walkBack(storage, request.lastRuns);
  const last = newest === undefined ? undefined : asPastRun(newest, newest.report);
  const reports = lastReports(newest, cycles);
  const tables = bareRecord<TableStatus>();
  for (const [name, state] of Object.entries(newest?.tables ?? {})) {
    const configured = request.tables.find((table) => table.name === name);
    tables[name] = {
      rows: state.base.rows,
      epoch: state.epoch,
      key: state.primaryKey,
      sourceVersion: state.seen.date ?? state.seen.version,
      lastChange: changes.get(name) ?? null,
      trouble: troubleOf(reports[name]),
      newest: await newestOf(request, state, configured?.dateField),
      configured: configured !== undefined,
      ...(state.rejects === undefined ? {} : { rejects: state.rejects }),
    };
  }
  for (const { name, key } of request.tables)
    tables[name] ??= { ...NOT_YET, key, trouble: troubleOf(reports[name]) };
  return {
    lake: storage.uri,
    runs: newest === undefined ? 0 : newest.run + 1,
    source: last?.source ?? null,
    tables,
    lastRuns,
    sizes: await lakeSizes(storage, newest, request.layers ?? []),
    unfinished: await unfinishedFiles(storage, newest),
    staged: await stagedFiles(storage),
  };
}

const NOT_YET = {
  rows: null,
  epoch: null,
  sourceVersion: null,
  lastChange: null,
  newest: null,
  configured: true,
} as const;

interface Walk {
  readonly newest: LedgerEntry | undefined;
  readonly lastRuns: readonly PastRun[];
  readonly changes: ReadonlyMap<string, LastChange>;
}

/** Reads no further back than to the oldest of the tables' last changes. */
async function walkBack(storage: Storage, wanted: number): Promise<Walk> {
  const newest = await readNewestEntry(storage);
  const lastRuns: PastRun[] = [];
  const changes = new Map<string, LastChange>();
  const names = Object.keys(newest?.tables ?? {});
  for await (const entry of readLedgerBackwards(storage, newest)) {
    if (lastRuns.length < wanted) lastRuns.push(asPastRun(entry, entry.report));
    for (const [name, state] of Object.entries(entry.tables)) {
      const change = changeOf(entry, state);
      if (change !== undefined && !changes.has(name)) changes.set(name, change);
    }
    const isComplete = names.every((name) => changes.has(name));
    if (isComplete && lastRuns.length >= wanted) break;
  }
  return { newest, lastRuns, changes };
}

function changeOf(entry: PastEntry, state: TableRun): LastChange | undefined {
  const { file, operation, inserted, updated, deleted } = state;
  if (file === null || operation === 'unchanged') return undefined;
  const time = operation === 'cdc' ? isoMicros(BigInt(state.lastTimestampMicros)) : null;
  return {
    run: entry.run,
    at: entry.committedAt,
    time,
    operation,
    inserted,
    updated,
    deleted,
    file: file.key,
  };
}

/** A cycle may have committed nothing, and may have looked at some tables only: of each table the last word counts. */
function lastReports(
  newest: LedgerEntry | undefined,
  cycles: readonly ToldOfTables[],
): Readonly<Record<string, TableReport>> {
  const committedMs = newest === undefined ? -Infinity : Date.parse(newest.committedAt);
  const told = cycles.toReversed().map(({ endedAt, tables }) => ({ ms: Date.parse(endedAt), tables }));
  const before = told.filter(({ ms }) => ms < committedMs);
  const since = told.filter(({ ms }) => ms >= committedMs);
  return bareRecord(...[...before, { tables: newest?.report ?? {} }, ...since].map((each) => each.tables));
}

function troubleOf(report: TableReport | undefined): TableStatus['trouble'] {
  if (report?.operation !== 'held' && report?.operation !== 'failed') return null;
  return { operation: report.operation, reason: report.reason ?? '' };
}

async function newestOf(
  { newestValue }: StatusRequest,
  state: TableState,
  column: string | undefined,
): Promise<TableStatus['newest']> {
  const type = state.schema.find(({ name }) => name === column)?.type;
  if (column === undefined || type === undefined || !DATED.has(type)) return null;
  const value = await newestValue?.(state, column);
  return value === undefined ? null : { column, value };
}

const DATED: ReadonlySet<string> = new Set(['date', 'timestamp', 'timestamptz']);

async function unfinishedFiles(storage: Storage, newest: LedgerEntry | undefined): Promise<string[]> {
  const files = Object.values(newest?.tables ?? {}).flatMap(({ file }) => file ?? []);
  const keys = files.flatMap(objectsOf).map(({ key }) => key);
  const found = await Promise.all(keys.map((key) => storage.stat(key)));
  return keys.filter((_, index) => found[index] === undefined);
}

async function stagedFiles(storage: Storage): Promise<LakeStatus['staged']> {
  let files = 0;
  let bytes = 0;
  for await (const object of storage.list(STAGING)) {
    files += 1;
    bytes += object.sizeBytes;
  }
  return { files, bytes };
}
