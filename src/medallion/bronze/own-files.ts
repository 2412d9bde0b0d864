import type { TableConfig } from '../../config/config.ts';
import type { Schema } from '../../core/schema.ts';
import type { LayerTables } from '../layer-tables.ts';
import { type LayerReport, NO_ROWS, sumRows } from '../report.ts';
import { LEDGER_APP } from './applied-run.ts';
import { batchOf, type BronzeBatch } from './batch.ts';
import { applyLatest } from './latest.ts';
import type { PendingFile } from './pending.ts';
import { applyScd2, type Scd2Batch } from './scd2.ts';
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
  for (const [index, files] of bySameKey(pending.slice(0, most)).entries()) {
    const how = { schema, fullRefresh: fullRefresh && index === 0 };
    const applied =
      config.history === 'scd2'
        ? await applyScd2(tables, table, await scd2BatchOf(tables, files, how))
        : await applyLatest(tables, table, await batchOf(tables, files, how));
    report = added(report, applied);
  }
  return report ?? { operation: 'unchanged', ...NO_ROWS, version: await versionOf(tables, config.name) };
}

async function versionOf(tables: LayerTables, name: string): Promise<number | null> {
  return (await (await tables.find({ layer: 'bronze', name }))?.snapshot())?.version ?? null;
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

async function scd2BatchOf(
  { edge }: LayerTables,
  files: readonly PendingFile[],
  { schema, fullRefresh }: Pick<BronzeBatch, 'schema' | 'fullRefresh'>,
): Promise<Scd2Batch> {
  const last = files.at(-1);
  return {
    schema,
    fullRefresh,
    key: last?.state.primaryKey ?? [],
    steps: await scd2Steps(edge, files, schema),
    app: { appId: LEDGER_APP, version: BigInt(last?.run ?? 0) },
  };
}

function added(sum: LayerReport | undefined, report: LayerReport): LayerReport {
  if (sum === undefined) return report;
  const reasons = [sum.reason, report.reason].filter((reason) => reason !== undefined);
  return {
    operation: sum.operation === 'created' ? 'created' : report.operation,
    ...sumRows(sum, report),
    version: report.version,
    ...(reasons.length === 0 ? {} : { reason: reasons.join(' ') }),
  };
}
