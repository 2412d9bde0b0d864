import type { EngineConfig } from '../../src/config/config.ts';
import { runScript } from '../support/script.ts';
import type { Lake } from './lakes.ts';

/** At which write a run dies. */
export interface DeathOrder {
  readonly lake: Lake;
  /** Which of the run's, the first is 1; or the key that it writes. */
  readonly write: number | string;
  readonly moment: 'before' | 'after';
  /** What its configuration has beside source and lake; the tables of the stories where it is left out. */
  readonly config?: object;
  /** What computes; DuckDB where it is left out. */
  readonly engine?: EngineConfig;
}

/** Runs a real process that kills itself; resolves the signal that it died by, null where it came to its end. */
export async function runAndDie(order: DeathOrder): Promise<NodeJS.Signals | null> {
  return runScript(new URL('run-and-die.ts', import.meta.url), order);
}
