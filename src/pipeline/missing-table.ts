import type { Told } from '../core/language/sentence.ts';
import { basename } from 'node:path';
import { closest } from '../config/closest.ts';
import type { TableConfig } from '../config/config.ts';
import { defaultFilePattern, withoutEnding } from '../config/table-name.ts';
import { IgarapeError } from '../core/errors.ts';
import { isLeftBehind } from '../source/match.ts';
import type { TableState } from '../source/port.ts';

const SHOWN_NAMES = 8;

/** That no file of the source is the table's, with what there is instead. */
export function missingTable(
  table: TableConfig,
  { pattern, names }: Extract<TableState, { kind: 'missing' }>,
  isKnown: boolean,
): IgarapeError {
  const wanted = pattern === defaultFilePattern(table.name) ? `**/${table.name}.*` : pattern;
  const there = names?.filter((name) => !name.split('/').some(isLeftBehind));
  return new IgarapeError(
    'TABLE_MISSING',
    {
      quoted: [
        `No file of this version matches ${JSON.stringify(wanted)}.` satisfies Told,
        ...(there === undefined ? [] : [shown(table, wanted, there)]),
      ].join(' '),
    },
    {
      hint: isKnown
        ? `The table ${table.name} keeps its last state and is compared with it when it comes back.`
        : `Set "file" of the table ${table.name} to the name of its file.`,
    },
  );
}

/** What the source has, the likeliest name first. */
function shown(table: TableConfig, wanted: string, names: readonly string[]): string {
  if (names.length === 0) return 'The source has no files at all.';
  const plain = (name: string): string => withoutEnding(basename(name));
  const near =
    names.find((name) => plain(name).toLowerCase() === table.name.toLowerCase()) ??
    names.find((name) => basename(name).toLowerCase() === basename(wanted).toLowerCase()) ??
    names.find((name) => plain(name) === closest(table.name, names.map(plain)));
  const ordered = near === undefined ? names : [near, ...names.filter((name) => name !== near)];
  const more = ordered.length > SHOWN_NAMES ? ` and ${ordered.length - SHOWN_NAMES} more` : '';
  const meant = near === undefined ? '' : ` Is it ${near}?`;
  return `The source has ${ordered.slice(0, SHOWN_NAMES).join(', ')}${more}.${meant}`;
}
