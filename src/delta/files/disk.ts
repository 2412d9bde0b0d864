import type { Logger } from '../../core/log.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Storage } from '../../storage/port.ts';

/** Where a table's bytes are, what reads them and how, and where copies of remote files may lie. */
export interface Disk {
  readonly storage: Storage;
  readonly engine: Engine;
  /** A folder for downloads; it may vanish between calls. */
  readonly workDir: string;
  /** The zone of timestamps in partition values that name none, e.g. `America/Sao_Paulo`; UTC where it is left out. */
  readonly partitionTimeZone?: string;
}

/** What writes a table: where its bytes are, what makes them, and the clock. */
export interface Writer extends Disk {
  /** Milliseconds since 1970; the time of commits. */
  readonly now: () => number;
  /** Hears of what failed after a commit. */
  readonly log?: Logger;
}

/** What stands in `commitInfo.engineInfo`. */
export const ENGINE_INFO = 'igarape';
