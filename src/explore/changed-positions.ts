import type { Engine } from '../engine/engine.ts';
import { equalIn, parquetFile, quoteName } from '../engine/quote.ts';
import { openBefore } from './before.ts';
import type { ExploredColumn } from './cells.ts';
import { type ChangesRequest, positioned, publishedBy } from './published.ts';
import type { LakeReader } from './reader.ts';
import { columnsOf, type TableFile } from './table-files.ts';
import { noColumn } from './table-rows.ts';

/** Where the rows that a condition holds for lie in a change file. */
export interface Positions {
  readonly positions: readonly number[];
  /** There are more. */
  readonly capped: boolean;
}

const MOST_POSITIONS = 10_000;

/**
 * The first rows of a change file that have a text, or in which an update has changed a column.
 *
 * @throws IgarapeError USAGE the table has no such column
 */
export async function changedPositions(
  reader: LakeReader,
  request: ChangesRequest,
  signal: AbortSignal | undefined,
): Promise<Positions> {
  const { run, table, operations, changed, search = '' } = request;
  const { published, earlier } = await publishedBy(reader, request);
  const path = await reader.file(published.file);
  const name = JSON.stringify(['positions', run, table, operations, changed, search]);
  return reader.dear(name, signal, async (engine) => {
    const columns = await columnsOf(engine, path, published);
    if (changed !== undefined && !columns.some((column) => column.name === changed))
      throw noColumn(table, changed);
    const operation = published.file.cdcColumns?.operation;
    // A full-load updates nothing.
    if (changed !== undefined && operation === undefined) return { positions: [], capped: false };
    const conditions: string[] = [];
    if (operations !== undefined && operation !== undefined)
      conditions.push(`${quoteName(operation)} IN (${operations.map((each) => `'${each}'`).join(', ')})`);
    if (search !== '') conditions.push(`(${columns.map(({ name }) => contains(name)).join(' OR ')})`);
    let source = `${positioned(path)} f`;
    if (changed !== undefined && operation !== undefined) {
      const before = await openUpdated(reader, engine, { published, earlier, path, columns });
      const names = columns.filter((column) => column.key).map((column) => column.name);
      source += ` JOIN ${before} b ON ${equalIn(names, 'f', 'b')}`;
      conditions.push(`f.${quoteName(operation)} = 'U'`, differs(changed));
    }
    const where = conditions.length === 0 ? 'true' : conditions.join(' AND ');
    const rows = await engine.rows(
      `SELECT f.file_row_number AS position FROM ${source} WHERE ${where} ORDER BY position LIMIT ${MOST_POSITIONS + 1}`,
      search === '' ? [] : [search],
    );
    const positions = rows.slice(0, MOST_POSITIONS).map(({ position }) => Number(position));
    return { positions, capped: rows.length > MOST_POSITIONS };
  });
}

export interface ChangedColumns {
  /** Rows that were updated, and whose earlier values are known. */
  readonly updated: number;
  /** Columns in which any of them differs, the most changed first. */
  readonly columns: readonly {
    readonly name: string;
    readonly changed: number;
    /** Had a value before and has none now. */
    readonly emptied: number;
    /** Had none before and has one now. */
    readonly filled: number;
  }[];
}

/** Which columns a run's updates of a table have changed, and in how many rows. @throws IgarapeError USAGE */
export async function changedColumns(
  reader: LakeReader,
  request: Pick<ChangesRequest, 'run' | 'table'>,
  signal?: AbortSignal,
): Promise<ChangedColumns> {
  const { published, earlier } = await publishedBy(reader, request);
  const operation = published.file.cdcColumns?.operation;
  if (operation === undefined) return { updated: 0, columns: [] };
  const path = await reader.file(published.file);
  const name = JSON.stringify(['columns', request.run, request.table]);
  return reader.dear(name, signal, async (engine) => {
    const columns = await columnsOf(engine, path, published);
    const before = await openUpdated(reader, engine, { published, earlier, path, columns });
    const names = columns.filter((column) => column.key).map((column) => column.name);
    const counts = columns.map(({ name }, index) => {
      const [old, now] = [`b.${quoteName(name)}`, `f.${quoteName(name)}`];
      return `count(*) FILTER (${differs(name)}) AS changed${index},
        count(*) FILTER (${old} IS NOT NULL AND ${now} IS NULL) AS emptied${index},
        count(*) FILTER (${old} IS NULL AND ${now} IS NOT NULL) AS filled${index}`;
    });
    const [row] = await engine.rows(
      `SELECT count(*) AS updated, ${counts.join(', ')} FROM ${parquetFile(path)} f
        JOIN ${before} b ON ${equalIn(names, 'f', 'b')} WHERE f.${quoteName(operation)} = 'U'`,
    );
    const number = (of: string): number => Number(row?.[of] ?? 0);
    const found = columns.map(({ name }, index) => ({
      name,
      changed: number(`changed${index}`),
      emptied: number(`emptied${index}`),
      filled: number(`filled${index}`),
    }));
    return {
      updated: number('updated'),
      columns: found
        .filter(({ changed }) => changed > 0)
        .toSorted((left, right) => right.changed - left.changed),
    };
  });
}

interface Opened {
  readonly published: TableFile;
  readonly earlier: readonly TableFile[];
  readonly path: string;
  readonly columns: readonly ExploredColumn[];
}

/** A table of the engine with what the updated rows of a file were before. */
async function openUpdated(
  reader: LakeReader,
  engine: Engine,
  { published, earlier, path, columns }: Opened,
): Promise<string> {
  const key = columns.filter((column) => column.key).map(({ name }) => quoteName(name));
  const operation = quoteName(published.file.cdcColumns?.operation ?? '');
  const sql = `SELECT ${key.join(', ')} FROM ${parquetFile(path)} WHERE ${operation} = 'U'`;
  return openBefore(reader, engine, earlier, columns, { kind: 'query', sql });
}

function differs(column: string): string {
  return `b.${quoteName(column)} IS DISTINCT FROM f.${quoteName(column)}`;
}

function contains(column: string): string {
  return `contains(lower(CAST(f.${quoteName(column)} AS VARCHAR)), lower($1))`;
}
