import { PLANNED } from '../../core/language/planned.ts';
import type { Cost } from '../../medallion/report.ts';
import type { PlanReport, TablePlan } from '../../pipeline/plan.ts';
import { say, told } from '../language.ts';
import { cell, comparedLine, count, rejectedLines, sourceLine } from './format.ts';
import { type Layout, wrapped } from './layout.ts';
import { sampleLine } from './sample.ts';
import { stateWord } from './state.ts';
import { numbers, table } from './table.ts';

export function renderPlan(report: PlanReport, layout: Layout): string {
  const rows = Object.entries(report.tables).map(
    ([name, { operation, file, inserted, updated, deleted, unchanged }]) => [
      name,
      stateWord(operation),
      ...[inserted, updated, deleted, unchanged].map(count),
      file ?? '',
    ],
  );
  const lines = [
    ...(report.source === null ? [] : [sourceLine(report.source)]),
    ...(rows.length === 0 ? [] : [table(COLUMNS, rows, layout)]),
    ...Object.entries(report.tables).flatMap(([name, plan]) => details(name, plan, layout)),
    ...layers(report.layers ?? {}, layout),
    '',
    say(
      changesNothing(report)
        ? 'nothing to do: a run would find all as it is'
        : 'nothing was written; igarape run does this',
    ),
  ];
  return wrapped(lines.join('\n'), layout, '    ').trimStart();
}

function changesNothing({ tables, layers: layered = {} }: PlanReport): boolean {
  return [...Object.values(tables), ...Object.values(layered)].every(
    ({ operation, reason }) => operation === 'unchanged' && reason === undefined,
  );
}

const COLUMNS = [
  { head: 'table', long: 'name' },
  'would be',
  ...numbers('inserted', 'updated', 'deleted'),
  { head: 'unchanged', right: true, hide: 1 },
  { head: 'file', hide: 2 },
] as const;

function details(name: string, plan: TablePlan, layout: Layout): string[] {
  const reason =
    plan.reason === undefined
      ? []
      : [`  ${stateWord(plan.operation)}: ${cell(told(plan.reason), LONGEST_REASON)}`];
  const lines = [
    ...reason,
    ...(plan.comparedBy === undefined ? [] : [`  ${comparedLine(plan.comparedBy)}`]),
    ...(plan.rejected === undefined ? [] : [`  ${rejectedLines(plan.rejected)}`]),
    ...schemaLines(plan.schema),
    ...plan.samples.map((sample) => `  ${sampleLine(sample, plan.key, layout.width - 2)}`),
    ...shownOf(plan),
  ];
  return lines.length === 0 ? [] : ['', name, ...lines];
}

/** How many of the changes the samples are; nothing where they are all. */
function shownOf({ samples, inserted, updated, deleted }: TablePlan): string[] {
  const all = inserted + updated + deleted;
  return samples.length === 0 || samples.length >= all
    ? []
    : [`  ${say(`${count(samples.length)} of ${count(all)} changes`)}`];
}

function layers(plans: NonNullable<PlanReport['layers']>, layout: Layout): string[] {
  const rows = Object.entries(plans).map(([name, { operation, reason, engine, newFiles = 0, cost }]) => [
    name,
    stateWord(PLANNED[operation]),
    [
      ...(newFiles === 0 ? [] : [newFiles === 1 ? say('1 new file') : say(`${count(newFiles)} new files`)]),
      ...(cost === undefined ? [] : [costLine(cost)]),
      ...(engine === undefined ? [] : [say('by Spark')]),
      ...(reason === undefined ? [] : [cell(told(reason), LONGEST_REASON)]),
    ].join('; '),
  ]);
  return rows.length === 0
    ? []
    : ['', table([{ head: 'layer', long: 'name' }, 'would be', { head: '', long: 'wrap' }], rows, layout)];
}

function costLine({ changed, reads, whole }: Cost): string {
  return say(
    `follows ${count(changed)} changed rows, and reads ${count(reads)} (as a whole: ${count(whole)})`,
  );
}

function schemaLines({ added, widened, retyped, dropped }: TablePlan['schema']): string[] {
  return [
    ...added.map((column) => `  ${say(`new column ${column.name} ${column.type}`)}`),
    ...widened.map(({ name, from, to }) => `  ${say(`column ${name} widens from ${from} to ${to}`)}`),
    ...retyped.map(({ name, from, to }) => `  ${say(`column ${name} changes from ${from} to ${to}`)}`),
    ...dropped.map((column) => `  ${say(`column ${column} is gone`)}`),
  ];
}

const LONGEST_REASON = 2000;
