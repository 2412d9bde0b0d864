import type { LakeStatus, TableStatus } from '../../lake/status.ts';
import { FILES_SOURCE, LEDGER_SOURCE, type SourceStatus } from '../../medallion/layer-status.ts';
import type { ProjectStatus } from '../../pipeline/status.ts';
import { count, fromNow, orphanLines, rejectedLines, secondsOf, size } from './format.ts';
import { table } from './table.ts';

/** `nowMs`: milliseconds since 1970. */
export function renderStatus(status: ProjectStatus, nowMs: number): string {
  const names = Object.keys(status.tables);
  const rows = Object.entries(status.tables).map(([name, found]) => tableRow(name, found, nowMs));
  return [
    `lake    ${status.lake}${runs(status)}`,
    ...(status.source === null ? [] : [`source  ${status.source.id}, version ${status.source.version}`]),
    ...(names.length === 0
      ? []
      : ['', table(['table', 'rows', 'epoch', 'last change', '', 'version', 'newest', ''], rows)]),
    ...troubles(status),
    ...layers(status.layers ?? {}),
    ...orphanLines(status.orphans),
    ...lastRuns(status, nowMs),
    '',
    ...cycle(status, nowMs),
    ...(status.nextRun === null
      ? []
      : [`next run due ${secondsOf(status.nextRun)} UTC, ${fromNow(status.nextRun, nowMs)}`]),
    ...leftovers(status),
  ]
    .join('\n')
    .trimEnd();
}

/** Runs that only take in files of others are not counted: they are not in the ledger. */
function runs({ runs: committed, layers: found = {} }: ProjectStatus): string {
  if (committed > 0) return `, ${count(committed)} runs`;
  const isFed = Object.values(found).some(({ version }) => version !== null);
  return isFed ? '' : ', no runs yet: igarape run makes the first';
}

function tableRow(name: string, found: TableStatus, nowMs: number): string[] {
  const { rows, epoch, lastChange, sourceVersion, newest } = found;
  return [
    name,
    rows === null ? '-' : count(rows),
    epoch === null ? '-' : String(epoch),
    lastChange === null ? '-' : `run ${lastChange.run}, ${fromNow(lastChange.at, nowMs)}`,
    lastChange === null ? '' : changeCounts(lastChange),
    sourceVersion ?? '-',
    newest === null ? '' : `${newest.column} ${newest.value}`,
    stateOf(found),
  ];
}

function changeCounts({
  operation,
  inserted,
  updated,
  deleted,
}: NonNullable<TableStatus['lastChange']>): string {
  return operation === 'full-load'
    ? `full-load, ${count(inserted)} rows`
    : `+${count(inserted)} ~${count(updated)} -${count(deleted)}`;
}

function stateOf({ trouble, configured, rows }: TableStatus): string {
  if (trouble !== null) return trouble.operation.toUpperCase();
  if (!configured) return 'not in the configuration';
  return rows === null ? 'not in the lake yet' : '';
}

function troubles({ tables }: LakeStatus): string[] {
  const lines = Object.entries(tables).flatMap(([name, { trouble, rejects }]) => [
    ...(trouble === null ? [] : [`${name} is ${trouble.operation}: ${trouble.reason}`]),
    ...(rejects === undefined ? [] : [`${name}: ${rejectedLines(rejects.lines)}, in ${rejects.key}`]),
  ]);
  return lines.length === 0 ? [] : ['', ...lines];
}

function layers(found: NonNullable<ProjectStatus['layers']>): string[] {
  const rows = Object.entries(found).map(([name, { version, rows: known, sizeBytes, sources }]) => [
    name,
    known === null ? '-' : count(known),
    version === null ? '-' : String(version),
    sizeBytes === null ? '' : size(sizeBytes),
    Object.entries(sources).map(lag).join(', '),
  ]);
  return rows.length === 0 ? [] : ['', table(['layer', 'rows', 'version', 'size', 'applied'], rows)];
}

function lag([source, { applied, newest, pendingFiles = 0, oldestPending }]: [string, SourceStatus]): string {
  if (source === FILES_SOURCE) return batchLag(applied, pendingFiles, oldestPending);
  const what = source === LEDGER_SOURCE ? 'run' : `${source} at`;
  if (applied === null) return `${what} none of ${newest ?? '-'}`;
  const isBehind = newest !== null && newest > applied && (source !== LEDGER_SOURCE || pendingFiles > 0);
  return isBehind ? `${what} ${applied} of ${newest}` : `${what} ${applied}`;
}

function batchLag(
  applied: number | null,
  pendingFiles: number,
  oldest: SourceStatus['oldestPending'],
): string {
  const batch = applied === null ? 'no batch' : `batch ${applied}`;
  const files = pendingFiles === 1 ? 'file' : 'files';
  const since = oldest === undefined ? '' : `, ${oldest.file} since ${secondsOf(oldest.since)}`;
  return pendingFiles === 0 ? batch : `${batch}, ${count(pendingFiles)} ${files} to read${since}`;
}

function lastRuns({ lastRuns }: LakeStatus, nowMs: number): string[] {
  if (lastRuns.length === 0) return [];
  const rows = lastRuns.map(({ run, at, source, tables }) => {
    const reports = Object.values(tables);
    const sum = (field: 'inserted' | 'updated' | 'deleted'): string =>
      count(reports.reduce((total, report) => total + report[field], 0));
    return [
      String(run),
      secondsOf(at),
      fromNow(at, nowMs),
      source.version,
      sum('inserted'),
      sum('updated'),
      sum('deleted'),
    ];
  });
  return ['', table(['run', 'at (UTC)', '', 'version', 'inserted', 'updated', 'deleted'], rows)];
}

function cycle({ lastCycle }: LakeStatus, nowMs: number): string[] {
  if (lastCycle === null) return [];
  const { endedAt, exitCode, error } = lastCycle;
  const how = error === null ? `exit code ${exitCode}` : `exit code ${exitCode}: ${error.message}`;
  return [`last cycle here ended ${fromNow(endedAt, nowMs)}, ${how}`];
}

function leftovers({ unfinished, staged }: LakeStatus): string[] {
  const lines = unfinished.map((key) => `committed, not visible yet: ${key} (the next run finishes it)`);
  if (staged.files > 0) {
    lines.push(
      `staged: ${count(staged.files)} files, ${size(staged.bytes)} (of a run under way, or dropped by a later one)`,
    );
  }
  return lines;
}
