import { join } from 'node:path';
import { BASE, openBase } from '../changes/base.ts';
import { Engine } from '../engine/engine.ts';
import { quoteName } from '../engine/quote.ts';
import type { TableState } from '../lake/ledger-entry.ts';
import { openSegments } from '../lake/segments.ts';
import { lakeStatus, type LakeStatus, type StatusRequest } from '../lake/status.ts';
import { type Edge, type RunRequest, segmentFolder } from './context.ts';
import { withRunDir } from './run-dir.ts';

/** A base up to this size is read to tell how fresh its table is. */
const CHEAP_BYTES = 64 * 1024 * 1024;

/** How the lake of a configuration stands, with the newest value of each `date_field` where that is cheap to know. */
export async function status(
  { config, storage }: Pick<RunRequest, 'config' | 'storage'>,
  edge: Edge,
  request: Pick<StatusRequest, 'lastRuns' | 'lastCycle' | 'nextRun'>,
): Promise<LakeStatus> {
  const { tables, workDir, memoryLimit } = config;
  if (tables.every(({ dateField }) => dateField === undefined))
    return lakeStatus({ ...request, storage, tables });
  return withRunDir(workDir, edge, async (folder) => {
    let engine: Engine | undefined;
    const newestValue = async (state: TableState, column: string): Promise<string | undefined> => {
      const bytes = state.base.segments.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
      if (bytes > CHEAP_BYTES) return undefined;
      engine ??= await Engine.open({ memoryLimit, spillDir: join(folder, 'spill') });
      await openBase(engine, await openSegments(storage, segmentFolder(workDir), state), state.schema);
      const [row] = await engine.rows(
        `SELECT CAST(max(${quoteName(column)}) AS VARCHAR) AS newest FROM ${BASE}`,
      );
      const newest = row?.['newest'];
      return typeof newest === 'string' ? newest : undefined;
    };
    try {
      return await lakeStatus({ ...request, storage, tables, newestValue });
    } finally {
      engine?.close();
    }
  });
}
