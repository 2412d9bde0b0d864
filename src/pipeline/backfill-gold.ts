import type { Told } from '../core/language/sentence.ts';
import { type ExitCode, IgarapeError } from '../core/errors.ts';
import {
  backfillGold,
  type BackfillProgress,
  type BackfillReport,
  checkRange,
} from '../medallion/build/backfill.ts';
import { fullName } from '../medallion/layer.ts';
import { LayerTables } from '../medallion/layer-tables.ts';
import { isDated, type Model } from '../medallion/models/model.ts';
import { openCluster } from './cluster.ts';
import { type Edge, type RunRequest } from './context.ts';
import { keptCycle } from './cycle.ts';
import { projectModels, selectedNames } from './models.ts';
import { withEngine } from './with-engine.ts';

export interface GoldBackfillRequest extends Pick<RunRequest, 'config' | 'storage'> {
  /** The gold table: `gold.daily`. */
  readonly model: string;
  /** The first date and the last one, both included: `2024-02-01`. */
  readonly from: string;
  readonly to: string | undefined;
  /** Who computes, with its version: `igarape 1.2.3`. */
  readonly writer: string;
  /** Takes out of the journal what must not leave the machine. */
  readonly redact?: (text: string) => string;
}

export interface GoldBackfillReport extends BackfillReport {
  readonly model: string;
}

/**
 * Computes the dates of a gold table from a range anew, as a cycle of the journal: see {@link backfillGold}.
 *
 * @throws IgarapeError USAGE for a model or a range that is none; CONFIG_INVALID where the models have problems.
 */
export async function backfillDates(
  request: GoldBackfillRequest,
  edge: Edge,
  onProgress: (progress: BackfillProgress) => void = () => undefined,
): Promise<{ report: GoldBackfillReport; exitCode: ExitCode }> {
  const { made, exitCode } = await keptCycle(request, edge, async (watched) => {
    const { report: made, exitCode } = await computeDates(request, watched, onProgress);
    const report = { run: null, source: null, tables: {}, layers: { [made.model]: made } };
    return { report, exitCode, made };
  });
  return { report: made, exitCode };
}

async function computeDates(
  { config, storage, model: word, from, to }: GoldBackfillRequest,
  edge: Edge,
  onProgress: (progress: BackfillProgress) => void,
): Promise<{ report: GoldBackfillReport; exitCode: ExitCode }> {
  return withEngine(config, edge, async (engine, workDir) => {
    const set = await projectModels(engine, config);
    const chosen = selectedNames(config, set, [word]);
    const [model, another] = set.models.filter((each) => chosen.has(fullName(each)));
    if (model === undefined || !isDated(model) || another !== undefined) {
      throw new IgarapeError('USAGE', `${word} is not a table of gold with dates.`, {
        hint: nameOne(set.models.filter(isDated)),
      });
    }
    checkRange({ from, to: to ?? from });
    if (to === undefined) {
      throw new IgarapeError('USAGE', 'The dates of a gold table need an end.', {
        hint: `Give --to, e.g. igarape backfill ${word} --from ${from} --to 2025-10-04. Both dates are included.`,
      });
    }
    const { clock, log, signal } = edge;
    await using cluster = openCluster(config, edge);
    const tables = new LayerTables({ storage, engine, workDir, clock, log, cluster });
    edge.onProgress({ step: 'layer', table: fullName(model), done: 0, total: 1 });
    const report = await backfillGold(tables, model, { from, to, onProgress, signal });
    const isHeld = report.operation === 'held';
    return {
      report: { model: fullName(model), ...report, ...(isHeld ? { code: 'GUARD' } : {}) },
      exitCode: isHeld ? 4 : 0,
    };
  });
}

function nameOne(dated: readonly Model[]): Told {
  if (dated.length === 0) return 'No model has dates, which "-- dt_ref" in its header would give it.';
  return `Name one: ${dated.map(fullName).join(', ')}.`;
}
