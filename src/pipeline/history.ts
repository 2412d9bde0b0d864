import { type PastRun, pastRuns, type PastRunsRequest } from '../lake/past-runs.ts';
import type { Storage } from '../storage/port.ts';
import { Journal } from './journal/journal.ts';
import type { CycleRecord } from './journal/record.ts';

/** A committed run, with what the journal tells of its cycle. */
export interface HistoryRun extends PastRun {
  /** How long the cycle took; null where the journal has it no more, and of all but the last run of a cycle. */
  readonly durationMs: number | null;
  /** What the cycle did to the tables of the layers, by full name; left out where nothing tells. */
  readonly layers?: NonNullable<CycleRecord['layers']>;
}

/** The committed runs, newest first. @throws IgarapeError USAGE where no run knows the table */
export async function history(storage: Storage, request: PastRunsRequest = {}): Promise<HistoryRun[]> {
  const runs = await pastRuns(storage, request);
  return withCycles(await Journal.list(storage), runs);
}

/** Runs with what the journal tells of their cycles. */
export async function withCycles(journal: Journal, runs: readonly PastRun[]): Promise<HistoryRun[]> {
  const cycles = await journal.read({ runs: runs.map(({ run }) => run), limit: runs.length });
  const byRun = new Map(cycles.flatMap((cycle) => cycle.runs.slice(-1).map((run) => [run, cycle] as const)));
  return runs.map((run) => {
    const cycle = byRun.get(run.run);
    return {
      ...run,
      durationMs: cycle === undefined ? null : Date.parse(cycle.endedAt) - Date.parse(cycle.startedAt),
      ...(cycle?.layers === undefined ? {} : { layers: cycle.layers }),
    };
  });
}
