import { runScript } from '../support/run-script.ts';
import type { Lake } from './lakes.ts';

/** At which write a run dies; the first is 1. */
export interface DeathOrder {
  readonly lake: Lake;
  readonly write: number;
  readonly moment: 'before' | 'after';
  /** What its configuration has beside source and lake; the tables of the stories where it is left out. */
  readonly config?: object;
}

/** Runs a real process that kills itself; resolves the signal that it died by, null where it came to its end. */
export async function runAndDie(order: DeathOrder): Promise<NodeJS.Signals | null> {
  return runScript(new URL('run-and-die.ts', import.meta.url), order);
}
