import type { Told } from '../core/language/sentence.ts';
import { IgarapeError } from '../core/errors.ts';

/** A file without a header and without rows: of a table of many files it is one that adds none. */
export class EmptyFile extends IgarapeError {
  readonly file: string;

  constructor(file: string, what: Told, hint: Told) {
    super('TABLE_UNREADABLE', { quoted: `${file}: ${what}.` }, { hint });
    this.file = file;
  }
}

/** A file that may go on, and of which nothing can be read before it does. */
export function noLineEnd(file: string): EmptyFile {
  return new EmptyFile(file, 'no row of it has its line end yet', 'The table is taken once one has.');
}

/** What is wrong with a file of a table, or with a place in it, and what to do about it. */
export function unreadable(file: string, what: Told, hint: Told, cause?: unknown): IgarapeError {
  return new IgarapeError('TABLE_UNREADABLE', { quoted: `${file}: ${what}.` }, { hint, cause });
}
