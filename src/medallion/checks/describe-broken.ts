import type { TextRow } from '../../engine/text-rows.ts';
import type { BrokenCheck } from './check.ts';

const MOST_COLUMNS = 4;
const MOST_CHARACTERS = 40;

/** Broken checks as one text: `not_null(idCliente): 3 rows, e.g. {idCliente: null, idTransacao: 7, …}; unique(id): …`. */
export function describeBroken(broken: readonly BrokenCheck[]): string {
  return broken.map(describeOne).join('; ');
}

function describeOne({ check, rows, samples }: BrokenCheck): string {
  const [first] = samples;
  const counted = rows === 1 ? '1 row' : `${rows} rows`;
  return `${check.text}: ${counted}${first === undefined ? '' : `, e.g. ${describeRow(first)}`}`;
}

function describeRow(row: TextRow): string {
  const columns = Object.entries(row);
  const shown = columns.slice(0, MOST_COLUMNS).map(([name, value]) => `${name}: ${shorten(value ?? 'null')}`);
  return `{${[...shown, ...(columns.length > MOST_COLUMNS ? ['…'] : [])].join(', ')}}`;
}

function shorten(text: string): string {
  const characters = Array.from(text);
  return characters.length <= MOST_CHARACTERS ? text : `${characters.slice(0, MOST_CHARACTERS).join('')}…`;
}
