import type { Told } from '../core/language/sentence.ts';
import {
  asIgarapeError,
  type ErrorCode,
  type ExitCode,
  IgarapeError,
  worstExitCode,
} from '../core/errors.ts';
import { readNewestEntry } from '../lake/ledger.ts';
import type { LedgerEntry } from '../lake/ledger-entry.ts';
import { finishRun } from '../lake/recover.ts';
import { isDated, readDate } from '../source/dates.ts';
import type { Source, SourceVersion } from '../source/port.ts';
import type { Edge, RunRequest } from './context.ts';
import { keptCycle } from './cycle.ts';
import { noVersions } from './examine-all.ts';
import type { RunReport } from './report.ts';
import { runOnce, runStep } from './run.ts';

export interface BackfillRequest extends Pick<RunRequest, 'config' | 'storage' | 'source' | 'adoptPrefix'> {
  /** Takes out of the journal what must not leave the machine. */
  readonly redact?: (text: string) => string;
  /** The label of the version to begin with. */
  readonly from: string;
  /** The label of the version to end with; the newest where undefined. */
  readonly to?: string;
}

export interface BackfillReport {
  readonly from: string;
  /** The newest version that an interrupted backfill had committed; null where this one began afresh. */
  readonly resumedAfter: string | null;
  readonly versions: readonly BackfilledVersion[];
}

/** What became of one version: as a run reports it, or why the version as a whole could not be read. */
export type BackfilledVersion =
  | ({ readonly version: string } & RunReport)
  | {
      readonly version: string;
      readonly error: { readonly code: ErrorCode; readonly message: string; readonly hint: string | null };
    };

/**
 * Fills an empty lake from a source's past versions, or the dates of its snapshots, in order, one run each. A table that is held or fails in one
 * version does not stop the walk, nor does a version that the source can no longer give; trouble that may pass does,
 * and the same call goes on after the last committed version. Each version is a cycle of the journal.
 *
 * @throws IgarapeError USAGE the source has no versions, or not these; LAKE_NOT_EMPTY the lake has other runs.
 */
export async function backfill(
  request: BackfillRequest,
  edge: Edge,
  writer: string,
  onVersion: (version: BackfilledVersion) => void = () => undefined,
): Promise<{ report: BackfillReport; exitCode: ExitCode }> {
  const source = requireSource(request);
  const isByDate = request.config.tables.some(({ file }) => isDated(file));
  const sourced = { ...request, source, from: isByDate ? requireDate(request.from).first : request.from };
  const { config, storage, from, adoptPrefix = false } = sourced;
  const range = isByDate ? [] : versionRange(await listVersions(sourced, edge), sourced);
  const entry = await readNewestEntry(storage);
  refuseOtherRuns(entry, sourced);
  if (entry !== undefined) await finishRun(storage, entry);

  const versions: BackfilledVersion[] = [];
  const exitCodes: ExitCode[] = [];
  const tell = (version: BackfilledVersion, exitCode: ExitCode): void => {
    versions.push(version);
    exitCodes.push(exitCode);
    onVersion(version);
  };
  const kept = { ...sourced, writer };
  if (isByDate) await walkDates(kept, entry?.source.version, edge, tell);
  for (const { label: version } of after(range, entry?.source.version)) {
    edge.signal.throwIfAborted();
    try {
      const result = await keptCycle(kept, edge, (watched) =>
        runOnce({ config, storage, source, adoptPrefix, version, backfillFrom: from }, watched, writer),
      );
      tell({ version, ...result.report }, result.exitCode);
    } catch (error) {
      const found = asIgarapeError(error);
      if (!concernsOneVersion(found)) throw error;
      edge.log.warn({ version, code: found.code }, found.message);
      const { code, message, hint = null, exitCode } = found;
      tell({ version, error: { code, message, hint } }, exitCode);
    }
  }
  return {
    report: { from, resumedAfter: entry?.source.version ?? null, versions },
    exitCode: worstExitCode(exitCodes),
  };
}

