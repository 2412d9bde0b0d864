import { textOf } from '../core/errors.ts';
import type { Said } from '../core/language/sentence.ts';

/** The candidate that a misspelt word most likely means, or undefined where none is near: a letter that is another is none. */
export function closest(word: string, candidates: readonly string[]): string | undefined {
  const wanted = word.toLowerCase();
  const near = candidates
    .map((candidate) => ({ candidate, distance: editDistance(wanted, candidate.toLowerCase()) }))
    .filter(({ candidate, distance }) => {
      const length = Math.min(word.length, candidate.length);
      return distance <= Math.max(1, Math.floor(length / 3)) && distance < length;
    })
    .toSorted((a, b) => a.distance - b.distance);
  return near[0]?.candidate;
}

/** How many letters must be inserted, removed, replaced or swapped with their neighbour to get from one word to the other. */
export function editDistance(from: string, to: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      current[column] = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + (same ? 0 : 1),
        swapped ? (before[column - 2] ?? Infinity) + 1 : Infinity,
      );
    }
    [before, previous] = [previous, current];
  }
  return previous[to.length] ?? 0;
}

/** A hint that begins with what was probably meant. */
export function didYouMean(near: string | undefined, hint: Said): { readonly quoted: string } {
  const text = textOf(hint);
  return { quoted: near === undefined ? text : `Did you mean ${near}? ${text}` };
}
