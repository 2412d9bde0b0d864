import { join } from 'node:path';
import { EngineError, IgarapeError } from '../core/errors.ts';
import type { TableConfig } from '../config/config.ts';
import { sameName, sameNames } from '../core/schema.ts';
import type { Engine } from '../engine/engine.ts';
import { mendSegments, openSegments } from '../lake/segments.ts';
import type { LedgerEntry, TableState as KnownState } from '../lake/ledger-entry.ts';
import { readTaken } from '../lake/taken-files.ts';
import type {
  Fetched,
  SeenFile,
  SourceContext,
  SourceSnapshot,
  SourceVersion,
  TableState,
} from '../source/port.ts';
import { sideBySide } from '../engine/side-by-side.ts';
import { type RunContext, type RunRequest, segmentFolder, sourceOf, sourceTables } from './context.ts';
import { dateWanted, nextDate, tellFilesLeftOut, versionOf } from './dated-snapshots.ts';
import { examineAppend } from './examine-append.ts';
import { examineTable, type KnownTable } from './examine.ts';
import type { ExaminedOnSpark } from './comparing-spark.ts';
import { missingTable } from './missing-table.ts';
import { isSameSource } from './same-source.ts';
import { type ComparedBy, sentence, type TableOutcome } from './outcome.ts';
import { inPlace } from './run-context.ts';
import { readAs } from './read-as.ts';
import { isOfEngine, readingTrouble, stagingTrouble } from './table-trouble.ts';

/**
 * Examines every requested table, small ones side by side, and hands each outcome on at once, with the context whose engine
 * still has the table's changes; where that fails, the table's outcome is that it failed. A table's trouble is its own,
 * whatever it is, and does not concern the others; thrown is what keeps the source as a whole from being opened.
 */
export async function examineAll<T>(
  context: RunContext,
  entry: LedgerEntry | undefined,
  onOutcome: OutcomeListener<T>,
): Promise<Examined<T>> {
  const { request, edge, engine, runDir } = context;
  const source = sourceOf(request);
  refuseOtherSource(request, entry, source.id);
  edge.onProgress({ step: 'look', done: 0 });
  const snapshot = await openSource(context, entry, sourceTables(request));
  tellFilesLeftOut(context, snapshot, entry);
  const step = nextDate(snapshot, entry);
  const found = sourceTables(request).map((table): FoundTable => {
    const known = entry?.tables[table.name];
    const state = snapshot.tables.get(table.name);
    const date = state?.kind === 'present' ? state.date : undefined;
    const version = date === undefined ? snapshot.version : versionOf(date.value);
    const isNew = date !== undefined && date.value !== known?.seen.date;
    return { table, known, state, version, isLater: isNew && date.value !== step, isNew };
  });
  const asked = found.filter(({ isNew, isLater }) => !isLater && (isNew || request.dates === undefined));
  let done = 0;
  const tables = await sideBySide(
    { engine, folder: runDir },
    asked,
    { bytesOf, signal: edge.signal },
    async (place, one): Promise<ExaminedOne<T>> => {
      edge.signal.throwIfAborted();
      edge.onProgress({ step: 'table', table: one.table.name, done, total: asked.length });
      const examined = await examineFound(inPlace(context, place), one, onOutcome);
      done += 1;
      return examined;
    },
  );
  await engine.fitTo(0, undefined);
  const outcomeOf = new Map(tables.map(({ table, outcome }) => [table.name, outcome.kind]));
  const onwards = found.filter(({ table: { name }, state, isLater }) => {
    const isWell = ['examined', 'unchanged'].includes(outcomeOf.get(name) ?? '');
    return isLater || (isWell && state?.kind === 'present' && state.date?.isLast === false);
  });
  return {
    version: step === undefined ? snapshot.version : versionOf(step),
    step,
    onwards: onwards.map(({ table }) => table.name),
    tables,
  };
}

export type OutcomeListener<T> = (
  context: RunContext,
  table: TableConfig,
  outcome: TableOutcome,
  version: SourceVersion,
) => Promise<T>;

export interface Examined<T> {
  readonly version: SourceVersion;
  /** Of tables of dated snapshots, the date that was taken now; undefined where none is new. */
  readonly step: string | undefined;
  /** The tables that have later dates, and nothing in the way to them. */
  readonly onwards: readonly string[];
  /** In the order of the configuration. */
  readonly tables: readonly ExaminedOne<T>[];
}

export interface ExaminedOne<T> {
  readonly table: TableConfig;
  readonly outcome: TableOutcome;
  /** What the listener made of it. */
  readonly made: T;
}

