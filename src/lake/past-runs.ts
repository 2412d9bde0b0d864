import { closest, didYouMean } from '../config/closest.ts';
import { IgarapeError } from '../core/errors.ts';
import type { Storage } from '../storage/port.ts';
import { readLedgerBackwards, readNewestEntry } from './ledger.ts';
import type { LedgerEntry, RunHead, TableReport } from './ledger-entry.ts';

/** A committed run, as `history` tells of it. */
export interface PastRun {
  readonly run: number;
  /** When it was committed: ISO 8601, UTC. */
  readonly at: string;
  /** `time` is ISO 8601, UTC, with microseconds; only where the source tells it. */
  readonly source: { readonly id: string; readonly version: string; readonly time?: string };
  readonly writer: string;
  /** The version that a backfill began with, where one made the run. */
  readonly backfillFrom?: string;
  /** What the run reported of each table that it looked at. */
  readonly tables: Readonly<Record<string, TableReport>>;
}

export interface PastRunsRequest {
  /** Only runs that published or held this table, and only it. */
  readonly table?: string;
  /** The newest so many; all where undefined. */
  readonly limit?: number;
}

/**
 * The lake's committed runs, newest first.
 *
 * @throws IgarapeError USAGE where no run knows the table.
 */
export async function pastRuns(storage: Storage, { table, limit }: PastRunsRequest = {}): Promise<PastRun[]> {
  const runs: PastRun[] = [];
  const newest = await readNewestEntry(storage);
  let isKnown = table === undefined || newest?.tables[table] !== undefined;
  for await (const entry of readLedgerBackwards(storage, newest)) {
    isKnown ||= table !== undefined && entry.report[table] !== undefined;
    if (runs.length === limit) break;
    const report = table === undefined ? undefined : entry.report[table];
    if (table === undefined) runs.push(asPastRun(entry, entry.report));
    else if (report !== undefined && report.operation !== 'unchanged')
      runs.push(asPastRun(entry, { [table]: report }));
  }
  if (table !== undefined && !isKnown) throw unknown(table, newest);
  return runs;
}

/** A run with its whole report. */
export function asPastRun(entry: RunHead, tables: PastRun['tables']): PastRun {
  const { run, committedAt, source, writer, backfillFrom } = entry;
  const { id, version, timeMicros } = source;
  return {
    run,
    at: committedAt,
    source: { id, version, ...(timeMicros === undefined ? {} : { time: isoMicros(BigInt(timeMicros)) }) },
    writer,
    ...(backfillFrom === undefined ? {} : { backfillFrom }),
    tables,
  };
}

const MICROS = 1_000_000n;

/** ISO 8601 with six digits of a second; `micros` are microseconds since 1970. */
export function isoMicros(micros: bigint): string {
  const fraction = ((micros % MICROS) + MICROS) % MICROS;
  const seconds = new Date(Number((micros - fraction) / 1000n)).toISOString().slice(0, 19);
  return `${seconds}.${String(fraction).padStart(6, '0')}Z`;
}

function unknown(table: string, newest: LedgerEntry | undefined): IgarapeError {
  const names = Object.keys(newest?.tables ?? {});
  return new IgarapeError('USAGE', `The lake has no table ${table}.`, {
    hint:
      names.length === 0
        ? 'It has no runs yet: igarape run makes one.'
        : didYouMean(closest(table, names), `Its tables are: ${names.join(', ')}.`),
  });
}
