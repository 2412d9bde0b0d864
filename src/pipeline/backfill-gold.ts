import { type ExitCode, IgarapeError } from '../core/errors.ts';
import { backfillGold, type BackfillProgress, type BackfillReport } from '../medallion/gold/backfill.ts';
import { fullName } from '../medallion/layer.ts';
import { LayerTables } from '../medallion/layer-tables.ts';
import { isDated } from '../medallion/models/model.ts';
import { loadModels } from '../medallion/models/load.ts';
import { selectTables } from '../medallion/models/select.ts';
import { bronzeNames, type Edge, type RunRequest } from './context.ts';
import { withEngine } from './with-engine.ts';

export interface GoldBackfillRequest extends Pick<RunRequest, 'config' | 'storage'> {
  /** The gold table: `gold.daily`. */
  readonly model: string;
  /** The first date and the last one, both included: `2024-02-01`. */
  readonly from: string;
  readonly to: string;
}

export interface GoldBackfillReport extends BackfillReport {
  readonly model: string;
}

/**
 * Computes the dates of a gold table from a range anew: see {@link backfillGold}.
 *
 * @throws IgarapeError USAGE for a model or a range that is none; CONFIG_INVALID where the models have problems.
 */
export async function backfillDates(
  { config, storage, model: word, from, to }: GoldBackfillRequest,
  edge: Edge,
  onProgress: (progress: BackfillProgress) => void = () => undefined,
): Promise<{ report: GoldBackfillReport; exitCode: ExitCode }> {
  return withEngine(config, edge, async (engine, workDir) => {
    const bronze = bronzeNames(config);
    const set = await loadModels(engine, config.models, bronze);
    const chosen = new Set(selectTables(set, bronze, [word]).map(fullName));
    const [model, another] = set.models.filter((each) => chosen.has(fullName(each)));
    if (model === undefined || !isDated(model) || another !== undefined) {
      throw new IgarapeError('USAGE', `${word} is not a table of gold with dates.`, {
        hint: `Name one: ${set.models.filter(isDated).map(fullName).join(', ')}.`,
      });
    }
    const tables = new LayerTables({ storage, engine, workDir, clock: edge.clock, log: edge.log });
    const { signal } = edge;
    const report = await backfillGold(tables, model, { from, to, onProgress, signal });
    return {
      report: { model: fullName(model), ...report },
      exitCode: report.operation === 'held' ? 4 : 0,
    };
  });
}