/** A table, as the ledger and the source have it. */
interface FoundTable {
  readonly table: TableConfig;
  readonly known: KnownState | undefined;
  readonly state: TableState | undefined;
  readonly version: SourceVersion;
  /** It is at a date that is not taken yet. */
  readonly isNew: boolean;
  /** Other tables have dates before that one. */
  readonly isLater: boolean;
}

/** Its file is read, and its base. */
function bytesOf({ known, state }: FoundTable): number {
  if (state?.kind !== 'present') return 0;
  return (known?.base.segments ?? []).reduce((sum, { sizeBytes }) => sum + sizeBytes, state.sizeBytes);
}

async function examineFound<T>(
  context: RunContext,
  { table, known, state, version }: FoundTable,
  onOutcome: OutcomeListener<T>,
): Promise<ExaminedOne<T>> {
  const outcome = await examineOne(context, table, known, state);
  try {
    return { table, outcome, made: await onOutcome(context, table, outcome, version) };
  } catch (error) {
    context.edge.signal.throwIfAborted();
    const failed = await failedOrHeld(context, stagingTrouble(error));
    return { table, outcome: failed, made: await onOutcome(context, table, failed, version) };
  }
}

function refuseOtherSource(
  { config, storage, sourceMoved = false }: RunRequest,
  entry: LedgerEntry | undefined,
  id: string,
): void {
  if (entry === undefined || isSameSource(entry.source.id, id, config.source)) return;
  // Of other sources a version's label may be the same and its data others.
  const mayMove = config.source?.type === 'files' && entry.source.id.startsWith('files:');
  if (sourceMoved && mayMove) return;
  throw new IgarapeError(
    'SOURCE_CHANGED',
    `The lake ${storage.uri} is fed from ${entry.source.id}, and the configuration says ${id}.`,
    {
      hint: `Give each source a lake of its own: change "lake", or set "source" back.${mayMove ? ' Where the same files have only moved: igarape run --source-moved' : ''}`,
    },
  );
}

async function openSource(
  { request, edge, runDir }: RunContext,
  entry: LedgerEntry | undefined,
  tables: readonly TableConfig[],
): Promise<SourceSnapshot> {
  const { config } = request;
  const source = sourceOf(request);
  const requests = tables.map((table) => ({
    name: table.name,
    pattern: table.file,
    ...(table.mode === 'append' ? { isMany: true } : {}),
    seen: seenOf(request, table, entry?.tables[table.name]),
    date: dateWanted(request, table, entry?.tables[table.name]),
  }));
  const context: SourceContext = {
    workDir: join(config.workDir, 'source'),
    runDir,
    log: edge.log,
    onProgress: edge.onProgress,
    signal: edge.signal,
    skipDownload: request.skipDownload ?? false,
  };
  if (request.version === undefined) return source.open(requests, context);
  if (source.openVersion === undefined) throw noVersions(source.id);
  return source.openVersion(request.version, requests, context);
}

export function noVersions(id: string): IgarapeError {
  return new IgarapeError('USAGE', `The source ${id} keeps no past versions.`, {
    hint: 'Only Kaggle data sets, and tables whose "file" has {date} in it, can be filled from the past.',
  });
}

async function examineOne(
  context: RunContext,
  table: TableConfig,
  known: KnownState | undefined,
  state: TableState | undefined,
): Promise<TableOutcome> {
  let comparedBy: ComparedBy | undefined;
  try {
    switch (state?.kind) {
      case undefined:
        throw new RangeError(`The source says nothing of ${table.name}.`);
      case 'missing':
        // Files whose rows were taken may go.
        if (table.mode === 'append' && known !== undefined)
          return { kind: 'unchanged', rows: known.base.rows };
        return await failedOrHeld(context, missingTable(table, state, known !== undefined));
      case 'ambiguous':
        return await failedOrHeld(context, ambiguous(table, state.pattern, state.names));
      case 'unchanged':
        return {
          kind: 'unchanged',
          rows: known?.base.rows ?? 0,
          ...(state.seen === undefined ? {} : { seen: state.seen }),
        };
      case 'present': {
        const knownTable = openKnown(context, table, known);
        const onSpark = await context.reading(table.name, async () =>
          context.request.config.engine.type === 'duckdb'
            ? undefined
            : (await import('./examine-on-spark.ts')).examineOnSpark(context, table, state, knownTable),
        );
        comparedBy = onSpark && toldOf(onSpark);
        const outcome =
          onSpark?.kind === 'examined' ? onSpark.outcome : await examineHere(context, table, known, state);
        const { date } = state;
        const dated = outcome.kind === 'examined' && date !== undefined ? { ...outcome, date } : outcome;
        return outcome.kind === 'unchanged' ? outcome : withEngine(dated, comparedBy);
      }
    }
  } catch (error) {
    context.edge.signal.throwIfAborted();
    return withEngine(await failedOrHeld(context, readingTrouble(table.name, error)), comparedBy);
  }
}

