import { assert, double, integer, option, property } from 'fast-check';
import { expect, test } from 'vitest';
import { parseRetryAfter, retryDelayMs } from '../../../src/source/http/retry.ts';

const now = Date.UTC(2026, 0, 1);

test.each([
  ['17', 17_000],
  ['0', 0],
  ['Thu, 01 Jan 2026 00:01:00 GMT', 60_000],
  ['Wed, 31 Dec 2025 00:00:00 GMT', 0],
  ['soon', undefined],
  [undefined, undefined],
])('Retry-After %s is a wait of %s ms', (header, expected) => {
  expect(parseRetryAfter(header, now)).toBe(expected);
});

test('a wait is never longer than the cap, nor shorter than what the server asks for below it', () => {
  const asked = option(integer({ min: 0, max: 10_000_000 }), { nil: undefined });
  const chance = double({ min: 0, max: 1, noNaN: true });
  assert(
    property(integer({ min: 1, max: 40 }), asked, chance, (attempt, retryAfterMs, random) => {
      const patience = { baseMs: 1000, capMs: 120_000, random: () => random };
      const waitMs = retryDelayMs(attempt, retryAfterMs, patience);
      expect(waitMs).toBeLessThanOrEqual(120_000);
      expect(waitMs).toBeGreaterThanOrEqual(Math.min(120_000, retryAfterMs ?? 0));
      expect(waitMs).toBeGreaterThanOrEqual(Math.min(120_000, 500 * 2 ** (attempt - 1)));
    }),
  );
});
