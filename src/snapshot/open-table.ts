import type { TableConfig } from '../config/config.ts';
import { IgarapeError } from '../core/errors.ts';
import type { Engine } from '../engine/engine.ts';
import { openCsv } from './csv.ts';
import { openJson } from './json.ts';
import { openParquet } from './parquet.ts';
import type { RawTable } from './raw-table.ts';
import { plainUtf8 } from './plain-utf8.ts';

/** A table's file on local disk. */
export interface TableFile {
  readonly path: string;
  /** Its name inside the source, for messages and for its format. */
  readonly name: string;
}

/**
 * Opens a table's file as a relation. A compressed file, or one that is not UTF-8, is first rewritten below `workDir`.
 *
 * @throws IgarapeError TABLE_UNREADABLE, SOURCE_CORRUPT, CONFIG_INVALID
 */
export async function openTable(
  engine: Engine,
  file: TableFile,
  table: TableConfig,
  workDir: string,
  signal: AbortSignal,
): Promise<RawTable> {
  const format = table.format ?? formatOf(file.name);
  if (format === 'parquet') return openParquet(engine, file.path, file.name, workDir);
  if (format === 'jsonl') return openJson(file, table.key, table.csv.encoding, workDir, signal);
  const path = await plainUtf8(file, table.csv.encoding, workDir, signal);
  return openCsv(path, file.name, table.csv, workDir, signal);
}

function formatOf(name: string): 'csv' | 'parquet' | 'jsonl' {
  const ending = /\.([a-z]+)(?:\.gz)?$/i.exec(name)?.[1]?.toLowerCase() ?? '';
  switch (ending) {
    case 'csv':
    case 'tsv':
    case 'txt':
      return 'csv';
    case 'parquet':
      return 'parquet';
    case 'jsonl':
    case 'ndjson':
    case 'json':
      return 'jsonl';
    default:
      throw new IgarapeError('TABLE_UNREADABLE', `${name}: its ending does not tell its format.`, {
        hint: 'Set "format" of the table to "csv", "parquet" or "jsonl".',
      });
  }
}
