import { type FileHandle, open } from 'node:fs/promises';
import { closingQuote, CR, type CsvDialect, isSeparator, LF } from './csv-fields.ts';

/** The longest record that is read. */
export const LONGEST_RECORD_BYTES: number = 16 * 1024 * 1024;

/** What a file without long records is read by: in small parts, which threads share better, and which take less memory. */
export const USUAL_RECORD_BYTES: number = 2 * 1024 * 1024;

export function isLong(recordBytes: number): boolean {
  return recordBytes > USUAL_RECORD_BYTES - 64;
}

const CHUNK_BYTES = 1024 * 1024;
const BLANK = 0x20;

/** What ends a record; the last one of a file may have nothing. */
export type LineEnd = '\n' | '\r\n' | '\r' | '';

/** A record of a CSV file: the bytes from `start` to `end`. The visitor may keep nothing of it. */
export interface CsvRecord {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  readonly lineEnd: LineEnd;
  /** The line that it begins in, counted from 1. */
  readonly line: number;
  /** How many line ends stand in its quotes. */
  readonly lineBreaks: number;
  /** The file, or what may be read at once, ends before the quoted text does. */
  readonly isOpen: boolean;
}

/**
 * Told of every record but empty lines. `'line'`: it is none, what follows its first line is looked at anew; `'stop'`:
 * the rest is not wanted.
 */
export type RecordVisitor = (record: CsvRecord) => 'next' | 'line' | 'stop';

/**
 * Reads a file of UTF-8 record by record. A record ends with a line end outside of quotes, whatever line ends the
 * others have. Resolves the kinds of line ends that there were, of empty lines too.
 *
 * @param skip how many lines at the beginning are not looked at.
 * @param comment what lines begin with that are not looked at.
 * @param between waited for now and then, before more is read.
 * @param chunkBytes how much is read at once, but for longer records.
 */
export async function visitRecords(
  path: string,
  { dialect, skip, comment }: { dialect: CsvDialect; skip: number; comment: number | undefined },
  visit: RecordVisitor,
  { between, chunkBytes = CHUNK_BYTES }: { between?: () => Promise<void>; chunkBytes?: number } = {},
): Promise<ReadonlySet<LineEnd>> {
  const handle = await open(path);
  try {
    return await new RecordReader(dialect, skip, comment, visit, chunkBytes).read(handle, between);
  } finally {
    await handle.close();
  }
}

/** As {@link visitRecords}, of text that is at hand. */
export function visitRecordsIn(
  bytes: Buffer,
  { dialect, comment }: { dialect: CsvDialect; comment: number | undefined },
  visit: RecordVisitor,
): void {
  new RecordReader(dialect, 0, comment, visit, bytes.length).take(bytes);
}

/** Whether the last byte of a file is a line end. */
export async function endsWithLine(path: string): Promise<boolean> {
  const handle = await open(path);
  try {
    const { size } = await handle.stat();
    const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, Math.max(0, size - 1));
    return buffer[0] === LF || buffer[0] === CR;
  } finally {
    await handle.close();
  }
}

class RecordReader {
  readonly #dialect: CsvDialect;
  readonly #comment: number | undefined;
  readonly #visit: RecordVisitor;
  #toSkip: number;
  #words: Int32Array;
  /** How much of the buffer is filled. */
  #size = 0;
  #isLast = false;
  #isStopped = false;
  #hasQuotes = false;
  readonly #lineEnds = new Set<LineEnd>();
  /** The one that is looked at, made anew for none: there are many. */
  readonly #record: { -readonly [key in keyof CsvRecord]: CsvRecord[key] };

  constructor(
    dialect: CsvDialect,
    skip: number,
    comment: number | undefined,
    visit: RecordVisitor,
    chunkBytes: number,
  ) {
    this.#dialect = dialect;
    this.#toSkip = skip;
    this.#comment = comment;
    this.#visit = visit;
    const bytes = Buffer.alloc(chunkBytes);
    this.#words = wordsOf(bytes);
    this.#record = { bytes, start: 0, end: 0, lineEnd: '', line: 1, lineBreaks: 0, isOpen: false };
  }

