import { join } from 'node:path';
import { packingOf } from '../source/packing.ts';
import type { Misreading } from './encoding-evidence.ts';
import type { TableFile } from './open-table.ts';
import { detectBom, needsTranscoding, toUtf8 } from './transcode.ts';

/**
 * A file as plain UTF-8 text: itself where it is that already, else a copy below `workDir`, decompressed and decoded.
 * DuckDB reads a gzip file that is cut off, and UTF-16, without an error and without all of its rows; so neither is
 * left to it. One that may be written on, and ends within a character, ends with a line that has no end.
 */
export async function plainUtf8(
  file: TableFile,
  encoding: string,
  workDir: string,
  signal: AbortSignal,
  onMisread: (misread: Misreading) => void,
): Promise<string> {
  const bom = await detectBom(file.path);
  if ((await packingOf(file.path)) === undefined && !needsTranscoding(encoding, bom)) return file.path;
  const path = join(workDir, 'utf-8.txt');
  const atCut = file.mayGoOn === true ? (): string => '\uFFFD' : undefined;
  await toUtf8(file.path, encoding, path, signal, { atCut, onMisread });
  return path;
}
