import { isAscii } from 'node:buffer';
import { openDecoder } from './transcode-decoders.ts';

/** How words of a text read in the encoding that it is taken for, and in another one that it may be in. */
export interface EncodingDoubt {
  readonly read: string;
  /** Undefined where the word is as odd in every other one. */
  readonly other?: { readonly encoding: string; readonly read: string };
}

/** What shows that a text is rather in another encoding than in the one that it is read in. */
export interface Misreading extends Required<EncodingDoubt> {
  readonly encoding: string;
}

/** What texts of Western languages are in, the likeliest first: of several that read as well the first is taken. */
const CANDIDATES = ['utf-8', 'windows-1252', 'iso-8859-15', 'cp850', 'cp860', 'macintosh'] as const;
/** Others that are read so, and have no words of their own. */
const WESTERN: ReadonlySet<string> = new Set([...CANDIDATES, 'latin-1', 'cp437']);
/** What needs no word of its own. */
const USUAL: ReadonlySet<string> = new Set(['utf-8', 'windows-1252']);

const MOST_BYTES = 1024 * 1024;
const MOST_WORDS = 5000;
const LONGEST_SHOWN = 40;
const LINES_OF_BEGINNING = 20;

/** The words of a text that have other characters than those of ASCII: what shows the encoding. */
export class EncodingEvidence {
  /** As bytes, each with the characters beside it. */
  readonly #words = new Set<string>();
  #bytes = 0;
  /** What stands in every line is no part of a word. */
  #separator: string | undefined;

