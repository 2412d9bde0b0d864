import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { Engine } from '../../engine/engine.ts';
import { quoteText } from '../../engine/quote.ts';
import { type CsvSample, type Sample, sampleCsv, sampleJsonLines, sampleObjects } from './sample.ts';

export interface FileSample extends Sample, Partial<Pick<CsvSample, 'separator' | 'decimal'>> {
  /** Of text files. */
  readonly encoding?: string;
}

const HEAD_BYTES = 1024 * 1024;

/** The beginning of a table's file; undefined where it holds no rows that can be read. */
export async function readSample(path: string): Promise<FileSample | undefined> {
  if (path.endsWith('.parquet')) return readParquet(path);
  const { bytes, isWhole } = await readHead(path);
  const encoding = guessEncoding(bytes);
  const text = new TextDecoder(encoding).decode(bytes, { stream: !isWhole });
  const sample = path.endsWith('.jsonl') ? sampleJsonLines(text, isWhole) : sampleCsv(text, isWhole);
  return sample === undefined ? undefined : { ...sample, encoding };
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

async function readHead(path: string): Promise<{ bytes: Uint8Array; isWhole: boolean }> {
  const file = createReadStream(path);
  const stream = path.endsWith('.gz') ? file.pipe(createGunzip()) : file;
  file.on('error', (error) => stream.destroy(error));
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  try {
    for await (const chunk of stream) {
      if (!(chunk instanceof Buffer)) continue;
      chunks.push(chunk);
      sizeBytes += chunk.length;
      if (sizeBytes > HEAD_BYTES) break;
    }
  } finally {
    file.destroy();
  }
  return { bytes: Buffer.concat(chunks), isWhole: sizeBytes <= HEAD_BYTES };
}

async function readParquet(path: string): Promise<FileSample | undefined> {
  const engine = await Engine.open({ memoryLimit: '256MB', spillDir: '' });
  try {
    const rows = await engine.rows(`SELECT * FROM read_parquet(${quoteText(path)}) LIMIT 5000`);
    return rows.length === 0 ? undefined : sampleObjects(rows);
  } finally {
    engine.close();
  }
}
