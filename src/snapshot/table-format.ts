import type { Told } from '../core/language/sentence.ts';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { TableConfig } from '../config/config.ts';
import { formatOfName, type TableFormat } from '../config/table-name.ts';
import { IgarapeError } from '../core/errors.ts';
import { describeFormat, type FileFormat, formatOf, HEAD_BYTES } from '../source/archive-format.ts';
import { firstBytes, packingOf, unpackedChunks } from '../source/packing.ts';
import type { TableFile } from './open-table.ts';
import { tableInArchive } from './table-in-archive.ts';
import { CR, LF } from './csv-fields.ts';
import { requireEncoding } from './transcode-decoders.ts';

/** A table's file, and how it is read. */
export interface ToldFile extends TableFile {
  readonly format: TableFormat;
}

const BINARY = {
  parquet: 'parquet',
  sqlite: 'sqlite',
  xlsx: 'xlsx',
  avro: 'avro',
} as const satisfies Partial<Record<FileFormat, TableFormat>>;

/** Archives are opened this many times, one inside of the other. */
const MOST_ARCHIVES = 2;

/**
 * Tells a file's format, by its bytes first: an ending may mislead. An archive is opened, and a packed file of a format
 * that is not read as a stream unpacked, below `workDir`.
 *
 * @throws IgarapeError TABLE_UNREADABLE what is no table, or of a format that is not read; SOURCE_CORRUPT
 */
export async function tellFormat(
  file: TableFile,
  table: TableConfig,
  workDir: string,
  signal: AbortSignal,
  archives = 0,
): Promise<ToldFile> {
  const head = await firstBytes(unpackedChunks(file.path, file.name), HEAD_BYTES);
  const found = formatOf(head);
  if (found === 'zip' || found === 'xlsx' || found === 'tar') {
    if (archives >= MOST_ARCHIVES) throw refuse(file, 'an archive in an archive in an archive', 'Unpack it.');
    const plain = await unpacked(file, workDir, signal);
    if (found !== 'tar' && (await isWorkbook(plain))) {
      if (table.format !== undefined && table.format !== 'xlsx')
        throw refuseOther(file, 'xlsx', table.format);
      return { ...plain, format: 'xlsx' };
    }
    const inside = await tableInArchive(plain, table, workDir, signal);
    return tellFormat(inside, table, workDir, signal, archives + 1);
  }
  if (isBinary(found)) {
    const format = BINARY[found];
    if (table.format !== undefined && table.format !== format) throw refuseOther(file, found, table.format);
    return { ...(await unpacked(file, workDir, signal)), format };
  }
  const hint = REFUSED[found];
  if (hint !== undefined) throw refuse(file, describeFormat(found), hint);
  if (found.startsWith('utf-16') && !isUtf16(table))
    throw refuse(file, describeFormat(found), `Set "encoding" of the table to "${found}".`);
  return { ...file, format: textFormat(file, table, found, head) };
}

/** The format of a file whose bytes do not tell it alone. */
function textFormat(file: TableFile, table: TableConfig, found: FileFormat, head: Buffer): TableFormat {
  const format = table.format ?? formatOfName(file.name);
  if (format !== undefined && format in BINARY)
    throw refuse(
      file,
      `${describeFormat(found)}, and no ${format} file`,
      'If the file is cut off, fetch it again; else set "format" of the table.',
    );
  if (found === 'binary' && !isUtf16(table) && firstLine(head).includes(0))
    throw refuse(
      file,
      describeFormat(found),
      'Check "file" of the table, or export it as CSV, JSON or Parquet.',
    );
  if (
    table.format === undefined &&
    found === 'json' &&
    format !== 'jsonl' &&
    /^\s*(?:\{\s*"|\[\s*\{)/.test(head.toString('latin1'))
  )
    return 'jsonl';
  if (format !== undefined) return format;
  if (found === 'empty') return 'csv';
  throw new IgarapeError('TABLE_UNREADABLE', `${file.name}: its ending does not tell its format.`, {
    hint: 'Set "format" of the table to "csv" or "jsonl".',
  });
}

/** True where every other byte of a text may be a zero. */
function isUtf16({ csv }: TableConfig): boolean {
  return requireEncoding(csv.encoding).startsWith('utf-16');
}

function firstLine(head: Buffer): Buffer {
  const end = head.findIndex((byte) => byte === LF || byte === CR);
  return end === -1 ? head : head.subarray(0, end);
}

function isBinary(format: FileFormat): format is keyof typeof BINARY {
  return format in BINARY;
}

/** @throws IgarapeError TABLE_UNREADABLE a workbook of a kind that is not read */
async function isWorkbook(file: TableFile): Promise<boolean> {
  const { openArchive } = await import('../source/archive.ts');
  const { workbookKind } = await import('./xlsx-workbook.ts');
  const kind = workbookKind(await openArchive(file.path, { label: file.name }));
  if (kind === 'macros')
    throw refuse(file, 'an Excel workbook with macros', 'Save it as .xlsx, without macros.');
  if (kind === 'xlsb') throw refuse(file, 'a binary Excel workbook (.xlsb)', 'Save it as .xlsx.');
  if (kind === 'ods') throw refuse(file, 'an OpenDocument file', 'Save it as .xlsx.');
  return kind === 'xlsx';
}

async function unpacked(file: TableFile, workDir: string, signal: AbortSignal): Promise<TableFile> {
  if ((await packingOf(file.path)) === undefined) return file;
  const path = join(workDir, 'unpacked');
  await pipeline(unpackedChunks(file.path, file.name), createWriteStream(path), { signal });
  return { ...file, path };
}

const UNPACK = 'Unpack it, or publish it as zip, gz, zst or bz2.';
const EXPORT = 'Export it as CSV, JSON or Parquet.';

/** What is no table, or of a format that is not read, with what to do about it. */
const REFUSED: Partial<Record<FileFormat, Told>> = {
  gzip: 'It is packed twice: unpack it once.',
  zstd: 'It is packed twice: unpack it once.',
  bzip2: 'It is packed twice: unpack it once.',
  '7z': UNPACK,
  rar: UNPACK,
  xz: UNPACK,
  lz4: UNPACK,
  'encrypted parquet': 'Write it without encryption.',
  orc: EXPORT,
  arrow: EXPORT,
  'old feather': EXPORT,
  hdf5: EXPORT,
  pdf: EXPORT,
  xml: EXPORT,
  ole: 'Save it as .xlsx without a password, or as CSV.',
  html: 'A server may have answered with an error or a login page: open the file to see, and fetch it again.',
  lfs: 'Run `git lfs pull` in the repository that the folder is a copy of.',
};

function refuse(file: TableFile, what: string, hint: Told): IgarapeError {
  return new IgarapeError('TABLE_UNREADABLE', `${file.name}: it is ${what}.`, { hint });
}

function refuseOther(file: TableFile, found: FileFormat, format: TableFormat): IgarapeError {
  return refuse(
    file,
    `${describeFormat(found)}, and "format" of the table says ${format}`,
    'Remove "format" of the table, or check "file".',
  );
}
