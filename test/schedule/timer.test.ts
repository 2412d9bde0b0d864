import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nextTime } from '../../src/schedule/timer.ts';

const at = (text: string): number => Date.parse(text);
const iso = (timeMs: number): string => new Date(timeMs).toISOString();

const instants = fc.integer({ min: at('2000-01-01T00:00:00Z'), max: at('2090-01-01T00:00:00Z') });

describe('an interval', () => {
  const intervals = fc.integer({ min: 1000, max: 366 * 86_400_000 });

  test('comes due after the instant, within one interval, on the grid of its start', () => {
    fc.assert(
      fc.property(instants, instants, intervals, (startMs, afterMs, everyMs) => {
        const next = nextTime({ kind: 'interval', everyMs }, startMs, afterMs);
        expect(next).toBeGreaterThan(afterMs);
        expect(next).toBeLessThanOrEqual(afterMs + everyMs);
        expect(Math.abs((next - startMs) % everyMs)).toBe(0);
      }),
    );
  });

  test('misses no time and repeats none when each is asked for after the one before', () => {
    fc.assert(
      fc.property(instants, intervals, fc.integer({ min: 1, max: 50 }), (startMs, everyMs, times) => {
        let time = startMs;
        for (let n = 0; n < times; n++) time = nextTime({ kind: 'interval', everyMs }, startMs, time);
        expect(time).toBe(startMs + times * everyMs);
      }),
    );
  });

  test('case 46: a cycle that takes long does not move the times after it', () => {
    const start = at('2025-10-04T12:00:00Z');
    const timer = { kind: 'interval', everyMs: 6 * 3_600_000 } as const;
    expect(iso(nextTime(timer, start, at('2025-10-04T12:47:00Z')))).toBe('2025-10-04T18:00:00.000Z');
    expect(iso(nextTime(timer, start, at('2025-10-05T00:00:00Z')))).toBe('2025-10-05T06:00:00.000Z');
  });
});

describe('a cron pattern', () => {
  test('comes due after the instant, and nothing comes due in between', () => {
    const patterns = fc.constantFrom(
      '*/7 * * * *',
      '0 */6 * * *',
      '30 2 * * *',
      '0 9 * * MON-FRI',
      '15 10 1 * *',
    );
    const zones = fc.constantFrom('UTC', 'America/Sao_Paulo', 'America/New_York', 'Asia/Kolkata');
    fc.assert(
      fc.property(
        instants,
        patterns,
        zones,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (afterMs, pattern, timezone, part) => {
          const timer = { kind: 'cron', pattern, timezone } as const;
          const next = nextTime(timer, 0, afterMs);
          expect(next).toBeGreaterThan(afterMs);
          const between = afterMs + Math.floor((next - 1 - afterMs) * part);
          expect(nextTime(timer, 0, between)).toBe(next);
        },
      ),
    );
  });

  test('is read in its time zone', () => {
    const timer = { kind: 'cron', pattern: '0 6 * * *', timezone: 'America/Sao_Paulo' } as const;
    expect(iso(nextTime(timer, 0, at('2025-10-04T12:00:00Z')))).toBe('2025-10-05T09:00:00.000Z');
  });

  test('a time that daylight saving skips comes due right after the gap', () => {
    const timer = { kind: 'cron', pattern: '30 2 * * *', timezone: 'America/New_York' } as const;
    expect(iso(nextTime(timer, 0, at('2025-03-09T05:00:00Z')))).toBe('2025-03-09T07:00:00.000Z');
    expect(iso(nextTime(timer, 0, at('2025-03-09T07:00:00Z')))).toBe('2025-03-10T06:30:00.000Z');
  });

  test('a time that daylight saving repeats comes due once', () => {
    const timer = { kind: 'cron', pattern: '30 1 * * *', timezone: 'America/New_York' } as const;
    const first = nextTime(timer, 0, at('2025-11-02T04:00:00Z'));
    expect(iso(first)).toBe('2025-11-02T05:30:00.000Z');
    expect(iso(nextTime(timer, 0, first))).toBe('2025-11-03T06:30:00.000Z');
  });

  test('every hour stays every hour when the clocks change', () => {
    const timer = { kind: 'cron', pattern: '0 * * * *', timezone: 'America/New_York' } as const;
    for (const day of ['2025-03-09', '2025-11-02']) {
      let time = at(`${day}T00:00:00Z`);
      for (let hour = 1; hour <= 24; hour++) {
        time = nextTime(timer, 0, time);
        expect(iso(time)).toBe(iso(at(`${day}T00:00:00Z`) + hour * 3_600_000));
      }
    }
  });
});
