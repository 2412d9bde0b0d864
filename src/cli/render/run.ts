import type { RunReport } from '../../pipeline/report.ts';
import { inDigits, say, told } from '../language.ts';
import {
  cell,
  comparedLine,
  count,
  localTime,
  orphanLines,
  plural,
  rejectedLines,
  size,
  sourceLine,
} from './format.ts';
import { type Layout, wrapped } from './layout.ts';
import { stateWord } from './state.ts';
import { numbers, table } from './table.ts';

export function renderRun(report: RunReport, layout: Layout): string {
  return stepsOf(report)
    .map((step) => renderOne(step, layout))
    .join('\n\n');
}

/** What each date of a run has to tell; the last report has the last word of the tables of those before, too. */
function stepsOf({ earlier = [], ...last }: RunReport): readonly RunReport[] {
  const said = new Set(earlier.flatMap(({ tables }) => Object.values(tables)));
  const tables = Object.entries(last.tables).filter(([, found]) => !said.has(found));
  return [...earlier, { ...last, tables: Object.fromEntries(tables) }];
}

/** What a run has changed, how large that is, and how long it took: `2 tables changed: 448,571 changes, 7.9 MB, 18.1 s`. */
export function closingLine(report: RunReport, elapsedMs: number): string {
  const { layers: found = {} } = report;
  const all = stepsOf(report).flatMap(({ tables }) => Object.entries(tables));
  const changed = all.filter(([, { operation }]) => operation === 'full-load' || operation === 'cdc');
  const names = new Set(changed.map(([name]) => name));
  const rows = changed.reduce((sum, [, each]) => sum + each.inserted + each.updated + each.deleted, 0);
  const bytes = changed.reduce((sum, [, each]) => sum + each.bytes, 0);
  const layered = Object.values(found).filter(({ operation }) => MADE.has(operation)).length;
  const parts = [
    names.size === 0
      ? say('nothing changed')
      : say(`${plural(names.size, 'table')} changed: ${plural(rows, 'change')}, ${size(bytes)}`),
    ...(layered === 0 ? [] : [say(`${plural(layered, 'table')} of the layers brought up`)]),
  ];
  return `${parts.join('; ')}; ${inDigits((elapsedMs / 1000).toFixed(1))} s`;
}

const MADE: ReadonlySet<string> = new Set(['created', 'updated', 'rebuilt']);

/** Whether a run found everything as it was, and nothing to tell. */
export function isQuiet({ run, earlier = [], tables, layers: found = {}, orphans = [] }: RunReport): boolean {
  const all = [...Object.values(tables), ...Object.values(found)];
  const isStill = all.every(({ operation, reason }) => operation === 'unchanged' && reason === undefined);
  return run === null && earlier.length === 0 && isStill && orphans.length === 0;
}

/** A quiet cycle of a schedule, in a line of 80 columns. */
export function quietLine({ tables, layers: found = {} }: RunReport, at: Date): string {
  const layered = Object.keys(found).length;
  const more = layered === 0 ? '' : say(`, ${count(layered)} of the layers`);
  return `${localTime(at)}  ${say('unchanged')}: ${plural(Object.keys(tables).length, 'table')}${more}`;
}

function renderOne(report: RunReport, layout: Layout): string {
  const found = Object.entries(report.tables);
  const rows = found.map(([name, { operation, file, bytes, ...counts }]) => [
    name,
    stateWord(operation),
    ...[counts.inserted, counts.updated, counts.deleted, counts.unchanged].map(count),
    file ?? '',
    file === null ? '' : size(bytes),
  ]);
  const reasons = found.flatMap(([name, { operation, reason, rejected, comparedBy }]) => [
    ...(reason === undefined
      ? []
      : [`${name} ${stateWord(operation)}: ${cell(told(reason), LONGEST_REASON)}`]),
    ...(comparedBy === undefined ? [] : [`${name}: ${comparedLine(comparedBy)}`]),
    ...(rejected === undefined
      ? []
      : [`${name}: ${rejectedLines(rejected)}${rejectsPlace(name, operation)}`]),
  ]);
  const lines = [
    ...(report.source === null ? [] : [sourceLine(report.source)]),
    ...(rows.length === 0
      ? []
      : [
          table(TABLE_COLUMNS, rows, layout),
          ...reasons,
          report.run === null ? say('nothing to commit') : say(`committed as run ${report.run}`),
        ]),
    ...layers(report.layers ?? {}, layout),
    ...orphanLines(report.orphans),
  ];
  return wrapped(lines.join('\n'), layout, '  ').trimStart();
}

const COUNTS = numbers('inserted', 'updated', 'deleted');

const TABLE_COLUMNS = [
  { head: 'table', long: 'name' },
  'operation',
  ...COUNTS,
  { head: 'unchanged', right: true, hide: 1 },
  { head: 'file', hide: 3 },
  { head: 'size', right: true, hide: 2 },
] as const;

/** Of a table that is held nothing is written. */
function rejectsPlace(table: string, operation: string): string {
  return operation === 'held' ? '' : say(`, in _igarape/rejects/${table}/`);
}

function layers(reports: NonNullable<RunReport['layers']>, layout: Layout): string[] {
  const found = Object.entries(reports);
  if (found.length === 0) return [];
  const rows = found.map(([name, { operation, version, inserted, updated, deleted, engine }]) => [
    name,
    stateWord(operation),
    ...[inserted, updated, deleted].map(count),
    versionWords(version, engine),
  ]);
  return [
    '',
    table([{ head: 'layer', long: 'name' }, 'operation', ...COUNTS, { head: '', hide: 1 }], rows, layout),
    ...found.flatMap(([name, { operation, reason }]) =>
      reason === undefined ? [] : [`${name} ${stateWord(operation)}: ${cell(told(reason), LONGEST_REASON)}`],
    ),
  ];
}

function versionWords(version: number | null, engine: 'spark' | undefined): string {
  if (version === null) return '';
  return engine === undefined ? say(`version ${version}`) : say(`version ${version}, by Spark`);
}

const LONGEST_REASON = 2000;
