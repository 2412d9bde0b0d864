import type { WriteResult } from '../../delta/write/publish.ts';
import type { VacuumResult } from '../../delta/maintain/vacuum.ts';
import { say } from '../language.ts';
import { count, plural, size } from './format.ts';

/** @param nothing What is told where there was nothing to do. */
export function renderWrite({ version, committed, metrics }: WriteResult, nothing: string): string {
  if (!committed) return nothing;
  const facts = Object.entries(metrics).map(([name, value]) => `${name} ${count(value)}`);
  return [say(`Version ${version} was committed.`), ...facts].join('\n');
}

export function renderVacuum({ files, sizeBytes }: VacuumResult, dryRun: boolean): string {
  const found = say(`${plural(files.length, 'file')} of ${size(sizeBytes)}`);
  return [...files, dryRun ? say(`${found} would be removed.`) : say(`${found} removed.`)].join('\n');
}
