import type { PlanReport, TablePlan } from '../../pipeline/plan.ts';
import { cell, count, flushRight, rejectedLines } from './format.ts';
import { sampleLine } from './sample.ts';
import { table } from './table.ts';

export function renderPlan(report: PlanReport): string {
  const plans = Object.values(report.tables);
  const names = Object.keys(report.tables);
  const counts = (['inserted', 'updated', 'deleted', 'unchanged'] as const).map((name) =>
    flushRight([name, ...plans.map((found) => count(found[name]))]),
  );
  const rows = plans.map(({ operation, file }, index) => [
    names[index] ?? '',
    operation,
    ...counts.map((column) => column[index + 1] ?? ''),
    file ?? '',
  ]);
  return [
    ...(report.source === null ? [] : [`source  ${report.source.id}, version ${report.source.version}`]),
    ...(rows.length === 0
      ? []
      : [table(['table', 'would be', ...counts.map((column) => column[0] ?? ''), 'file'], rows)]),
    ...Object.entries(report.tables).flatMap(([name, plan]) => details(name, plan)),
    ...layers(report.layers ?? {}),
    '',
    'nothing was written; igarape run does this',
  ]
    .join('\n')
    .trimStart();
}

function details(name: string, plan: TablePlan): string[] {
  const reason =
    plan.reason === undefined ? [] : [`  ${plan.operation}: ${cell(plan.reason, LONGEST_REASON)}`];
  const lines = [
    ...reason,
    ...(plan.rejected === undefined ? [] : [`  ${rejectedLines(plan.rejected)}`]),
    ...schemaLines(plan.schema),
    ...plan.samples.map((sample) => `  ${sampleLine(sample)}`),
  ];
  return lines.length === 0 ? [] : ['', name, ...lines];
}

function layers(plans: NonNullable<PlanReport['layers']>): string[] {
  const rows = Object.entries(plans).map(([name, { operation, reason, newFiles = 0 }]) => [
    name,
    LAYER_OPERATIONS[operation],
    [
      ...(newFiles === 0 ? [] : [`${count(newFiles)} new ${newFiles === 1 ? 'file' : 'files'}`]),
      ...(reason === undefined ? [] : [cell(reason, LONGEST_REASON)]),
    ].join('; '),
  ]);
  return rows.length === 0 ? [] : ['', table(['layer', 'would be', ''], rows)];
}

const LAYER_OPERATIONS = {
  create: 'created',
  update: 'updated',
  rebuild: 'rebuilt',
  unchanged: 'unchanged',
  skipped: 'skipped',
  failed: 'failed',
} as const;

function schemaLines({ added, widened, retyped, dropped }: TablePlan['schema']): string[] {
  return [
    ...added.map((column) => `  new column ${column.name} ${column.type}`),
    ...widened.map(({ name, from, to }) => `  column ${name} widens from ${from} to ${to}`),
    ...retyped.map(({ name, from, to }) => `  column ${name} changes from ${from} to ${to}`),
    ...dropped.map((column) => `  column ${column} is gone`),
  ];
}

const LONGEST_REASON = 2000;
