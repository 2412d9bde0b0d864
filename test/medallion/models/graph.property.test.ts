import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fullName, type LayerTable } from '../../../src/medallion/layer.ts';
import { dependencies, dependents, orderModels } from '../../../src/medallion/models/graph.ts';
import type { Model } from '../../../src/medallion/models/model.ts';
import { madeModel } from './made.ts';

const NAMES = Array.from({ length: 12 }, (_, index) => (index < 8 ? `silver.m${index}` : `gold.m${index}`));

/** Which of the others each model reads, and which its checks read. */
const anyReads = fc.array(fc.subarray(NAMES, { maxLength: 3 }), {
  minLength: NAMES.length,
  maxLength: NAMES.length,
});
/** Models that read only models of smaller numbers, and a bronze table, in any order. */
const anyWithoutCircle = fc
  .tuple(anyReads, fc.shuffledSubarray(NAMES, { minLength: NAMES.length }))
  .map(([reads, shuffled]) =>
    shuffled.map((name) => {
      const index = NAMES.indexOf(name);
      const earlier = new Set(NAMES.slice(0, index));
      const sources = (reads[index] ?? []).filter((source) => earlier.has(source));
      return madeModel(name, ['bronze.b', ...sources]);
    }),
  );

function checksOf(reads: readonly (readonly string[])[]): ReadonlyMap<string, readonly LayerTable[]> {
  return new Map(NAMES.map((name, index) => [name, madeModel(name, reads[index] ?? []).sources]));
}

function isAfterSources(model: Model, before: readonly Model[]): boolean {
  const done = new Set(before.map(fullName));
  return model.sources.every((source) => source.layer === 'bronze' || done.has(fullName(source)));
}

test('each model comes once, after all that it reads, whatever the checks read', () => {
  fc.assert(
    fc.property(anyWithoutCircle, anyReads, (models, checks) => {
      const ordered = orderModels(models, checksOf(checks));
      if (ordered.kind === 'circle') throw new Error(ordered.problem.message);
      expect(ordered.models.map(fullName).toSorted()).toEqual(NAMES.toSorted());
      for (const [index, model] of ordered.models.entries()) {
        expect(isAfterSources(model, ordered.models.slice(0, index))).toBe(true);
      }
    }),
  );
});

test('models that need no other order keep the one that they are given in', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray(NAMES), (names) => {
      const models = names.map((name) => madeModel(name, ['bronze.b']));
      expect(orderModels(models)).toEqual({ kind: 'ordered', models });
    }),
  );
});

test('a circle is found wherever there is one, and its names follow each other', () => {
  fc.assert(
    fc.property(anyReads, (reads) => {
      const models = NAMES.map((name, index) => madeModel(name, reads[index] ?? []));
      const ordered = orderModels(models);
      const isWrong =
        ordered.kind === 'ordered' &&
        ordered.models.some((model, index) => !isAfterSources(model, ordered.models.slice(0, index)));
      expect(isWrong).toBe(false);
      fc.pre(ordered.kind === 'circle');
      const message = ordered.kind === 'circle' ? ordered.problem.message : '';
      const path = /: (.* → .*);/.exec(message)?.[1]?.split(' → ') ?? [];
      expect(path.length).toBeGreaterThan(1);
      expect(path[0]).toBe(path.at(-1));
      for (const [index, name] of path.slice(1).entries()) {
        expect(reads[NAMES.indexOf(path[index] ?? '')]).toContain(name);
      }
    }),
  );
});

test('a model depends on what depends on it being built after it, in both directions alike', () => {
  fc.assert(
    fc.property(anyWithoutCircle, (given) => {
      const ordered = orderModels(given);
      if (ordered.kind === 'circle') throw new Error(ordered.problem.message);
      const set = { models: ordered.models, checked: new Map() };
      for (const one of set.models) {
        const after = new Set(dependents(set, one).map(fullName));
        for (const other of set.models) {
          const reaches = dependencies(set, other).map(fullName).includes(fullName(one));
          expect(after.has(fullName(other))).toBe(reaches);
        }
      }
    }),
  );
});
