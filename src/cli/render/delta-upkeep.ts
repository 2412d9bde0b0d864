import type { WriteResult } from '../../delta/write/publish.ts';
import type { VacuumResult } from '../../delta/maintain/vacuum.ts';
import { count, size } from './format.ts';

/** @param nothing What is told where there was nothing to do. */
export function renderWrite({ version, committed, metrics }: WriteResult, nothing: string): string {
  if (!committed) return nothing;
  const facts = Object.entries(metrics).map(([name, value]) => `${name} ${count(value)}`);
  return [`Version ${version} was committed.`, ...facts].join('\n');
}

export function renderVacuum({ files, sizeBytes }: VacuumResult, dryRun: boolean): string {
  const verb = dryRun ? 'would be removed' : 'removed';
  return [...files, `${count(files.length)} files of ${size(sizeBytes)} ${verb}.`].join('\n');
}
