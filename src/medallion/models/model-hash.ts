import { createHash } from 'node:crypto';
import { fullName } from '../layer.ts';
import type { ModelHeader, SourceColumn } from './model.ts';

/**
 * SHA-256, in hex, of what a table's rows follow from, and of what they are checked for: a new check is made of every
 * row. `statement` is the SELECT as the engine prints it, so that layout and comments do not count.
 */
export function modelHash(statement: string, header: ModelHeader): string {
  const { key, checks, joins, dateColumn, windowDays } = header;
  const parts = {
    statement,
    key,
    checks: checks.map(({ rule, severity }) => ({ rule, severity })),
    joins: joins.map(({ left, right }) => [columnName(left), columnName(right)]),
    date: dateColumn === undefined ? null : columnName(dateColumn),
    windowDays,
  };
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

function columnName({ table, column }: SourceColumn): readonly string[] {
  return table === undefined ? [column] : [fullName(table), column];
}
