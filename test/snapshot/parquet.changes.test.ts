import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Engine } from '../../src/engine/engine.ts';
import { quoteText } from '../../src/engine/quote.ts';
import { openScenario } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();
const RUNS = Number(process.env['IGARAPE_PROPERTY_RUNS'] ?? 4);

/** A nested value: as SQL, and as what tells it from others. */
interface Nested {
  readonly sql: string;
  readonly meaning: unknown;
}

const NULL: Nested = { sql: 'NULL', meaning: null };
const number: fc.Arbitrary<Nested> = fc.constantFrom(
  NULL,
  { sql: '0', meaning: 0 },
  { sql: '1', meaning: 1 },
);

function listOf(item: fc.Arbitrary<Nested>): fc.Arbitrary<Nested> {
  const items = fc.array(item, { maxLength: 2 }).map((found) => ({
    sql: `[${found.map(({ sql }) => sql).join(', ')}]`,
    meaning: found.map(({ meaning }) => meaning),
  }));
  return fc.oneof(items, fc.constant(NULL));
}

function structOf(members: Readonly<Record<string, fc.Arbitrary<Nested>>>): fc.Arbitrary<Nested> {
  const struct = fc.record({ ...members }).map((found) => ({
    sql: `{${Object.entries(found)
      .map(([name, { sql }]) => `${name}: ${sql}`)
      .join(', ')}}`,
    meaning: Object.values(found).map(({ meaning }) => meaning),
  }));
  return fc.oneof(struct, fc.constant(NULL));
}

const mapOfNumbers: fc.Arbitrary<Nested> = fc.option(number).map((value) => ({
  sql: value === null ? 'MAP {}' : `MAP {'k': ${value.sql}}`,
  meaning: value === null ? [] : [value.meaning],
}));

const COLUMNS = {
  numbers: ['INTEGER[]', listOf(number)],
  lists: ['INTEGER[][]', listOf(listOf(number))],
  pair: ['STRUCT(a INTEGER, l INTEGER[])', structOf({ a: number, l: listOf(number) })],
  pairs: [
    'STRUCT(s STRUCT(x INTEGER), y INTEGER)[]',
    listOf(structOf({ s: structOf({ x: number }), y: number })),
  ],
  map: ['MAP(VARCHAR, INTEGER)', fc.oneof(mapOfNumbers, fc.constant(NULL))],
} as const satisfies Readonly<Record<string, readonly [string, fc.Arbitrary<Nested>]>>;

const NAMES = Object.keys(COLUMNS) as (keyof typeof COLUMNS)[];
const drawnRow: fc.Arbitrary<Nested[]> = fc.tuple(...NAMES.map((name) => COLUMNS[name][1]));

async function write(path: string, rows: readonly (readonly Nested[])[]): Promise<void> {
  const engine = Engine.open({ memoryLimit: '1GB', spillDir: join(dir(), 'spill') });
  try {
    const selects = rows.map((row, id) => {
      const values = row.map(({ sql }, at) => {
        const name = NAMES[at] ?? 'numbers';
        return `CAST(${sql} AS ${COLUMNS[name][0]}) AS ${name}`;
      });
      return `SELECT ${id} AS id, ${values.join(', ')}`;
    });
    await engine.run(`COPY (${selects.join(' UNION ALL ')}) TO ${quoteText(path)} (FORMAT parquet)`);
  } finally {
    engine.close();
  }
}

test('a nested value that has become another one is an update: null, nothing in it, nulls in it', async () => {
  let folder = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(drawnRow, drawnRow), { minLength: 40, maxLength: 60 }),
      async (drawn) => {
        folder += 1;
        const place = join(dir(), String(folder));
        const scenario = openScenario(place, { tables: [{ name: 't', pk: 'id', max_update_ratio: 1 }] });
        await mkdir(join(place, 'source'), { recursive: true });
        // One column at a time: a difference beside it would be seen anyway.
        const after = drawn.map(([one, other], id) =>
          one.map((value, at) => (at === id % NAMES.length ? (other[at] ?? NULL) : value)),
        );
        const before = drawn.map(([one]) => one);
        await write(join(place, 'source', 't.parquet'), before);
        await scenario.run();
        await write(join(place, 'source', 't.parquet'), after);
        const meaning = (row: readonly Nested[] = []): string =>
          JSON.stringify(row.map((value) => value.meaning));
        const updated = before.filter((row, id) => meaning(row) !== meaning(after[id])).length;
        expect((await scenario.runTable('t')).updated).toBe(updated);
        expect((await scenario.verify()).ok).toBe(true);
      },
    ),
    { numRuns: RUNS, endOnFailure: true },
  );
});
