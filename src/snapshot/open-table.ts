import type { CsvOptions, TableConfig } from '../config/config.ts';
import { isOfTabs } from '../config/table-name.ts';
import type { Engine } from '../engine/engine.ts';
import { openCsv } from './csv.ts';
import { openJson } from './json.ts';
import { openParquet } from './parquet.ts';
import type { Misreading } from './encoding-evidence.ts';
import type { MisreadFile, RawTable } from './raw-table.ts';
import { plainUtf8 } from './plain-utf8.ts';
import { tellFormat } from './table-format.ts';

/** A table's file on local disk. */
export interface TableFile {
  readonly path: string;
  /** Its name inside the source, for messages and for its format. */
  readonly name: string;
  /** Set where it may be written on: a last line that has no end, or is no whole JSON object, is not read then. */
  readonly mayGoOn?: boolean;
}

/**
 * Opens a table's file as a relation. A compressed file, or one that is not UTF-8, is first rewritten below `workDir`.
 *
 * @throws EmptyFile
 * @throws IgarapeError TABLE_UNREADABLE, SOURCE_CORRUPT, CONFIG_INVALID
 */
export async function openTable(
  engine: Engine,
  file: TableFile,
  table: TableConfig,
  workDir: string,
  signal: AbortSignal,
): Promise<RawTable> {
  const told = await tellFormat(file, table, workDir, signal);
  const misread: MisreadFile[] = [];
  // JSON is read twice.
  const onMisread = (how: Misreading): void => {
    misread.splice(0, 1, { ...how, name: told.name });
  };
  const { encoding } = table.csv;
  switch (told.format) {
    case 'parquet':
      return openParquet(engine, told.path, told.name, workDir);
    case 'jsonl':
      return {
        ...(await openJson(told, table.isRowKey ? [] : table.key, encoding, workDir, signal, onMisread)),
        misread,
      };
    case 'csv': {
      const path = await plainUtf8(told, encoding, workDir, signal, onMisread);
      return {
        ...(await openCsv({ ...told, path }, csvOptions(told.name, table), workDir, signal)),
        misread,
      };
    }
    case 'xlsx':
      return (await import('./xlsx.ts')).openXlsx(told, table, workDir, signal);
    case 'avro':
      return (await import('./avro.ts')).openAvro(told, workDir, signal);
    case 'sqlite':
      return (await import('./sqlite.ts')).openSqlite(told, table, workDir, signal);
  }
}

/** A file of tab-separated values says so by its ending. */
function csvOptions(name: string, { csv, isSeparatorGiven }: TableConfig): CsvOptions {
  return isSeparatorGiven || !isOfTabs(name) ? csv : { ...csv, separator: '\t' };
}
