import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fullName } from '../../../src/medallion/layer.ts';
import {
  type CheckedTable,
  dependencies,
  dependents,
  orderModels,
} from '../../../src/medallion/models/graph.ts';
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

function checksOf(reads: readonly (readonly string[])[]): ReadonlyMap<string, readonly CheckedTable[]> {
  return new Map(
    NAMES.map((name, index) => {
      const others = (reads[index] ?? []).filter((other) => other !== name);
      return [name, madeModel(name, others).sources.map((table) => ({ ...table, line: index + 1 }))];
    }),
  );
}

function isAfterSources(model: Model, before: readonly Model[]): boolean {
  const done = new Set(before.map(fullName));
  return model.sources.every((source) => source.layer === 'bronze' || done.has(fullName(source)));
}

test('each model comes once, after all that it reads, by itself or by its checks', () => {
  fc.assert(
    fc.property(anyWithoutCircle, anyReads, (models, drawn) => {
      const checks = checksOf(
        drawn.map((names, index) => names.filter((name) => NAMES.indexOf(name) < index)),
      );
      const ordered = orderModels(models, checks);
      if (ordered.kind === 'circle') throw new Error(ordered.problem.message);
      expect(ordered.models.map(fullName).toSorted()).toEqual(NAMES.toSorted());
      for (const [index, model] of ordered.models.entries()) {
        const before = ordered.models.slice(0, index);
        const checked = checks.get(fullName(model)) ?? [];
        expect(isAfterSources({ ...model, sources: [...model.sources, ...checked] }, before)).toBe(true);
      }
    }),
  );
});

test('a circle through checks is told at a check, and its names follow each other', () => {
  fc.assert(
    fc.property(anyWithoutCircle, anyReads, (models, drawn) => {
      const checks = checksOf(drawn);
      const ordered = orderModels(models, checks);
      fc.pre(ordered.kind === 'circle');
      const problem = ordered.kind === 'circle' ? ordered.problem : undefined;
      const path = /: (.* → .*);/.exec(problem?.message ?? '')?.[1]?.split(' → ') ?? [];
      expect(path.length).toBeGreaterThan(2);
      expect(path[0]).toBe(path.at(-1));
      expect(problem?.line).toBe(NAMES.indexOf(path[0] ?? '') + 1);
      expect(checks.get(path[0] ?? '')?.map(fullName)).toContain(path[1]);
      for (const [index, name] of path.slice(1).entries()) {
        const from = path[index] ?? '';
        const model = models.find((each) => fullName(each) === from);
        const reads = [...(model?.sources ?? []), ...(checks.get(from) ?? [])];
        expect(reads.map(fullName)).toContain(name);
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
