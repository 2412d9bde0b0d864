import { isUtf8 } from 'node:buffer';
import { type FileHandle, open } from 'node:fs/promises';
import { fieldFault, type LineFault, NOT_UTF8, OPEN_QUOTE, TOO_LONG, wrongWidth } from './csv-error.ts';
import { CR, type CsvDialect, fieldBytes, isSeparator, LF, visitFields } from './csv-fields.ts';
import { type CsvRecord, isLong, LONGEST_RECORD_BYTES, visitRecords } from './csv-records.ts';
import { type CsvPlace, type CsvWidth, endsEmpty, type Fault, mayBeHalf } from './csv-survey.ts';

export interface CopyRequest {
  readonly from: CsvPlace;
  readonly width: CsvWidth;
  /** Records at the beginning that are no rows. */
  readonly headerRecords: number;
  /** Records at the end that are no rows. */
  readonly footer: number;
  /** Whether the last record may be half of one, which is then not read. */
  readonly mayGoOn: boolean;
  /** Where the rows go. */
  readonly to: string;
  /** The file's name, for its bad lines. */
  readonly name: string;
  /** Where bad lines go, without a header; undefined where the first one ends the reading. */
  readonly rejects: string | undefined;
  readonly signal: AbortSignal;
}

export interface CsvCopy {
  readonly rows: number;
  readonly hasLong: boolean;
  /** Lines that were set aside. */
  readonly rejected: number;
  /** The last record may be half of one, and was not read. */
  readonly isWaiting: boolean;
}

const DOUBLE_QUOTE = 0x22;
const FLUSH_BYTES = 1024 * 1024;

/** The quote of a copy's fields: the file's own where it has one. */
export function copyQuote({ quote = DOUBLE_QUOTE }: CsvDialect): number {
  return quote;
}

/**
 * Writes the rows of a file anew, after one line that is none: each ends with a line feed, quotes are doubled and not
 * escaped, and nothing else stands between them. Resolves the first line that is wrong where none may be.
 */
export async function copyRows(request: CopyRequest): Promise<CsvCopy | Fault> {
  const rows = await Output.open(request.to);
  rows.append(Buffer.from('rows\n'));
  const rejects = request.rejects === undefined ? undefined : await Output.open(request.rejects);
  try {
    return await new Copy(request, rows, rejects).run();
  } finally {
    await rows.close();
    await rejects?.close();
  }
}

/** A row or a bad line on its way: the bytes of it to be written, or what is wrong with it where that ends the reading. */
type Entry =
  | { readonly kind: 'row' | 'reject'; readonly bytes: Uint8Array }
  | { readonly kind: 'fault'; readonly fault: Fault };

class Copy {
  readonly #request: CopyRequest;
  readonly #rows: Output;
  readonly #rejects: Output | undefined;
  /** The last ones, which are the footer if no more come. */
  readonly #held: Entry[] = [];
  #toPass: number;
  #fault: Fault | undefined;
  #isWaiting = false;

  constructor(request: CopyRequest, rows: Output, rejects: Output | undefined) {
    this.#request = request;
    this.#rows = rows;
    this.#rejects = rejects;
    this.#toPass = request.headerRecords;
  }

