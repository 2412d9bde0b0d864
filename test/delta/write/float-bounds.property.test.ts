import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { createTable } from '../../../src/delta/operations/create-table.ts';
import { loadSnapshot } from '../../../src/delta/log/snapshot.ts';
import { openMemoryStorage } from '../../../src/storage/memory.ts';
import { openWriter } from './table.ts';

const RUNS = Number(process.env['IGARAPE_PROPERTY_RUNS'] ?? 25);

/** Whoever compares floats by their total order has -0.0 below 0.0. */
function isBelow(left: number, right: number): boolean {
  return left < right || (left === right && Object.is(left, -0) && Object.is(right, 0));
}

it('the bounds of floats hold in their total order, too', async () => {
  const writer = await openWriter();
  const number = fc.constantFrom(0, -0, 1.5, -1.5, 0.1, -0.1, 1e-30, 3e38, NaN, Infinity, -Infinity);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.option(number), { minLength: 1, maxLength: 4 }), async (numbers) => {
      const of = (value: number | null): string =>
        value === null ? 'NULL' : `'${Object.is(value, -0) ? '-0.0' : String(value)}'::DOUBLE`;
      const disk = { ...writer, storage: openMemoryStorage() };
      // In one column the engine makes one zero of both.
      const rows = numbers.map(
        (value) => `SELECT ${of(value)} AS d, ${of(value)}::FLOAT AS f, {'d': ${of(value)}} AS s`,
      );
      await createTable(disk, { rows: rows.join(' UNION ALL ') });
      const values = numbers.filter((value) => value !== null).filter((value) => !Number.isNaN(value));
      const wrong: string[] = [];
      for (const { stats } of await (await loadSnapshot(disk)).files()) {
        const { minValues, maxValues } = JSON.parse(stats ?? '{}');
        if (Object.is(minValues.f, 0) || Object.is(maxValues.f, -0)) wrong.push(`zero of ${stats}`);
        for (const [low, high] of [
          [minValues.d, maxValues.d],
          [minValues.s?.d, maxValues.s?.d],
        ]) {
          if (Object.is(low, 0) || Object.is(high, -0)) wrong.push(`zero between ${low} and ${high}`);
          for (const value of values) {
            const isOut = isBelow(value, low ?? -Infinity) || isBelow(high ?? Infinity, value);
            if (isOut) wrong.push(`${value} between ${low} and ${high}`);
          }
        }
      }
      expect(wrong).toEqual([]);
    }),
    { numRuns: RUNS },
  );
});
