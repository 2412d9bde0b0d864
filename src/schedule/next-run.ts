import type { Timer } from '../config/config.ts';
import { nextTime } from './timer.ts';

/**
 * When the next cycle is due by a timer, in milliseconds since 1970: what a cron pattern says, or an interval after the
 * last cycle; undefined where nothing tells.
 */
export function nextRunMs(
  timer: Timer | undefined,
  lastEndedMs: number | undefined,
  nowMs: number,
): number | undefined {
  if (timer === undefined) return undefined;
  if (timer.kind === 'cron') return nextTime(timer, nowMs, nowMs);
  return lastEndedMs === undefined ? undefined : lastEndedMs + timer.everyMs;
}
