import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Plan } from '../../../src/medallion/incremental/plan.ts';
import { CORPUS, SHOP } from './corpus.ts';
import { below, MANY, ROWS } from './shop-rows.ts';
import { Tables } from './tables.ts';

/** Rounds in which any source may change; then each changes alone. */
const ROUNDS = 3;

let tables: Tables;
beforeAll(async () => {
  tables = await Tables.open(SHOP, 'shop');
});
afterAll(() => tables.engine.close());

const KEYS: Readonly<Record<string, string>> = {
  prices: "product_id * 1000 + day(valid_from - TIMESTAMP '2024-01-01')",
  calendar: `day - DATE '2024-01-01'`,
};

function fill(name: string): string[] {
  const ids = Array.from({ length: MANY[name] ?? 0 }, (_, id) => id).filter(() => below(10) < 7);
  return ids.map((id) => `INSERT INTO igarape_now."shop.${name}" VALUES (${ROWS[name]?.(id) ?? ''})`);
}

function change(name: string): string[] {
  const table = `igarape_now."shop.${name}"`;
  return Array.from({ length: 3 + below(5) }, () => below(MANY[name] ?? 1)).flatMap((id) => [
    `DELETE FROM ${table} WHERE ${KEYS[name] ?? 'id'} = ${id}`,
    ...(below(4) === 0 ? [] : [`INSERT INTO ${table} VALUES (${ROWS[name]?.(id) ?? ''})`]),
  ]);
}

test(
  'what people write follows changes, and gives what a computation of all rows gives',
  { timeout: 600_000 },
  async () => {
    const { engine, names } = tables;
    await tables.change(names.flatMap(fill));
    const models = await Promise.all(
      CORPUS.map(async (model) => ({ ...model, incremental: await tables.incremental(model.sql) })),
    );
    const table = (index: number): string => `model_${index}`;
    for (const [index, { sql }] of models.entries())
      await engine.run(`CREATE TABLE ${table(index)} AS SELECT DISTINCT * FROM (${sql})`);
    for (let round = 0; round < ROUNDS + names.length; round += 1) {
      const moving = round < ROUNDS ? names : names.slice(round - ROUNDS, round - ROUNDS + 1);
      const changed = await tables.change(moving.flatMap(change));
      for (const [index, { name, sql, incremental, whole, ...model }] of models.entries()) {
        const key = model.key.split(', ');
        const plan = incremental.plan({
          key,
          changed,
          isOneToOne: false,
          isExact: () => true,
          prefix: tables.prefix(),
        });
        const all = `SELECT DISTINCT * FROM (${sql})`;
        const found = await outcome(plan, { table: table(index), key, all });
        expect(found === whole || found === undefined ? '' : `${name}, round ${round}: ${found}`).toBe('');
        await engine.run(`CREATE OR REPLACE TABLE ${table(index)} AS ${all}`);
      }
    }
  },
);

/** Why a table is made as a whole, or which steps lead to others than its rows; undefined where they lead to these. */
async function outcome(
  plan: Plan,
  { table, key, all }: { readonly table: string; readonly key: readonly string[]; readonly all: string },
): Promise<string | undefined> {
  if (plan.kind === 'whole') return [...new Set(plan.reasons.map(({ text }) => text))].join('; ');
  const next = await tables.applied(plan, table, key);
  const differing = next === undefined ? 0 : await tables.difference(next, all);
  const told = differing === 0 ? undefined : await tables.told(plan);
  await tables.drop(plan);
  return told;
}

test('nine of ten models are incremental as people write them', async () => {
  const all = new Set(tables.names.map((name) => `shop.${name}`));
  const wholes: string[] = [];
  for (const { name, key, sql } of CORPUS) {
    const incremental = await tables.incremental(sql);
    const plan = incremental.plan({
      key: key.split(', '),
      changed: all,
      isOneToOne: false,
      isExact: () => true,
      prefix: 'p',
    });
    if (plan.kind === 'whole') wholes.push(name);
  }
  expect(wholes).toEqual(CORPUS.filter(({ whole }) => whole !== undefined).map(({ name }) => name));
  expect(wholes.length).toBeLessThanOrEqual(CORPUS.length / 10);
});
