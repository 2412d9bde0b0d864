import { fullName, type LayerTable } from '../layer.ts';
import type { Model } from './model.ts';
import type { ModelProblem } from './problem.ts';

/** Models that go together. */
export interface ModelSet {
  /** Each after those that it reads. */
  readonly models: readonly Model[];
  /** The tables that a model's checks read besides its own, by the model's full name. */
  readonly checked: ReadonlyMap<string, readonly LayerTable[]>;
}

export type OrderedModels =
  | { readonly kind: 'ordered'; readonly models: readonly Model[] }
  /** Models read each other in a circle. */
  | { readonly kind: 'circle'; readonly problem: ModelProblem };

/**
 * An order in which models can be built: each after those that it reads and, where that makes no circle, after those
 * that its checks read; else as they are given.
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
    const ready = waiting.filter(({ sources }) => sources.every(isDone));
    const next = ready.find((model) => (checked.get(fullName(model)) ?? []).every(isDone)) ?? ready[0];
    if (next === undefined) return { kind: 'circle', problem: circleIn(waiting) };
    waiting.splice(waiting.indexOf(next), 1);
    ordered.push(next);
  }
  return { kind: 'ordered', models: ordered };
}

/** The models that read a table, and those that read them, in the order of the set. */
export function dependents({ models }: ModelSet, table: LayerTable): readonly Model[] {
  const reached = new Set([fullName(table)]);
  return models.filter((model) => {
    const reads = model.sources.some((source) => reached.has(fullName(source)));
    if (reads) reached.add(fullName(model));
    return reads;
  });
}

/** The tables that a table is made of, directly or not: bronze tables, and models in the order of the set. */
export function dependencies({ models }: ModelSet, table: LayerTable): readonly LayerTable[] {
  const wanted = new Map<string, LayerTable>();
  for (const model of models.toReversed()) {
    if (fullName(model) !== fullName(table) && !wanted.has(fullName(model))) continue;
    for (const source of model.sources) wanted.set(fullName(source), source);
  }
  const bronze = [...wanted.values()].filter(({ layer }) => layer === 'bronze');
  return [
    ...bronze.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    ...models.filter((model) => wanted.has(fullName(model))),
  ];
}

/** `waiting`: models each of which reads another of them, or itself. */
function circleIn(waiting: readonly Model[]): ModelProblem {
  const byName = new Map(waiting.map((model) => [fullName(model), model]));
  const path: Model[] = [];
  let [at] = waiting;
  while (at !== undefined && !path.includes(at)) {
    path.push(at);
    at = at.sources.map((source) => byName.get(fullName(source))).find((model) => model !== undefined);
  }
  const circle = at === undefined ? path : [...path.slice(path.indexOf(at)), at];
  return {
    path: circle[0]?.path ?? '',
    line: undefined,
    message: `it reads itself, directly or through others: ${circle.map(fullName).join(' → ')}; allowed: models without a circle`,
  };
}