  async run(): Promise<CsvCopy | Fault> {
    const { from, signal } = this.#request;
    await visitRecords(from.path, from, (record) => this.#visit(record), {
      between: async () => {
        signal.throwIfAborted();
        await this.#rows.flush(FLUSH_BYTES);
        await this.#rejects?.flush(FLUSH_BYTES);
      },
    });
    return (
      this.#fault ?? {
        rows: this.#rows.entries,
        hasLong: this.#rows.hasLong,
        rejected: this.#rejects?.entries ?? 0,
        isWaiting: this.#isWaiting,
      }
    );
  }

  #visit(record: CsvRecord): 'next' | 'line' | 'stop' {
    if (this.#toPass > 0) {
      this.#toPass -= 1;
      return 'next';
    }
    const { from, width, footer, mayGoOn } = this.#request;
    this.#isWaiting = mayGoOn && mayBeHalf(record);
    if (this.#isWaiting) return 'stop';
    const found = faultOf(record, from.dialect, width);
    const entry = this.#entryOf(record, found);
    if (footer === 0) this.#write(entry);
    else {
      const bytes = entry.kind === 'fault' ? entry : { ...entry, bytes: Buffer.from(entry.bytes) };
      this.#held.push(bytes);
      const [oldest] = this.#held;
      if (this.#held.length > footer && oldest !== undefined) {
        this.#held.shift();
        this.#write(oldest);
      }
    }
    if (this.#fault !== undefined) return 'stop';
    return found === undefined ? 'next' : 'line';
  }

  #entryOf(record: CsvRecord, found: LineFault | undefined): Entry {
    const { from, width } = this.#request;
    if (found === undefined) return { kind: 'row', bytes: rowBytes(record, from.dialect, width) };
    if (this.#rejects === undefined) return { kind: 'fault', fault: { ...found, line: record.line } };
    return { kind: 'reject', bytes: rejectBytes(this.#request.name, record, found) };
  }

  #write(entry: Entry): void {
    if (entry.kind === 'fault') this.#fault = entry.fault;
    else if (entry.kind === 'row') this.#rows.add(entry.bytes);
    else this.#rejects?.add(entry.bytes);
  }
}

function faultOf(
  record: CsvRecord,
  dialect: CsvDialect,
  { columns, hasTrailing }: CsvWidth,
): LineFault | undefined {
  const { bytes, start, end } = record;
  if (end - start > LONGEST_RECORD_BYTES) return TOO_LONG;
  if (record.isOpen) return OPEN_QUOTE;
  const fields = visitFields(bytes, start, end, dialect);
  if (typeof fields !== 'number') return fieldFault(fields);
  const isWide = hasTrailing && fields === columns + 1 && endsEmpty(record, dialect);
  if (!isWide && (hasTrailing || fields !== columns))
    return wrongWidth(fields, columns + Number(hasTrailing), hasTrailing ? 'the first row' : undefined);
  return isUtf8(bytes.subarray(start, end)) ? undefined : NOT_UTF8;
}

/** The row as the copy has it, but for its line end. */
function rowBytes(
  { bytes, start, end }: CsvRecord,
  dialect: CsvDialect,
  { hasTrailing }: CsvWidth,
): Uint8Array {
  const last = hasTrailing ? end - dialect.separator.length : end;
  if (dialect.escape === undefined) return bytes.subarray(start, last);
  const fields: Uint8Array[] = [];
  visitFields(bytes, start, last, dialect, (from, to, isQuoted) => {
    if (fields.length > 0) fields.push(dialect.separator);
    // As databases write a null.
    const isNull =
      !isQuoted && to - from === 2 && bytes[from] === dialect.escape && bytes[from + 1] === UPPER_N;
    const text = isNull ? bytes.subarray(from, to) : fieldBytes(bytes, from, to, isQuoted, dialect);
    fields.push(isQuoted || needsQuotes(text, dialect) ? quoted(text, copyQuote(dialect)) : text);
  });
  return Buffer.concat(fields);
}

const UPPER_N = 0x4e;

function needsQuotes(text: Uint8Array, dialect: CsvDialect): boolean {
  const quote = copyQuote(dialect);
  return text.some(
    (byte, at) => byte === quote || byte === LF || byte === CR || isSeparator(text, at, dialect.separator),
  );
}

function rejectBytes(name: string, { bytes, start, end, line }: CsvRecord, { what }: LineFault): Uint8Array {
  let firstEnd = start;
  while (firstEnd < end && bytes[firstEnd] !== LF && bytes[firstEnd] !== CR) firstEnd += 1;
  const text = quoted(bytes.subarray(start, firstEnd), DOUBLE_QUOTE);
  const doubled = (words: string): string => `"${words.replaceAll('"', '""')}"`;
  return Buffer.concat([Buffer.from(`${doubled(name)},${line},${doubled(what)},`), text]);
}

function quoted(text: Uint8Array, quote: number): Uint8Array {
  let quotes = 0;
  for (const byte of text) if (byte === quote) quotes += 1;
  const result = new Uint8Array(text.length + quotes + 2);
  let at = 1;
  for (const byte of text) {
    if (byte === quote) {
      result[at] = quote;
      at += 1;
    }
    result[at] = byte;
    at += 1;
  }
  result[0] = quote;
  result[at] = quote;
  return result;
}

/** A file that is written piece by piece. */
class Output {
  entries = 0;
  hasLong = false;
  readonly #handle: FileHandle;
  #bytes = Buffer.alloc(2 * FLUSH_BYTES);
  #size = 0;

  private constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  static async open(path: string): Promise<Output> {
    return new Output(await open(path, 'w'));
  }

  add(entry: Uint8Array): void {
    this.append(entry);
    this.append(LINE_FEED);
    this.entries += 1;
    this.hasLong ||= isLong(entry.length);
  }

  append(bytes: Uint8Array): void {
    const size = this.#size + bytes.length;
    if (size > this.#bytes.length) {
      const larger = Buffer.alloc(Math.max(size, 2 * this.#bytes.length));
      this.#bytes.copy(larger, 0, 0, this.#size);
      this.#bytes = larger;
    }
    this.#bytes.set(bytes, this.#size);
    this.#size = size;
  }

  async flush(fromBytes: number): Promise<void> {
    if (this.#size < fromBytes) return;
    await this.#handle.writeFile(this.#bytes.subarray(0, this.#size));
    this.#size = 0;
  }

  async close(): Promise<void> {
    try {
      await this.flush(1);
    } finally {
      await this.#handle.close();
    }
  }
}

const LINE_FEED = Uint8Array.of(LF);
