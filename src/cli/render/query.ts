import type { QueryColumn, QueryRows, QueryValue, WrittenRows } from '../../lake/query/query.ts';
import { cell, count, flushRight, size } from './format.ts';
import { table } from './table.ts';

export function renderQuery({ columns, rows, truncated }: QueryRows): string {
  const shown = columns.map((column, index) =>
    columnCells(
      column,
      rows.map((row) => row[index] ?? null),
    ),
  );
  const lines = rows.map((_, row) => shown.map((cells) => cells[row + 1] ?? ''));
  const amount = `${count(rows.length)} row${rows.length === 1 ? '' : 's'}`;
  return [
    table(
      shown.map(([head = '']) => head),
      lines,
    ),
    truncated ? `the first ${amount} of more: --limit N shows more, --format csv or --out FILE all` : amount,
  ].join('\n');
}

export function renderWritten({ file, rows, bytes }: WrittenRows & { readonly file: string }): string {
  return `${count(rows)} rows, ${size(bytes)}, written to ${file}`;
}

function columnCells({ name, type }: QueryColumn, values: readonly QueryValue[]): string[] {
  const cells = [cell(name), ...values.map((value) => (value === null ? 'NULL' : cell(String(value))))];
  return NUMBERS.test(type) ? flushRight(cells) : cells;
}

const NUMBERS = /^(?:U?(?:TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL.*)$/;
