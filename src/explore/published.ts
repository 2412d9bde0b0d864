import { IgarapeError } from '../core/errors.ts';
import { parquetFile, quotePath } from '../engine/quote.ts';
import type { LakeReader } from './reader.ts';
import { filesOf, type TableFile, tableNamed } from './table-files.ts';

export type Operation = 'I' | 'U' | 'D';

export interface ChangesRequest {
  readonly run: number;
  readonly table: string;
  /** All of them where it is left out. */
  readonly operations?: readonly Operation[];
  /** Only updates that changed this column. */
  readonly changed?: string;
  /** Only rows with this text in some column, in any letters. */
  readonly search?: string;
  /** How many rows come before those that are wanted. */
  readonly offset?: number;
  /** At most so many rows, a hundred where it is left out. */
  readonly limit?: number;
  /** Look up what updated rows were before. */
  readonly before?: boolean;
}

/** What a run has published of a table, and what was published of it before since its full-load. */
export async function publishedBy(
  reader: LakeReader,
  { run, table }: Pick<ChangesRequest, 'run' | 'table'>,
): Promise<{
  readonly table: string;
  readonly published: TableFile;
  readonly earlier: readonly TableFile[];
}> {
  const known = await reader.runs();
  const name = tableNamed(known, table);
  const files = filesOf(known, name);
  const index = files.findIndex((file) => file.run === run);
  const published = files[index];
  if (published === undefined) {
    throw new IgarapeError('USAGE', `Run ${run} has published nothing of ${name}.`, {
      hint: `Runs that have: ${files
        .slice(-20)
        .map((file) => file.run)
        .join(', ')}.`,
    });
  }
  const before = files.slice(0, index);
  const fullLoad = before.findLastIndex(({ file }) => file.kind === 'full-load');
  return { table: name, published, earlier: before.slice(Math.max(fullLoad, 0)) };
}

/** SQL after FROM: a file's rows with their position, `file_row_number`; a folder's are numbered as its files follow each other. */
export function positioned(path: string): string {
  if (path.endsWith('/'))
    return `(SELECT *, row_number() OVER () - 1 AS file_row_number FROM ${parquetFile(path)})`;
  return `read_parquet(${quotePath(path)}, hive_partitioning = false, file_row_number = true)`;
}
