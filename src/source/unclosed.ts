import { IgarapeError } from '../core/errors.ts';
import type { Told } from '../core/language/sentence.ts';

/**
 * What SQLite has beside a database while it is written, and after a program that did not close it: rows are in there
 * that the database does not have, or has that it should not.
 *
 * @throws IgarapeError TABLE_UNREADABLE
 */
export async function refuseUnclosed(
  name: string,
  sizeOf: (name: string) => number | undefined | Promise<number | undefined>,
): Promise<void> {
  for (const left of [`${name}-journal`, `${name}-wal`]) {
    if (((await sizeOf(left)) ?? 0) === 0) continue;
    const what: Told = `it is being written, or was not closed: there is a ${left} beside it`;
    throw new IgarapeError(
      'TABLE_UNREADABLE',
      { quoted: `${name}: ${what}.` },
      {
        hint: 'Close the program that writes it, or make a copy by `sqlite3 FILE ".backup COPY"` and read that.',
      },
    );
  }
}
