import type { Timer } from '../config/config.ts';
import { openCron } from '../config/cron.ts';
import { IgarapeError } from '../core/errors.ts';

/**
 * The first regular time strictly after `afterMs`; all times are milliseconds since 1970.
 *
 * An interval's times lie on a fixed grid that `startMs` is on, however long cycles take. A cron pattern's are those of
 * its time zone: a single daily time that daylight saving skips comes due right after the gap, one that it repeats
 * comes due once.
 */
export function nextTime(timer: Timer, startMs: number, afterMs: number): number {
  if (timer.kind === 'interval') {
    return startMs + (Math.floor((afterMs - startMs) / timer.everyMs) + 1) * timer.everyMs;
  }
  const next = openCron(timer.pattern, timer.timezone).nextRun(new Date(afterMs));
  if (next !== null) return next.getTime();
  throw new IgarapeError('CONFIG_INVALID', `The cron pattern ${timer.pattern} never comes due again`, {
    hint: 'Give the timer a pattern that has a next time.',
  });
}
