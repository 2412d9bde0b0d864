import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CsvOptions } from '../../src/config/config.ts';
import { Engine } from '../../src/engine/engine.ts';
import { openCsv } from '../../src/snapshot/csv.ts';
import { explained, requireAllRows } from '../../src/snapshot/raw-table.ts';

/** The options of a table that sets none. */
export const PLAIN_CSV: CsvOptions = {
  separator: ',',
  quote: '"',
  escape: '',
  encoding: 'utf-8',
  skip: 0,
  header: true,
  columns: undefined,
  comment: '',
  footer: 0,
  badLines: 'refuse',
  nulls: [],
  trim: false,
  decimal: '.',
  thousands: '',
  dateFormats: [],
  booleans: undefined,
};

export interface ReadCsv {
  readonly names: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
  readonly rejected: number;
}

/** Reads CSV texts as a run does, in one engine. */
export interface CsvReader {
  read(text: string | Uint8Array, options?: Partial<CsvOptions>): Promise<ReadCsv>;
  close(): Promise<void>;
}

export async function openCsvReader(): Promise<CsvReader> {
  const folder = await mkdtemp(join(tmpdir(), 'igarape-csv-'));
  const engine = Engine.open({ memoryLimit: '1GB', spillDir: folder });
  const path = join(folder, 't.csv');
  return {
    async read(text, options) {
      await writeFile(path, text);
      const { signal } = new AbortController();
      const table = await openCsv({ path, name: 't.csv' }, { ...PLAIN_CSV, ...options }, folder, signal);
      const texts = table.columns.map(({ text: column }) => column).join(', ');
      const found = await explained(
        table.explain,
        engine.rows(`SELECT [${texts}] AS texts FROM ${table.relation}`),
      );
      requireAllRows(table, found.length);
      const rows = found.map(({ texts: values }) => (Array.isArray(values) ? values.map(textOrNull) : []));
      return { names: table.columns.map(({ name }) => name), rows, rejected: table.rejects?.[0]?.lines ?? 0 };
    },
    async close() {
      engine.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
