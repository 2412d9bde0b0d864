import { openBase } from '../changes/base.ts';
import type { Engine } from '../engine/engine.ts';
import type { LedgerEntry } from '../lake/ledger-entry.ts';
import { openSegments } from '../lake/segments.ts';
import { appliedRun } from '../medallion/bronze/applied-run.ts';
import { pendingFiles } from '../medallion/bronze/pending.ts';
import { fullName } from '../medallion/layer.ts';
import { LayerTables } from '../medallion/layer-tables.ts';
import { loadModels } from '../medallion/models/load.ts';
import {
  type LayerVerification,
  notCompared,
  verifyBronze,
  verifyModel,
} from '../medallion/verify-layers.ts';
import { bronzeNames, type Edge, type RunRequest, segmentFolder } from './context.ts';

const SNAPSHOT = 'igarape_verified_snapshot';

/**
 * Compares the layers' tables with full computations: bronze with the last snapshots, which replaying the published
 * files gives, models' tables with what their SELECTs give of the versions that they have noted.
 *
 * @param newest The ledger's newest entry.
 * @returns By full name.
 */
export async function verifyLayers(
  { config, storage }: Pick<RunRequest, 'config' | 'storage'>,
  { engine, folder }: { readonly engine: Engine; readonly folder: string },
  edge: Edge,
  newest: LedgerEntry | undefined,
  isSample: boolean,
): Promise<Readonly<Record<string, LayerVerification>>> {
  const tables = new LayerTables({ storage, engine, workDir: folder, clock: edge.clock, log: edge.log });
  const found: Record<string, LayerVerification> = {};
  for (const { name } of config.tables) {
    edge.signal.throwIfAborted();
    const table = { layer: 'bronze', name } as const;
    const state = newest?.tables[name];
    const delta = await tables.find(table);
    if (state === undefined || delta === undefined) continue;
    const applied = await appliedRun(delta);
    if ((await pendingFiles(storage, newest, new Map([[name, { after: applied, past: false }]]))).size > 0) {
      found[fullName(table)] = notCompared(`run ${applied ?? 'none'} is applied, and newer ones are not`);
      continue;
    }
    const { schema } = state;
    await openBase(
      engine,
      await openSegments(storage, segmentFolder(config.workDir), state),
      schema,
      SNAPSHOT,
    );
    const columns = schema.map((column) => column.name);
    found[fullName(table)] = await verifyBronze(tables, name, `FROM ${SNAPSHOT}`, columns);
  }
  for (const { name } of config.foreignTables)
    found[`bronze.${name}`] = notCompared('it is fed by files of others, which may be gone');
  if (!config.layers.includes('silver')) return found;
  const { models } = await loadModels(engine, config.models, bronzeNames(config));
  for (const model of models) {
    edge.signal.throwIfAborted();
    if (config.layers.includes(model.layer))
      found[fullName(model)] = await verifyModel(tables, model, isSample);
  }
  return found;
}
