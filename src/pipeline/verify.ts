import { IgarapeError } from '../core/errors.ts';
import { join } from 'node:path';
import { lakeHistory } from '../lake/history.ts';
import { readLedger } from '../lake/ledger.ts';
import { openVerified } from '../lake/verified.ts';
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
 * @param since Where given, goes on from what this machine has verified up to that run at the latest, or by `last` up to
 * any, and remembers what it has verified itself; where there is nothing of it, all is verified.
 * @throws IgarapeError LAKE_NOT_FOUND there is no run to verify; LAKE_CORRUPT the ledger itself cannot be read.
 */
export async function verify(
  { config, storage }: Pick<RunRequest, 'config' | 'storage'>,
  edge: Edge,
  onFile: (progress: VerifyProgress) => void = () => undefined,
  since?: number | 'last',
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
  let number = 0;
  const folder = join(config.workDir, 'verified');
  const latest = since === 'last' ? undefined : since;
  const verified = since === undefined ? undefined : await openVerified(folder, storage.uri, history, latest);
  const after = verified?.run ?? -1;
  const total = history.tables.reduce(
    (sum, { published }) => sum + published.filter(({ run }) => run > after).length,
    0,
  );
  return withEngine(config, edge, (engine, runDir) =>
    verifyLake(
      engine,
      storage,
      history,
      runDir,
      (key) => {
        edge.signal.throwIfAborted();
        number += 1;
        onFile({ key, number, total });
      },
      verified,
    ),
  );
}
