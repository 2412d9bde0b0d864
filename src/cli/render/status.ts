import type { LakeStatus, TableStatus } from '../../lake/status.ts';
import { FILES_SOURCE, LEDGER_SOURCE, type SourceStatus } from '../../medallion/layer-status.ts';
import type { ProjectStatus } from '../../explore/status.ts';
import {
  changeCounts,
  count,
  duration,
  fromNow,
  orphanLines,
  plural,
  rejectedLines,
  secondsOf,
  size,
  sourceLine,
} from './format.ts';
import type { State } from '../../core/language/sentence.ts';
import { say, sayState, told } from '../language.ts';
import { type Layout, wrapped } from './layout.ts';
import { stateWord } from './state.ts';
import { numbers, table } from './table.ts';

/** `nowMs`: milliseconds since 1970. */
export function renderStatus(status: ProjectStatus, nowMs: number, layout: Layout): string {
  const rows = Object.entries(status.tables).map(([name, found]) => tableRow(name, found, nowMs));
  return [
    `${say(`lake    ${status.lake}`)}${runs(status)}`,
    ...(status.source === null ? [] : [sourceLine(status.source)]),
    ...sizes(status),
    ...(rows.length === 0 ? [] : ['', table(TABLE_COLUMNS, rows, layout)]),
    ...troubles(status),
    ...layers(status, layout),
    ...orphanLines(status.orphans),
    ...lastRuns(status, nowMs, layout),
    '',
    ...cycle(status, nowMs),
    ...nextRun(status, nowMs),
    ...leftovers(status),
  ]
    .map((lines) => wrapped(lines, layout, '  '))
    .join('\n')
    .trimEnd();
}

/** Runs that only take in files of others are not counted: they are not in the ledger. */
function runs({ runs: committed, layers: found = {} }: ProjectStatus): string {
  if (committed > 0) return `, ${plural(committed, 'run')}`;
  const isFed = Object.values(found).some(({ version }) => version !== null);
  return isFed ? '' : say(', no runs yet: igarape run makes the first');
}

/** The shares are of the source's files. */
function sizes({ sizes: { source, lake } }: ProjectStatus): string[] {
  const parts = Object.entries(lake);
  if (parts.length === 0) return [];
  const share = (bytes: number): string => (source === 0 ? '' : ` (${Math.round((100 * bytes) / source)} %)`);
  const shares = parts.map(([part, bytes]) => `${part} ${size(bytes)}${share(bytes)}`);
  const all = parts.reduce((sum, [, bytes]) => sum + bytes, 0);
  return [
    source === 0
      ? say(`size    ${size(all)}: ${shares.join(', ')}`)
      : say(`size    ${size(all)} of ${size(source)} of source files: ${shares.join(', ')}`),
  ];
}

const TABLE_COLUMNS = [
  { head: 'table', long: 'name' },
  { head: 'state', long: 'wrap' },
  { head: 'rows', right: true },
  { head: 'last change', long: 'wrap' },
  { head: '', hide: 1 },
  { head: 'newest value', hide: 2 },
  { head: 'source version', hide: 4 },
  { head: 'full-loads', right: true, hide: 3 },
] as const;

function tableRow(name: string, found: TableStatus, nowMs: number): string[] {
  const { rows, epoch, lastChange, sourceVersion, newest } = found;
  return [
    name,
    stateWord(stateOf(found)),
    rows === null ? '-' : count(rows),
    lastChange === null ? '-' : `${say(`run ${lastChange.run}`)}, ${fromNow(lastChange.at, nowMs)}`,
    lastChange === null ? '' : changeOf(lastChange),
    newest === null ? '' : `${newest.column} ${newest.value}`,
    sourceVersion ?? '-',
    epoch === null ? '-' : count(epoch + 1),
  ];
}

function changeOf(change: NonNullable<TableStatus['lastChange']>): string {
  return change.operation === 'full-load'
    ? `${sayState('full-load')}, ${plural(change.inserted, 'row')}`
    : changeCounts(change);
}

function stateOf({ trouble, configured, rows }: TableStatus): State {
  if (trouble !== null) return trouble.operation === 'held' ? 'HELD' : 'FAILED';
  if (!configured) return 'not in the configuration';
  return rows === null ? 'not in the lake yet' : 'ok';
}

function troubles({ tables, layers: found = {} }: ProjectStatus): string[] {
  const lines = Object.entries(tables).flatMap(([name, { trouble, rejects }]) => [
    ...(trouble === null ? [] : [troubleLine(name, trouble)]),
    ...(rejects === undefined
      ? []
      : [`${name}: ${rejectedLines(rejects.lines)}${say(`, in ${rejects.key}`)}`]),
  ]);
  for (const [name, { trouble }] of Object.entries(found))
    if (trouble !== null) lines.push(troubleLine(name, trouble));
  return lines.length === 0 ? [] : ['', ...lines];
}

