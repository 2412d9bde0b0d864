import type { TableConfig } from '../../config/config.ts';
import type { Schema } from '../../core/schema.ts';
import { HelperTables } from '../../delta/read/relation.ts';
import { quoteName } from '../../engine/quote.ts';
import type { LayerTable } from '../layer.ts';
import type { LayerTables } from '../layer-tables.ts';
import { type LayerReport, NO_ROWS, sumReports } from '../report.ts';
import { LEDGER_APP } from './applied-run.ts';
import { CHANGE, changesQuery } from './changes.ts';
import { applyLatest, type BronzeBatch } from './latest.ts';
import type { PendingFile } from './pending.ts';
import { applyScd2 } from './scd2.ts';
import { scd2Steps } from './scd2-steps.ts';

/**
 * Brings a bronze table up to the ledger, or `maxFilesPerRun` files closer to it: one commit, unless the table's key
 * has changed meanwhile, which takes one a key.
 *
 * @param pending The files that it has not applied, in the order of the ledger; for a full refresh all that count.
 * @param schema The table's columns by the newest entry of the ledger.
 * @throws IgarapeError DELTA_CONFLICT, LAKE_…
 */
export async function applyOwnFiles(
  tables: LayerTables,
  config: TableConfig,
  pending: readonly PendingFile[],
  schema: Schema,
  fullRefresh: boolean,
): Promise<LayerReport> {
  const table = { layer: 'bronze', name: config.name } as const;
  const most = fullRefresh ? pending.length : (config.maxFilesPerRun ?? pending.length);
  let report: LayerReport | undefined;
  for (const files of bySameKey(pending.slice(0, most))) {
    const last = files.at(-1);
    const batch: BronzeBatch = {
      schema,
      key: last?.state.primaryKey ?? [],
      app: { appId: LEDGER_APP, version: BigInt(last?.run ?? 0) },
      anew: fullRefresh && report === undefined ? 'a full refresh was asked for' : undefined,
    };
    const applied =
      config.history === 'scd2'
        ? await applyScd2(tables, table, { ...batch, steps: await scd2Steps(tables.edge, files, schema) })
        : await applyLastChanges(tables, table, files, batch);
    report = report === undefined ? applied : sumReports(report, applied);
  }
  const version = async (): Promise<number | null> =>
    (await (await tables.find(table))?.snapshot())?.version ?? null;
  return report ?? { operation: 'unchanged', ...NO_ROWS, version: await version() };
}

async function applyLastChanges(
  tables: LayerTables,
  table: LayerTable,
  files: readonly PendingFile[],
  batch: BronzeBatch,
): Promise<LayerReport> {
  const { engine, storage, workDir } = tables.edge;
  const rowsOf = async (kind: PendingFile['file']['kind']): Promise<string | undefined> => {
    const ofKind = files.filter(({ file }) => file.kind === kind);
    return ofKind.length === 0 ? undefined : changesQuery(engine, storage, ofKind, batch.schema, workDir);
  };
  const [fullLoad, cdc] = [await rowsOf('full-load'), await rowsOf('cdc')];
  const isOneFile = files.length === (fullLoad === undefined ? 1 : 2);
  const helpers = new HelperTables(engine);
  try {
    const changes =
      cdc === undefined ? undefined : await helpers.createAs(lastChanges(cdc, batch.key, isOneFile));
    return await applyLatest(tables, table, { ...batch, fullLoad, changes, isCompared: false });
  } finally {
    await helpers.drop();
  }
}

/** SQL: the last change of every key. @param isOneFile True where no key is changed more than once. */
function lastChanges(changes: string, key: readonly string[], isOneFile: boolean): string {
  const { operation, order, first } = CHANGE;
  if (isOneFile) return `SELECT *, ${operation} AS ${first} FROM (${changes})`;
  const ofKey = `PARTITION BY ${key.map(quoteName).join(', ')} ORDER BY ${order}`;
  return `SELECT *, first_value(${operation}) OVER (${ofKey}) AS ${first} FROM (${changes})
    QUALIFY row_number() OVER (${ofKey} DESC) = 1`;
}

/** Files that follow each other and are applied by the same key. */
function bySameKey(files: readonly PendingFile[]): PendingFile[][] {
  const groups: PendingFile[][] = [];
  for (const file of files) {
    const group = groups.at(-1);
    if (group?.[0]?.state.primaryKey.join('\0') === file.state.primaryKey.join('\0')) group.push(file);
    else groups.push([file]);
  }
  return groups;
}
