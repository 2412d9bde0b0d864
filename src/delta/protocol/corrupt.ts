import { IgarapeError, textOf } from '../../core/errors.ts';
import type { Said } from '../../core/language/sentence.ts';

/** A file of the table breaks the protocol. `where` names the file, and the line where it helps. */
export function corrupt(where: string, reason: Said, cause?: unknown): IgarapeError {
  return new IgarapeError(
    'DELTA_CORRUPT',
    { quoted: `${where}: ${textOf(reason)}` },
    {
      hint: 'Nothing was changed. Restore the file from a copy of the table.',
      ...(cause === undefined ? {} : { cause }),
    },
  );
}

/** The table is sound and needs what this program lacks. */
export function unsupported(where: string, what: Said): IgarapeError {
  return new IgarapeError(
    'DELTA_UNSUPPORTED',
    { quoted: `${where}: ${textOf(what)}` },
    {
      hint: 'Nothing was read or written. Use an engine that has this feature.',
    },
  );
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? (error.message.split('\n')[0] ?? error.message) : String(error);
}
