import { styleText } from 'node:util';
import type { SampleChange } from '../../changes/sample.ts';
import { cell } from './format.ts';
import { widthOf } from './layout.ts';

const COLOURS = { I: 'green', U: 'yellow', D: 'red' } as const;

/**
 * A row in one line of at most `width`. Of an update its key, and what changed as `column: old → new`; of a row that comes
 * or goes every column that finds room.
 */
export function sampleLine(
  { operation, row, before, changed = [] }: SampleChange,
  key: readonly string[],
  width: number,
): string {
  const columns = Object.keys(row);
  const told =
    before === undefined || key.length === 0
      ? [...key, ...columns.filter((name) => !key.includes(name))]
      : [...key, ...changed.filter((name) => !key.includes(name))];
  let line = styleText(COLOURS[operation], operation, { stream: process.stdout });
  for (const [place, column] of told.entries()) {
    const isChanged = before !== undefined && changed.includes(column);
    const value = shown(row[column] ?? null);
    const text = isChanged ? `${column}: ${shown(before[column] ?? null)} → ${value}` : `${column}: ${value}`;
    const left = told.length - place;
    const more = `  … ${left} more`;
    const isLast = left === 1;
    if (widthOf(line) + 2 + widthOf(text) + (isLast ? 0 : widthOf(more)) > width && place >= key.length)
      return `${line}${more}`;
    line += `  ${isChanged ? styleText('bold', text, { stream: process.stdout }) : text}`;
  }
  return line;
}

function shown(value: string | null): string {
  if (value === null) return 'null';
  return value === '' ? '""' : cell(value);
}
