import { isNumberType } from '../../core/schema.ts';
import type { QueryRows, QueryValue, WrittenRows } from '../../lake/query/query.ts';
import { say } from '../language.ts';
import { cell, count, plural, size } from './format.ts';
import { type Layout, wrapped } from './layout.ts';
import { table, type TableColumn } from './table.ts';

export function renderQuery({ columns, rows, truncated }: QueryRows, layout: Layout): string {
  const { isTerminal = false } = layout;
  const middle = (columns.length - 1) / 2;
  const heads = columns.map(({ name, type }, index): TableColumn => ({
    head: isTerminal ? `${cell(name)}\n${cell(type.toLowerCase(), LONGEST_TYPE)}` : cell(name),
    isName: true,
    right: isNumberType(type),
    ...(CUTTABLE.test(type) ? { long: 'cut' } : {}),
    // The first columns tell which row it is, the last ones often when it changed: those between go first.
    hide: columns.length - Math.abs(index - middle),
  }));
  const lines = rows.map((row) => columns.map(({ type }, index) => shown(row[index] ?? null, type)));
  return [table(heads, lines, layout), wrapped(amount(rows.length, truncated), layout, '  ')].join('\n');
}

/** Each row as a block of lines, a column a line. */
export function renderVertical({ columns, rows, truncated }: QueryRows, layout: Layout): string {
  const width = Math.max(0, ...columns.map(({ name }) => cell(name).length));
  const indent = ' '.repeat(width + 4);
  const blocks = rows.map((row, number) =>
    [
      say(`row ${count(number + 1)}`),
      ...columns.map(({ name, type }, index) => {
        const value = shown(row[index] ?? null, type, Infinity);
        return wrapped(`  ${cell(name).padEnd(width)}  ${value}`, layout, indent);
      }),
    ].join('\n'),
  );
  return [...blocks, wrapped(amount(rows.length, truncated), layout, '  ')].join('\n');
}

function amount(rows: number, truncated: boolean): string {
  const found = plural(rows, 'row');
  return truncated
    ? say(`the first ${found} of more: --limit N shows more, --format csv or --out FILE all`)
    : found;
}

export function renderWritten({ file, rows, bytes }: WrittenRows & { readonly file: string }): string {
  return say(`${plural(rows, 'row')}, ${size(bytes)}, written to ${file}`);
}

function shown(value: QueryValue, type: string, width?: number): string {
  if (value === null) return 'NULL';
  return typeof value === 'number' && FLOATS.has(type) ? floatText(value, type) : cell(String(value), width);
}

const FLOATS: ReadonlySet<string> = new Set(['FLOAT', 'DOUBLE']);

/** As the engine writes it: `7.0`, and of 32 bits the fewest digits that tell the value. */
function floatText(value: number, type: string): string {
  const digits = [6, 7, 8].find((each) => Math.fround(Number(value.toPrecision(each))) === value);
  const text = String(type === 'FLOAT' && digits !== undefined ? Number(value.toPrecision(digits)) : value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}

const LONGEST_TYPE = 30;
/** A number or a time of which a part is missing would mislead. */
const CUTTABLE = /^(?!.*(?:INT|FLOAT|DOUBLE|DECIMAL|DATE|TIME|BOOLEAN)[^[\]]*$)/;
