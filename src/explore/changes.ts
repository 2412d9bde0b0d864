import { checkOptions, COUNT, FLAG, type Kinds, TEXT, TEXTS } from '../core/kinds.ts';
import type { Engine } from '../engine/engine.ts';
import { quoteName } from '../engine/quote.ts';
import { openBefore } from './before.ts';
import { type Cell, cellList, cellsOf, type ExploredColumn } from './cells.ts';
import { changedPositions } from './changed-positions.ts';
import { type ChangesRequest, type Operation, positioned, publishedBy } from './published.ts';
import type { LakeReader } from './reader.ts';
import { columnsOf, type TableFile } from './table-files.ts';

export interface ChangePage {
  readonly run: number;
  readonly table: string;
  /** When the run was committed, ISO 8601. */
  readonly at: string;
  /** Of a full-load every row is an insert. */
  readonly kind: 'full-load' | 'cdc';
  /** The published file's key in the lake. */
  readonly file: string;
  readonly columns: readonly ExploredColumn[];
  /** Of the whole file. */
  readonly counts: Readonly<Record<Operation, number>>;
  /** How many rows the request means. */
  readonly total: number;
  /** True where more rows than these have the text or the changed column: the first are counted. */
  readonly capped: boolean;
  readonly offset: number;
  readonly rows: readonly ChangedRow[];
}

export interface ChangedRow {
  readonly operation: Operation;
  /** In the file, from 0. */
  readonly position: number;
  readonly cells: readonly Cell[];
  /** What an updated row was; null where it was not looked up, or is not to be found. */
  readonly before: readonly Cell[] | null;
}

const PAGE_ROWS = 100;
const MOST_ROWS = 10_000;

/**
 * The rows that a run has changed in a table, a page of them, as they lie in its file: deletes, updates, inserts, each
 * by key. A page is found by its position, wherever it is.
 *
 * @throws IgarapeError USAGE the run has published nothing of such a table.
 */
export async function changes(
  reader: LakeReader,
  request: ChangesRequest,
  signal?: AbortSignal,
): Promise<ChangePage> {
  const kinds: Kinds<ChangesRequest> = {
    run: COUNT,
    table: TEXT,
    operations: TEXTS,
    changed: TEXT,
    search: TEXT,
    offset: COUNT,
    limit: COUNT,
    before: FLAG,
  };
  checkOptions('changes', request, kinds, ['run', 'table']);
  const { table, published, earlier } = await publishedBy(reader, request);
  const { offset = 0, changed, search = '' } = request;
  const limit = Math.min(request.limit ?? PAGE_ROWS, MOST_ROWS);
  const isFiltered = changed !== undefined || search !== '';
  const found = isFiltered ? await changedPositions(reader, request, signal) : undefined;
  const path = await reader.file(published.file);
  const page = await reader.quick(async (engine) => {
    const columns = await columnsOf(engine, path, published);
    // Of a file that never changes.
    const stretches = await reader.kept(JSON.stringify(['stretches', published.file.key]), signal, () =>
      stretchesOf(engine, path, published),
    );
    const wanted = found?.positions ?? undefined;
    const asked = stretches.filter(({ operation }) => request.operations?.includes(operation) ?? true);
    const condition =
      wanted === undefined
        ? rangesOf(asked, offset, limit)
        : positionsIn(wanted.slice(offset, offset + limit));
    const rows = await readRows(engine, path, published, columns, condition);
    return {
      run: published.run,
      table,
      at: published.at,
      kind: published.file.kind,
      file: published.file.key,
      columns,
      counts: countsOf(stretches),
      total: wanted?.length ?? asked.reduce((sum, { rows: count }) => sum + count, 0),
      capped: found?.capped ?? false,
      offset,
      rows,
    };
  }, signal);
  if (request.before !== true) return page;
  return { ...page, rows: await withBefore(reader, earlier, page, signal) };
}

/** Rows of one operation, which lie together in a change file. */
interface Stretch {
  readonly operation: Operation;
  readonly first: number;
  readonly rows: number;
}

async function stretchesOf(engine: Engine, path: string, { file }: TableFile): Promise<Stretch[]> {
  if (file.cdcColumns === undefined) return [{ operation: 'I', first: 0, rows: file.rows }];
  const rows = await engine.rows(
    `SELECT ${quoteName(file.cdcColumns.operation)} AS operation, min(file_row_number) AS first, count(*) AS n
      FROM ${positioned(path)} GROUP BY operation ORDER BY first`,
  );
  return rows.map(({ operation, first, n }) => ({
    operation: operationOf(operation),
    first: Number(first),
    rows: Number(n),
  }));
}

function operationOf(value: unknown): Operation {
  return value === 'U' || value === 'D' ? value : 'I';
}

function countsOf(stretches: readonly Stretch[]): ChangePage['counts'] {
  const counts = { I: 0, U: 0, D: 0 };
  for (const { operation, rows } of stretches) counts[operation] += rows;
  return counts;
}

/** SQL: the positions of a page of some stretches. */
function rangesOf(stretches: readonly Stretch[], offset: number, limit: number): string {
  const ranges: string[] = [];
  let [skip, left] = [offset, limit];
  for (const { first, rows } of stretches) {
    const taken = Math.min(left, Math.max(rows - skip, 0));
    if (taken > 0) ranges.push(`file_row_number BETWEEN ${first + skip} AND ${first + skip + taken - 1}`);
    skip = Math.max(skip - rows, 0);
    left -= taken;
  }
  return ranges.length === 0 ? 'false' : ranges.join(' OR ');
}

function positionsIn(positions: readonly number[]): string {
  return positions.length === 0 ? 'false' : `file_row_number IN (${positions.join(', ')})`;
}

async function readRows(
  engine: Engine,
  path: string,
  { file }: TableFile,
  columns: readonly ExploredColumn[],
  condition: string,
): Promise<ChangedRow[]> {
  const operation = file.cdcColumns === undefined ? `'I'` : quoteName(file.cdcColumns.operation);
  const rows = await engine.rows(
    `SELECT ${operation} AS operation, file_row_number AS position, ${cellList(columns)}
      FROM ${positioned(path)} WHERE ${condition} ORDER BY position`,
  );
  return rows.map((row) => ({
    operation: operationOf(row['operation']),
    position: Number(row['position']),
    cells: cellsOf(row, columns.length),
    before: null,
  }));
}

async function withBefore(
  reader: LakeReader,
  earlier: readonly TableFile[],
  { columns, rows }: Pick<ChangePage, 'columns' | 'rows'>,
  signal: AbortSignal | undefined,
): Promise<readonly ChangedRow[]> {
  const updated = rows.filter(({ operation }) => operation === 'U');
  if (updated.length === 0 || earlier.length === 0) return rows;
  const key = columns.flatMap((column, index) => (column.key ? [{ ...column, index }] : []));
  const keys = updated.map(({ cells }) => key.map(({ index }) => cells[index] ?? null));
  const found = await reader.aside(signal, async (engine) => {
    const before = await openBefore(reader, engine, earlier, columns, { kind: 'keys', keys });
    return engine.rows(`SELECT ${cellList(columns)} FROM ${before}`);
  });
  const byKey = new Map(
    found.map((row) => {
      const cells = cellsOf(row, columns.length);
      return [JSON.stringify(key.map(({ index }) => cells[index])), cells];
    }),
  );
  return rows.map((row) => {
    if (row.operation !== 'U') return row;
    return { ...row, before: byKey.get(JSON.stringify(key.map(({ index }) => row.cells[index]))) ?? null };
  });
}
