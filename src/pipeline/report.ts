import type { ChangeCounts } from '../changes/compare.ts';
import type { Guard } from '../changes/guards.ts';
import type { SampleChange } from '../changes/sample.ts';
import { type ExitCode, worstExitCode } from '../core/errors.ts';
import type { LedgerEntry, TableReport } from '../lake/ledger-entry.ts';
import type { LayerReport } from '../medallion/report.ts';
import type { Source, SourceVersion } from '../source/port.ts';
import {
  type ComparedBy,
  type ExaminedTable,
  type HeldTable,
  sentence,
  type TableOutcome,
} from './outcome.ts';

export interface RunReport {
  /** The committed run's number; null where nothing was committed. */
  readonly run: number | null;
  /** Null where the configuration names none. */
  readonly source: ReportedSource | null;
  readonly tables: Readonly<Record<string, TableResult>>;
  /** Where a run took several dates of tables: what it reported of each before the last. */
  readonly earlier?: readonly RunReport[];
  /** Tables of the layers by full name, `bronze.clientes`; left out where the configuration names no layers. */
  readonly layers?: Readonly<Record<string, LayerReport>>;
  /** Tables of the layers, by full name, that nothing makes any more; left out where none were seen. */
  readonly orphans?: readonly string[];
}

/** What a run tells of a table; the ledger keeps no more than {@link TableReport} of it. */
export interface TableResult extends TableReport {
  /** Of a table that guards hold: what they found, and what they hold back. */
  readonly held?: HeldBack;
  /** Where the configuration has a Spark: which engine has compared the table; left out where nothing was compared. */
  readonly comparedBy?: ComparedBy;
}

export interface HeldBack {
  readonly guards: readonly Guard[];
  /** Null where it did not come to a comparison. */
  readonly counts: ChangeCounts | null;
  /** The first changes of each kind, by key. */
  readonly samples: readonly SampleChange[];
}

/** The reports as the ledger keeps them: in what guards held back rows of a table are quoted. */
export function keptReports(
  tables: Readonly<Record<string, TableResult>>,
): Readonly<Record<string, TableReport>> {
  return Object.fromEntries(
    Object.entries(tables).map(([name, { held: _held, comparedBy: _engine, ...report }]) => [name, report]),
  );
}

export interface ReportedSource {
  readonly id: string;
  readonly version: string;
  /** When the source says that the version was published, ISO 8601. */
  readonly time?: string;
}

export function reportTable(outcome: TableOutcome, file?: { key: string; sizeBytes: number }): TableResult {
  const { comparedBy } = outcome;
  return { ...reportOutcome(outcome, file), ...(comparedBy === undefined ? {} : { comparedBy }) };
}

function reportOutcome(outcome: TableOutcome, file?: { key: string; sizeBytes: number }): TableResult {
  const nothing = { inserted: 0, updated: 0, deleted: 0, unchanged: 0, file: null, bytes: 0 };
  switch (outcome.kind) {
    case 'held':
      return {
        operation: 'held',
        ...nothing,
        reason: outcome.reason,
        code: outcome.code,
        ...rejectedOf(outcome.rejects),
        ...heldBack(outcome),
      };
    case 'failed':
      return { operation: 'failed', ...nothing, reason: sentence(outcome.error), code: outcome.error.code };
    case 'unchanged':
      return { operation: 'unchanged', ...nothing, unchanged: outcome.rows };
    case 'examined':
      return {
        operation: outcome.operation,
        ...outcome.counts,
        file: file?.key ?? null,
        bytes: file?.sizeBytes ?? 0,
        ...rejectedOf(outcome.rejects),
      };
  }
}

function heldBack({ guards, counts, samples }: HeldTable): { held?: HeldBack } {
  return guards.length === 0 ? {} : { held: { guards, counts: counts ?? null, samples } };
}

function rejectedOf(rejects: ExaminedTable['rejects'] = []): { rejected?: number } {
  const lines = rejects.reduce((sum, file) => sum + file.lines, 0);
  return lines === 0 ? {} : { rejected: lines };
}

export function reportSource(id: string, version: SourceVersion): ReportedSource {
  const { label, timeMicros } = version;
  return { id, version: label, ...(timeMicros === undefined ? {} : { time: isoTime(timeMicros) }) };
}

/** What is told of a source that is not asked: the version that the lake has of it. */
export function unaskedSource(
  source: Source | undefined,
  entry: LedgerEntry | undefined,
): ReportedSource | null {
  return source === undefined ? null : { id: source.id, version: entry?.source.version ?? '' };
}

/** The process's exit code after a run with these outcomes. */
export function exitCodeOf(outcomes: Iterable<TableOutcome>): ExitCode {
  return worstExitCode(
    [...outcomes].map((outcome) => {
      if (outcome.kind === 'held') return 4;
      return outcome.kind === 'failed' ? outcome.error.exitCode : 0;
    }),
  );
}

function isoTime(micros: bigint): string {
  return new Date(Number(micros / 1000n)).toISOString();
}
