/** How a CSV file is written, as bytes of UTF-8. */
export interface CsvDialect {
  readonly separator: Uint8Array;
  /** Undefined where nothing is quoted. */
  readonly quote: number | undefined;
  /** Makes the character after it an ordinary one, in quotes or not; undefined where a quote is doubled instead. */
  readonly escape: number | undefined;
}

export const LF = 0x0a;
export const CR = 0x0d;
const SPACE = 0x20;

export function dialectOf(options: {
  readonly separator: string;
  readonly quote: string;
  readonly escape: string;
}): CsvDialect {
  const { quote, escape } = options;
  return {
    separator: Buffer.from(options.separator),
    quote: quote === '' ? undefined : quote.charCodeAt(0),
    escape: escape === '' ? undefined : escape.charCodeAt(0),
  };
}

/** Why a record cannot be taken apart. */
export type FieldFault = 'open-quote' | 'text-after-quote';

/** Where a field's text lies; of a quoted one what is between the quotes. */
type FieldVisitor = (start: number, end: number, isQuoted: boolean) => void;

/**
 * Takes a record apart. A field that begins with a quote ends with the next one that is not doubled or escaped, and may
 * have blanks around its quotes; any other quote is a character like others.
 *
 * @returns how many fields it has, or what is wrong with it.
 */
export function visitFields(
  bytes: Uint8Array,
  start: number,
  end: number,
  dialect: CsvDialect,
  visit?: FieldVisitor,
): number | FieldFault {
  const { separator, quote, escape } = dialect;
  let at = start;
  for (let fields = 1; ; fields += 1) {
    const open = quote === undefined ? -1 : openingQuote(bytes, at, end, dialect);
    if (open === -1) {
      const from = at;
      while (at < end && !isSeparator(bytes, at, separator)) at += bytes[at] === escape ? 2 : 1;
      at = Math.min(at, end);
      visit?.(from, at, false);
    } else {
      const close = closingQuote(bytes, open + 1, end, dialect);
      if (close === -1) return 'open-quote';
      at = skipBlanks(bytes, close + 1, end, separator);
      if (at < end && !isSeparator(bytes, at, separator)) return 'text-after-quote';
      visit?.(open + 1, close, true);
    }
    if (at >= end) return fields;
    at += separator.length;
  }
}

/** Where the quote is that a field begins with, or -1. */
function openingQuote(bytes: Uint8Array, start: number, end: number, dialect: CsvDialect): number {
  const at = skipBlanks(bytes, start, end, dialect.separator);
  return at < end && bytes[at] === dialect.quote ? at : -1;
}

/** Where the quoted text ends that begins at `start`, or -1. */
export function closingQuote(bytes: Uint8Array, start: number, end: number, dialect: CsvDialect): number {
  const { quote, escape } = dialect;
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at];
    if (byte === escape) at += 1;
    else if (byte === quote) {
      if (escape !== undefined || bytes[at + 1] !== quote || at + 1 >= end) return at;
      at += 1;
    }
  }
  return -1;
}

function skipBlanks(bytes: Uint8Array, start: number, end: number, separator: Uint8Array): number {
  if (separator[0] === SPACE) return start;
  let at = start;
  while (at < end && bytes[at] === SPACE) at += 1;
  return at;
}

export function isSeparator(bytes: Uint8Array, at: number, separator: Uint8Array): boolean {
  if (bytes[at] !== separator[0]) return false;
  for (let index = 1; index < separator.length; index += 1) {
    if (bytes[at + index] !== separator[index]) return false;
  }
  return true;
}

/** The text of a field, its quotes and escapes resolved. */
export function fieldBytes(
  bytes: Uint8Array,
  start: number,
  end: number,
  isQuoted: boolean,
  { quote, escape }: CsvDialect,
): Uint8Array {
  const text = bytes.subarray(start, end);
  const mark = escape ?? (isQuoted ? quote : undefined);
  if (mark === undefined || !text.includes(mark)) return text;
  const resolved = new Uint8Array(text.length);
  let length = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === mark && at + 1 < text.length) at += 1;
    resolved[length] = text[at] ?? 0;
    length += 1;
  }
  return resolved.subarray(0, length);
}
