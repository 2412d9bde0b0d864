import { rm } from 'node:fs/promises';
import type { Engine } from '../../engine/engine.ts';
import type { PlainRow } from '../../engine/plain.ts';
import { parquetFile, quoteText } from '../../engine/quote.ts';

const DEFAULT_BYTES = 256_000_000;
const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** As large as a file grows before the next one begins, as stored: `delta.targetFileSize`, or 256 MB. */
export function targetFileBytes(configuration: Readonly<Record<string, string>>): number {
  return fileBytes(configuration['delta.targetFileSize'] ?? '') ?? DEFAULT_BYTES;
}

/** A size as properties spell it, e.g. `128mb`; undefined where it is none. */
export function fileBytes(text: string): number | undefined {
  const [, number, unit = ''] = /^\s*(\d+)\s*([kmg]?)b?\s*$/i.exec(text) ?? [];
  const bytes = Number(number) * (UNITS[unit.toLowerCase()] ?? 1);
  return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : undefined;
}

/** Files up to here are left as they are: to write one again costs more than a file somewhat too large. */
const TOLERANCE = 1.5;

/**
 * Writes the files of partitions again, as several, where they are much too large: DuckDB itself does not limit them.
 *
 * @param written Rows as COPY returns them with RETURN_STATS.
 * @param options What else stands in the brackets of COPY.
 */
export async function splitLarge(
  engine: Engine,
  written: readonly PlainRow[],
  targetBytes: number,
  options: readonly string[],
): Promise<PlainRow[]> {
  const files: PlainRow[] = [];
  for (const row of written) {
    const { filename, file_size_bytes: sizeBytes, partition_keys: keys = null } = row;
    const isLarge = Number(sizeBytes) > targetBytes * TOLERANCE;
    if (typeof filename !== 'string' || !(keys instanceof Map) || keys.size === 0 || !isLarge) {
      files.push(row);
      continue;
    }
    const sql = `COPY (FROM ${parquetFile(filename)}) TO ${quoteText(`${filename}-parts`)} (${options.join(', ')}, FILE_SIZE_BYTES ${targetBytes})`;
    const parts = await engine.plainRows(sql);
    files.push(...parts.map((part) => ({ ...part, partition_keys: keys })));
    await rm(filename);
  }
  return files;
}
