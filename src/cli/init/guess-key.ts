import { isDeepStrictEqual } from 'node:util';
import { generatedName } from '../../snapshot/column-names.ts';
import { isValue, type Sample } from './sample.ts';

const ID_PREFIX =
  /^(?:id|pk|key|chave|code?|c[oó]digo|uuid|sku|cpf|cnpj|matr[ií]cula|isbn|ean)(?=$|[a-z_\s-])/i;
/** Words that only begin like one. */
const NO_ID = /^(?:idade|ide(?!ntif)|idioma|idle|idoso|codec|codifica|codinome|keyword)/i;
const ID_SUFFIX = /(?:(?:^|[_\s-])(?:id|key|code|uuid|pk)|[a-z](?:Id|ID|Key|Code))$/;
const MOST_TOGETHER = 6;
const COMPOSITE_SIZES = [2, 3];

/**
 * The columns of a sample that tell its rows apart, likeliest keys first: what the file says is its key, where it does, and
 * what {@link guess} finds in the values.
 */
export function guessKeys(sample: Sample): readonly (readonly string[])[] {
  const guessed = guess(sample);
  const { declaredKey } = sample;
  if (declaredKey === undefined || !tellsApart(sample, declaredKey)) return guessed;
  return [declaredKey, ...guessed.filter((other) => !isDeepStrictEqual(other, declaredKey))];
}

/** SQLite takes rows without a value in a key that it was told of. */
function tellsApart({ columns, rows }: Sample, key: readonly string[]): boolean {
  const indexes = key.map((name) => columns.indexOf(name));
  const values = rows.map((row) => indexes.map((index) => row[index] ?? ''));
  const isWhole = values.every((value) => !value.includes(''));
  return isWhole && new Set(values.map((value) => JSON.stringify(value))).size === rows.length;
}

/**
 * Columns, each on its own. Where none tells the rows apart, or only what
 * looks like an amount or a date, the first two columns together that do, or three: identifiers if there are such, else
 * those before the amount. Empty where nothing does.
 */
function guess(sample: Sample): readonly (readonly string[])[] {
  const complete = sample.columns
    .map((name, index) => ({ name, index, values: sample.rows.map((row) => row[index] ?? '') }))
    .filter(({ name, values }) => name !== '' && values.length > 0 && !values.includes(''));
  const unique = complete.filter(({ values }) => new Set(values).size === values.length);
  const ranked = unique.toSorted((a, b) => rank(a.name, a.index) - rank(b.name, b.index));
  const single = ranked.map(({ name }) => [name]);
  if (ranked.some(({ name, index }) => (index === 0 && name !== generatedName(0)) || isIdentifier(name)))
    return single;

  const [likeliest] = ranked;
  const mayBeChance = likeliest === undefined || likeliest.values.every(isValue);
  const before = complete.filter(
    (column) => !unique.includes(column) && column.index < (likeliest?.index ?? Infinity),
  );
  const candidates = [complete.filter(({ name }) => isIdentifier(name)), mayBeChance ? before : []];
  for (const columns of candidates.flatMap(togetherOf)) {
    const keys = sample.rows.map((_, row) => JSON.stringify(columns.map(({ values }) => values[row])));
    if (new Set(keys).size === keys.length) return [columns.map(({ name }) => name), ...single];
  }
  return single;
}

/** Pairs of the first columns, then threes. */
function togetherOf<T>(columns: readonly T[]): T[][] {
  return COMPOSITE_SIZES.flatMap((size) => subsetsOf(columns.slice(0, MOST_TOGETHER), size));
}

/** The subsets of so many, in the order of their first members. */
function subsetsOf<T>(all: readonly T[], size: number): T[][] {
  if (size === 0) return [[]];
  return all.flatMap((first, index) =>
    subsetsOf(all.slice(index + 1), size - 1).map((rest) => [first, ...rest]),
  );
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

/** Whether a column's name says that it is a key, or refers to one. */
export function isIdentifier(name: string): boolean {
  return (ID_PREFIX.test(name) && !NO_ID.test(name)) || ID_SUFFIX.test(name);
}
