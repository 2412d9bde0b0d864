import type { Timer } from '../config/config.ts';
import { nextTime } from './timer.ts';

/**
 * When the next cycle is due, in milliseconds since 1970: what a running schedule has announced, else what a cron
 * pattern says, else an interval after the last cycle; undefined where nothing tells.
 */
export function nextRunMs(
  timer: Timer | undefined,
  last: { readonly endedMs: number; readonly announcedMs: number | undefined } | undefined,
  nowMs: number,
): number | undefined {
  if (last?.announcedMs !== undefined && last.announcedMs > nowMs) return last.announcedMs;
  if (timer === undefined) return undefined;
  if (timer.kind === 'cron') return nextTime(timer, nowMs, nowMs);
  return last === undefined ? undefined : last.endedMs + timer.everyMs;
}
