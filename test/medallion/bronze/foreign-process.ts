import { runScript } from '../../support/script.ts';

export interface ForeignOrder {
  /** Holds the lake and the files. */
  readonly folder: string;
  /** Before which of its writes the process kills itself, counted from 1. */
  readonly write: number;
}

/** Takes files in by a process; resolves the signal that it died by, null where it came to its end. */
export async function applyInProcess(order: ForeignOrder): Promise<string | null> {
  return runScript(new URL('foreign-and-die.ts', import.meta.url), order);
}
