import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TableConfig } from '../../config/config.ts';
import { resolveConfig } from '../../config/resolve.ts';
import { Engine } from '../../engine/engine.ts';
import { quoteName } from '../../engine/quote.ts';
import { openTable, type TableFile } from '../../snapshot/open-table.ts';
import { tellFormat } from '../../snapshot/table-format.ts';
import { firstBytes, unpackedChunks } from '../../source/packing.ts';
import { type CsvSample, type Sample, sampleCsv, sampleObjects } from './sample.ts';

export interface FileSample extends Sample, Partial<Pick<CsvSample, 'separator' | 'shape'>> {
  /** Of text files. */
  readonly encoding?: string;
}

const HEAD_BYTES = 1024 * 1024;
const SAMPLE_ROWS = 5000;

/** The beginning of a table's file; undefined where it holds no rows that can be read. */
export async function readSample(file: TableFile): Promise<FileSample | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'igarape-init-'));
  try {
    const told = await tellFormat(file, sampled('utf-16le'), folder, new AbortController().signal);
    return told.format === 'csv' ? await readCsv(told) : await readRows(file, folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** `utf-8` where the bytes are; UTF-16 by its byte order mark; else what Windows writes in the West. */
export function guessEncoding(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return 'utf-8';
  } catch {
    return 'windows-1252';
  }
}

async function readCsv({ path, name }: TableFile): Promise<FileSample | undefined> {
  const bytes = await firstBytes(unpackedChunks(path, name), HEAD_BYTES + 1);
  const isWhole = bytes.length <= HEAD_BYTES;
  const encoding = guessEncoding(bytes);
  const sample = sampleCsv(new TextDecoder(encoding).decode(bytes, { stream: !isWhole }), isWhole);
  return sample === undefined ? undefined : { ...sample, encoding };
}

async function readRows(file: TableFile, folder: string): Promise<FileSample | undefined> {
  const engine = await Engine.open({ memoryLimit: '256MB', spillDir: folder });
  try {
    const { signal } = new AbortController();
    const { columns, relation } = await openTable(engine, file, sampled('utf-8'), folder, signal);
    const texts = columns.map(({ name, text }) => `${text} AS ${quoteName(name)}`);
    const rows = await engine.rows(`SELECT ${texts.join(', ')} FROM ${relation} LIMIT ${SAMPLE_ROWS}`);
    return rows.length === 0 ? undefined : sampleObjects(rows);
  } finally {
    engine.close();
  }
}

/** A table of which nothing is known but how it may be encoded. */
function sampled(encoding: string): TableConfig {
  const source = { type: 'files', path: './data' };
  const resolved = resolveConfig({ source, tables: [{ name: 'sample', pk: 'id', encoding }] }, '/');
  const table = resolved.kind === 'valid' ? resolved.config.tables[0] : undefined;
  if (table === undefined) throw new RangeError('A sample needs a configuration.');
  return { ...table, key: [] };
}
