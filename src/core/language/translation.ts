/** Sentences of one language by those of another; both with places for values: `{}`, `{n}`, `{s}`, or `{1}` by its number. */
export type Catalogue = Readonly<Record<string, string>>;

/** Gives a text in another language; what the catalogue does not have stays as it is. */
export type Translate = (text: string) => string;

const PLACE = /(\{[ns]?\})/;
const TARGET_PLACE = /\{([ns]|\d)?\}/g;
const FORMS: Readonly<Record<string, string>> = {
  '{}': '([^]*?)',
  '{n}': String.raw`(-?\d[\d,]*(?:\.\d+)?)`,
  '{s}': '([^]*?)',
};

/** What stands between the parts of a list: signs, or words, of which the catalogue says the other. */
const SIGNS = ['; ', ', '];
const WORDS = ['or', 'and'];

/** A value ends where another line or sentence begins. */
const BEGINS_ANOTHER = /\n|[.!?] \p{Lu}/u;

interface Rule {
  /** The longest part of it that is its own: a text without it is not of this form. */
  readonly own: string;
  readonly form: RegExp;
  readonly places: readonly string[];
  readonly target: string;
  /** It says something of what is named first. */
  readonly isOfPlace: boolean;
}

/**
 * A text is found by its form, whoever has filled in the values: so reasons that a ledger or another process's answer
 * holds are translated, too. Of several forms the one counts that says most itself. What is put together of sentences,
 * of lines, or of a place and what is said of it, is translated part by part.
 */
export function translation(catalogue: Catalogue): Translate {
  const entries = Object.entries(catalogue).map(
    ([source, target]) => [unended(source), unended(target)] as const,
  );
  const whole = new Map(entries.filter(([source]) => !PLACE.test(source)));
  const rules = entries
    .filter(([source]) => PLACE.test(source))
    .toSorted(([a], [b]) => ownLength(b) - ownLength(a))
    .map(ruleOf);

  function translate(text: string): string {
    if (text.includes('\n')) return text.replaceAll(/(?<=^[^\S\n]*)\S.*$/gm, translate);
    return (
      sentence(text) ??
      bySentences(text) ??
      several(text) ??
      part(text) ??
      sentence(text, { isSure: false }) ??
      text
    );
  }

  /** With a period or without. */
  function sentence(text: string, { isSure = true } = {}): string | undefined {
    const plain = unended(text);
    const told = whole.get(plain) ?? byRule(plain, isSure);
    return told === undefined ? undefined : told + text.slice(plain.length);
  }

  /** @param isSure Whether the sentences in it are to be known, too. */
  function byRule(text: string, isSure: boolean): string | undefined {
    const inParts = several(text);
    for (const { own, form, places, target, isOfPlace } of rules) {
      const [, ...values] = (text.includes(own) ? form.exec(text) : null) ?? [];
      const isOther = places.some((place, index) => {
        const value = values[index] ?? '';
        return (
          place !== '{s}' && (BEGINS_ANOTHER.test(value) || (inParts !== undefined && value.includes('; ')))
        );
      });
      if (values.length === 0 || isOther || (isOfPlace && values[0]?.includes(': ') === true)) continue;
      const inOther = places.map((place, index) => valueIn(place, values[index] ?? ''));
      const isUnknown = places.some(
        (place, index) => place === '{s}' && inOther[index] === values[index] && saysMore(values[index]),
      );
      if (!(isSure && isUnknown)) return filled(target, inOther);
    }
    return undefined;
  }

  function valueIn(place: string, value: string): string {
    if (place === '{n}') return withComma(value);
    if (place !== '{s}') return value;
    const whole = sentence(value) ?? part(value);
    if (whole !== undefined) return whole;
    const told = several(value) ?? translate(value);
    return told === value ? (listed(value) ?? value) : told;
  }

  /** What is known each by itself, with semicolons between. */
  function several(text: string): string | undefined {
    const parts = partsOf(text, '; ');
    return parts.length > 0 && parts.every(([each, told]) => told !== each)
      ? parts.map(([, told]) => told).join('; ')
      : undefined;
  }

  /** `a text, a list or null`: what is listed by words are sentences, or names, which have no spaces. */
  function listed(value: string): string | undefined {
    const sign = SIGNS.find((each) => value.includes(each));
    if (sign !== undefined)
      return partsOf(value, sign)
        .map(([, told]) => told)
        .join(sign);
    const word = WORDS.find((each) => value.includes(` ${each} `));
    if (word === undefined) return undefined;
    const parts = partsOf(value, ` ${word} `);
    if (parts.some(([each, told]) => told === each && each.includes(' '))) return undefined;
    return parts.map(([, told]) => told).join(` ${whole.get(word) ?? word} `);
  }

  function partsOf(value: string, separator: string): (readonly [english: string, told: string])[] {
    return value.includes(separator)
      ? value.split(separator).map((each) => [each, valueIn('{s}', each)])
      : [];
  }

  /** The longest runs of sentences that are known together, one after the other. */
  function bySentences(text: string): string | undefined {
    const parts = text.split(/(?<=[.!?]) (?=\p{Lu})/u);
    if (parts.length < 2) return undefined;
    const told: string[] = [];
    while (parts.length > 0) {
      let length = parts.length;
      let known: string | undefined;
      for (; length > 0 && known === undefined; length -= 1)
        known = sentence(parts.slice(0, length).join(' '));
      const taken = parts.splice(0, known === undefined ? 1 : length + 1).join(' ');
      told.push(known ?? part(taken) ?? taken);
    }
    return told.join(' ');
  }

  /** `dados/clientes.csv: it holds no rows`, or `the bucket does not exist (NoSuchBucket)`. */
  function part(text: string): string | undefined {
    for (const { index } of text.matchAll(/: /g)) {
      const told = sentence(text.slice(index + 2));
      if (told !== undefined) return `${text.slice(0, index)}: ${told}`;
    }
    const [, said = '', cause = ''] = /^(.*?)( \([^()]*\)\.?)$/.exec(text) ?? [];
    const told = said === '' ? undefined : (sentence(said) ?? part(said));
    return told === undefined ? undefined : `${told}${cause}`;
  }

  return translate;
}

