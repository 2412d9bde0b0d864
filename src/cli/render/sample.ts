import { styleText } from 'node:util';
import type { SampleChange } from '../../changes/sample.ts';
import { cell } from './format.ts';

const COLOURS = { I: 'green', U: 'yellow', D: 'red' } as const;

/** A row with its columns; of an update, what changed as `column: old → new`. */
export function sampleLine({ operation, row, before, changed = [] }: SampleChange): string {
  const cells = Object.entries(row).map(([column, value]) => {
    if (before === undefined || !changed.includes(column)) return `${column}: ${shown(value)}`;
    return styleText('bold', `${column}: ${shown(before[column] ?? null)} → ${shown(value)}`);
  });
  return `${styleText(COLOURS[operation], operation)}  ${cells.join('  ')}`;
}

function shown(value: string | null): string {
  if (value === null) return 'null';
  return value === '' ? '""' : cell(value);
}
