import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Engine } from '../../src/engine/engine.ts';
import { quoteText } from '../../src/engine/quote.ts';
import { likeOne } from '../support/collision.ts';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();
let engine: Engine;
let scenario: Scenario;

beforeEach(async () => {
  engine = Engine.open({ memoryLimit: '1GB', spillDir: join(dir(), 'spill') });
  scenario = openScenario(dir(), {
    tables: [{ name: 't', pk: ['a', 'b'], max_delete_ratio: 1, max_update_ratio: 1 }],
  });
});
afterEach(() => engine.close());

type Row = readonly [a: bigint, b: bigint, v: string];

/** Two keys of one hash. */
async function collision(): Promise<[Row, Row]> {
  const b = await likeOne(engine);
  return [
    [1n, 1n, 'first'],
    [2n, b, 'second'],
  ];
}

async function publish(
  rows: readonly Row[],
): Promise<{ inserted: number; updated: number; deleted: number; unchanged: number }> {
  const path = join(dir(), 'source', 't.parquet');
  await mkdir(join(dir(), 'source'), { recursive: true });
  const values = rows.map(([a, b, v]) => `(${a}::BIGINT, ${b}::BIGINT, ${quoteText(v)})`).join(', ');
  await engine.run(
    `COPY (SELECT * FROM (VALUES ${values}) t(a, b, v)) TO ${quoteText(path)} (FORMAT parquet)`,
  );
  const { inserted, updated, deleted, unchanged } = await scenario.runTable('t');
  expect((await scenario.verify()).tables['t']?.problems).toEqual([]);
  return { inserted, updated, deleted, unchanged };
}

const OTHERS = Array.from({ length: 40 }, (_, row): Row => [BigInt(row + 10), 0n, 'other']);

describe('two keys of one hash', () => {
  test('are two rows from the first snapshot on', async () => {
    const [first, second] = await collision();
    expect(await publish([first, second, ...OTHERS])).toEqual({
      inserted: 42,
      updated: 0,
      deleted: 0,
      unchanged: 0,
    });
    const changed: Row = [second[0], second[1], 'changed'];
    expect(await publish([first, changed, ...OTHERS])).toEqual({
      inserted: 0,
      updated: 1,
      deleted: 0,
      unchanged: 41,
    });
    expect(await publish([changed, ...OTHERS])).toEqual({
      inserted: 0,
      updated: 0,
      deleted: 1,
      unchanged: 41,
    });
    expect(await publish([first, changed, ...OTHERS])).toEqual({
      inserted: 1,
      updated: 0,
      deleted: 0,
      unchanged: 41,
    });
  });

  test('are two rows where the second comes later', async () => {
    const [first, second] = await collision();
    await publish([first, ...OTHERS]);
    expect(await publish([first, second, ...OTHERS])).toEqual({
      inserted: 1,
      updated: 0,
      deleted: 0,
      unchanged: 41,
    });
    expect(await publish([first, ...OTHERS])).toEqual({ inserted: 0, updated: 0, deleted: 1, unchanged: 41 });
  });

  test('are two rows where one takes the place of the other', async () => {
    const [first, second] = await collision();
    await publish([first, ...OTHERS]);
    expect(await publish([second, ...OTHERS])).toEqual({
      inserted: 1,
      updated: 0,
      deleted: 1,
      unchanged: 40,
    });
    expect(await publish([second, ...OTHERS].toReversed())).toEqual({
      inserted: 0,
      updated: 0,
      deleted: 0,
      unchanged: 41,
    });
    expect(await publish([first, ...OTHERS])).toEqual({ inserted: 1, updated: 0, deleted: 1, unchanged: 40 });
    expect(await publish(OTHERS)).toEqual({ inserted: 0, updated: 0, deleted: 1, unchanged: 40 });
  });

  test('are two rows with the same values, where one takes the place of the other', async () => {
    const [[a, b], [c, d]] = await collision();
    await publish([[a, b, 'same'], ...OTHERS]);
    expect(await publish([[c, d, 'same'], ...OTHERS])).toEqual({
      inserted: 1,
      updated: 0,
      deleted: 1,
      unchanged: 40,
    });
  });
});
