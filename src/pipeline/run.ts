import { type ExitCode, IgarapeError, worstExitCode } from '../core/errors.ts';
import type { TableConfig } from '../config/config.ts';
import { refuseForeignFiles } from '../lake/foreign-files.ts';
import { attemptName, attemptRun, STAGING } from '../lake/layout.ts';
import { commitEntry, readNewestEntry } from '../lake/ledger.ts';
import type { LedgerEntry, TableState } from '../lake/ledger-entry.ts';
import { nextEntry } from '../lake/ledger-record.ts';
import { finishRun, passAbandoned } from '../lake/recover.ts';
import { dropStaleSegments } from '../lake/segments.ts';
import { confirmStaged } from '../lake/stage.ts';
import type { SourceVersion } from '../source/port.ts';
import { honoursIfAbsent } from '../storage/conditional.ts';
import type { Storage } from '../storage/port.ts';
import {
  type Edge,
  refuseUnknownTables,
  type RunContext,
  type RunRequest,
  segmentFolder,
  sourceOf,
  worksOn,
} from './context.ts';
import { comparingSpark } from './comparing-spark.ts';
import { examineAll } from './examine-all.ts';
import type { TableOutcome } from './outcome.ts';
import {
  exitCodeOf,
  reportSource,
  reportTable,
  type RunReport,
  type TableResult,
  unaskedSource,
  keptReports,
} from './report.ts';
import { withRunContext } from './run-context.ts';
import { type Attempt, stageTable } from './stage-table.ts';

/** After this long an attempt that was never committed is taken for dead. */
const ABANDONED_MS = 24 * 60 * 60 * 1000;

/** After this long it is not taken for granted that what an attempt has staged is still there. */
const UNSURE_MS = 60 * 60 * 1000;

export interface RunResult {
  readonly report: RunReport;
  readonly exitCode: ExitCode;
}

/**
 * One cycle: finishes what the last commit left undone, examines the source, stages what changed, commits it as one
 * ledger entry and makes it visible. A run that finds nothing to record commits nothing. Then the layers of the
 * configuration are fed from what is published. Tables of dated snapshots take one date after the other, each as a
 * cycle of its own.
 *
 * @throws IgarapeError CONFLICT another run has committed meanwhile; LAKE_NOT_EMPTY a first run finds files of others;
 * SOURCE_…, LAKE_… where nothing can be done at all.
 */
export async function runOnce(request: RunRequest, edge: Edge, writer: string): Promise<RunResult> {
  const steps: RunStep[] = [];
  let asked = request;
  for (;;) {
    const step = await runStep(asked, edge, writer);
    steps.push(step);
    if (step.onwards.length === 0) return joinSteps(steps);
    // What a person has approved, or asked for once, was for the first state of each table.
    const examined = new Set(steps.flatMap(({ report }) => Object.keys(report.tables)));
    const isOpen = (name: string): boolean => !examined.has(name);
    const { approve = [], reload = [] } = request;
    asked = {
      ...request,
      onwards: step.onwards,
      approve: approve.filter(isOpen),
      reload: reload.filter(isOpen),
      fullRefresh: false,
    };
  }
}

/** A run of one date, where tables have dates: see {@link runOnce}. */
export interface RunStep extends RunResult {
  /** The date that was taken; undefined where none is new. */
  readonly step: string | undefined;
  /** The tables that have later dates, and nothing in the way to them. */
  readonly onwards: readonly string[];
}

/** Several dates that one run has taken, as one report: of each table the last word. */
function joinSteps(steps: readonly RunStep[]): RunResult {
  const reports = steps.map(({ report }) => report);
  const last = reports.at(-1);
  if (last === undefined) throw new RangeError('A run has a step.');
  const exitCode = worstExitCode(steps.map((step) => step.exitCode));
  if (reports.length === 1) return { report: last, exitCode };
  const tables = Object.assign({}, ...reports.map((report) => report.tables));
  const run = reports.findLast((report) => report.run !== null)?.run ?? null;
  return { report: { ...last, run, tables, earlier: reports.slice(0, -1) }, exitCode };
}

