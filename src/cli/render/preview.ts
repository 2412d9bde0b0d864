import type { VersionDiff } from '../../explore/version-diff.ts';
import type { LayerReport } from '../../medallion/report.ts';
import { say, told } from '../language.ts';
import { diffLines } from './changes.ts';
import { type Layout, wrapped } from './layout.ts';

export interface PreviewReport {
  readonly table: string;
  readonly operation: LayerReport['operation'];
  /** What would be held or fail on the way, a sentence each. */
  readonly troubles: readonly string[];
  /** Null where there would be no table. */
  readonly diff: VersionDiff | null;
}

export function renderPreview({ table, operation, troubles, diff }: PreviewReport, layout: Layout): string {
  const [counts, ...rows] = diff === null ? [] : diffLines(diff, layout);
  const lines = [
    `${say(`${table} would be ${operation}`)}${counts === undefined ? '' : `: ${counts}`}`,
    ...rows,
    ...(troubles.length === 0 ? [] : ['', ...troubles.map(told)]),
    '',
    say('nothing was written; igarape run does this'),
  ];
  return wrapped(lines.join('\n'), layout, '  ');
}
