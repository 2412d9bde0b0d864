import { isStillMeant } from './match.ts';
import type { SeenFile, TableRequest } from './port.ts';

type Marks = NonNullable<SeenFile['marks']>;

/**
 * Whether a table is known, by the marks of what it lies in (an archive, an object) alone, to be the same file as
 * before: the marks are equal, and the file then read is still the one that the table asks for.
 */
export function isKnown(table: TableRequest, marks: Marks): boolean {
  return sameMarks(table.seen?.marks, marks) && isStillMeant(table);
}

/** Whether everything that is marked now was marked alike before; no marks say nothing. */
export function sameMarks(before: Marks | undefined, now: Marks): boolean {
  const marks = Object.entries(now);
  return before !== undefined && marks.length > 0 && marks.every(([key, value]) => before[key] === value);
}