/** As {@link runOnce}, of the next date only. */
export async function runStep(request: RunRequest, edge: Edge, writer: string): Promise<RunStep> {
  const { storage, memory } = request;
  const entry = await openLedger(storage, edge, writer, memory?.entry);
  if (memory !== undefined) memory.entry = entry;
  const attempt = attemptName((entry?.run ?? -1) + 1, edge.newId());
  return withConflicts(storage, attempt, async () =>
    withRunContext(request, edge, async (context) => {
      refuseUnknownTables(request);
      // They are most of the program's modules, so that loading them takes time that others need not spend.
      const layers = request.config.layers.length === 0 ? undefined : await import('./layers.ts');
      const models = await layers?.chooseModels(context);
      if (entry === undefined) await beginLake(request, attempt);
      const { report, exitCode, newest, step, onwards } = worksOn(request, 'raw')
        ? await examineAndCommit(context, entry, attempt, writer)
        : nothingExamined(request, entry);
      if (layers === undefined) return { report, exitCode, step, onwards };
      const fed = await layers.runLayers(context, newest, models);
      return {
        report: {
          ...report,
          layers: fed.reports,
          ...(fed.orphans.length === 0 ? {} : { orphans: fed.orphans }),
        },
        exitCode: worstExitCode([exitCode, ...fed.exitCodes]),
        step,
        onwards,
      };
    }),
  );
}

/**
 * The newest entry, once what it left undone is done, and attempts that are dead are out of the way.
 *
 * @param known An entry that was the newest one earlier.
 */
export async function openLedger(
  storage: Storage,
  { clock, newId }: Edge,
  writer: string,
  known?: LedgerEntry,
): Promise<LedgerEntry | undefined> {
  const entry = await readNewestEntry(storage, known);
  if (entry === undefined) return undefined;
  const left = await finishRun(storage, entry);
  const own = {
    attempt: attemptName(entry.run + 1, newId()),
    writer,
    committedAt: new Date(clock()).toISOString(),
  };
  return passAbandoned(storage, entry, left, clock() - ABANDONED_MS, own);
}

/** A run on the layers alone starts from what the newest run has published. */
function nothingExamined({ source }: RunRequest, entry: LedgerEntry | undefined): RawResult {
  return {
    newest: entry,
    report: { run: null, source: unaskedSource(source, entry), tables: {} },
    exitCode: 0,
    step: undefined,
    onwards: [],
  };
}

interface RawResult extends RunStep {
  /** The newest entry of the ledger after the run. */
  readonly newest: LedgerEntry | undefined;
}

async function examineAndCommit(
  context: RunContext,
  entry: LedgerEntry | undefined,
  attempt: string,
  writer: string,
): Promise<RawResult> {
  const { request, edge } = context;
  const startedMs = edge.clock();
  await using spark = comparingSpark(request, edge, attempt);
  const { version, step, onwards, ...examined } = await examineAll(
    { ...context, spark },
    entry,
    async (place, table, outcome, seenVersion) => {
      const known = entry?.tables[table.name];
      const state = await nextState(place, table, outcome, known, {
        attempt,
        startedMs,
        version: seenVersion,
      });
      logOutcome(edge, table, outcome);
      return state;
    },
  );
  const outcomes = examined.tables.map(({ outcome }) => outcome);
  await refuseOvertaken(request.storage, attempt, outcomes);
  const states: Record<string, TableState> = {};
  const tables: Record<string, TableResult> = {};
  for (const { table, outcome, made } of examined.tables) {
    if (made !== undefined) states[table.name] = made;
    tables[table.name] = reportTable(outcome, made?.file ?? undefined);
  }
  const committed = await commit(context, entry, { attempt, startedMs, version, states, tables }, writer);
  return {
    newest: committed ?? entry,
    report: { run: committed?.run ?? null, source: reportSource(sourceOf(request).id, version), tables },
    exitCode: exitCodeOf(outcomes),
    step,
    onwards,
  };
}

/** The table's state in the ledger after this run; undefined where this run has nothing to record of it. */
async function nextState(
  context: RunContext,
  table: TableConfig,
  outcome: TableOutcome,
  known: TableState | undefined,
  attempt: Attempt,
): Promise<TableState | undefined> {
  if (outcome.kind === 'examined') return stageTable(context, table, outcome, known, attempt);
  if (outcome.kind !== 'unchanged' || outcome.seen === undefined || known === undefined) return undefined;
  return {
    ...known,
    operation: 'unchanged',
    ...NO_CHANGES,
    unchanged: outcome.rows,
    file: null,
    seen: outcome.seen,
  };
}

const NO_CHANGES = { inserted: 0, updated: 0, deleted: 0 } as const;

interface Staged {
  readonly attempt: string;
  readonly startedMs: number;
  readonly version: SourceVersion;
  readonly states: Readonly<Record<string, TableState>>;
  readonly tables: RunReport['tables'];
}

