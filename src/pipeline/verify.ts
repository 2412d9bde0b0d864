import { join } from 'node:path';
import { lakeHistory } from '../lake/history.ts';
import { noRuns, readLedger, readNewestEntry } from '../lake/ledger.ts';
import { openVerified } from '../lake/verified.ts';
import { verifyLake, type VerifyReport } from '../lake/verify.ts';
import type { Edge, RunRequest } from './context.ts';
import type { LayerVerification } from '../medallion/verify-layers.ts';
import { type LayersRequest, verifyLayers } from './verify-layers.ts';
import { withEngine } from './with-engine.ts';

/** How far a verification has come: the file that it turns to, then the table of a layer, and how many of these there are. */
export interface VerifyProgress {
  readonly key: string;
  /** From 1. */
  readonly number: number;
  readonly total: number;
  /** How much of all is done, from 0 to 1. */
  readonly share: number;
}

export interface VerifyOptions extends LayersRequest {
  /**
   * Where given, goes on from what this machine has verified up to that run at the latest, or by `last` up to any; where
   * there is nothing of it, all is verified. Whatever is verified is remembered for the next time.
   */
  readonly since?: number | 'last' | undefined;
}

export interface LayersVerification {
  /** Tables of the layers by full name, against full computations; left out where the configuration names no layers. */
  readonly layers?: Readonly<Record<string, LayerVerification>>;
}

/**
 * Proves that the lake's published files are those of its ledger and give its tables when replayed. Whether they do is
 * in the report. So do the tables of its layers, which are compared with full computations.
 *
 * @throws IgarapeError LAKE_NOT_FOUND there is no run to verify; LAKE_CORRUPT the ledger itself cannot be read.
 */
export async function verify(
  { config, storage }: Pick<RunRequest, 'config' | 'storage'>,
  edge: Edge,
  onProgress: (progress: VerifyProgress) => void = () => undefined,
  { since, ...options }: VerifyOptions = {},
): Promise<VerifyReport & LayersVerification> {
  const history = await lakeHistory(readLedger(storage));
  if (history.runs === 0) throw noRuns(storage);
  // The layers' tables come after the files.
  const parts = config.layers.length === 0 ? 1 : 2;
  const tell = (part: 0 | 1, key: string, number: number, total: number): void => {
    onProgress({ key, number, total, share: (part + (number - 1) / total) / parts });
  };
  let number = 0;
  const folder = join(config.workDir, 'verified');
  const latest = since === 'last' ? undefined : (since ?? -1);
  const verified = await openVerified(folder, storage.uri, history, latest);
  const after = verified.run ?? -1;
  const total = history.tables.reduce(
    (sum, { published }) => sum + published.filter(({ run }) => run > after).length,
    0,
  );
  return withEngine(config, edge, async (engine, runDir) => {
    const report = await verifyLake(engine, storage, history, runDir, {
      signal: edge.signal,
      onFile: (key) => {
        number += 1;
        tell(0, key, number, total);
      },
      verified,
    });
    if (config.layers.length === 0) return report;
    const newest = await readNewestEntry(storage);
    const layers = await verifyLayers(
      { config, storage },
      { engine, folder: runDir },
      edge,
      newest,
      options,
      (...progress) => tell(1, ...progress),
    );
    return { ...report, ok: report.ok && Object.values(layers).every(({ ok }) => ok), layers };
  });
}