  /** A part of the text. Words that it cuts show nothing; once there are enough the rest is passed over. */
  add(part: Buffer): void {
    if (this.#bytes >= MOST_BYTES || isAscii(part)) return;
    if (this.#bytes === 0) this.#separator = separatorOf(part.toString('latin1'));
    this.#bytes += part.length;
    const isPlain = (byte: number): boolean => byte < 0x80;
    const bytes = part.subarray(part.findIndex(isPlain), part.findLastIndex(isPlain) + 1).toString('latin1');
    const text = this.#separator === undefined ? bytes : bytes.replaceAll(this.#separator, ';');
    for (const [word, before = '', after = ''] of text.matchAll(WORD)) {
      if (this.#words.size >= MOST_WORDS) return;
      this.#words.add(`${before || ' '}${word}${after || ' '}`);
    }
  }

  /** Passes a text on, and adds it. */
  async *watch(parts: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const part of parts) {
      this.add(part);
      yield part;
    }
  }

  /** The encoding in which fewest words are odd; undefined where any would do. With what speaks for another one. */
  tell(): { readonly encoding: string; readonly doubt?: EncodingDoubt } | undefined {
    const [best, ...others] = this.#readIn(CANDIDATES);
    if (best === undefined || this.#words.size === 0) return undefined;
    const { encoding, odd } = best;
    const rivals = others.filter((other) => odd.size > 0 || other.odd.size === 0);
    const usual = others.filter((other) => !USUAL.has(encoding) && other.encoding === 'windows-1252');
    const doubt = doubtOf(best, rivals) ?? doubtOf(best, usual);
    return { encoding, ...(doubt === undefined ? {} : { doubt }) };
  }

  misreading(encoding: string): Misreading | undefined {
    if (!WESTERN.has(encoding)) return undefined;
    const [own] = this.#readIn([encoding]);
    if (own?.odd.size === 0) return undefined;
    const [best] = this.#readIn(CANDIDATES);
    if (own === undefined || best === undefined || best.odd.size >= own.odd.size) return undefined;
    const { read, other } = doubtOf(own, [best]) ?? {};
    return read === undefined || other === undefined ? undefined : { encoding, read, other };
  }

  /** Those with the fewest odd words first, and of these those with the fewest that are strange in Portuguese. */
  #readIn(encodings: readonly string[]): Reading[] {
    const readings = encodings.map((encoding): Reading => {
      const decode = wordDecoder(encoding);
      const texts = new Map([...this.#words].map((word) => [word, decode(word)]));
      const isOdd = oddity(encoding);
      const odd = new Set([...texts].filter(([, text]) => isOdd(text)).map(([word]) => word));
      const strange = [...texts.values()].filter((text) => STRANGE.test(text)).length;
      return { encoding, texts, odd, strange };
    });
    return readings.toSorted((one, other) => one.odd.size - other.odd.size || one.strange - other.strange);
  }
}

/** `§` and `¦` of Windows, where each line of a text's beginning has it. */
function separatorOf(beginning: string): string | undefined {
  const lines = beginning.split(/[\r\n]+/).filter((line) => line !== '');
  return ['\u00A7', '\u00A6'].find(
    (mark) => lines.length > 2 && lines.slice(0, LINES_OF_BEGINNING).every((line) => line.includes(mark)),
  );
}

/** The words in one encoding, by their bytes. */
interface Reading {
  readonly encoding: string;
  readonly texts: ReadonlyMap<string, string>;
  readonly odd: ReadonlySet<string>;
  readonly strange: number;
}

/** A word with what stands right before and after it. */
// oxlint-disable-next-line no-control-regex -- bytes
const WORD =
  /(?<=([^A-Za-z\u0080-\u00FF]|^))[A-Za-z]*[\u0080-\u00FF][A-Za-z\u0080-\u00FF]*(?=([^A-Za-z\u0080-\u00FF]|$))/gs;

/** A word that reads otherwise in another encoding; an odd one where there are any. */
function doubtOf(own: Reading, others: readonly Reading[]): EncodingDoubt | undefined {
  const doubtful = own.odd.size > 0 ? own.odd : own.texts.keys();
  for (const word of doubtful) {
    const read = own.texts.get(word) ?? '';
    const other = others.find(
      ({ odd, texts }) => texts.get(word) !== read && !(own.odd.size > 0 && odd.has(word)),
    );
    if (other !== undefined)
      return {
        read: shown(read),
        other: { encoding: other.encoding, read: shown(other.texts.get(word) ?? '') },
      };
  }
  const [odd] = own.odd;
  return odd === undefined ? undefined : { read: shown(own.texts.get(odd) ?? '') };
}

/** Without what stands before and after the word. */
function shown(text: string): string {
  const word = text.slice(1, -1);
  return word.length > LONGEST_SHOWN ? `${word.slice(0, LONGEST_SHOWN)}…` : word;
}

function wordDecoder(encoding: string): (word: string) => string {
  if (encoding === 'utf-8') return (word) => new TextDecoder().decode(Buffer.from(word, 'latin1'));
  const table = String(
    openDecoder(encoding, 0).push(Buffer.from(Uint8Array.from({ length: 256 }, (_, byte) => byte))),
  );
  return (word) => Array.from(word, (byte) => table.charAt(byte.charCodeAt(0))).join('');
}

/** Whether a word is odd as it reads in an encoding, with what stands before and after it. */
function oddity(encoding: string): (text: string) => boolean {
  if (encoding === 'utf-8') return (text) => text.includes('\uFFFD');
  const letters = encoding.startsWith('cp') || encoding === 'macintosh' ? USUAL_LETTERS : LETTERS;
  return (text) =>
    THREE_LETTERS.test(text) ||
    Array.from(text).some((character, at) => {
      if (character < '\u0080') return false;
      const before = text.charAt(at - 1);
      const after = text.slice(at + 1);
      return letters.test(character)
        ? isOddLetter(character, before, after)
        : !SIGNS.some(
            ([signs, comes, follows]) =>
              signs.includes(character) && comes.test(before) && follows.test(after),
          );
    });
}

const LETTERS = /[ŠŒŽšœžŸÀ-ÖØ-öø-ÿ]/;
/** Of encodings whose other letters are signs in those that are met more often. */
const USUAL_LETTERS = /[ÁÀÂÃÄÉÈÊËÍÎÓÒÔÕÖÚÙÛÜÇÑáàâãäåéèêëíìîïóòôõöúùûüçñ]/;
const LETTERS_ALONE = /[ÁÀÂÉÊÓÔáàâéêèóòô]/;
/** Letters that Portuguese and Spanish do not have, and such as stand otherwise there: `à` alone, `ão`, `ãe`, `õe`. */
const STRANGE =
  /(?![ÁÀÂÃÉÊÍÓÔÕÚÜÇÑáàâãéêíóôõúüçñªº’])[À-ÿŠŒŽšœžŸ]|(?<!\p{L})à(?!s?(?!\p{L})|qu)|[ãõ](?!s?(?!\p{L})|[oei])/iu;
/** None of the words that are meant. */
const THREE_LETTERS = /[ŠŒŽšœžŸÀ-ÖØ-öø-ÿ]{3}/;

/** A letter of another case than those around it, or one right after a digit or alone that does not stand so. */
function isOddLetter(letter: string, before: string, after: string): boolean {
  if (/[^\p{L}\d'’]/u.test(before) && /^[^\p{L}\d'’]/u.test(after)) return !LETTERS_ALONE.test(letter);
  if (/\d/.test(before)) return !/^\p{Ll}/u.test(after);
  return /\p{Lu}/u.test(letter) ? /\p{Ll}/u.test(before) : !/\p{Ll}/u.test(before) && /^\p{Lu}/u.test(after);
}

const ANY = /^/;
const NO_LETTER = /^\P{L}/u;
const NO_WORD = /^[^\p{L}\d]/u;

/** Signs, with what comes before them and follows. */
const SIGNS: readonly (readonly [signs: string, comes: RegExp, follows: RegExp])[] = [
  ['\u00A0–—…’', ANY, ANY],
  ['´', /[A-Za-z]/, /^\p{L}/u],
  ['“„‘‚‹¿¡', NO_WORD, /^[\p{L}\d"'“‘¿¡(]/u],
  ['“”‘›', /[\p{L}\d.,!?)"'’”]/u, NO_WORD],
  ['«', NO_WORD, ANY],
  ['»', ANY, NO_WORD],
  ['•·', NO_WORD, ANY],
  ['·', /l/i, /^l/i],
  ['ªº', /[A-Za-z\d.]/, NO_LETTER],
  ['°', /[\d nN]/, ANY],
  ['¹²³', /[A-Za-z\d)]/, NO_LETTER],
  ['¼½¾×÷±€£¥¢', NO_LETTER, NO_LETTER],
  ['®™', ANY, NO_LETTER],
  ['§', NO_WORD, NO_LETTER],
  ['©', NO_WORD, ANY],
  ['µ', NO_LETTER, /^[gmlsLAVWFHM]{1,2}(?!\p{L})/u],
  ['‰', /[\d ]/, ANY],
  ['†‡¶¦¬ƒ', NO_WORD, NO_WORD],
];