async function commit(
  { request, edge }: RunContext,
  entry: LedgerEntry | undefined,
  staged: Staged,
  writer: string,
): Promise<LedgerEntry | undefined> {
  if (Object.keys(staged.states).length === 0 && !hasMoved(request, entry)) return undefined;
  edge.onProgress({ step: 'commit', done: 0 });
  const { storage } = request;
  const { label, timeMicros } = staged.version;
  const head = {
    run: attemptRun(staged.attempt) ?? 0,
    attempt: staged.attempt,
    writer,
    committedAt: new Date(edge.clock()).toISOString(),
    source: {
      id: sourceOf(request).id,
      version: label,
      ...(timeMicros === undefined ? {} : { timeMicros: String(timeMicros) }),
    },
    ...(request.backfillFrom === undefined ? {} : { backfillFrom: request.backfillFrom }),
  };
  const next = nextEntry(entry, head, staged.states, keptReports(staged.tables));
  edge.signal.throwIfAborted();
  if (edge.clock() - staged.startedMs > UNSURE_MS)
    await confirmStaged(storage, staged.attempt, Object.values(staged.states));
  if (!(await commitEntry(storage, next, entry))) throw conflict(storage, next.run);
  edge.log.info({ run: next.run, attempt: next.attempt }, 'committed');
  await finishRun(storage, next);
  await dropStaleSegments(segmentFolder(request.config.workDir), Object.values(next.tables));
  return next;
}

function logOutcome(edge: Edge, table: TableConfig, outcome: TableOutcome): void {
  // Rows are not for logs.
  const { held: _held, ...report } = reportTable(outcome);
  const fields = { table: table.name, ...report };
  if (outcome.kind === 'failed') edge.log.debug({ table: table.name, err: outcome.error }, 'what went wrong');
  if (outcome.kind === 'held' || outcome.kind === 'failed')
    edge.log.warn(fields, `${table.name}: ${outcome.kind}`);
  else
    edge.log.info(fields, `${table.name}: ${outcome.kind === 'examined' ? outcome.operation : 'unchanged'}`);
}

/** What another run has cleaned away under this one shows as trouble of tables, and is none of theirs. */
async function refuseOvertaken(
  storage: Storage,
  attempt: string,
  outcomes: readonly TableOutcome[],
): Promise<void> {
  const isTroubled = outcomes.some(({ kind }) => kind === 'failed');
  const newest = isTroubled ? await readNewestEntry(storage) : undefined;
  if (newest !== undefined && newest.run >= (attemptRun(attempt) ?? 0)) throw conflict(storage, newest.run);
}

/** When the ledger has moved on under a run, that is what went wrong, whatever error it first showed as. */
async function withConflicts<T>(storage: Storage, attempt: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isOwn = error instanceof IgarapeError && error.code === 'CONFLICT';
    const newest = isOwn ? undefined : await readNewestEntry(storage).catch(() => undefined);
    if (newest === undefined || newest.run < (attemptRun(attempt) ?? 0) || newest.attempt === attempt)
      throw error;
    throw conflict(storage, newest.run, error);
  }
}

export function conflict(storage: Storage, run: number, cause?: unknown): IgarapeError {
  return new IgarapeError(
    'CONFLICT',
    `Another run has committed run ${run} to ${storage.uri} meanwhile; this one has published nothing.`,
    {
      hint: 'Let one schedule feed a lake. The next run goes on from there.',
      retryable: true,
      cause,
    },
  );
}

async function beginLake(request: RunRequest, attempt: string): Promise<void> {
  const { storage, adoptPrefix = false } = request;
  if (worksOn(request, 'raw') && !adoptPrefix) await refuseForeignFiles(storage);
  await requireConditionalWrites(storage, attempt);
}

/** The probe is the attempt's, so that whoever clears up after a dead attempt finds it. */
async function requireConditionalWrites(storage: Storage, attempt: string): Promise<void> {
  if (await honoursIfAbsent(storage, `${STAGING}${attempt}/`, attempt)) return;
  throw new IgarapeError(
    'LAKE_UNCONDITIONAL',
    `The store of ${storage.uri} ignores "If-None-Match: *", so two runs at once could both publish.`,
    {
      hint: 'Use a store that honours conditional writes, as Amazon S3, MinIO and SeaweedFS do, or a local folder.',
    },
  );
}

/** A source that has moved is recorded, or the next run would meet the old one again. */
function hasMoved(request: RunRequest, entry: LedgerEntry | undefined): boolean {
  return request.sourceMoved === true && entry !== undefined && entry.source.id !== sourceOf(request).id;
}
