import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { IgarapeError } from '../core/errors.ts';
import type { Engine } from '../engine/engine.ts';
import { quoteName, quoteText } from '../engine/quote.ts';
import { queriedLake } from '../lake/query/queried-lake.ts';
import { openTable } from '../lake/query/tables.ts';
import { parseFullName } from '../medallion/layer.ts';
import type { LayerTables } from '../medallion/layer-tables.ts';
import { QueriedLayers } from '../medallion/query/queried-layers.ts';
import { segmentFolder } from '../pipeline/context.ts';
import type { LakeReader } from './reader.ts';
import { tableNamed } from './table-files.ts';

/** A table of the lake: `clientes`, or of a layer, `silver.clientes`. */
export interface TableAt {
  readonly table: string;
  /** As it was after this run, or of a layer's table at this version; the newest where it is left out. */
  readonly at?: number;
}

/** SQL after FROM: a table at one moment, for as long as the engine is open. */
export async function openTableAt(
  reader: LakeReader,
  engine: Engine,
  tables: LayerTables,
  { table, at }: TableAt,
): Promise<string> {
  const others = new QueriedLayers(tables);
  const layered = parseFullName(table);
  if (layered !== undefined) {
    const schema = `igarape_${randomUUID()}`;
    const name = { schema: layered.layer, table: layered.name.toLowerCase(), spelled: layered.name };
    await others.open(name, at, schema);
    const [view] = await engine.rows(
      `SELECT view_name FROM duckdb_views() WHERE schema_name = ${quoteText(schema)}`,
    );
    return `${quoteName(schema)}.${quoteName(String(view?.['view_name']))}`;
  }
  const known = await reader.runs();
  const spelled = tableNamed(known, table);
  const schema = at === undefined ? 'main' : `run_${at}`;
  const lake = queriedLake(known.newest, {
    storage: reader.storage,
    basesDir: segmentFolder(reader.project.config.workDir),
    open: (file) => reader.file(file),
    others,
  });
  await openTable(engine, lake, { schema, table: spelled.toLowerCase(), spelled });
  return `${quoteName(schema)}.${quoteName(spelled.toLowerCase())}`;
}

/** A table at a moment that stays the same, whatever is committed meanwhile. */
export interface Moment {
  /** What tells it from every other moment of tables of this name. */
  readonly id: string;
  /** Of a layer's table, the version; of others what was asked for. */
  readonly at: Pick<TableAt, 'at'>;
}

/** The moment that is meant: the newest one where none is named. @throws IgarapeError DELTA_NOT_FOUND */
export async function momentOf(reader: LakeReader, { table, at }: TableAt): Promise<Moment> {
  const layered = parseFullName(table);
  if (layered !== undefined) {
    return reader.quick(async (_engine, tables) => {
      const { metadata, version } = await (await tables.require(layered)).snapshot();
      return { id: metadata.id, at: { at: at ?? version } };
    });
  }
  const { newest, runs } = await reader.runs();
  const entry = at === undefined ? newest : runs.find(({ run }) => run === at);
  return { id: entry?.attempt ?? '', at: at === undefined ? {} : { at } };
}

export interface RowsView extends TableAt {
  readonly sort?: string;
  readonly descending?: boolean;
  /** Only rows with this text in some column, in any letters. */
  readonly search?: string;
}

/** As many rows of a sorted or searched table are kept. */
export const MOST_VIEWED = 10_000;

/** A table's rows as a file of the reader's, which is made once: from there on every page is at a known place. */
export async function rowsFile(
  reader: LakeReader,
  view: RowsView,
  signal: AbortSignal | undefined,
): Promise<{ readonly path: string; readonly rows: number }> {
  const moment = await momentOf(reader, view);
  return reader.dear(JSON.stringify(['rows', view, moment]), signal, async (engine, tables) => {
    const relation = await openTableAt(reader, engine, tables, { ...view, ...moment.at });
    const { sort, descending = false, search = '' } = view;
    const columns = await engine.describe(`SELECT * FROM ${relation}`);
    if (sort !== undefined && !columns.some(({ name }) => name === sort)) throw noColumn(view.table, sort);
    const where = columns.map(
      ({ name }) => `contains(lower(CAST(${quoteName(name)} AS VARCHAR)), lower(${quoteText(search)}))`,
    );
    const clauses = [
      search === '' ? '' : `WHERE ${where.join(' OR ')}`,
      sort === undefined ? '' : `ORDER BY ${quoteName(sort)} ${descending ? 'DESC' : 'ASC'} NULLS LAST`,
      sort === undefined && search === '' ? '' : `LIMIT ${MOST_VIEWED}`,
    ];
    const path = join(reader.folder, `rows-${randomUUID()}.parquet`);
    const [written] = await engine.rows(
      `COPY (SELECT * FROM ${relation} ${clauses.join(' ')}) TO ${quoteText(path)} (FORMAT parquet)`,
    );
    return { path, rows: Number(written?.['Count'] ?? 0) };
  });
}

export function noColumn(table: string, column: string): IgarapeError {
  return new IgarapeError('USAGE', `${table} has no column ${column}.`);
}
