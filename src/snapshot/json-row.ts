import type { Told } from '../core/language/sentence.ts';
import { canonicalNumber } from './cell-file.ts';

/** Bytes that are no JSON, or JSON that is no row; the message is the second half of "line 3 …". */
export class BadJson extends Error {
  override readonly name = 'BadJson';
  override readonly message: Told;

  constructor(message: Told) {
    super(message);
    this.message = message;
  }
}

/** The bytes end before the row does. */
export class CutOff extends Error {
  override readonly name = 'CutOff';
}

export const OPEN_BRACE = 0x7b;
export const CLOSE_BRACE = 0x7d;
export const OPEN_BRACKET = 0x5b;
export const CLOSE_BRACKET = 0x5d;
export const COMMA = 0x2c;
export const COLON = 0x3a;
export const QUOTE = 0x22;
export const BACKSLASH = 0x5c;

export const LONGEST_ROW_BYTES: number = 64 * 1024 * 1024;
const DEEPEST = 512;
const MOST_COLUMNS = 20_000;
const NUMBER = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;
/** No JSON, but what Python writes for floating-point numbers that are none. */
const NO_NUMBER = /^(?:NaN|-?Infinity)$/;

export function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/**
 * Reads JSON objects as rows of a cell file, without changing a digit: numbers are taken from the text. Nested values
 * become JSON text without blanks, members by name, so that their order makes no difference.
 */
export class JsonRowReader {
  /** The members' names, in the order of their first appearance: the columns. */
  readonly names: string[] = [];
  /** The columns that have held an object or a list. */
  readonly nested: Set<number> = new Set();
  /** Of the rows written, in bytes. */
  longestLine = 0;
  /** How many were written. */
  rows = 0;
  readonly #indexes = new Map<string, number>();
  readonly #attempts: number[] = [];
  #attempt = 0;
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  #out: Buffer = Buffer.allocUnsafe(1024 * 1024);
  #length = 0;