/** The part of a catalogue by which these texts may have been written. */
export function partOf(catalogue: Catalogue, texts: readonly string[]): Catalogue {
  return Object.fromEntries(
    Object.entries(catalogue).filter(([source]) => {
      const form = new RegExp(patternOf(unended(source)), 'u');
      return texts.some((text) => form.test(text));
    }),
  );
}

/** Whether a value has words, and is not a name or a quoted text. */
function saysMore(value = ''): boolean {
  return / \S*\p{L}/u.test(value.trim().replaceAll(/"(?:[^"\\]|\\.)*"/g, '…'));
}

/** How much of a form is its own. */
function ownLength(source: string): number {
  return source.replaceAll(/\{[ns]?\}/g, '').length;
}

function ruleOf([source, target]: readonly [string, string]): Rule {
  const parts = source.split(PLACE).filter((part) => !(part in FORMS));
  return {
    own: parts.reduce((longest, part) => (part.length > longest.length ? part : longest), ''),
    form: new RegExp(`^${patternOf(source)}$`, 'u'),
    places: source.split(PLACE).filter((part) => part in FORMS),
    target,
    isOfPlace: source.startsWith('{}'),
  };
}

function patternOf(source: string): string {
  return source
    .split(PLACE)
    .map((part) => FORMS[part] ?? escaped(part))
    .join('');
}

function unended(text: string): string {
  return text.replace(/\.$/, '');
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`);
}

function filled(target: string, values: readonly string[]): string {
  let next = 0;
  return target.replaceAll(TARGET_PLACE, (_place, which: string | undefined) => {
    const place = which !== undefined && /\d/.test(which) ? Number(which) - 1 : next++;
    return values[place] ?? '';
  });
}

/** `1,234.5` as `1.234,5`. */
export function withComma(number: string): string {
  return number.replaceAll(/[.,]/g, (sign) => (sign === ',' ? '.' : ','));
}
