import type { HistoryEntry } from '../../delta/log/history.ts';
import type { TableDescription } from '../../delta/describe.ts';
import { count, size } from './format.ts';
import { table } from './table.ts';

export function renderDescription(description: TableDescription): string {
  const { columns, partitionColumns, properties, rows } = description;
  const partition = new Set(partitionColumns);
  const facts: [string, string][] = [
    ['table', description.table],
    ['version', String(description.version)],
    ['id', description.id],
    ...(description.name === null ? [] : [['name', description.name] satisfies [string, string]]),
    ...(description.description === null
      ? []
      : [['description', description.description] satisfies [string, string]]),
    ['created', description.createdMs === null ? 'unknown' : instant(description.createdMs)],
    ['rows', rows === null ? 'unknown' : count(rows)],
    ['files', `${count(description.files)}, ${size(description.sizeBytes)}`],
    ['deletion vectors', count(description.deletionVectors)],
    ['protocol', `reader ${description.minReaderVersion}, writer ${description.minWriterVersion}`],
    [
      'features',
      [...new Set([...description.readerFeatures, ...description.writerFeatures])].join(', ') || 'none',
    ],
    ...Object.entries(properties),
    ...Object.entries(description.transactions).map(([app, version]): [string, string] => [
      `txn ${app}`,
      String(version),
    ]),
  ];
  return [
    table(['', ''], facts).replace(/^\s*\n/, ''),
    '',
    table(
      ['column', 'type', 'null', ''],
      columns.map(({ name, type, nullable }) => [
        name,
        type,
        nullable ? 'yes' : 'no',
        partition.has(name) ? 'partition' : '',
      ]),
    ),
  ].join('\n');
}

export function renderDeltaHistory(entries: readonly HistoryEntry[]): string {
  return table(
    ['version', 'at (UTC)', 'operation', 'by', 'parameters'],
    entries.map(({ version, timestampMs, operation, commitInfo }) => [
      String(version),
      instant(timestampMs),
      operation ?? '',
      textOf(commitInfo['engineInfo']),
      shown(commitInfo['operationParameters']),
    ]),
  );
}

function instant(ms: number): string {
  return new Date(ms)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.?0*Z$/, '');
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

const MOST_CHARACTERS = 80;

function shown(value: unknown): string {
  if (typeof value !== 'object' || value === null) return '';
  const text = Object.entries(value)
    .map(([name, member]) => `${name}=${typeof member === 'string' ? member : JSON.stringify(member)}`)
    .join(' ');
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS - 1)}…` : text;
}
