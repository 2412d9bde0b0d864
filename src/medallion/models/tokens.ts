/** A word of a header's value. */
export type Token =
  /** A column's or table's name; `quoted` where it stood in double quotes. */
  | { readonly kind: 'name'; readonly value: string; readonly quoted: boolean }
  /** A text in single quotes. */
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'number'; readonly value: string }
  | { readonly kind: 'sign'; readonly value: string };

const TOKEN =
  /\s*(?:"((?:[^"]|"")+)"|'((?:[^']|'')*)'|(-?\d+(?:\.\d+)?)(?![\p{L}\p{N}_.])|([\p{L}\p{N}_$]+)|(>=|<=|[(),.=<>]))/uy;

/** The words of a header's value, or undefined where it has signs that no value has. */
export function tokensOf(text: string): readonly Token[] | undefined {
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  for (let at = 0; at < end; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (match === null) return undefined;
    tokens.push(tokenOf(match));
  }
  return tokens;
}

function tokenOf([, quoted, text, number, name, sign]: RegExpExecArray): Token {
  if (quoted !== undefined) return { kind: 'name', value: quoted.replaceAll('""', '"'), quoted: true };
  if (text !== undefined) return { kind: 'text', value: text.replaceAll("''", "'") };
  if (number !== undefined) return { kind: 'number', value: number };
  return name === undefined
    ? { kind: 'sign', value: sign ?? '' }
    : { kind: 'name', value: name, quoted: false };
}

export function isSign(token: Token | undefined, value: string): boolean {
  return token?.kind === 'sign' && token.value === value;
}

/** The items between commas; an item without tokens where two commas meet or nothing stands there. */
export function splitAtCommas(tokens: readonly Token[]): readonly (readonly Token[])[] {
  const items: Token[][] = [[]];
  for (const token of tokens) {
    if (isSign(token, ',')) items.push([]);
    else items.at(-1)?.push(token);
  }
  return items;
}

/** The names of `a.b.c`; undefined for anything else. */
export function dottedName(tokens: readonly Token[]): readonly string[] | undefined {
  const names = tokens.filter((_, index) => index % 2 === 0);
  const dots = tokens.filter((_, index) => index % 2 === 1);
  const isDotted =
    tokens.length % 2 === 1 &&
    names.every(({ kind }) => kind === 'name') &&
    dots.every((dot) => isSign(dot, '.'));
  return isDotted ? names.map(({ value }) => value) : undefined;
}

/** The columns of `a, "b c"`, or undefined where it is no such list. */
export function columnList(tokens: readonly Token[]): readonly string[] | undefined {
  const columns = splitAtCommas(tokens).map((item) => {
    const [column, ...more] = dottedName(item) ?? [];
    return more.length === 0 ? column : undefined;
  });
  return columns.every((column) => column !== undefined) ? columns : undefined;
}
