import { hostname } from 'node:os';
import type { Config } from '../config/config.ts';
import { asIgarapeError, IgarapeError } from '../core/errors.ts';
import { OWN } from '../lake/layout.ts';
import type { Storage } from '../storage/port.ts';
import type { Edge } from './context.ts';
import { writeCycle } from './journal/journal.ts';
import type { CycleRecord } from './journal/record.ts';
import { Stopwatch } from './journal/stopwatch.ts';
import { type NotifiedRun, notified } from './notify/notified.ts';
import { redactedJson } from './redacted-json.ts';
import type { RunReport } from './report.ts';
import type { RunResult } from './run.ts';
import { announceRunning } from './running.ts';

/** A cycle of a lake, for its journal. */
type KeptCycle = Pick<NotifiedRun, 'storage' | 'writer' | 'redact'> & {
  readonly config: Pick<Config, 'workDir'>;
};

/** A cycle of a lake, for those who are told of it. */
export type ToldCycle = KeptCycle & NotifiedRun;

/** As {@link keptCycle}, and those whom the configuration names are told. What cannot be told is a warning in the log. */
export async function toldCycle(
  cycle: ToldCycle,
  edge: Edge,
  work: (edge: Edge) => Promise<RunResult>,
): Promise<RunResult> {
  return keptCycle(cycle, edge, (watched) => notified(cycle, watched, work));
}

/**
 * Runs `work` as a cycle: who looks into the working folder sees how far it is, and the journal of the lake keeps how it
 * went. What cannot be kept is a warning in the log.
 */
export async function keptCycle<Result extends RunResult>(
  cycle: KeptCycle,
  edge: Edge,
  work: (edge: Edge) => Promise<Result>,
): Promise<Result> {
  const startedMs = edge.clock();
  const watch = new Stopwatch(edge.clock);
  const running = await announceRunning(cycle.config.workDir, edge);
  const watched: Edge = {
    ...edge,
    onProgress: (progress) => {
      watch.follow(progress);
      running.follow(progress);
      edge.onProgress(progress);
    },
  };
  const recordOf = (end: CycleEnd): CycleRecord => {
    // What happens until the end is the last table's.
    const steps = watch.steps();
    return {
      ...endOf(end, watch),
      startedAt: new Date(startedMs).toISOString(),
      endedAt: new Date(edge.clock()).toISOString(),
      host: hostname(),
      writer: cycle.writer,
      steps,
    };
  };
  try {
    const result = await work(watched);
    await keep(cycle, edge, recordOf({ ...result, error: null }));
    return result;
  } catch (thrown) {
    const error = edge.signal.aborted ? stopped(thrown) : asIgarapeError(thrown);
    if (await isOfLake(cycle.storage, error))
      await keep(cycle, edge, recordOf({ report: null, exitCode: error.exitCode, error }));
    throw thrown;
  } finally {
    await running.end();
  }
}

interface CycleEnd extends Pick<RunResult, 'exitCode'> {
  readonly report: RunReport | null;
  readonly error: IgarapeError | null;
}

function endOf(
  { report, exitCode, error }: CycleEnd,
  watch: Stopwatch,
): Pick<CycleRecord, 'runs' | 'source' | 'exitCode' | 'tables' | 'layers' | 'error'> {
  const timed = <T>(found: Readonly<Record<string, T>>): Record<string, T & { durationMs: number }> =>
    Object.fromEntries(
      Object.entries(found).map(([name, told]) => [name, { ...told, durationMs: watch.durationMs(name) }]),
    );
  const all = report === null ? [] : [...(report.earlier ?? []), report];
  return {
    exitCode,
    runs: [...new Set(all.flatMap(({ run }) => run ?? []))],
    source: report?.source ?? null,
    tables: timed(report?.tables ?? {}),
    ...(report?.layers === undefined ? {} : { layers: timed(report.layers) }),
    error: error === null ? null : { code: error.code, message: error.message, hint: error.hint ?? null },
  };
}

function stopped(cause: unknown): IgarapeError {
  return new IgarapeError('STOPPED', 'Stopped by its caller: what was not committed yet is dropped.', {
    cause,
  });
}

/** A call that was wrong is no cycle; one that did not reach the lake, or that made none yet, leaves nothing in it. */
async function isOfLake(storage: Storage, error: IgarapeError): Promise<boolean> {
  if (error.exitCode === 2 || error.exitCode === 5) return false;
  try {
    for await (const _ of storage.list(OWN)) return true;
  } catch {
    // Whatever it is, the error of the cycle is told.
  }
  return false;
}

async function keep({ storage, redact }: KeptCycle, edge: Edge, record: CycleRecord): Promise<void> {
  try {
    await writeCycle(storage, record, edge.newId(), redactedJson(record, redact));
  } catch (error) {
    edge.log.warn({ err: error }, 'the journal of the lake could not be written');
  }
}
