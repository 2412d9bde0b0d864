import { checkOptions, COUNT, FLAG, type Kinds, TEXT } from '../core/kinds.ts';
import { quoteName } from '../engine/quote.ts';
import { fullName, parseFullName, sameTable } from '../medallion/layer.ts';
import { layerTablesIn } from '../medallion/layer-names.ts';
import { type Cell, cellList, cellsOf, type ExploredColumn } from './cells.ts';
import { positioned } from './published.ts';
import type { LakeReader } from './reader.ts';
import { tableNamed } from './table-files.ts';
import { MOST_VIEWED, rowsFile, type RowsView } from './table-rows.ts';

export interface TablePageRequest extends RowsView {
  readonly offset?: number;
  /** A hundred where it is left out. */
  readonly limit?: number;
}

export interface TablePage {
  readonly table: string;
  readonly columns: readonly ExploredColumn[];
  readonly offset: number;
  readonly total: number;
  /** True where only the first rows of a sorted or searched table are shown. */
  readonly capped: boolean;
  readonly rows: readonly (readonly Cell[])[];
}

const PAGE_ROWS = 100;
const MOST_ROWS = 10_000;

/**
 * A page of a table of the lake or of a layer, at any run or version; sorted, or with a text in it, from among the
 * first ten thousand such rows.
 *
 * @throws IgarapeError USAGE, DELTA_VERSION there is no such table, column or version.
 */
export async function tablePage(
  reader: LakeReader,
  request: TablePageRequest,
  signal?: AbortSignal,
): Promise<TablePage> {
  const kinds: Kinds<TablePageRequest> = {
    table: TEXT,
    at: COUNT,
    search: TEXT,
    sort: TEXT,
    descending: FLAG,
    offset: COUNT,
    limit: COUNT,
  };
  checkOptions('tablePage', request, kinds, ['table']);
  const { offset = 0, search = '', sort, descending = false, at } = request;
  const limit = Math.min(request.limit ?? PAGE_ROWS, MOST_ROWS);
  const table = await exactName(reader, request.table);
  const view = {
    table,
    ...(at === undefined ? {} : { at }),
    ...(sort === undefined ? {} : { sort, descending }),
    ...(search === '' ? {} : { search }),
  };
  const isViewed = sort !== undefined || search !== '';
  const layered = parseFullName(table);
  if (layered !== undefined && !isViewed) {
    return reader.quick(async (engine, tables) => {
      const delta = await tables.require(layered);
      const { version } = await delta.snapshot(at);
      const total = await delta.count({ at: version });
      await using rows = await delta.page({ offset, limit, at: version });
      const columns = rows.columns.map(({ name, type }) => ({ name, type, key: false }));
      const found = await engine.rows(`SELECT ${cellList(columns)} FROM (${rows.sql})`);
      const cells = found.map((row) => cellsOf(row, columns.length));
      return { table, columns, offset, total, capped: false, rows: cells };
    });
  }
  const file = await rowsFile(reader, view, signal);
  const key = (await reader.runs()).newest?.tables[table]?.primaryKey ?? [];
  return reader.quick(async (engine) => {
    const source = positioned(file.path);
    const described = await engine.describe(`SELECT * EXCLUDE (file_row_number) FROM ${source}`);
    const columns = described.map(({ name, type }) => ({ name, type, key: key.includes(name) }));
    const found = await engine.rows(
      `SELECT ${cellList(columns)} FROM ${source}
        WHERE ${quoteName('file_row_number')} BETWEEN ${offset} AND ${offset + limit - 1} ORDER BY file_row_number`,
    );
    const cells = found.map((row) => cellsOf(row, columns.length));
    const capped = isViewed && file.rows === MOST_VIEWED;
    return { table, columns, offset, total: file.rows, capped, rows: cells };
  });
}

/** A table's name in its own letters. @throws IgarapeError USAGE for none of the lake's change files. */
export async function exactName(reader: LakeReader, name: string): Promise<string> {
  const layered = parseFullName(name);
  if (layered === undefined) return tableNamed(await reader.runs(), name);
  const there = await reader.quick((_engine, tables) => tables.find(layered));
  if (there !== undefined) return fullName(layered);
  const known = await layerTablesIn(reader.storage);
  const exact = known.find((each) => sameTable(each, layered)) ?? layered;
  return fullName(exact);
}