function withEngine(outcome: TableOutcome, comparedBy: ComparedBy | undefined): TableOutcome {
  return comparedBy === undefined ? outcome : { ...outcome, comparedBy };
}

async function examineHere(
  context: RunContext,
  table: TableConfig,
  known: KnownState | undefined,
  state: Extract<TableState, { kind: 'present' }>,
): Promise<TableOutcome> {
  if (table.mode === 'append') return examineGrowing(context, table, known, state);
  const file = await state.fetch();
  if (file.kind === 'unchanged') return examineOne(context, table, known, file);
  return context.reading(table.name, () =>
    examineFile(context, table, file, openKnown(context, table, known)),
  );
}

function toldOf(onSpark: ExaminedOnSpark): ComparedBy {
  switch (onSpark.kind) {
    case 'examined':
      return { engine: 'spark', statements: onSpark.statements };
    case 'refused':
      return { engine: 'duckdb', reason: onSpark.reason };
  }
}

/** Where the engine could not read something, the base may have been it. */
async function examineFile(
  context: RunContext,
  table: TableConfig,
  file: Fetched,
  known: KnownTable | undefined,
): Promise<TableOutcome> {
  try {
    return await examineTable(context, table, file, known);
  } catch (error) {
    if (known === undefined || !isOfEngine(error) || context.edge.signal.aborted) throw error;
    const { engine, request } = context;
    reopenBroken(engine, error);
    const folder = segmentFolder(request.config.workDir);
    if (!(await mendSegments(engine, request.storage, folder, known.state))) throw error;
    return await examineTable(context, table, file, known);
  }
}

function reopenBroken(engine: Engine, error: unknown): void {
  if (error instanceof EngineError && error.isInternal) engine.reopen();
}

async function examineGrowing(
  context: RunContext,
  table: TableConfig,
  known: KnownState | undefined,
  state: Extract<TableState, { kind: 'present' }>,
): Promise<TableOutcome> {
  const opened = openKnown(context, table, known);
  const taken = opened === undefined ? [] : await readTaken(context.request.storage, opened.state);
  return context.reading(table.name, () => examineAppend(context, table, state, opened, taken));
}

/** What the table was last read from; undefined where even the same file has to be read again. */
function seenOf(
  request: RunRequest,
  table: TableConfig,
  known: KnownState | undefined,
): SeenFile | undefined {
  if (known === undefined || request.reload?.includes(table.name)) return undefined;
  // Where the source has moved, files that look alike need not be.
  if (request.sourceMoved === true) return undefined;
  // A line waits for a run that finds its file as it was.
  if (table.mode === 'append' && known.isUnended === true) return undefined;
  const sameKey = sameNames(known.primaryKey, table.key);
  const sameTypes = Object.entries(table.types).every(([name, type]) =>
    known.schema.every((column) => !sameName(column.name, name) || column.type === type),
  );
  return sameKey && sameTypes && known.readAs === readAs(table) ? known.seen : undefined;
}

function openKnown(
  context: RunContext,
  table: TableConfig,
  state: KnownState | undefined,
): KnownTable | undefined {
  if (state === undefined || context.request.reload?.includes(table.name)) return undefined;
  const { config, storage } = context.request;
  return { state, openSegments: () => openSegments(storage, segmentFolder(config.workDir), state) };
}

/**
 * @throws the error itself in a backfill, where it is not about the source: a version that is gone past would be lost; and
 * where there was only a part of the memory for the table, which then gets all of it.
 */
async function failedOrHeld(
  { engine, request, hasAllMemory }: RunContext,
  error: IgarapeError,
): Promise<TableOutcome> {
  reopenBroken(engine, error.cause);
  if (!hasAllMemory && error.code === 'MEMORY_LIMIT') throw error;
  if (request.backfillFrom !== undefined && ![3, 4].includes(error.exitCode)) throw error;
  if (error.exitCode === 4)
    return { kind: 'held', reason: sentence(error), code: error.code, guards: [], samples: [] };
  return { kind: 'failed', error };
}

function ambiguous(table: TableConfig, pattern: string, names: readonly string[]): IgarapeError {
  return new IgarapeError(
    'TABLE_AMBIGUOUS',
    `Several files match ${JSON.stringify(pattern)}: ${names.join(', ')}.`,
    {
      hint: `Set "file" of the table ${table.name} so that only one matches; or, where the table is all of them together, to a pattern that says so by "*", as "${table.name}_*.csv" or "*/${table.name}.csv" does.`,
    },
  );
}