function troubleLine(
  name: string,
  { operation, reason }: { readonly operation: 'held' | 'failed' | 'skipped'; readonly reason: string },
): string {
  const says = {
    held: say(`${name} is held`),
    failed: say(`${name} has failed`),
    skipped: say(`${name} was skipped`),
  };
  return `${says[operation]}: ${told(reason)}`;
}

function layers({ layers: found = {}, lastCycle }: ProjectStatus, layout: Layout): string[] {
  const took = (name: string): string => {
    const durationMs = lastCycle?.layers?.[name]?.durationMs;
    return durationMs === undefined ? '' : duration(durationMs);
  };
  const rows = Object.entries(found).map(([name, { version, rows: known, sizeBytes, sources }]) => [
    name,
    known === null ? '-' : count(known),
    version === null ? '-' : String(version),
    sizeBytes === null ? '' : size(sizeBytes),
    Object.entries(sources).map(lag).join(', '),
    took(name),
  ]);
  return rows.length === 0 ? [] : ['', table(LAYER_COLUMNS, rows, layout)];
}

const LAYER_COLUMNS = [
  { head: 'layer', long: 'name' },
  ...numbers('rows', 'version', 'size'),
  { head: 'applied', long: 'wrap' },
  { head: 'last cycle', right: true, hide: 1 },
] as const;

function lag([source, { applied, newest, pendingFiles = 0, oldestPending }]: [string, SourceStatus]): string {
  if (source === FILES_SOURCE) return batchLag(applied, pendingFiles, oldestPending);
  const what = source === LEDGER_SOURCE ? say('run') : say(`${source} at`);
  if (applied === null) return `${what} ${say(`none of ${newest ?? '-'}`)}`;
  const isBehind = newest !== null && newest > applied && (source !== LEDGER_SOURCE || pendingFiles > 0);
  return `${what} ${isBehind ? say(`${applied} of ${newest}`) : applied}`;
}

function batchLag(
  applied: number | null,
  pendingFiles: number,
  oldest: SourceStatus['oldestPending'],
): string {
  const batch = applied === null ? say('no batch') : say(`batch ${applied}`);
  const since = oldest === undefined ? '' : say(`, ${oldest.file} since ${secondsOf(oldest.since)}`);
  return pendingFiles === 0 ? batch : `${batch}, ${say(`${plural(pendingFiles, 'file')} to read`)}${since}`;
}

function lastRuns({ lastRuns }: ProjectStatus, nowMs: number, layout: Layout): string[] {
  if (lastRuns.length === 0) return [];
  const rows = lastRuns.map(({ run, at, durationMs, source, tables }) => {
    const reports = Object.values(tables);
    const sum = (field: 'inserted' | 'updated' | 'deleted'): string =>
      count(reports.reduce((total, report) => total + report[field], 0));
    return [
      String(run),
      secondsOf(at),
      fromNow(at, nowMs),
      durationMs === null ? '' : duration(durationMs),
      source.version,
      sum('inserted'),
      sum('updated'),
      sum('deleted'),
    ];
  });
  return ['', table(RUN_COLUMNS, rows, layout)];
}

const RUN_COLUMNS = [
  { head: 'run', right: true },
  'at (UTC)',
  { head: '', hide: 1 },
  { head: 'took', right: true, hide: 3 },
  { head: 'source version', hide: 2 },
  ...numbers('inserted', 'updated', 'deleted'),
] as const;

function cycle({ lastCycle }: ProjectStatus, nowMs: number): string[] {
  if (lastCycle === null) return [];
  const { startedAt, endedAt, exitCode, error } = lastCycle;
  const what = error === null ? '' : `: ${told(error.message)}`;
  const took = duration(Date.parse(endedAt) - Date.parse(startedAt));
  return [
    `${say(`last cycle ended ${fromNow(endedAt, nowMs)} after ${took}, exit code ${exitCode}`)}${what}`,
  ];
}

/** A timer runs nothing by itself: what is due is told to come only where a schedule has announced it. */
function nextRun({ nextRun: next }: ProjectStatus, nowMs: number): string[] {
  if (next === null) return [];
  const { at, isAnnounced } = next;
  if (isAnnounced) return [say(`next run ${secondsOf(at)} UTC, ${fromNow(at, nowMs)}`)];
  const when = Date.parse(at) <= nowMs ? say('now') : `${secondsOf(at)} UTC, ${fromNow(at, nowMs)}`;
  return [
    say(`by the timer a run is due ${when}; no schedule has announced one here: igarape run --schedule does`),
  ];
}

function leftovers({ unfinished, staged }: LakeStatus): string[] {
  const lines = unfinished.map((key) => say(`committed, not visible yet: ${key} (the next run finishes it)`));
  if (staged.files > 0) {
    lines.push(
      say(
        `staged: ${plural(staged.files, 'file')}, ${size(staged.bytes)} (of a run under way, or dropped by a later one)`,
      ),
    );
  }
  return lines;
}
