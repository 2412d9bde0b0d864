import type { Told } from '../core/language/sentence.ts';
import { IgarapeError } from '../core/errors.ts';

/** What is wrong with a file of a table, or with a place in it, and what to do about it. */
export function unreadable(file: string, what: Told, hint: Told, cause?: unknown): IgarapeError {
  return new IgarapeError('TABLE_UNREADABLE', { quoted: `${file}: ${what}.` }, { hint, cause });
}
