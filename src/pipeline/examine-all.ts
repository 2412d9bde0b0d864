import { join } from 'node:path';
import { guardKey } from '../changes/guards.ts';
import { IgarapeError } from '../core/errors.ts';
import type { TableConfig } from '../config/config.ts';
import { openSegments } from '../lake/segments.ts';
import type { LedgerEntry, TableState as KnownState } from '../lake/ledger-entry.ts';
import type { SeenFile, SourceContext, SourceSnapshot, SourceVersion, TableState } from '../source/port.ts';
import { type RunContext, type RunRequest, segmentFolder, sourceOf, sourceTables } from './context.ts';
import { examineTable, type KnownTable } from './examine.ts';
import { sentence, type TableOutcome } from './outcome.ts';

/**
 * Examines every requested table, one after the other, and hands each outcome on at once, while its changes are still
 * in the engine. A table's trouble is its outcome and does not concern the others; trouble of the source as a whole,
 * or of the lake, is thrown.
 */
export async function examineAll(
  context: RunContext,
  entry: LedgerEntry | undefined,
  onOutcome: (table: TableConfig, outcome: TableOutcome, version: SourceVersion) => Promise<void>,
): Promise<SourceVersion> {
  const source = sourceOf(context.request);
  refuseOtherSource(entry, source.id, context.request.storage.uri);
  const tables = sourceTables(context.request);
  const snapshot = await openSource(context, entry, tables);
  for (const table of tables) {
    context.edge.signal.throwIfAborted();
    const outcome = await examineOne(
      context,
      table,
      entry?.tables[table.name],
      snapshot.tables.get(table.name),
    );
    await onOutcome(table, outcome, snapshot.version);
  }
  return snapshot.version;
}

function refuseOtherSource(entry: LedgerEntry | undefined, id: string, lake: string): void {
  if (entry === undefined || entry.source.id === id) return;
  throw new IgarapeError(
    'SOURCE_CHANGED',
    `The lake ${lake} is fed from ${entry.source.id}, and the configuration says ${id}.`,
    {
      hint: 'Give each source a lake of its own: change "lake", or set "source" back.',
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
    seen: seenOf(request, table, entry?.tables[table.name]),
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
    hint: 'Only Kaggle data sets can be filled from the past.',
  });
}

async function examineOne(
  context: RunContext,
  table: TableConfig,
  known: KnownState | undefined,
  state: TableState | undefined,
): Promise<TableOutcome> {
  try {
    switch (state?.kind) {
      case undefined:
        throw new RangeError(`The source says nothing of ${table.name}.`);
      case 'missing':
        return failedOrHeld(missing(table, state.pattern));
      case 'ambiguous':
        return failedOrHeld(ambiguous(table, state.pattern, state.names));
      case 'unchanged':
        return {
          kind: 'unchanged',
          rows: known?.base.rows ?? 0,
          ...(state.seen === undefined ? {} : { seen: state.seen }),
        };
      case 'present': {
        const file = await state.fetch();
        if (file.kind === 'unchanged') return examineOne(context, table, known, file);
        return await context.reading(table.name, () =>
          examineTable(context, table, file, openKnown(context, table, known)),
        );
      }
    }
  } catch (error) {
    return failedOrHeld(error);
  }
}

/** What the table was last read from; undefined where even the same file has to be read again. */
function seenOf(
  request: RunRequest,
  table: TableConfig,
  known: KnownState | undefined,
): SeenFile | undefined {
  if (known === undefined || request.reload?.includes(table.name)) return undefined;
  const sameKey = guardKey(known.primaryKey, table.key).length === 0;
  const sameTypes = known.schema.every(({ name, type }) => (table.types[name] ?? type) === type);
  return sameKey && sameTypes ? known.seen : undefined;
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

/** Trouble with one table's file is that table's outcome; whatever concerns the run as a whole goes on. */
function failedOrHeld(error: unknown): TableOutcome {
  if (!(error instanceof IgarapeError)) throw error;
  if (error.exitCode === 4) return { kind: 'held', reason: sentence(error), guards: [], samples: [] };
  if (error.exitCode === 2 || error.exitCode === 3) return { kind: 'failed', error };
  throw error;
}

function missing(table: TableConfig, pattern: string): IgarapeError {
  return new IgarapeError('TABLE_MISSING', `No file of this version matches ${JSON.stringify(pattern)}.`, {
    hint: `The table ${table.name} keeps its last state and is compared with it when it comes back.`,
  });
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
