import { styleText } from 'node:util';
import type { Cell } from '../../explore/cells.ts';
import type { KeyHistory } from '../../explore/key-history.ts';
import { say } from '../language.ts';
import { cell, secondsOf } from './format.ts';
import { type Layout, wrapped } from './layout.ts';

export function renderKey(
  { table, key, columns, versions }: KeyHistory & { readonly key: Readonly<Record<string, string>> },
  layout: Layout,
): string {
  const name = Object.entries(key)
    .map(([column, value]) => `${column}: ${cell(value)}`)
    .join('  ');
  if (versions.length === 0) return say(`${table} has never had ${name}`);
  const wordWidth = Math.max(...Object.values(WORDS).map((word) => say(word).length));
  const lines = versions.map(({ run, at, operation, cells, changed }, index) => {
    const before = versions[index - 1]?.cells ?? [];
    const texts = columns.flatMap((column, place) => {
      if (column.key || (operation === 'U' && !changed.includes(place))) return [];
      if (operation === 'D') return [];
      const value = shown(cells[place] ?? null);
      const isChanged = changed.includes(place);
      return [
        isChanged ? `${column.name}: ${shown(before[place] ?? null)} → ${value}` : `${column.name}: ${value}`,
      ];
    });
    const what = styleText(COLOURS[operation], say(WORDS[operation]).padEnd(wordWidth), {
      stream: process.stdout,
    });
    const line = `${say(`run ${run}`)}  ${secondsOf(at)}  ${what}  ${texts.join('  ')}`.trimEnd();
    return wrapped(line, layout, '      ');
  });
  return [`${table}  ${name}`, '', ...lines].join('\n');
}

const WORDS = { F: 'full-load', I: 'was inserted', U: 'was updated', D: 'was deleted' } as const;
const COLOURS = { F: 'blue', I: 'green', U: 'yellow', D: 'red' } as const;

function shown(value: Cell): string {
  if (value === null) return 'null';
  return value === '' ? '""' : cell(value);
}