  /**
   * Reads the object that begins at `start`, and resolves where it ends.
   *
   * @throws CutOff, BadJson
   */
  read(bytes: Buffer, start: number): number {
    const before = this.#length;
    this.#bytes = bytes;
    this.#at = start;
    this.#attempt += 1;
    try {
      this.#row();
      if (this.#at - start > LONGEST_ROW_BYTES) throw new BadJson('is longer than 64 MB');
    } catch (error) {
      this.#length = before;
      throw error;
    }
    this.rows += 1;
    this.longestLine = Math.max(this.longestLine, this.#length - before);
    return this.#at;
  }

  /** How far reading has come, for messages. */
  get at(): number {
    return this.#at;
  }

  get waitingBytes(): number {
    return this.#length;
  }

  /** The rows that were read since the last call, as lines of a cell file. */
  take(): Buffer {
    const taken = Buffer.from(this.#out.subarray(0, this.#length));
    this.#length = 0;
    return taken;
  }

  #row(): void {
    this.#expect(OPEN_BRACE, 'is no JSON object');
    this.#put('{');
    let isFirst = true;
    while (this.#nextMember(isFirst)) {
      const index = this.#column();
      this.#expect(COLON, 'has a name without a value');
      this.#put(`${isFirst ? '' : ','}"${index}":`);
      this.#cell(index);
      isFirst = false;
    }
    this.#put('}\n');
  }

  /** Goes to the next member's name, or past the object's end. */
  #nextMember(isFirst: boolean): boolean {
    const byte = this.#peek();
    if (byte === CLOSE_BRACE) {
      this.#at += 1;
      return false;
    }
    if (!isFirst) this.#expect(COMMA, 'is not JSON: a comma is missing between two members');
    if (this.#peek() !== QUOTE) throw new BadJson('is not JSON: a name in quotes is missing');
    return true;
  }

  /** The index of the column whose name stands here. */
  #column(): number {
    const [start, end, isEscaped] = this.#skipText();
    const raw = this.#bytes.toString('latin1', start, end);
    const known = this.#indexes.get(raw) ?? this.#newColumn(raw, start, end, isEscaped);
    if (this.#attempts[known] === this.#attempt)
      throw new BadJson(`has two members named ${JSON.stringify(this.names[known])}`);
    this.#attempts[known] = this.#attempt;
    return known;
  }

  #newColumn(raw: string, start: number, end: number, isEscaped: boolean): number {
    const name = this.#text(start, end, isEscaped);
    const spelled = this.names.indexOf(name);
    const index = spelled === -1 ? this.names.length : spelled;
    if (spelled === -1) this.names.push(name);
    if (this.names.length > MOST_COLUMNS)
      throw new BadJson(`has more members than a table has columns: ${this.names.length} different ones`);
    this.#indexes.set(raw, index);
    return index;
  }

  #cell(index: number): void {
    const byte = this.#peek();
    if (byte === QUOTE) {
      const [start, end, isEscaped] = this.#skipText();
      if (isEscaped) return this.#put(JSON.stringify(`s${this.#text(start, end, true)}`));
      this.#put('"s');
      this.#copy(start, end);
      return this.#put('"');
    }
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      this.nested.add(index);
      return this.#put(JSON.stringify(`s${this.#nestedText(1)}`));
    }
    const word = this.#word();
    this.#put(word === 'null' ? word : `"${isLiteral(word) ? `n${word}` : canonicalNumber(word)}"`);
  }

  #nestedText(depth: number): string {
    if (depth > DEEPEST) throw new BadJson(`is nested deeper than ${DEEPEST} levels`);
    const byte = this.#peek();
    if (byte === QUOTE) return this.#quoted();
    if (byte === OPEN_BRACKET) return this.#list(depth);
    return byte === OPEN_BRACE ? this.#object(depth) : this.#word();
  }

  #object(depth: number): string {
    this.#at += 1;
    const members: { readonly name: string; readonly text: string }[] = [];
    while (this.#nextMember(members.length === 0)) {
      const name = this.#quoted();
      this.#expect(COLON, 'has a name without a value');
      members.push({ name, text: `${name}:${this.#nestedText(depth + 1)}` });
    }
    members.sort((a, b) => (a.name < b.name ? -1 : 1));
    const twice = members.find(({ name }, index) => name === members[index - 1]?.name);
    if (twice !== undefined) throw new BadJson(`has two members named ${twice.name}`);
    return `{${members.map(({ text }) => text).join()}}`;
  }

  #list(depth: number): string {
    this.#at += 1;
    const items: string[] = [];
    while (this.#peek() !== CLOSE_BRACKET) {
      if (items.length > 0) this.#expect(COMMA, 'is not JSON: a comma is missing between two values');
      items.push(this.#nestedText(depth + 1));
    }
    this.#at += 1;
    return `[${items.join()}]`;
  }

  /** The text that begins here as JSON, in one spelling. */
  #quoted(): string {
    if (this.#peek() !== QUOTE) throw new BadJson('is not JSON: a name in quotes is missing');
    const [start, end, isEscaped] = this.#skipText();
    const text = this.#text(start, end, isEscaped);
    return isEscaped ? JSON.stringify(text) : `"${text}"`;
  }

  #text(start: number, end: number, isEscaped: boolean): string {
    const raw = this.#bytes.toString('utf8', start, end);
    if (!isEscaped) return raw;
    const text = unescaped(raw);
    if (/\p{Surrogate}/u.test(text)) throw new BadJson('has half a character in a text');
    return text;
  }

  /** Goes past the text that begins here. */
  #skipText(): [start: number, end: number, isEscaped: boolean] {
    const bytes = this.#bytes;
    const { length } = bytes;
    const start = this.#at + 1;
    let isEscaped = false;
    for (let at = start; at < length; at += 1) {
      const byte = bytes[at] ?? 0;
      if (byte === QUOTE) {
        this.#at = at + 1;
        return [start, at, isEscaped];
      }
      if (byte === BACKSLASH) {
        isEscaped = true;
        at += 1;
      } else if (byte < 0x20) {
        throw new BadJson('is not JSON: a text holds a line break or another control character');
      }
    }
    throw new CutOff();
  }

  /** A number, `true`, `false` or `null`, as it is written. */
  #word(): string {
    const bytes = this.#bytes;
    const start = this.#at;
    while (isWordByte(bytes[this.#at])) this.#at += 1;
    if (this.#at >= bytes.length) throw new CutOff();
    const word = bytes.toString('latin1', start, this.#at);
    if (NUMBER.test(word) || isLiteral(word) || word === 'null') return word;
    throw new BadJson(
      `is not JSON: ${JSON.stringify(bytes.toString('utf8', start, start + 20))} is no value`,
    );
  }

  #expect(byte: number, otherwise: Told): void {
    if (this.#peek() !== byte) throw new BadJson(otherwise);
    this.#at += 1;
  }

  /** The next byte that is no blank. */
  #peek(): number {
    const bytes = this.#bytes;
    while (isSpace(bytes[this.#at])) this.#at += 1;
    const byte = bytes[this.#at];
    if (byte === undefined) throw new CutOff();
    return byte;
  }

  #put(text: string): void {
    this.#reserve(text.length * 3);
    this.#length += this.#out.write(text, this.#length);
  }

  #copy(start: number, end: number): void {
    this.#reserve(end - start);
    this.#length += this.#bytes.copy(this.#out, this.#length, start, end);
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#out.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#out.length * 2, this.#length + bytes));
    this.#out.copy(larger, 0, 0, this.#length);
    this.#out = larger;
  }
}

function isLiteral(word: string): boolean {
  return word === 'true' || word === 'false' || NO_NUMBER.test(word);
}

function isWordByte(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  return (
    (byte >= 0x30 && byte <= 0x39) ||
    (byte >= 0x61 && byte <= 0x7a) ||
    (byte >= 0x41 && byte <= 0x5a) ||
    byte === 0x2d ||
    byte === 0x2b ||
    byte === 0x2e
  );
}

function unescaped(raw: string): string {
  try {
    return String(JSON.parse(`"${raw}"`));
  } catch {
    throw new BadJson(`is not JSON: ${JSON.stringify(raw.slice(0, 40))} is no text`);
  }
}
