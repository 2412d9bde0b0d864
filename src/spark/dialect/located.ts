import { nodesIn, type SqlNode } from '../../engine/sql-tree.ts';
import type { Refusal } from './refusal.ts';

/**
 * Refusals each once, in the order of the SQL. A plan does not know of every part where it stood: that is looked for by
 * its word in the statement as it was parsed. Where so many have the word as are refused they are the same, in their
 * order; else each may be.
 */
export function located(refusals: readonly Refusal[], tree: SqlNode): readonly Refusal[] {
  const found = once(refusals).flatMap((refusal, _, all) => {
    if (refusal.offset !== undefined) return [refusal];
    const alike = all.filter(({ offset, word }) => offset === undefined && word === refusal.word);
    const places = placesOf(refusal.word, tree);
    const own = places.length === alike.length ? [places[alike.indexOf(refusal)]] : places;
    return own.length === 0 ? [refusal] : own.map((offset) => ({ ...refusal, offset }));
  });
  return once(found).toSorted((one, other) => (one.offset ?? 0) - (other.offset ?? 0));
}

function once(refusals: readonly Refusal[]): readonly Refusal[] {
  return [...new Map(refusals.map((refusal) => [`${refusal.offset} ${refusal.what}`, refusal])).values()];
}

const WORDS = ['function_name', 'ref_type', 'type', 'join_type', 'subquery_type'] as const;

function placesOf(word: string, tree: SqlNode): number[] {
  return [...nodesIn(tree)].flatMap((node) => {
    if (!WORDS.some((key) => node[key] === word)) return [];
    for (const { query_location: offset } of nodesIn(node)) if (typeof offset === 'number') return [offset];
    return [];
  });
}
