import { closest, didYouMean } from '../config/closest.ts';
import { join } from 'node:path';
import { type ExitCode, IgarapeError, worstExitCode } from '../core/errors.ts';
import { silentLogger } from '../core/log.ts';
import { fullName, type LayerTable } from '../medallion/layer.ts';
import { LayerTables } from '../medallion/layer-tables.ts';
import type { ModelSet } from '../medallion/models/graph.ts';
import type { Model } from '../medallion/models/model.ts';
import { isTrouble, type LayerReport } from '../medallion/report.ts';
import { openLocalStorage } from '../storage/local.ts';
import { openOverlay } from '../storage/overlay.ts';
import type { Storage } from '../storage/port.ts';
import type { Edge, RunRequest, Stage } from './context.ts';
import { projectModels, selectedNames } from './models.ts';
import { runOnce, type RunResult } from './run.ts';
import { withRunDir } from './run-dir.ts';
import { withEngine } from './with-engine.ts';

export interface PreviewRequest extends Pick<
  RunRequest,
  'config' | 'storage' | 'source' | 'env' | 'fullRefresh'
> {
  /** The model: `silver.clientes`. */
  readonly model: string;
  /** The stages to work on; all of the configuration's where undefined. */
  readonly only?: readonly Stage[];
}

/** A lake as a run would leave it. */
export interface Preview {
  readonly table: LayerTable;
  /** What the run would do with the table. */
  readonly report: LayerReport;
  readonly exitCode: ExitCode;
  /** The table's version in the lake; null where there is none yet. */
  readonly before: number | null;
  /** Its version after the run; null where there would be none. */
  readonly after: number | null;
  /** What would be held or fail on the way, a sentence each. */
  readonly troubles: readonly string[];
  /** The lake after the run, for as long as the preview is open. */
  readonly storage: Storage;
  readonly config: RunRequest['config'];
}

/**
 * Runs what a model's table is made of, and the model, for as long as `use` takes: on the lake as it is, and on the
 * source, with everything that is written kept beside them and removed afterwards.
 *
 * @throws IgarapeError USAGE for what is no model; otherwise as {@link runOnce}
 */
export async function withPreview<T>(
  { model: word, only, ...request }: PreviewRequest,
  edge: Edge,
  use: (preview: Preview) => Promise<T>,
): Promise<T> {
  // The caches of runs stay as they are, too.
  const config = { ...request.config, workDir: join(request.config.workDir, 'preview') };
  const quiet = { ...edge, log: silentLogger };
  return withRunDir(config.workDir, edge, async (folder) => {
    const above = openLocalStorage(join(folder, 'written'));
    const storage = openOverlay(request.storage, above, join(folder, 'copies'));
    const { model, names } = await withEngine(config, edge, async (engine) => {
      const set = await projectModels(engine, config);
      return neededFor(config, set, word);
    });
    const run = async (asked: Partial<RunRequest>): Promise<RunResult> =>
      runOnce({ ...request, config, storage, ...asked }, quiet, 'igarape preview');
    const isAsked = (stage: Stage): boolean => only?.includes(stage) !== false;
    const stages = (['raw', 'bronze'] as const).filter(isAsked);
    const bronze = names.flatMap((name) => (name.startsWith('bronze.') ? name.slice('bronze.'.length) : []));
    const fed =
      stages.length > 0 && bronze.length > 0 ? await run({ tables: bronze, only: stages }) : undefined;
    const models = names.filter((name) => !name.startsWith('bronze.'));
    const made = await run({ models, only: (['silver', 'gold'] as const).filter(isAsked) });
    const report = made.report.layers?.[fullName(model)];
    if (report === undefined) throw notMade(model);
    const versions = await withEngine(config, edge, async (engine, workDir) => {
      const { clock, log } = edge;
      const versionIn = async (where: Storage): Promise<number | null> => {
        const tables = new LayerTables({ storage: where, engine, workDir, clock, log });
        return (await tables.newest(model))?.version ?? null;
      };
      return { before: await versionIn(request.storage), after: await versionIn(storage) };
    });
    return use({
      table: model,
      report,
      exitCode: worstExitCode([fed?.exitCode ?? 0, made.exitCode]),
      ...versions,
      troubles: [fed, made].flatMap((result) => (result === undefined ? [] : troublesOf(result))),
      storage,
      config,
    });
  });
}

/** A model, and the full names of all that it is made of and that its checks read, itself included. */
function neededFor(
  config: RunRequest['config'],
  set: ModelSet,
  word: string,
): { readonly model: Model; readonly names: readonly string[] } {
  const model = set.models.find((each) => fullName(each).toLowerCase() === word.toLowerCase());
  if (model === undefined) {
    const names = set.models.map(fullName);
    throw new IgarapeError('USAGE', `There is no model ${JSON.stringify(word)}.`, {
      hint: didYouMean(closest(word, names), `There are: ${names.join(', ') || 'none'}.`),
    });
  }
  if (!config.layers.includes(model.layer)) throw notMade(model);
  const names = selectedNames(config, set, [`+${fullName(model)}`]);
  const checked = set.models
    .filter((each) => names.has(fullName(each)))
    .flatMap((each) => set.checked.get(fullName(each)) ?? []);
  const all = selectedNames(config, set, [...names, ...checked.map((table) => `+${fullName(table)}`)]);
  return { model, names: [...all] };
}

function notMade(model: LayerTable): IgarapeError {
  return new IgarapeError('USAGE', `${fullName(model)} is of a layer that is not asked for.`, {
    hint: 'Name its layer in "layers" of the configuration, and in --only.',
  });
}

function troublesOf({ report: { tables, layers = {} } }: RunResult): string[] {
  return Object.entries({ ...tables, ...layers }).flatMap(([name, { operation, reason = '' }]) =>
    isTrouble(operation) ? [`${name} ${operation}: ${reason}`] : [],
  );
}
