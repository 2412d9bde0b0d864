import type { ListedTable } from '../../pipeline/tables.ts';
import { say } from '../language.ts';
import { cell, count, plural } from './format.ts';
import type { Layout } from './layout.ts';
import { table } from './table.ts';

export function renderTables(tables: readonly ListedTable[], layout: Layout): string {
  if (tables.length === 0) return say('The lake has no tables yet: igarape run makes them.');
  return table(
    [
      { head: 'table', long: 'name' },
      { head: 'rows', right: true },
      { head: 'columns', long: 'wrap' },
    ],
    tables.map(({ name, rows, columns }) => [
      name,
      rows === null ? '-' : count(rows),
      columns.map((column) => cell(column.name)).join(', '),
    ]),
    layout,
  );
}

export function renderColumns(tables: readonly ListedTable[], layout: Layout): string {
  return tables
    .map(({ name, rows, key, columns }) =>
      [
        `${name}${rows === null ? '' : `, ${plural(rows, 'row')}`}`,
        table(
          [{ head: 'column', long: 'name' }, { head: 'type', long: 'wrap' }, ''],
          columns.map((column) => [
            cell(column.name),
            cell(column.type, 200),
            key.includes(column.name) ? say('key') : '',
          ]),
          layout,
        ),
      ].join('\n'),
    )
    .join('\n\n');
}
