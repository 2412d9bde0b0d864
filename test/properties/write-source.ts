import { gzipSync } from 'node:zlib';
import { sqlType } from '../../src/core/schema.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { quoteName, quoteText } from '../../src/engine/quote.ts';
import type { ModelFile } from './table-model.ts';
import { forms, type ModelType } from './values.ts';

export interface Dialect {
  readonly format: 'csv' | 'jsonl' | 'parquet';
  readonly separator: string;
  readonly quote: string;
  readonly decimal: '.' | ',';
  readonly encoding: string;
  readonly bom: boolean;
  readonly lineEnd: '\n' | '\r\n';
  /** Whether the last line has an end, too: always or never, as a version where it is missing may be cut off. */
  readonly isEnded: boolean;
  readonly gzip: boolean;
}

/** Picks one of the given number of possibilities. */
export type Pick = (count: number) => number;

/** The text with only what the dialect can hold. */
export function fitText(dialect: Dialect, raw: string): string {
  if (dialect.format !== 'csv') return raw;
  let text = raw;
  // oxlint-disable no-control-regex -- a control character is a character of these encodings
  if (dialect.encoding === 'latin-1') text = text.replaceAll(/[^\u0001-\u007E\u00A0-\u00FF]/gu, '?');
  if (dialect.encoding === 'windows-1252') text = text.replaceAll(/[^\u0001-\u007E\u00A0-\u00FF€]/gu, '?');
  if (dialect.quote !== '') return text;
  const bare = text.replaceAll(/[\r\n]/g, ' ').replaceAll(dialect.separator, '_');
  return bare === '' ? '-' : bare;
}

export function fileName(dialect: Dialect): string {
  return `t.${dialect.format}${dialect.gzip ? '.gz' : ''}`;
}

/** A file of text, and its bytes. */
export function textFile(file: ModelFile, dialect: Dialect, pick: Pick): { text: string; bytes: Uint8Array } {
  const text = dialect.format === 'csv' ? csvText(file, dialect, pick) : jsonText(file, pick);
  const bytes = dialect.format === 'csv' ? encode(text, dialect) : Buffer.from(text);
  return { text, bytes: dialect.gzip ? gzipSync(bytes) : bytes };
}

function csvText({ columns, rows }: ModelFile, dialect: Dialect, pick: Pick): string {
  const { separator, quote, decimal, lineEnd, isEnded } = dialect;
  const field = (text: string): string => {
    const mustQuote =
      text === '' ||
      text.includes(separator) ||
      text.includes(quote) ||
      /[\r\n]/.test(text) ||
      text.startsWith(' ');
    if (quote === '' || (!mustQuote && pick(3) > 0)) return text;
    return `${quote}${text.replaceAll(quote, quote + quote)}${quote}`;
  };
  const value = (cell: string, type: ModelType): string => {
    const written = choose(forms(cell, type), pick);
    const isNumber = type === 'double' || type.startsWith('decimal');
    return field(isNumber ? written.replace('.', decimal) : written);
  };
  const lines = rows.map((row) =>
    columns
      .map(({ name, type }) => {
        const cell = row.get(name) ?? null;
        return cell === null ? '' : value(cell, type);
      })
      .join(separator),
  );
  const text = [columns.map(({ name }) => field(name)).join(separator), ...lines].join(lineEnd);
  return isEnded ? `${text}${lineEnd}` : text;
}

function jsonText({ columns, rows }: ModelFile, pick: Pick): string {
  const value = (cell: string, type: ModelType): string => {
    if (type === 'bigint' || type === 'boolean') return cell;
    return type === 'double'
      ? choose(forms(cell, type), pick)
      : JSON.stringify(type === 'text' ? cell : choose(forms(cell, type), pick));
  };
  return rows
    .map((row, index) => {
      const members = columns.flatMap(({ name, type }) => {
        const cell = row.get(name) ?? null;
        if (cell === null) return index > 0 && pick(2) === 0 ? [] : [`${JSON.stringify(name)}:null`];
        return [`${JSON.stringify(name)}:${value(cell, type)}`];
      });
      return `{${members.join(',')}}\n`;
    })
    .join('');
}

function choose(of: readonly string[], pick: Pick): string {
  return of[pick(of.length)] ?? '';
}

function encode(text: string, { encoding, bom }: Dialect): Buffer {
  const marked = bom && encoding.startsWith('utf') ? `\uFEFF${text}` : text;
  switch (encoding) {
    case 'utf-16le':
      return Buffer.from(marked, 'utf16le');
    case 'utf-16be':
      return Buffer.from(marked, 'utf16le').swap16();
    case 'latin-1':
      return Buffer.from(text, 'latin1');
    case 'windows-1252':
      return Buffer.from(text.replaceAll('€', '\u0080'), 'latin1');
    default:
      return Buffer.from(marked);
  }
}

/** Writes the file as Parquet, by DuckDB, in the columns' own types. */
export async function writeParquet(
  engine: Engine,
  { columns, rows }: ModelFile,
  path: string,
): Promise<void> {
  const literal = (cell: string | null, type: ModelType): string => {
    if (cell === null) return `CAST(NULL AS ${sqlType(type)})`;
    return type === 'timestamp' ? `make_timestamp(${cell})` : `CAST(${quoteText(cell)} AS ${sqlType(type)})`;
  };
  const select = (cellOf: (name: string) => string | null): string =>
    `SELECT ${columns.map(({ name, type }) => `${literal(cellOf(name), type)} AS ${quoteName(name)}`).join(', ')}`;
  const selects = rows.map((row) => select((name) => row.get(name) ?? null));
  const all = selects.length > 0 ? selects.join(' UNION ALL ') : `${select(() => null)} LIMIT 0`;
  await engine.run(`COPY (${all}) TO ${quoteText(path)} (FORMAT parquet)`);
}
