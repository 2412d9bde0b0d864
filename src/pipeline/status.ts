import { join } from 'node:path';
import { BASE, openBase } from '../changes/base.ts';
import type { Config } from '../config/config.ts';
import { Engine } from '../engine/engine.ts';
import { quoteName } from '../engine/quote.ts';
import { readNewestEntry } from '../lake/ledger.ts';
import type { TableState } from '../lake/ledger-entry.ts';
import { openSegments } from '../lake/segments.ts';
import { lakeStatus, type LakeStatus, type StatusRequest } from '../lake/status.ts';
import { fullName } from '../medallion/layer.ts';
import { bronzeStatus, foreignStatus, type LayerStatus, modelStatus } from '../medallion/layer-status.ts';
import { LayerTables } from '../medallion/layer-tables.ts';
import { orphanedTables } from '../medallion/orphans.ts';
import { loadModels } from '../medallion/models/load.ts';
import { bronzeNames, type Edge, type RunRequest, segmentFolder } from './context.ts';
import { madeTables } from './drop.ts';
import { withRunDir } from './run-dir.ts';

/** A base up to this size is read to tell how fresh its table is. */
const CHEAP_BYTES = 64 * 1024 * 1024;

export interface ProjectStatus extends LakeStatus {
  /** Tables of the layers by full name; left out where the configuration names no layers. */
  readonly layers?: Readonly<Record<string, LayerStatus>>;
  /** Tables of the layers, by full name, that nothing makes any more; left out where there are none. */
  readonly orphans?: readonly string[];
}

/**
 * How the lake of a configuration stands, with the newest value of each `date_field` where that is cheap to know, and
 * how far each table of the layers is behind what it is fed by.
 */
export async function status(
  { config, storage, env }: Pick<RunRequest, 'config' | 'storage' | 'env'>,
  edge: Edge,
  request: Pick<StatusRequest, 'lastRuns' | 'lastCycle' | 'nextRun'>,
): Promise<ProjectStatus> {
  const { tables, workDir, memoryLimit } = config;
  return withRunDir(workDir, edge, async (folder) => {
    let opened: Engine | undefined;
    const engine = async (): Promise<Engine> =>
      (opened ??= await Engine.open({ memoryLimit, spillDir: join(folder, 'spill') }));
    const newestValue = async (state: TableState, column: string): Promise<string | undefined> => {
      const bytes = state.base.segments.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
      if (bytes > CHEAP_BYTES) return undefined;
      const { schema } = state;
      await openBase(await engine(), await openSegments(storage, segmentFolder(workDir), state), schema);
      const [row] = await (
        await engine()
      ).rows(`SELECT CAST(max(${quoteName(column)}) AS VARCHAR) AS newest FROM ${BASE}`);
      const newest = row?.['newest'];
      return typeof newest === 'string' ? newest : undefined;
    };
    try {
      const raw = await lakeStatus({ ...request, storage, tables, newestValue });
      if (config.layers.length === 0) return raw;
      const { clock, log } = edge;
      const layers = new LayerTables({ storage, engine: await engine(), workDir: folder, clock, log });
      return { ...raw, ...(await layerStatus(config, layers, env)) };
    } finally {
      opened?.close();
    }
  });
}

async function layerStatus(
  config: Config,
  layers: LayerTables,
  env: RunRequest['env'],
): Promise<Pick<ProjectStatus, 'layers' | 'orphans'>> {
  const { engine, storage } = layers.edge;
  const found = await bronzeStatus(
    layers,
    config.tables.map(({ name }) => name),
    await readNewestEntry(storage),
  );
  for (const table of config.foreignTables)
    found[`bronze.${table.name}`] = await foreignStatus(layers, table, env);
  const { models } = config.layers.includes('silver')
    ? await loadModels(engine, config.models, bronzeNames(config))
    : { models: [] };
  for (const model of models) {
    if (config.layers.includes(model.layer)) found[fullName(model)] = await modelStatus(layers, model);
  }
  const orphans = (await orphanedTables(storage, madeTables(config, models))).map(fullName);
  return { layers: found, ...(orphans.length === 0 ? {} : { orphans }) };
}
