import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TableConfig } from '../../config/config.ts';
import { resolveConfig } from '../../config/resolve.ts';
import { Engine } from '../../engine/engine.ts';
import { quoteName } from '../../engine/quote.ts';
import { openTable, type TableFile } from '../../snapshot/open-table.ts';
import { tellFormat, type ToldFile } from '../../snapshot/table-format.ts';
import { firstBytes, unpackedChunks } from '../../source/packing.ts';
import { decoded, type GuessedEncoding, guessEncoding } from './guess-encoding.ts';
import { type CsvSample, type Sample, sampleCsv, sampleObjects } from './sample.ts';

export interface FileSample
  extends
    Sample,
    Partial<Pick<CsvSample, 'separator' | 'shape' | 'emptyTexts' | 'unread'>>,
    GuessedEncoding {}

/** A table of a database, or a sheet of a workbook, as the configuration names it. */
export type TablePart = { readonly table: string } | { readonly sheet: string };

/** What a file holds that has several tables. */
export interface SeveralTables {
  readonly parts: readonly TablePart[];
}

const SAMPLED_BYTES = 1024 * 1024;
const SAMPLE_ROWS = 5000;

/** The beginning of a table's file, or of a part of it; undefined where it holds no rows that can be read. */
export async function readSample(
  file: TableFile,
  part?: TablePart,
): Promise<FileSample | SeveralTables | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'igarape-init-'));
  try {
    const told = await tellFormat(
      file,
      sampled({ encoding: 'utf-16le' }),
      folder,
      new AbortController().signal,
    );
    if (told.format === 'csv') return await readCsv(told);
    if (told.format === 'jsonl') {
      const bytes = await firstBytes(unpackedChunks(told.path, told.name), SAMPLED_BYTES);
      const guessed = guessEncoding(bytes, bytes.length < SAMPLED_BYTES);
      const { encoding = 'utf-8' } = guessed;
      const sample = await readRows(file, { encoding }, folder);
      return sample === undefined ? undefined : { ...sample, ...guessed };
    }
    const parts = part === undefined ? await partsOf(told, folder) : [part];
    return parts.length > 1 ? { parts } : await readRows(file, part ?? {}, folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function partsOf(file: ToldFile, folder: string): Promise<readonly TablePart[]> {
  if (file.format === 'sqlite') {
    const tables = await (await import('../../snapshot/sqlite.ts')).sqliteTables(file, folder);
    return tables.map((table) => ({ table }));
  }
  if (file.format !== 'xlsx') return [];
  const { signal } = new AbortController();
  const sheets = await (await import('../../snapshot/xlsx.ts')).xlsxSheets(file, folder, signal);
  return sheets.map((sheet) => ({ sheet }));
}

async function readCsv({ path, name }: TableFile): Promise<FileSample | undefined> {
  const bytes = await firstBytes(unpackedChunks(path, name), SAMPLED_BYTES + 1);
  const isWhole = bytes.length <= SAMPLED_BYTES;
  const guessed = guessEncoding(bytes, isWhole);
  const sample = sampleCsv(decoded(bytes, guessed.encoding ?? 'utf-8', isWhole), isWhole);
  return sample === undefined ? undefined : { ...sample, ...guessed };
}

async function readRows(
  file: TableFile,
  options: SampleOptions,
  folder: string,
): Promise<FileSample | undefined> {
  const engine = Engine.open({ memoryLimit: '256MB', spillDir: folder });
  try {
    const { signal } = new AbortController();
    const { columns, relation, declaredKey } = await openTable(
      engine,
      file,
      sampled(options),
      folder,
      signal,
    );
    const texts = columns.map(({ name, text }) => `${text} AS ${quoteName(name)}`);
    const rows = await engine.rows(`SELECT ${texts.join(', ')} FROM ${relation} LIMIT ${SAMPLE_ROWS}`);
    if (rows.length === 0) return undefined;
    return { ...sampleObjects(rows), ...(declaredKey === undefined ? {} : { declaredKey }) };
  } finally {
    engine.close();
  }
}

type SampleOptions = TablePart | { readonly encoding?: string };

/** A table of which nothing is known but how it may be encoded, or which part of its file it is. */
function sampled(options: SampleOptions): TableConfig {
  const source = { type: 'files', path: './data' };
  const resolved = resolveConfig({ source, tables: [{ name: 'sample', pk: 'id', ...options }] }, '/');
  const table = resolved.kind === 'valid' ? resolved.config.tables[0] : undefined;
  if (table === undefined) throw new RangeError('A sample needs a configuration.');
  return { ...table, key: [] };
}
