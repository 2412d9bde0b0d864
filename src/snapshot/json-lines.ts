import type { Told } from '../core/language/sentence.ts';
import { IgarapeError } from '../core/errors.ts';
import {
  BadJson,
  CLOSE_BRACKET,
  COMMA,
  CutOff,
  isSpace,
  type JsonRowReader,
  LONGEST_ROW_BYTES,
  OPEN_BRACKET,
} from './json-row.ts';
import type { JsonRows } from './json-shape.ts';

const NEWLINE = 0x0a;

/**
 * The rows of a JSON text as lines of a cell file, a few at a time.
 *
 * @throws IgarapeError TABLE_UNREADABLE with the line where the text is no JSON, or a value no object.
 */
export async function* cellLines(
  chunks: AsyncIterable<Buffer>,
  splitter: RowSplitter,
  reader: JsonRowReader,
): AsyncGenerator<Buffer> {
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  let neededBytes = 0;
  for await (const chunk of chunks) {
    waiting.push(chunk);
    waitingBytes += chunk.length;
    // A row that is longer than what is there is tried again when there is twice as much: each byte is read few times.
    if (waitingBytes < neededBytes) continue;
    const rest = splitter.read(Buffer.concat(waiting));
    if (rest.length > LONGEST_ROW_BYTES) throw splitter.refuse('is longer than 64 MB', '');
    waiting = [rest];
    waitingBytes = rest.length;
    neededBytes = rest.length * 2;
    if (reader.waitingBytes > 0) yield reader.take();
  }
  splitter.end(Buffer.concat(waiting));
  if (reader.waitingBytes > 0) yield reader.take();
}

/** Finds where each row begins, and reads it. */
export class RowSplitter {
  readonly #form: JsonRows['form'];
  readonly #reader: JsonRowReader;
  readonly #name: string;
  readonly #mayGoOn: boolean;
  /** The last row is not whole yet, and is not read. */
  isWaiting = false;
  /** What may come next in a list. */
  #next: 'list' | 'first' | 'item' | 'comma' | 'nothing';
  #toSkip: number;
  #line = 1;

  /** @param mayGoOn whether rows one after the other may end within one, which is then not read. */
  constructor(rows: JsonRows, reader: JsonRowReader, name: string, mayGoOn: boolean) {
    this.#form = rows.form;
    this.#next = rows.form === 'rows' ? 'item' : 'list';
    this.#toSkip = rows.offset;
    this.#reader = reader;
    this.#name = name;
    this.#mayGoOn = mayGoOn;
  }

  /** Reads the rows that are there to their end; resolves the bytes that are left. */
  read(bytes: Buffer): Buffer {
    let at = Math.min(this.#toSkip, bytes.length);
    this.#toSkip -= at;
    try {
      while (!this.#isDone) {
        while (isSpace(bytes[at])) at += 1;
        if (at >= bytes.length) break;
        at = this.#step(bytes, at);
      }
    } catch (error) {
      if (error instanceof CutOff) return this.#consume(bytes, at);
      if (!(error instanceof BadJson)) throw error;
      const place =
        bytes
          .subarray(at, at + 80)
          .toString()
          .split('\n')[0] ?? '';
      const isNoRow = error.message.startsWith('is no JSON object');
      const isInRow = !isNoRow && (this.#next === 'first' || this.#next === 'item');
      this.#consume(bytes, isInRow ? this.#reader.at : at);
      throw this.refuse(error.message, isNoRow ? `: ${place}` : '', error);
    }
    return this.#consume(bytes, this.#isDone ? bytes.length : at);
  }

  /** The list has ended, and what follows is the rest of its document, which was looked at before. */
  get #isDone(): boolean {
    return this.#next === 'nothing' && this.#form === 'inner list';
  }

  end(rest: Buffer): void {
    const hasMore = this.read(rest).length > 0;
    this.isWaiting = this.#mayGoOn && this.#form === 'rows' && hasMore;
    if (this.isWaiting) return;
    if (hasMore || (this.#form !== 'rows' && this.#next !== 'nothing'))
      throw this.refuse('is cut off: the file ends before its JSON does', '');
  }

  refuse(what: Told, more: string, cause?: unknown): IgarapeError {
    return new IgarapeError('TABLE_UNREADABLE', `${this.#name}: line ${this.#line} ${what}${more}.`, {
      hint: 'Each line must be one JSON object, or the file a list of objects; if the file is cut off, fetch it again.',
      cause,
    });
  }

  #step(bytes: Buffer, at: number): number {
    const byte = bytes[at];
    if (this.#next === 'list') {
      if (byte !== OPEN_BRACKET) throw new BadJson('is no list');
      this.#next = 'first';
      return at + 1;
    }
    if (this.#next === 'nothing') throw new BadJson('is not JSON: something follows the list of rows');
    if (byte === CLOSE_BRACKET && (this.#next === 'first' || this.#next === 'comma')) {
      this.#next = 'nothing';
      return at + 1;
    }
    if (this.#next === 'comma') {
      if (byte !== COMMA) throw new BadJson('is not JSON: a comma is missing between two rows');
      this.#next = 'item';
      return at + 1;
    }
    const end = this.#reader.read(bytes, at);
    this.#next = this.#form === 'rows' ? 'item' : 'comma';
    return end;
  }

  #consume(bytes: Buffer, end: number): Buffer {
    for (let at = bytes.indexOf(NEWLINE); at !== -1 && at < end; at = bytes.indexOf(NEWLINE, at + 1))
      this.#line += 1;
    return bytes.subarray(end);
  }
}
