import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { backoffMs } from '../../src/schedule/backoff.ts';

const backoff = { firstMs: 1000, longestMs: 60_000 };

test('a pause doubles with each failure, up to the longest', () => {
  const pauses = [1, 2, 3, 4, 5, 6, 7, 8, 2000].map((failures) => backoffMs(failures, 0, backoff));
  expect(pauses).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
});

test('chance takes away up to a half, never more and never adds', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (failures, random) => {
        const full = backoffMs(failures, 0, backoff);
        const pause = backoffMs(failures, random, backoff);
        expect(pause).toBeGreaterThanOrEqual(full / 2);
        expect(pause).toBeLessThanOrEqual(full);
      },
    ),
  );
});
