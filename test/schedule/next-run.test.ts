import { describe, expect, test } from 'vitest';
import type { Timer } from '../../src/config/config.ts';
import { nextRunMs } from '../../src/schedule/next-run.ts';

const NOW_MS = Date.UTC(2026, 0, 10, 12);
const HOUR_MS = 3_600_000;
const hourly: Timer = { kind: 'interval', everyMs: HOUR_MS };
const daily: Timer = { kind: 'cron', pattern: '0 6 * * *', timezone: 'America/Sao_Paulo' };

describe('the next run is', () => {
  test('the next time of a cron pattern in its time zone', () => {
    expect(nextRunMs(daily, undefined, NOW_MS)).toBe(Date.UTC(2026, 0, 11, 9));
  });

  test('an interval after the last cycle, also where that is overdue', () => {
    expect(nextRunMs(hourly, NOW_MS - 60_000, NOW_MS)).toBe(NOW_MS - 60_000 + HOUR_MS);
    expect(nextRunMs(hourly, NOW_MS - 2 * HOUR_MS, NOW_MS)).toBe(NOW_MS - HOUR_MS);
  });

  test('unknown without a timer, and for an interval without a last cycle', () => {
    expect(nextRunMs(undefined, NOW_MS, NOW_MS)).toBeUndefined();
    expect(nextRunMs(hourly, undefined, NOW_MS)).toBeUndefined();
  });
});
