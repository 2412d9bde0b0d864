import type { HistoryEntry } from '../../delta/log/history.ts';
import type { TableDescription } from '../../delta/describe.ts';
import { say } from '../language.ts';
import { count, size } from './format.ts';
import type { Layout } from './layout.ts';
import { table } from './table.ts';

export function renderDescription(description: TableDescription, layout: Layout): string {
  const { columns, partitionColumns, properties, rows } = description;
  const partition = new Set(partitionColumns);
  const facts: [string, string][] = [
    [say('table'), description.table],
    [say('version'), String(description.version)],
    [say('id'), description.id],
    ...(description.name === null ? [] : [[say('name'), description.name] satisfies [string, string]]),
    ...(description.description === null
      ? []
      : [[say('description'), description.description] satisfies [string, string]]),
    [say('created'), description.createdMs === null ? say('unknown') : instant(description.createdMs)],
    [say('rows'), rows === null ? say('unknown') : count(rows)],
    [say('files'), `${count(description.files)}, ${size(description.sizeBytes)}`],
    [say('deletion vectors'), count(description.deletionVectors)],
    [say('protocol'), say(`reader ${description.minReaderVersion}, writer ${description.minWriterVersion}`)],
    [
      say('features'),
      [...new Set([...description.readerFeatures, ...description.writerFeatures])].join(', ') || say('none'),
    ],
    ...Object.entries(properties),
    ...Object.entries(description.transactions).map(([app, version]): [string, string] => [
      `txn ${app}`,
      String(version),
    ]),
  ];
  return [
    table(['', { head: '', long: 'wrap' }], facts, layout).replace(/^\s*\n/, ''),
    '',
    table(
      [{ head: 'column', long: 'name' }, { head: 'type', long: 'wrap' }, 'null', ''],
      columns.map(({ name, type, nullable }) => [
        name,
        type,
        nullable ? say('yes') : say('no'),
        partition.has(name) ? say('partition') : '',
      ]),
      layout,
    ),
  ].join('\n');
}

export function renderDeltaHistory(entries: readonly HistoryEntry[], layout: Layout): string {
  return table(
    [
      { head: 'version', right: true },
      'at (UTC)',
      'operation',
      { head: 'by', hide: 1, long: 'cut' },
      { head: 'parameters', long: 'wrap' },
    ],
    entries.map(({ version, timestampMs, operation, commitInfo }) => [
      String(version),
      instant(timestampMs),
      operation ?? '',
      textOf(commitInfo['engineInfo']),
      shown(commitInfo['operationParameters']),
    ]),
    layout,
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
