import { openBase } from '../changes/base.ts';
import type { Engine } from '../engine/engine.ts';
import type { LedgerEntry } from '../lake/ledger-entry.ts';
import { openSegments } from '../lake/segments.ts';
import { appliedRun } from '../medallion/bronze/applied-run.ts';
import { pendingFiles } from '../medallion/bronze/pending.ts';
import { fullName, type LayerTable } from '../medallion/layer.ts';
import { LayerTables } from '../medallion/layer-tables.ts';
import { type LayerVerification, notCompared, verifyModel, verifyRows } from '../medallion/verify-layers.ts';
import { type Edge, type RunRequest, segmentFolder } from './context.ts';
import { isSeedApplied, readSeed } from './seeds.ts';
import { projectModels, selectedNames } from './models.ts';

export interface LayersRequest {
  /** Of the layers only some dates, and of tables without dates the rows of some keys. */
  readonly sample?: boolean | undefined;
  /** The tables of the layers to compare, as `run --models` selects them; all where undefined. */
  readonly models?: readonly string[] | undefined;
}

/** Told of each table before it is compared: its full name, and which of how many it is, from 1. */
type OnTable = (key: string, number: number, total: number) => void;

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
  { sample = false, models: words }: LayersRequest,
  onTable: OnTable = () => undefined,
): Promise<Readonly<Record<string, LayerVerification>>> {
  const tables = new LayerTables({ storage, engine, workDir: folder, clock: edge.clock, log: edge.log });
  const set = await projectModels(engine, config);
  const chosen = selectedNames(config, set, words);
  const found: Record<string, LayerVerification> = {};
  let number = 0;
  const turnTo = (table: LayerTable): void => {
    edge.signal.throwIfAborted();
    number += 1;
    onTable(fullName(table), number, chosen.size);
  };
  for (const { name } of config.tables) {
    const table = { layer: 'bronze', name } as const;
    if (!chosen.has(fullName(table))) continue;
    turnTo(table);
    const state = newest?.tables[name];
    const delta = await tables.find(table);
    if (state === undefined || delta === undefined) continue;
    const applied = appliedRun(await delta.snapshot());
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
    found[fullName(table)] = await verifyRows(tables, table, `FROM ${SNAPSHOT}`, columns);
  }
  for (const { name } of config.foreignTables.filter((table) => chosen.has(`bronze.${table.name}`)))
    found[`bronze.${name}`] = notCompared('it is fed by files of others, which may be gone');
  for (const seed of set.seeds.filter((each) => chosen.has(fullName(each)))) {
    turnTo(seed);
    const { rows, schema } = await readSeed({ engine, folder, edge }, seed);
    const names = schema.fields.map((field) => field.name);
    found[fullName(seed)] = (await isSeedApplied(tables, seed))
      ? await verifyRows(tables, seed, rows, names)
      : notCompared('its file has changed since it was made, or it does not exist yet');
  }
  for (const model of set.models) {
    if (!config.layers.includes(model.layer) || !chosen.has(fullName(model))) continue;
    turnTo(model);
    found[fullName(model)] = await verifyModel(tables, model, sample);
  }
  return found;
}
