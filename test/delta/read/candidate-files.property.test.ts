import { randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { quoteText } from '../../../src/engine/quote.ts';
import { candidateFiles } from '../../../src/delta/read/candidate-files.ts';
import { parsePredicate } from '../../../src/delta/read/predicate.ts';
import { DeltaTable } from '../../../src/delta/table.ts';
import { openMemoryStorage } from '../../../src/storage/memory.ts';

const VALUES = ['norte', 'a}b', 'a}c', 'a{b', 'c"d', "e'f", 'g\\h', 'São Paulo', 'a,b":"c', null] as const;

const literal = (value: string | null): string => (value === null ? 'NULL' : quoteText(value));

const value = fc.constantFrom(...VALUES).map((drawn) => literal(drawn));
const simple = fc.oneof(
  fc
    .tuple(fc.constantFrom('p', 'q'), fc.constantFrom('=', '<>', '<', '>='), value)
    .map((parts) => parts.join(' ')),
  fc
    .tuple(fc.constantFrom('p', 'q'), fc.constantFrom('IS NULL', 'IS NOT NULL'))
    .map((parts) => parts.join(' ')),
  fc.tuple(value, value).map(([one, other]) => `p IN (${one}, ${other})`),
  fc.constantFrom('n < 7', 'n >= 12', 'length(p) > 3', `p || 'x' = 'norte' || 'x'`),
);
const condition = fc
  .array(fc.tuple(simple, fc.constantFrom('AND', 'OR', 'AND NOT')), { minLength: 1, maxLength: 3 })
  .map((parts) => parts.map(([sql, word], index) => (index === 0 ? sql : `${word} ${sql}`)).join(' '));

/** With it a checkpoint is large; of a small one everything is read at once. */
const LARGE = { note: randomBytes(200_000).toString('base64') };

test.each([
  ['small', {}],
  ['large', LARGE],
])(
  'a condition on partitions finds the rows that it finds without them, by a %s checkpoint',
  async (_, configuration) => {
    const rows = VALUES.flatMap((p, n) => [
      `(${literal(p)}, ${literal(VALUES[n % 3] ?? null)}, ${n})`,
      `(${literal(p)}, ${literal(null)}, ${n + 20})`,
    ]).join(', ');
    const storage = openMemoryStorage();
    const select = `SELECT * FROM (VALUES ${rows}) AS v(p, q, n)`;
    await using table = await DeltaTable.create(storage, {
      rows: select,
      partitionColumns: ['p', 'q'],
      configuration,
    });
    await table.append(`SELECT p, q, n + 1 AS n FROM (${select})`);
    // Some files have deletion vectors, which are told of in another form.
    await table.delete({ where: 'n = 1' });
    await table.checkpoint();
    await table.append(`SELECT p, q, n + 40 AS n FROM (${select}) WHERE n % 3 = 0`);
    await table.delete({ where: 'n = 2 OR n = 41' });
    await using all = await table.read();
    const { engine } = table;
    const numbers = async (sql: string): Promise<number[]> =>
      (await engine.rows(sql)).map(({ n }) => Number(n)).toSorted((a, b) => a - b);
    await fc.assert(
      fc.asyncProperty(condition, condition, async (...conditions) => {
        // Anew each time, so that nothing but the paths has been read of the checkpoint.
        await using opened = await DeltaTable.open(storage, { engine });
        const counted = opened.count();
        for (const where of conditions) {
          await using found = await opened.read({ where });
          expect(await numbers(`SELECT n FROM (${found.sql})`)).toEqual(
            await numbers(`SELECT n FROM (${all.sql}) WHERE ${where}`),
          );
          expect(await opened.count({ where })).toBe((await found.toArray()).length);
        }
        expect(await counted).toBe(await table.count());
        expect(await opened.files()).toEqual(await table.files());
      }),
      { numRuns: 15 },
    );
  },
);

test('of partitions that a condition leaves out nothing but their values is read', async () => {
  const storage = openMemoryStorage();
  const rows = `SELECT 'p' || i % 5 AS p, i AS n FROM range(10) AS r(i)`;
  await using table = await DeltaTable.create(storage, { rows, partitionColumns: ['p'] });
  await table.append(rows);
  const snapshot = await table.snapshot();
  const read = async (where: string): Promise<number> =>
    (await candidateFiles({ engine: table.engine }, snapshot, await parsePredicate(table.engine, where)))
      .length;
  expect(await read(`p = 'p3'`)).toBe(2);
  expect(await read(`p = 'p3' AND n > 100`)).toBe(2);
  expect(await read('n > 100')).toBe(10);
});

test('of a large checkpoint, a condition on partitions reads what it selects, and an append nothing but the paths', async () => {
  const storage = openMemoryStorage();
  const rows = `SELECT 'p' || i % 5 AS p, i AS n FROM range(10) AS r(i)`;
  await using table = await DeltaTable.create(storage, {
    rows,
    partitionColumns: ['p'],
    configuration: LARGE,
  });
  await table.checkpoint();
  await using again = await DeltaTable.open(storage, { engine: table.engine });
  const complete = async (): Promise<number> => (await again.snapshot()).state.files.read().length;
  await again.append(`SELECT 'p3' AS p, 10 AS n`);
  expect(await complete()).toBe(1);
  await using few = await again.read({ where: `p = 'p3'` });
  expect((await few.toArray()).length).toBe(3);
  expect(await complete()).toBe(2);
  expect(await again.count()).toBe(11);
  expect(await complete()).toBe(6);
});
