import { text } from 'node:stream/consumers';
import { isJsonObject, parseJson } from '../../../src/delta/protocol/json.ts';
import type { StorageLocation } from '../../../src/storage/location.ts';
import { startScript } from '../../support/script.ts';

export interface WriteOrder {
  readonly location: StorageLocation;
  readonly env?: Readonly<Record<string, string>>;
  /** Queries whose rows are appended, a commit each. */
  readonly appends?: readonly string[];
  /** Sources of merges on `id`, a commit each. */
  readonly merges?: readonly string[];
  /** At which of its writes the process kills itself, counted from 1. */
  readonly death?: { readonly write: number; readonly moment: 'before' | 'after' };
}

export interface WriteOutcome {
  /** What ended it, e.g. `SIGKILL`; null where it came to its end. */
  readonly signal: string | null;
  /** `committed` or an error's code, one for each query. */
  readonly outcomes: readonly string[];
  /** The version that each query was committed as; null where it was not. */
  readonly versions: readonly (number | null)[];
  /** What the errors say. */
  readonly reasons: readonly string[];
  /** How often it wrote to the store. */
  readonly writes: number;
}

const SCRIPT = new URL('write-in-process.ts', import.meta.url);

/** Runs a process that writes to a table; resolves when it has ended, by itself or by its own hand. */
export async function writeInProcess(order: WriteOrder): Promise<WriteOutcome> {
  const child = await startScript(SCRIPT, order);
  const ended = new Promise<string | null>((resolve) => {
    child.on('close', (_code, signal) => {
      resolve(signal);
    });
  });
  const [output, errors, signal] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  if (signal !== null) return { signal, outcomes: [], versions: [], reasons: [], writes: 0 };
  if (output === '') throw new Error(`The writer failed: ${errors}`);
  const answer = parseJson(output);
  const { outcomes, versions, reasons, writes } = isJsonObject(answer) ? answer : {};
  return {
    signal,
    outcomes: Array.isArray(outcomes) ? outcomes.map(String) : [],
    versions: Array.isArray(versions)
      ? versions.map((version) => (typeof version === 'number' ? version : null))
      : [],
    reasons: Array.isArray(reasons) ? reasons.map(String) : [],
    writes: Number(writes),
  };
}
