import { afterAll, beforeAll, expect, test } from 'vitest';
import { boundPlan } from '../../../src/engine/bound-plan.ts';
import { Engine } from '../../../src/engine/engine.ts';
import { nodesIn } from '../../../src/engine/sql-tree.ts';
import { AGGREGATES, WINDOWS } from '../../../src/spark/dialect/aggregates.ts';
import { CASTS } from '../../../src/spark/dialect/casts.ts';
import { call, expressionOf, nodesOf } from '../../../src/spark/dialect/expression.ts';
import { SCALARS } from '../../../src/spark/dialect/scalars.ts';
import { GROUPS, parseSignature, Signatures } from '../../../src/spark/dialect/signature.ts';
import { EXPRESSIONS, STATEMENTS } from './cases.ts';

let engine: Engine;
beforeAll(async () => {
  engine = Engine.open({ memoryLimit: '200MB', spillDir: 'unused', threads: 1 });
});
afterAll(() => engine.close());

test('every name of the allow-list, and every cast, has a case that both engines are given', async () => {
  const entries = { ...SCALARS, ...AGGREGATES };
  const signatures = new Signatures(Object.fromEntries(Object.keys(entries).map((key) => [key, key])));
  const names = Object.keys(entries).flatMap((key) =>
    parseSignature(key).names.map((name) => `${name} of ${key}`),
  );
  const unseen = new Set([...names, ...Object.keys(WINDOWS), ...Object.keys(CASTS).flatMap(typesOf)]);
  const given = EXPRESSIONS.map(({ rows, expressions }) => `SELECT ${expressions.join(', ')} FROM (${rows})`);
  for (const sql of [...given, ...STATEMENTS])
    for (const node of nodesIn(await boundPlan(engine, sql))) {
      if (typeof node['expression_class'] !== 'string') continue;
      const expression = expressionOf(node);
      unseen.delete(String(node['type']));
      if (expression.kind === 'cast')
        for (const each of [`${expression.child.type.id} ->`, `-> ${expression.type.id}`])
          unseen.delete(each);
      if (expression.kind !== 'call') continue;
      const isWindow = node['expression_class'] === 'BOUND_WINDOW';
      const { name, args } = isWindow
        ? call(String(node['name']), nodesOf(node['children']).map(expressionOf), expression)
        : expression;
      unseen.delete(`${name} of ${signatures.find(name, args) ?? ''}`);
    }
  expect([...unseen]).toEqual([]);
});

function typesOf(cast: string): string[] {
  const [from = [], to = []] = cast
    .split(' -> ')
    .map((types) => types.split(' | ').flatMap((type) => GROUPS[type] ?? [type]));
  return [...from.map((type) => `${type} ->`), ...to.map((type) => `-> ${type}`)];
}