/** The dates of tables of dated snapshots, one run each; `after` is the one that was committed last. */
async function walkDates(
  kept: Sourced & { readonly writer: string },
  after: string | undefined,
  edge: Edge,
  tell: (version: BackfilledVersion, exitCode: ExitCode) => void,
): Promise<void> {
  const { config, storage, source, from, to, adoptPrefix = false, writer } = kept;
  const until = to === undefined ? {} : { until: requireDate(to).last };
  if (to !== undefined && from > requireDate(to).last) throw outOfOrder(from, to);
  for (let last = after; ;) {
    edge.signal.throwIfAborted();
    const dates = { from, ...until, ...(last === undefined ? {} : { after: last }) };
    const { step, report, exitCode } = await keptCycle(kept, edge, (watched) =>
      runStep({ config, storage, source, adoptPrefix, dates, backfillFrom: from }, watched, writer),
    );
    if (step === undefined) return;
    tell({ version: step, ...report }, exitCode);
    last = step;
  }
}

function requireDate(text: string): { readonly first: string; readonly last: string } {
  const date = readDate(text);
  if (date !== undefined) return date;
  throw new IgarapeError('USAGE', `${JSON.stringify(text)} is no date of a snapshot.`, {
    hint: 'Give it as 2024-01-31, 2024-01 or 2024: the tables have {date} in their "file".',
  });
}

type Sourced = BackfillRequest & { readonly source: Source };

function requireSource({ source }: BackfillRequest): Source {
  if (source !== undefined) return source;
  throw new IgarapeError('USAGE', 'The configuration names no source whose past could be filled in.', {
    hint: 'Tables that files of others feed are made by igarape run.',
  });
}

async function listVersions({ source }: Sourced, edge: Edge): Promise<readonly SourceVersion[]> {
  if (source.versions === undefined) throw noVersions(source.id);
  return source.versions(edge);
}

function versionRange(
  all: readonly SourceVersion[],
  { source, from, to }: Sourced,
): readonly SourceVersion[] {
  const indexOf = (label: string): number => {
    const index = all.findIndex((version) => version.label === label);
    if (index >= 0) return index;
    throw new IgarapeError('USAGE', `The source ${source.id} has no version ${label}.`, {
      hint:
        all.length === 0
          ? 'It has no versions yet.'
          : `It has the versions ${all.at(0)?.label} to ${all.at(-1)?.label}.`,
    });
  };
  const first = indexOf(from);
  const last = to === undefined ? all.length - 1 : indexOf(to);
  if (first <= last) return all.slice(first, last + 1);
  throw outOfOrder(from, String(to));
}

function outOfOrder(from: string, to: string): IgarapeError {
  return new IgarapeError('USAGE', `The version ${to} comes before the version ${from}.`, {
    hint: 'Give the older version with --from and the newer one with --to.',
  });
}

function refuseOtherRuns(entry: LedgerEntry | undefined, { storage, source, from }: Sourced): void {
  if (entry === undefined || (entry.backfillFrom === from && entry.source.id === source.id)) return;
  const hint: Told =
    entry.backfillFrom === undefined
      ? 'Name another lake in the configuration: history can only be filled in before the first run.'
      : `An interrupted backfill goes on with the same beginning: igarape backfill --from ${entry.backfillFrom}`;
  throw new IgarapeError('LAKE_NOT_EMPTY', `The lake ${storage.uri} has ${entry.run + 1} runs already.`, {
    hint,
  });
}

/** The versions that are not committed yet. */
function after(range: readonly SourceVersion[], committed: string | undefined): readonly SourceVersion[] {
  return range.slice(range.findIndex((version) => version.label === committed) + 1);
}

const OF_ONE_VERSION: ReadonlySet<ErrorCode> = new Set([
  'SOURCE_NOT_FOUND',
  'SOURCE_CORRUPT',
  'SOURCE_UNSAFE_ARCHIVE',
]);

function concernsOneVersion(error: IgarapeError): boolean {
  return OF_ONE_VERSION.has(error.code) && !error.retryable;
}
