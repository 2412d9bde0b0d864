import { closest, didYouMean } from '../config/closest.ts';
import { join } from 'node:path';
import { openBase } from '../changes/base.ts';
import { parquetOptions } from '../changes/change-file.ts';
import { IgarapeError } from '../core/errors.ts';
import type { Engine } from '../engine/engine.ts';
import { quoteName, quoteText } from '../engine/quote.ts';
import { lakeHistory, type TableHistory } from '../lake/history.ts';
import { attemptName } from '../lake/layout.ts';
import { commitEntry, noRuns, readLedger } from '../lake/ledger.ts';
import type { LedgerEntry, TableReport, TableState } from '../lake/ledger-entry.ts';
import { nextEntry } from '../lake/ledger-record.ts';
import { finishRun } from '../lake/recover.ts';
import { openSegments } from '../lake/segments.ts';
import { stageFile } from '../lake/stage.ts';
import { verifyLake } from '../lake/verify.ts';
import { type Edge, type RunRequest, segmentFolder } from './context.ts';
import type { RunReport } from './report.ts';
import { conflict, openLedger } from './run.ts';
import { withEngine } from './with-engine.ts';

export interface CompactRequest extends Pick<RunRequest, 'config' | 'storage'> {
  /** Tables of the lake; all where undefined. */
  readonly tables?: readonly string[];
}

/**
 * Publishes the state of tables as a new full-load, from which replay starts then instead of from the older one and its
 * change files: nothing is read from the source, no row changes, and nothing published is changed or removed. What is
 * folded is verified first, so that what was wrong cannot become the truth. A table without change files since its
 * full-load is left as it is.
 *
 * @throws IgarapeError LAKE_NOT_FOUND there are no runs; USAGE for a table that the lake does not have; LAKE_DIFFERS what is
 * published does not give a table's state; CONFLICT another run has committed meanwhile.
 */
export async function compact(request: CompactRequest, edge: Edge, writer: string): Promise<RunReport> {
  const { config, storage } = request;
  const entry = await openLedger(storage, edge, writer);
  if (entry === undefined) throw noRuns(storage);
  const history = await lakeHistory(readLedger(storage, entry.run));
  const asked = request.tables ?? history.tables.map(({ name }) => name);
  refuseUnknown(asked, history.tables);
  const tables = history.tables.filter(({ name }) => asked.includes(name));
  const folded = tables.filter(({ files }) => files.length > 1);
  const report = Object.fromEntries(tables.map(({ name, state }) => [name, unchangedReport(state)]));
  if (folded.length === 0) return { run: null, source: null, tables: report };
  return withEngine(config, edge, async (engine, runDir) => {
    const { signal } = edge;
    const verified = await verifyLake(engine, storage, { ...history, tables: folded }, runDir, { signal });
    const wrong = Object.values(verified.tables).flatMap(({ problems }) => problems);
    if (wrong.length > 0) throw differs(wrong);
    const attempt = attemptName(entry.run + 1, edge.newId());
    const states: Record<string, TableState> = {};
    for (const table of folded) {
      const state = await publishState(request, edge, { engine, runDir, attempt }, table);
      states[table.name] = state;
      report[table.name] = foldedReport(state);
    }
    const next = nextEntry(entry, headAfter(entry, attempt, writer, edge), states, report);
    edge.signal.throwIfAborted();
    if (!(await commitEntry(storage, next, entry))) throw conflict(storage, next.run);
    edge.log.info({ run: next.run, attempt }, 'committed');
    await finishRun(storage, next);
    return { run: next.run, source: null, tables: report };
  });
}

/** The lake follows from the same version of the source as before. */
function headAfter(
  entry: LedgerEntry,
  attempt: string,
  writer: string,
  { clock }: Edge,
): Parameters<typeof nextEntry>[1] {
  const { tables: _, report: __, ...head } = entry;
  return {
    ...head,
    run: head.run + 1,
    attempt,
    writer,
    committedAt: new Date(clock()).toISOString(),
  };
}

const STATE = 'igarape_compacted';

async function publishState(
  { config, storage }: CompactRequest,
  edge: Edge,
  { engine, runDir, attempt }: { engine: Engine; runDir: string; attempt: string },
  { name, state }: TableHistory,
): Promise<TableState> {
  const { schema, base } = state;
  await engine.fitTo(schema.length, base.rows);
  await openBase(engine, await openSegments(storage, segmentFolder(config.workDir), state), schema, STATE);
  const path = join(runDir, `${name}.full-load.parquet`);
  const columns = schema.map((column) => quoteName(column.name)).join(', ');
  await engine.run(
    `COPY (SELECT ${columns} FROM ${STATE}) TO ${quoteText(path)} (${parquetOptions(config.compression)}, ${engine.parquetSizes})`,
  );
  const file = await stageFile(storage, attempt, {
    kind: 'full-load',
    table: name,
    layout: config.layout,
    path,
    rows: base.rows,
    runMs: edge.clock(),
    reload: true,
    onBytes: (done, total) => edge.onProgress({ step: 'upload', table: name, done, total }),
  });
  return {
    ...state,
    operation: 'full-load',
    inserted: base.rows,
    updated: 0,
    deleted: 0,
    unchanged: 0,
    file,
    epoch: state.epoch + 1,
  };
}

function foldedReport({ inserted, file }: TableState): TableReport {
  const { key = null, sizeBytes = 0 } = file ?? {};
  return {
    operation: 'full-load',
    inserted,
    updated: 0,
    deleted: 0,
    unchanged: 0,
    file: key,
    bytes: sizeBytes,
  };
}

function unchangedReport({ base }: TableState): TableReport {
  const nothing = { inserted: 0, updated: 0, deleted: 0 };
  return { operation: 'unchanged', ...nothing, unchanged: base.rows, file: null, bytes: 0 };
}

function refuseUnknown(asked: readonly string[], tables: readonly TableHistory[]): void {
  const names = tables.map(({ name }) => name);
  const unknown = asked.find((name) => !names.includes(name));
  if (unknown === undefined) return;
  throw new IgarapeError('USAGE', `The lake has no table ${JSON.stringify(unknown)}.`, {
    hint: didYouMean(closest(unknown, names), `Its tables are: ${names.join(', ')}.`),
  });
}

function differs(problems: readonly string[]): IgarapeError {
  return new IgarapeError(
    'LAKE_DIFFERS',
    `Nothing was folded, for what is published does not give the lake's state: ${problems.slice(0, 3).join('; ')}.`,
    { hint: 'igarape verify shows all of it. Restore the files from a copy of the lake.' },
  );
}
