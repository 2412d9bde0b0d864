import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import type { Logger, ProgressListener } from '../core/log.ts';
import type { Engine } from '../engine/engine.ts';
import type { Source } from '../source/port.ts';
import type { Storage } from '../storage/port.ts';

/** What a run is asked to do. */
export interface RunRequest {
  readonly config: Config;
  readonly storage: Storage;
  readonly source: Source;
  /** The tables to work on; all of the configuration's where undefined. */
  readonly tables?: readonly string[];
  /** Tables whose guards are approved for this run. */
  readonly approve?: readonly string[];
  /** Tables that get a new full-load. */
  readonly reload?: readonly string[];
  readonly skipDownload?: boolean;
  /** A past version of the source, by its label, instead of the newest. */
  readonly version?: string;
  /** Where a backfill began, for the ledger. */
  readonly backfillFrom?: string;
}

/** The outside world, as a run sees it. */
export interface Edge {
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** A name that no other run has. */
  readonly newId: () => string;
  readonly log: Logger;
  readonly onProgress: ProgressListener;
  readonly signal: AbortSignal;
}

/** A run under way. */
export interface RunContext {
  readonly request: RunRequest;
  readonly edge: Edge;
  readonly engine: Engine;
  /** A folder for this run's files alone. */
  readonly runDir: string;
  /** Tells the edge how far the engine has come while it works on a table. */
  readonly reading: <T>(table: string, work: () => Promise<T>) => Promise<T>;
}

/** Where the working folder keeps what it has of the lake's bases. */
export function segmentFolder(workDir: string): string {
  return join(workDir, 'bases');
}
