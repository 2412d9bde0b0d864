import { sparkEngine } from '../config/environment.ts';
import { fullName, tableFolder } from '../medallion/layer.ts';
import { layerTablesIn } from '../medallion/layer-names.ts';
import { sparkName, sparkText } from '../spark/dialect/quote.ts';
import { openCluster } from './cluster.ts';
import type { Edge, RunRequest } from './context.ts';

export interface RegisterOptions {
  /** The catalog that gets the tables; Spark's current one where it is left out. */
  readonly catalog?: string;
  /** Lets Spark execute the statements. */
  readonly run?: boolean;
}

export interface RegisterReport {
  /** By which each table is asked by its name; what is registered already stays. */
  readonly statements: readonly string[];
  /** The tables' names. */
  readonly tables: readonly string[];
  readonly isRun: boolean;
}

/**
 * The statements that register the tables of a lake's layers where Spark, Databricks or Glue keep names. They hold places
 * alone: a table's newest version is what its own log says.
 *
 * @throws IgarapeError CONFIG_INVALID where they are to be executed and nothing says by whom; SPARK_…, LAKE_…
 */
export async function registerTables(
  { config, storage, env = {} }: Pick<RunRequest, 'config' | 'storage' | 'env'>,
  { catalog, run = false }: RegisterOptions,
  edge: Edge,
): Promise<RegisterReport> {
  const engine = run ? sparkEngine(config.engine, env) : config.engine;
  await using cluster = openCluster({ engine }, { ...edge, env });
  const found = await layerTablesIn(storage);
  const schema = (layer: string): string =>
    [...(catalog === undefined ? [] : [catalog]), layer].map(sparkName).join('.');
  const statements = [
    ...[...new Set(found.map(({ layer }) => layer))].map(
      (layer) => `CREATE SCHEMA IF NOT EXISTS ${schema(layer)}`,
    ),
    ...found.map((table) => {
      const uri = `${storage.uri}/${tableFolder(table).replace(/\/$/, '')}`;
      const place = sparkText(cluster?.path(uri) ?? uri);
      return `CREATE TABLE IF NOT EXISTS ${schema(table.layer)}.${sparkName(table.name)} USING DELTA LOCATION ${place}`;
    }),
  ];
  if (run) for (const query of statements) await cluster?.rows({ sql: { query } });
  return { statements, tables: found.map(fullName), isRun: run };
}
