import { scaleUtc } from 'd3-scale';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { alone } from '../../web/charts/alone.ts';
import { ticksOf } from '../../web/charts/ticks.ts';

const DAY = 86_400_000;
const FROM = Date.UTC(2015, 0, 1);
const TO = Date.UTC(2027, 0, 1);

test('an axis names hours of less than two days, else days, and of a year its first by the year', () => {
  const drawn = fc.record({
    start: fc.integer({ min: FROM, max: TO }),
    length: fc.oneof(fc.integer({ min: 60_000, max: 3 * DAY }), fc.integer({ min: DAY, max: 4000 * DAY })),
    width: fc.integer({ min: 250, max: 1600 }),
    hasHours: fc.boolean(),
  });
  fc.assert(
    fc.property(drawn, ({ start, length, width, hasHours }) => {
      const x = scaleUtc([start, start + length], [0, width]);
      const ticks = ticksOf(x, width, hasHours);
      const isShort = hasHours && length < 2 * DAY;
      for (const { at, as } of ticks) {
        expect(at.getTime()).toBeGreaterThanOrEqual(start);
        expect(at.getTime()).toBeLessThanOrEqual(start + length);
        const isFirst = at.toISOString().endsWith('-01-01T00:00:00.000Z');
        expect(as).toBe(isShort ? 'hour' : isFirst ? 'year' : 'day');
        expect(isShort || at.getTime() % DAY === 0).toBe(true);
      }
      // Two names never stand for one place.
      expect(new Set(ticks.map(({ at }) => at.getTime())).size).toBe(ticks.length);
      expect(!isShort || length <= 2 * 60_000 || ticks.length > 0).toBe(true);
    }),
  );
});

test('five years are named by their years', () => {
  const x = scaleUtc([Date.UTC(2021, 9, 1), Date.UTC(2026, 9, 1)], [0, 1000]);
  expect(ticksOf(x, 1000, false).map(({ at, as }) => `${at.getUTCFullYear()} ${as}`)).toEqual(
    [2022, 2023, 2024, 2025, 2026].map((year) => `${year} year`),
  );
});

test('each value is in a line, or a point of its own', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.integer(), { nil: null })), (values) => {
      const points = new Set(alone(values));
      for (const [place, value] of values.entries()) {
        const isInLine =
          value !== null && [place - 1, place + 1].some((beside) => typeof values[beside] === 'number');
        expect(points.has(place)).toBe(value !== null && !isInLine);
      }
    }),
  );
});