  async read(
    handle: FileHandle,
    between: () => Promise<void> = async () => {},
  ): Promise<ReadonlySet<LineEnd>> {
    for (;;) {
      await this.#fill(handle);
      const taken = this.#takeRecords();
      await between();
      if (this.#isLast || this.#isStopped) return this.#lineEnds;
      const { bytes } = this.#record;
      bytes.copyWithin(0, taken, this.#size);
      this.#size -= taken;
      if (this.#size === bytes.length) this.#grow();
    }
  }

  take(whole: Buffer): void {
    this.#size = whole.copy(this.#record.bytes);
    this.#isLast = true;
    this.#takeRecords();
  }

  async #fill(handle: FileHandle): Promise<void> {
    const { bytes } = this.#record;
    while (this.#size < bytes.length && !this.#isLast) {
      const { bytesRead } = await handle.read(bytes, this.#size, bytes.length - this.#size);
      this.#size += bytesRead;
      this.#isLast = bytesRead === 0;
    }
  }

  #grow(): void {
    const { bytes } = this.#record;
    const larger = Buffer.alloc(bytes.length * 2);
    bytes.copy(larger);
    this.#record.bytes = larger;
    this.#words = wordsOf(larger);
  }

  /** Takes the records that are whole; resolves where the next one begins. */
  #takeRecords(): number {
    const record = this.#record;
    let at = 0;
    while (at < this.#size && !this.#isStopped) {
      const isLine = this.#isLine(at);
      record.isOpen = false;
      this.#hasQuotes = false;
      const end = isLine ? this.#nextLineEnd(at) : this.#endOf(at);
      // A CR that is the last byte read may be half of a line end.
      const isWhole = end < this.#size - 1 || (end < this.#size && record.bytes[end] === LF);
      if (!isWhole && !this.#isLast && end - at <= LONGEST_RECORD_BYTES) return at;
      record.start = at;
      record.end = end;
      at = isLine ? this.#passLine(at) : this.#takeRecord();
    }
    return at;
  }

  /** Whether what begins here is a line that is not looked at. */
  #isLine(start: number): boolean {
    return this.#toSkip > 0 || (this.#comment !== undefined && this.#record.bytes[start] === this.#comment);
  }

  #takeRecord(): number {
    const record = this.#record;
    const { start, end } = record;
    const lineEnd = this.#lineEndAt(end);
    if (lineEnd !== record.lineEnd && lineEnd !== '') this.#lineEnds.add(lineEnd);
    record.lineEnd = lineEnd;
    record.lineBreaks = this.#hasQuotes ? countLineEnds(record.bytes, start, end) : 0;
    const verdict = end === start ? 'next' : this.#visit(record);
    if (verdict === 'line' && record.lineBreaks > 0) return this.#passLine(start);
    this.#isStopped = verdict === 'stop';
    record.line += record.lineBreaks + 1;
    return end + record.lineEnd.length;
  }

  #passLine(start: number): number {
    this.#toSkip = Math.max(0, this.#toSkip - 1);
    this.#record.line += 1;
    const end = this.#nextLineEnd(start);
    return end + this.#lineEndAt(end).length;
  }

  #lineEndAt(end: number): LineEnd {
    const { bytes } = this.#record;
    if (end >= this.#size) return '';
    if (bytes[end] === LF) return '\n';
    return end + 1 < this.#size && bytes[end + 1] === LF ? '\r\n' : '\r';
  }

  /** Where the record that begins at `start` ends: at its line end, or at the end of what has been read. */
  #endOf(start: number): number {
    const { bytes } = this.#record;
    const { quote, escape } = this.#dialect;
    let at = start;
    for (;;) {
      at = escape === undefined ? this.#nextSpecial(at, quote ?? LF) : this.#nextEscapable(at, quote, escape);
      if (at >= this.#size) return this.#size;
      const byte = bytes[at];
      if (byte === LF || byte === CR) return at;
      if (byte === escape) at += 1;
      else if (this.#opensField(at, start)) {
        this.#hasQuotes = true;
        const close = closingQuote(bytes, at + 1, this.#size, this.#dialect);
        // A quote that is the last byte read may be half of a doubled one.
        if (close === -1 || (close === this.#size - 1 && !this.#isLast)) {
          this.#record.isOpen = close === -1;
          return this.#size;
        }
        at = close;
      }
      at += 1;
    }
  }

  /** Whether a quote stands where a field begins, but for blanks. */
  #opensField(quoteAt: number, start: number): boolean {
    const { bytes } = this.#record;
    const { separator } = this.#dialect;
    let at = quoteAt;
    if (separator[0] !== BLANK) while (at > start && bytes[at - 1] === BLANK) at -= 1;
    if (at === start) return true;
    const from = at - separator.length;
    return from >= start && isSeparator(bytes, from, separator);
  }

  /** The next line end or quote, four bytes at a time: as a rule there is none in them. */
  #nextSpecial(start: number, quote: number): number {
    const { bytes } = this.#record;
    const words = this.#words;
    const size = this.#size;
    const quotes = quote * 0x01010101;
    let at = start;
    for (;;) {
      while ((at & 3) !== 0 && at < size) {
        const byte = bytes[at] ?? 0;
        if (byte === LF || byte === CR || byte === quote) return at;
        at += 1;
      }
      if (at >= size) return size;
      let word = at >> 2;
      const last = size >> 2;
      for (; word < last; word += 1) {
        const four = words[word] ?? 0;
        const other = four ^ quotes;
        // A byte below 14, or one that is the quote, sets its highest bit.
        if (((((four - 0x0e0e0e0e) & ~four) | ((other - 0x01010101) & ~other)) & 0x80808080) !== 0) break;
      }
      at = word << 2;
      if (at >= size) return size;
      for (const end = Math.min(at + 4, size); at < end; at += 1) {
        const byte = bytes[at] ?? 0;
        if (byte === LF || byte === CR || byte === quote) return at;
      }
      if (at >= size) return size;
    }
  }

  #nextEscapable(start: number, quote: number | undefined, escape: number): number {
    const { bytes } = this.#record;
    let at = start;
    for (; at < this.#size; at += 1) {
      const byte = bytes[at];
      if (byte === LF || byte === CR || byte === quote || byte === escape) return at;
    }
    return at;
  }

  #nextLineEnd(start: number): number {
    const { bytes } = this.#record;
    let at = start;
    while (at < this.#size && bytes[at] !== LF && bytes[at] !== CR) at += 1;
    return at;
  }
}

function wordsOf(bytes: Buffer): Int32Array {
  return new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
}

function countLineEnds(bytes: Buffer, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end; at += 1) {
    if (bytes[at] === LF || (bytes[at] === CR && bytes[at + 1] !== LF)) count += 1;
  }
  return count;
}
