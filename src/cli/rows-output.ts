import { createReadStream, existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { dirname, extname, join, resolve as resolvePath } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { IgarapeError, systemErrorCode, systemReason } from '../core/errors.ts';
import type { OpenQuery, QueryFormat } from '../lake/query/query.ts';
import type { GlobalOptions } from './options.ts';
import { print, printData } from './print.ts';
import { refuseInLake } from './refuse-in-lake.ts';
import { documentParts } from './render/query-json.ts';
import { layoutOf } from './render/layout.ts';
import { renderQuery, renderVertical, renderWritten } from './render/query.ts';

/** How the rows of a query leave the program. */
export interface OutputOptions {
  readonly format?: 'table' | 'csv' | 'jsonl';
  readonly out?: string;
  readonly limit?: number;
  /** Rows are shown as blocks, a column a line. */
  readonly vertical?: true;
}

/** As many rows as a person reads. */
const SHOWN_ROWS = 100;

/** Where rows go, checked before anything is read. @throws IgarapeError USAGE */
export function rowsOutput(options: OutputOptions, globals: GlobalOptions): RowsOutput {
  checkOptions(options, globals);
  return new RowsOutput(options, globals, options.out === undefined ? undefined : outFile(options.out));
}

/** Rows on their way to a file, to a terminal, or to another program. */
class RowsOutput {
  readonly #options: OutputOptions;
  readonly #globals: GlobalOptions;
  readonly #file: OutFile | undefined;

  constructor(options: OutputOptions, globals: GlobalOptions, file: OutFile | undefined) {
    this.#options = options;
    this.#globals = globals;
    this.#file = file;
  }

  /** More rows than these are not asked for: those to be shown, and one that tells that there are more. */
  get mostRows(): number | undefined {
    const { format = 'table', limit } = this.#options;
    const isShown = this.#file === undefined && this.#globals.json !== true && format === 'table';
    if (limit === undefined) return isShown ? SHOWN_ROWS + 1 : undefined;
    return limit + 1;
  }

  /** @param folder For what is written on the way; empty, and removed by the caller. */
  async write(query: OpenQuery, folder: string): Promise<void> {
    this.#globals.session.screen.status();
    if (this.#file !== undefined) return writeFile(query, this.#file, this.#options, this.#globals);
    if (this.#globals.json === true) return printDocument(query, folder, this.#options);
    const { format = 'table', limit } = this.#options;
    if (format !== 'table') return printRows(query, folder, format, limit);
    const rows = await query.rows(limit ?? SHOWN_ROWS);
    const isVertical = this.#options.vertical === true;
    const layout = layoutOf(process.stdout, this.#globals.wide);
    printData(isVertical ? renderVertical(rows, layout) : renderQuery(rows, layout), this.#globals);
  }
}

function checkOptions({ format, out }: OutputOptions, { json }: GlobalOptions): void {
  if (format !== undefined && (out !== undefined || json === true)) {
    throw new IgarapeError(
      'USAGE',
      `--format ${format} does not go with ${out === undefined ? '--json' : '--out'}.`,
      {
        hint: 'The ending of the file that --out names tells its format; --json is one document.',
      },
    );
  }
}

interface OutFile {
  readonly path: string;
  readonly format: QueryFormat;
}

const ENDINGS: Readonly<Record<string, QueryFormat>> = {
  '.parquet': 'parquet',
  '.csv': 'csv',
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
};

function outFile(name: string): OutFile {
  const format = ENDINGS[extname(name).toLowerCase()];
  const path = resolvePath(name);
  if (format !== undefined && !existsSync(dirname(path))) {
    throw new IgarapeError('USAGE', `${path} cannot be written: there is no folder ${dirname(path)}.`, {
      hint: 'Create it first, or name another file.',
    });
  }
  refuseInLake(path);
  if (format !== undefined) return { path, format };
  throw new IgarapeError('USAGE', `The ending of ${name} tells no format.`, {
    hint: `Name a file that ends in ${Object.keys(ENDINGS).join(', ')}.`,
  });
}

/** The file appears whole, or not at all. */
async function writeFile(
  query: OpenQuery,
  { path, format }: OutFile,
  { limit }: OutputOptions,
  globals: GlobalOptions,
): Promise<void> {
  const unfinished = `${path}.part`;
  try {
    const written = await query.write(unfinished, format, limit);
    await rename(unfinished, path);
    print({ file: path, ...written, columns: query.columns }, globals, renderWritten);
  } catch (error) {
    await rm(unfinished, { force: true });
    if (systemErrorCode(error) === undefined) throw error;
    throw new IgarapeError('USAGE', `${path} cannot be written: ${systemReason(error)}.`, {
      cause: error,
    });
  }
}

async function printRows(
  query: OpenQuery,
  folder: string,
  format: 'csv' | 'jsonl',
  limit: number | undefined,
): Promise<void> {
  const path = join(folder, 'rows');
  await query.write(path, format, limit);
  await pipeline(createReadStream(path), process.stdout, { end: false });
}

async function printDocument(query: OpenQuery, folder: string, { limit }: OutputOptions): Promise<void> {
  const path = join(folder, 'rows');
  await query.write(path, 'jsonl', limit);
  await pipeline(documentParts(query.columns, createReadStream(path)), process.stdout, { end: false });
}
