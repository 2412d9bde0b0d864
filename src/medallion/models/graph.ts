import { fullName, type LayerTable } from '../layer.ts';
import type { Model } from './model.ts';
import type { ModelProblem } from './problem.ts';
import type { Seed } from './seeds.ts';

/** Models that go together. */
export interface ModelSet {
  readonly seeds: readonly Seed[];
  /** Each after those that it reads, and those that its checks read. */
  readonly models: readonly Model[];
  /** The tables that a model's checks read besides its own, by the model's full name. */
  readonly checked: ReadonlyMap<string, readonly CheckedTable[]>;
}

/** A table that a check reads. */
export interface CheckedTable extends LayerTable {
  /** The check's line in the model's file, counted from 1. */
  readonly line: number;
}

export type OrderedModels =
  | { readonly kind: 'ordered'; readonly models: readonly Model[] }
  /** Models read each other in a circle, by themselves or by their checks. */
  | { readonly kind: 'circle'; readonly problem: ModelProblem };

/**
 * An order in which models can be built: each after those that it reads, and after those that its checks read, which
 * have to be there when its rows are checked; else as they are given.
 */
export function orderModels(
  models: readonly Model[],
  checked: ModelSet['checked'] = new Map(),
): OrderedModels {
  const names = new Set(models.map(fullName));
  const waiting = [...models];
  const ordered: Model[] = [];
  const isDone = (table: LayerTable): boolean =>
    !names.has(fullName(table)) || ordered.some((model) => fullName(model) === fullName(table));
  while (waiting.length > 0) {
    const next = waiting.find(
      (model) => model.sources.every(isDone) && (checked.get(fullName(model)) ?? []).every(isDone),
    );
    if (next === undefined) return { kind: 'circle', problem: circleIn(waiting, checked) };
    waiting.splice(waiting.indexOf(next), 1);
    ordered.push(next);
  }
  return { kind: 'ordered', models: ordered };
}

/** The models that read a table, and those that read them, in the order of the set. */
export function dependents({ models }: Pick<ModelSet, 'models'>, table: LayerTable): readonly Model[] {
  const reached = new Set([fullName(table)]);
  return models.filter((model) => {
    const reads = model.sources.some((source) => reached.has(fullName(source)));
    if (reads) reached.add(fullName(model));
    return reads;
  });
}

/** The tables that a table is made of, directly or not: bronze tables, seeds, and models in the order of the set. */
export function dependencies({ models }: Pick<ModelSet, 'models'>, table: LayerTable): readonly LayerTable[] {
  const wanted = new Map<string, LayerTable>();
  for (const model of models.toReversed()) {
    if (fullName(model) !== fullName(table) && !wanted.has(fullName(model))) continue;
    for (const source of model.sources) wanted.set(fullName(source), source);
  }
  const given = [...wanted.values()].filter(({ layer }) => layer === 'seed' || layer === 'bronze');
  return [
    ...given.toSorted((a, b) => (fullName(a) < fullName(b) ? -1 : 1)),
    ...models.filter((model) => wanted.has(fullName(model))),
  ];
}

/** `waiting`: models each of which reads another of them, or itself; or a check of it does. */
function circleIn(waiting: readonly Model[], checked: ModelSet['checked']): ModelProblem {
  const byName = new Map(waiting.map((model) => [fullName(model), model]));
  const path: Step[] = [];
  let [at] = waiting;
  while (at !== undefined && !path.some(({ model }) => model === at)) {
    const reads: readonly (LayerTable & { readonly line?: number })[] = [
      ...at.sources,
      ...(checked.get(fullName(at)) ?? []),
    ];
    const read = reads.find((table) => byName.has(fullName(table)));
    path.push({ model: at, line: read?.line });
    at = read && byName.get(fullName(read));
  }
  const circle = path.slice(path.findIndex(({ model }) => model === at));
  // A circle through a check is told at the check.
  const start = Math.max(
    circle.findIndex(({ line }) => line !== undefined),
    0,
  );
  const [first, ...others] = [...circle.slice(start), ...circle.slice(0, start)];
  const names = [first, ...others, first].flatMap((step) => (step === undefined ? [] : fullName(step.model)));
  const what = first?.line === undefined ? 'it reads itself' : 'its check reads what waits for it';
  return {
    path: first?.model.path ?? '',
    line: first?.line,
    message: `${what}, directly or through others: ${names.join(' → ')}; allowed: models without a circle`,
  };
}

interface Step {
  readonly model: Model;
  /** The line of the check that reads the next model; undefined where the SELECT does. */
  readonly line: number | undefined;
}
