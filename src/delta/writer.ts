import type { Logger } from '../core/log.ts';
import type { Disk } from './disk.ts';

/** What writes a table: where its bytes are, what makes them, and the clock. */
export interface Writer extends Disk {
  /** Milliseconds since 1970; the time of commits. */
  readonly now: () => number;
  /** Hears of what failed after a commit. */
  readonly log?: Logger;
}

/** What stands in `commitInfo.engineInfo`. */
export const ENGINE_INFO = 'igarape';
