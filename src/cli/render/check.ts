import type { CheckedModel, CheckReport } from '../../pipeline/check.ts';
import { cell } from './format.ts';
import { table } from './table.ts';

export function renderCheck({ models }: CheckReport): string {
  const found = Object.entries(models);
  if (found.length === 0) return 'The configuration is right. It names no models.';
  const rows = found.map(([name, model]) => [name, state(model), cell(told(model), LONGEST_REASON)]);
  const broken = found.filter(([, { fits }]) => fits === false).length;
  return [
    table(['model', '', ''], rows),
    broken === 0
      ? `${found.length} models; none that a run could not compute`
      : `${broken} of ${found.length} models cannot be computed`,
  ].join('\n');
}

function state({ fits }: CheckedModel): string {
  if (fits === null) return 'unknown';
  return fits ? 'ok' : 'BROKEN';
}

function told({ reason, build, columns }: CheckedModel): string {
  if (reason !== null) return reason;
  const how = build?.kind === 'rebuild' ? `rebuilt by each run: ${build.reason}` : 'incremental';
  return `${how}; ${columns.length} columns`;
}

const LONGEST_REASON = 2000;
