import { IgarapeError } from '../core/errors.ts';
import { lakeHistory } from '../lake/history.ts';
import { readLedger } from '../lake/ledger.ts';
import { verifyLake, type VerifyReport } from '../lake/verify.ts';
import type { Edge, RunRequest } from './context.ts';
import { withEngine } from './with-engine.ts';

/** How far a verification has come: the file that it turns to, and how many there are. */
export interface VerifyProgress {
  readonly key: string;
  /** From 1. */
  readonly number: number;
  readonly total: number;
}

/**
 * Proves that the lake's published files are those of its ledger and give its tables when replayed. Whether they do is
 * in the report.
 *
 * @throws IgarapeError LAKE_NOT_FOUND there is no run to verify; LAKE_CORRUPT the ledger itself cannot be read.
 */
export async function verify(
  { config, storage }: Pick<RunRequest, 'config' | 'storage'>,
  edge: Edge,
  onFile: (progress: VerifyProgress) => void = () => undefined,
): Promise<VerifyReport> {
  const history = await lakeHistory(readLedger(storage));
  if (history.runs === 0) {
    throw new IgarapeError(
      'LAKE_NOT_FOUND',
      `The lake ${storage.uri} has no runs yet, so there is nothing to verify.`,
      {
        hint: 'Check "lake" in the configuration, or begin with: igarape run',
      },
    );
  }
  const total = history.tables.reduce((sum, { published }) => sum + published.length, 0);
  let number = 0;
  return withEngine(config, edge, (engine, runDir) =>
    verifyLake(engine, storage, history, runDir, (key) => {
      edge.signal.throwIfAborted();
      number += 1;
      onFile({ key, number, total });
    }),
  );
}
