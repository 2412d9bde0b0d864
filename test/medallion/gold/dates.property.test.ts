import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Engine } from '../../../src/engine/engine.ts';
import { dateLiteral, isOneOf, seenDays } from '../../../src/medallion/build/dates.ts';
import { dayNumber, fromDayNumber, sortedDates } from '../../../src/medallion/build/day-number.ts';

let engine: Engine;
beforeAll(async () => {
  engine = Engine.open({ memoryLimit: '256MB', spillDir: 'unused', threads: 1 });
});
afterAll(() => engine.close());

const DAY_OF_1970 = dayNumber('1970-01-01');
/** Days since 1970 around what dates as text are not in order at: before Christ, the years 1, 9999, 10000 and 20205. */
const EDGES = [-735_000, -719_528, -719_162, 0, 2_932_896, 6_660_000];
const day = fc.oneof(
  ...EDGES.map((edge) => fc.integer({ min: edge - 40, max: edge + 40 })),
  fc.integer({ min: -5_000_000, max: 100_000_000 }),
);

async function texts(days: readonly number[]): Promise<string[]> {
  const rows = await engine.rows(
    `SELECT CAST(DATE '1970-01-01' + day AS VARCHAR) AS date FROM (SELECT unnest([${days.join(', ')}]) AS day)`,
  );
  return rows.map(({ date }) => String(date));
}

test('dates of every year are in the order of their days, and a condition holds for those that it names alone', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(day, { minLength: 1, maxLength: 30 }),
      fc.array(fc.boolean(), { minLength: 30, maxLength: 30 }),
      async (days, wanted) => {
        const dates = await texts(days);
        expect(dates.map(dayNumber)).toEqual(days.map((each) => each + DAY_OF_1970));
        const ascending = await texts(days.toSorted((one, other) => one - other));
        expect(sortedDates(dates)).toEqual(ascending);
        const named = dates.filter((_, index) => wanted[index]);
        const list = dates.map((date) => `(${dateLiteral(date)})`).join(', ');
        const found = await engine.rows(
          `SELECT CAST(d AS VARCHAR) AS date FROM (VALUES ${list}) AS v(d) WHERE ${isOneOf('d', named)}`,
        );
        expect(new Set(found.map(({ date }) => date))).toEqual(new Set(named));
        const { first, last } = seenDays(ascending, 1);
        const [seen] = await engine.rows(
          `SELECT count(*) AS n FROM (VALUES ${list}) AS v(d) WHERE d BETWEEN ${first} AND ${last}`,
        );
        expect(seen).toEqual({ n: BigInt(days.length) });
      },
    ),
  );
});

test('a day of the years 1 to 9999 is written as its number says', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 3_652_058 }), (number) => {
      expect(dayNumber(fromDayNumber(number))).toBe(number);
    }),
  );
});
