import { generatedName } from '../../snapshot/column-names.ts';
import type { Sample } from './sample.ts';

const ID_PREFIX = /^(?:id|pk|key|code|cod|codigo|uuid|sku)(?=$|[A-Z_\s-])/i;
const ID_SUFFIX = /(?:(?:^|[_\s-])(?:id|key|code|uuid|pk)|[a-z](?:Id|ID|Key|Code))$/;
const PAIR_CANDIDATES = 6;

/**
 * The columns of a sample that tell its rows apart, likeliest keys first, each on its own; where no column does, the
 * first pair of identifiers that does. Empty where nothing does.
 */
export function guessKeys(sample: Sample): readonly (readonly string[])[] {
  const complete = sample.columns
    .map((name, index) => ({ name, index, values: sample.rows.map((row) => row[index] ?? '') }))
    .filter(({ name, values }) => name !== '' && values.length > 0 && !values.includes(''));
  const unique = complete.filter(({ values }) => new Set(values).size === values.length);
  const ranked = unique.toSorted((a, b) => rank(a.name, a.index) - rank(b.name, b.index));
  const single = ranked.map(({ name }) => [name]);
  if (ranked.some(({ name, index }) => (index === 0 && name !== generatedName(0)) || isIdentifier(name)))
    return single;

  const identifiers = complete.filter(({ name }) => isIdentifier(name)).slice(0, PAIR_CANDIDATES);
  for (const first of identifiers) {
    for (const second of identifiers.slice(identifiers.indexOf(first) + 1)) {
      const pairs = first.values.map((value, row) => JSON.stringify([value, second.values[row]]));
      if (new Set(pairs).size === pairs.length) return [[first.name, second.name], ...single];
    }
  }
  return single;
}

/** The column that says when a row was last changed, by its name. */
export function guessDateField(columns: readonly string[]): string | undefined {
  return columns.find((name) => /atualiza|updat|modif|alter(?:ad|ac)/i.test(name));
}

/** A column that the file gives no name is, as a rule, a number of the row, which other rows have the next time. */
function rank(name: string, index: number): number {
  if (name === generatedName(index)) return index + 2000;
  return index + (isIdentifier(name) ? 0 : 1000);
}

function isIdentifier(name: string): boolean {
  return ID_PREFIX.test(name) || ID_SUFFIX.test(name);
}
