import { join } from 'node:path';
import type { Schema } from '../core/schema.ts';
import type { StructType } from '../delta/schema/schema.ts';
import { FEED_COLUMNS, schemaOf } from '../delta/write/row-source.ts';
import type { Engine } from '../engine/engine.ts';
import { parquetFile, quoteName } from '../engine/quote.ts';
import { refuseLayerColumns } from '../medallion/column-names.ts';
import { fullName } from '../medallion/layer.ts';
import { haveSameColumns } from '../medallion/build/columns-alike.ts';
import type { LayerTables } from '../medallion/layer-tables.ts';
import type { Seed } from '../medallion/models/seeds.ts';
import { type LayerReport, NO_ROWS } from '../medallion/report.ts';
import { openTable } from '../snapshot/open-table.ts';
import { writeSnapshot } from '../snapshot/snapshot.ts';
import type { Edge } from './context.ts';
import { fitTypes, likelyChange } from './fit-types.ts';
import { spellNames } from './table-names.ts';

/** The table property that holds the hash of the seed that a table was made of. */
const SEED_PROPERTY = 'igarape.seed';

/** What a seed is read with. */
export interface SeedReading {
  readonly engine: Engine;
  /** For what is written on the way; the rows that are read are in it. */
  readonly folder: string;
  readonly edge: Pick<Edge, 'log' | 'signal'>;
}

/** A seed's rows, in the types that a table of the source would get. */
export interface SeedRows {
  /** A SELECT. */
  readonly rows: string;
  readonly schema: StructType;
}

/**
 * Reads a seed.
 *
 * @throws IgarapeError TABLE_UNREADABLE
 */
export async function readSeed(
  { engine, folder, edge }: SeedReading,
  { file, path: name, name: own, table: configured }: Pick<Seed, 'file' | 'path' | 'name' | 'table'>,
): Promise<SeedRows> {
  const raw = await openTable(engine, { path: file, name }, configured, folder, edge.signal);
  refuseLayerColumns(name, raw.columns, FEED_COLUMNS, 'Rename it in the file.');
  const table = spellNames({ ...configured, key: [] }, raw, []);
  const reading = { context: { engine, edge }, table, raw, recorded: [] };
  const parquet = join(folder, `seed.${own}.parquet`);
  const read = async (schema: Schema): Promise<number | undefined> =>
    writeSnapshot(engine, raw, schema, { key: [], row: schema.map((column) => column.name) }, parquet);
  const fitted = await fitTypes(reading, raw, await likelyChange(reading), read);
  const names = fitted.change.schema.map((column) => quoteName(column.name));
  const rows = `SELECT ${names.join(', ')} FROM ${parquetFile(parquet)}`;
  return { rows, schema: await schemaOf(engine, rows) };
}

/** True where a seed's table was made of the very file that it has now. */
export async function isSeedApplied(tables: LayerTables, seed: Seed): Promise<boolean> {
  const snapshot = await tables.newest(seed);
  return snapshot?.configuration[SEED_PROPERTY] === seed.hash;
}

/** Brings a seed's table up to its file, in one commit. @throws IgarapeError TABLE_UNREADABLE, DELTA_CONFLICT */
export async function applySeed(
  tables: LayerTables,
  seed: Seed,
  fullRefresh: boolean,
  edge: SeedReading['edge'],
): Promise<LayerReport> {
  const delta = await tables.find(seed);
  const before = await delta?.snapshot();
  if (!fullRefresh && before?.configuration[SEED_PROPERTY] === seed.hash)
    return { operation: 'unchanged', ...NO_ROWS, version: before.version };
  const { engine, workDir } = tables.edge;
  const { rows, schema } = await readSeed({ engine, folder: workDir, edge }, seed);
  const configuration = { [SEED_PROPERTY]: seed.hash };
  if (delta === undefined || before === undefined) {
    const created = await tables.create(seed, { rows, name: fullName(seed), configuration });
    const { version, rows: inserted } = await created.describe();
    return { operation: 'created', ...NO_ROWS, inserted: inserted ?? 0, version };
  }
  const isAlike = haveSameColumns(schema, before.schema);
  await using stored = await delta.read({ at: before.version });
  const counts = await countDifferences(engine, stored.sql, rows, isAlike);
  const isSame = isAlike && counts.inserted + counts.deleted === 0;
  // Of a file that says the same in other words only its hash is noted.
  const { version } = isSame
    ? await delta.setProperties(configuration)
    : await delta.overwrite(rows, { overwriteSchema: true, configuration, ifVersion: before.version });
  return { operation: isSame ? 'unchanged' : 'updated', ...NO_ROWS, ...counts, version };
}

/** @param isAlike Whether both have the same columns; rows of other columns are others. */
async function countDifferences(
  engine: Engine,
  before: string,
  after: string,
  isAlike: boolean,
): Promise<Pick<LayerReport, 'inserted' | 'deleted'>> {
  const less = (left: string, right: string): string =>
    `SELECT count(*) FROM (${left}${isAlike ? ` EXCEPT ALL ${right}` : ''})`;
  const [row] = await engine.rows(
    `SELECT (${less(after, before)}) AS inserted, (${less(before, after)}) AS deleted`,
  );
  return { inserted: Number(row?.['inserted']), deleted: Number(row?.['deleted']) };
}
