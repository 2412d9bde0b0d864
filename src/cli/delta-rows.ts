import { stat } from 'node:fs/promises';
import type { Rows } from '../delta/read/rows.ts';
import type { PlainValue } from '../engine/plain.ts';
import type { OpenQuery, QueryValue } from '../lake/query/query.ts';

/** Rows of a Delta table as the rows of a query, to be printed and written as those are. */
export function openedRows(rows: Rows): OpenQuery {
  const { columns } = rows;
  return {
    columns,
    async rows(limit) {
      const found = await rows.first(limit + 1);
      const shown = found
        .slice(0, limit)
        .map((row) => columns.map(({ name, type }) => shownValue(row[name] ?? null, type)));
      return { columns, rows: shown, truncated: found.length > limit };
    },
    async write(path, format, limit) {
      const written = await rows.writeTo(path, format, limit);
      return { rows: written, bytes: (await stat(path)).size };
    },
  };
}

function shownValue(value: PlainValue, type: string): QueryValue {
  if (typeof value === 'string' && type.startsWith('TIMESTAMP')) return shownTime(value);
  return typeof value === 'object' && value !== null ? nestedText(value) : value;
}

/** As a query writes a time: with a space, and without digits that say nothing. */
function shownTime(iso: string): string {
  return iso
    .replace('T', ' ')
    .replace(/(\.\d*?)0+(?=\D|$)/, '$1')
    .replace(/\.(?=\D|$)/, '');
}

function nestedText(value: PlainValue): string {
  if (value instanceof Uint8Array) return `0x${Buffer.from(value).toString('hex')}`;
  if (value instanceof Map)
    return `{${[...value].map(([key, member]) => `${nestedText(key)}: ${nestedText(member)}`).join(', ')}}`;
  if (Array.isArray(value)) return `[${value.map(nestedText).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return value === null ? 'NULL' : String(value);
  return `{${Object.entries(value)
    .map(([name, member]) => `${name}: ${nestedText(member)}`)
    .join(', ')}}`;
}
