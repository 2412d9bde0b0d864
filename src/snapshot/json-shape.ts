import type { Told } from '../core/language/sentence.ts';
import { sameName } from '../core/schema.ts';
import { IgarapeError } from '../core/errors.ts';
import {
  BACKSLASH,
  COLON,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COMMA,
  isSpace,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
} from './json-row.ts';

/** Where a JSON file has its rows. */
export interface JsonRows {
  /** Where the first row, or the list of rows, begins. */
  readonly offset: number;
  /** Whether the rows are one after the other, in a list that is the whole file, or in one of a document. */
  readonly form: 'rows' | 'list' | 'inner list';
}

interface Member {
  readonly name: string;
  readonly offset: number;
  /** Of a list: of objects, of nothing, or of other values. */
  kind: 'scalar' | 'object' | 'list' | 'list of objects' | 'list of nothing';
}

const LINES_NAME = /\.(?:jsonl|ndjson)(?:\.\w+)?$/i;

const MOST_MEMBERS = 10_000;
const LONGEST_NAME_BYTES = 10_000;

/**
 * Finds the rows of a JSON text: objects one after the other, a list of them, or a document that holds one such list.
 * An only object is a row where it has the table's key, and else a document. Of a table without a key it is a row
 * where the file's ending says lines, or where it has values of its own and no list that could be one of rows.
 *
 * @throws IgarapeError TABLE_UNREADABLE a document without such a list, or with several.
 */
export async function findJsonRows(
  chunks: AsyncIterable<Buffer>,
  name: string,
  key: readonly string[],
): Promise<JsonRows> {
  const scan = new DocumentScan();
  for await (const chunk of chunks) {
    if (scan.push(chunk) !== undefined) break;
  }
  if (scan.found !== undefined) return scan.found;
  const { members } = scan;
  const start: JsonRows = { offset: 0, form: 'rows' };
  // Left to the reading of rows, which tells what is wrong.
  if (!scan.isWhole) return start;
  if (key.length === 0 && LINES_NAME.test(name)) return start;
  const scalars = members.filter(({ kind }) => kind === 'scalar');
  const lists = members.filter(({ kind }) => kind === 'list of objects');
  const mayHoldRows = lists.length > 0 || members.some(({ kind }) => kind === 'list of nothing');
  const isRow =
    key.length === 0
      ? scalars.length > 0 && !mayHoldRows
      : key.every((column) => scalars.some(({ name: member }) => sameName(member, column)));
  if (scalars.length === members.length || isRow) return start;
  const [list, ...others] = lists.length > 0 ? lists : members.filter(({ kind }) => kind.startsWith('list'));
  const areAllEmpty = [list, ...others].every((each) => each?.kind === 'list of nothing');
  if (list !== undefined && list.kind !== 'list' && (others.length === 0 || areAllEmpty))
    return { offset: list.offset, form: 'inner list' };
  throw noRows(name, scan, lists);
}

function noRows(
  name: string,
  { members, hasDeeperList }: DocumentScan,
  lists: readonly Member[],
): IgarapeError {
  const shown = (of: readonly Member[]): string =>
    of
      .slice(0, 5)
      .map((member) => JSON.stringify(member.name))
      .join(', ');
  const refuse = (found: Told, hint: Told): IgarapeError =>
    new IgarapeError('TABLE_UNREADABLE', `${name}: it is one JSON object, ${found}.`, { hint });
  const asRows =
    'Write it as a list of objects, or one object a line: in pandas to_json(…, orient="records"), with lines=True for lines.';
  if (lists.length > 1)
    return refuse(`and several of its members are lists of rows: ${shown(lists)}`, asRows);
  if (lists.length === 0 && hasDeeperList)
    return refuse(
      `with the members ${shown(members)}: a list of objects is only deeper in it`,
      'Rows are a list that stands right in the outermost object, or alone in the file: write it so, or one object a line.',
    );
  if (members.length > 0 && members.every(({ kind }) => kind === 'object'))
    return refuse(
      `whose members are objects again, ${shown(members)}: a table by columns or by index, as pandas writes it by default`,
      asRows,
    );
  if (members.length > 0 && members.every(({ kind }) => kind.startsWith('list')))
    return refuse(`whose members are lists of values, ${shown(members)}: a table by columns`, asRows);
  return refuse(
    `with the members ${shown(members)}: it is neither a row with the key of the table, nor holds a list of rows`,
    'Check "pk" of the table.',
  );
}

/** Goes through the beginning of a JSON text, or through all of its only object, without keeping it. */
class DocumentScan {
  readonly members: Member[] = [];
  found: JsonRows | undefined;
  /** The only object has come to its end. */
  isWhole = false;
  /** An object has a list of objects that is no member of the outermost. */
  hasDeeperList = false;
  #offset = 0;
  #depth = 0;
  #inText = false;
  #escaped = false;
  #text: number[] = [];
  #name: string | undefined;
  /** The value of that name has begun. */
  #isMember = false;
  #isFirstItem = false;
  #byteBefore = 0;

  /** Resolves the rows as soon as it is clear where they are. */
  push(chunk: Buffer): JsonRows | undefined {
    for (let at = 0; at < chunk.length && this.found === undefined; at += 1) {
      const byte = chunk[at] ?? 0;
      if (this.#inText) this.#inside(byte);
      else if (!isSpace(byte)) this.#outside(byte, this.#offset + at);
    }
    this.#offset += chunk.length;
    return this.found;
  }

  #inside(byte: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (byte === BACKSLASH) this.#escaped = true;
    else if (byte === QUOTE) {
      this.#inText = false;
      if (this.#depth === 1 && this.#name === undefined) this.#name = nameOf(this.#text);
      return;
    }
    if (this.#depth === 1 && this.#name === undefined && this.#text.length < LONGEST_NAME_BYTES)
      this.#text.push(byte);
  }

  #outside(byte: number, offset: number): void {
    if (this.isWhole || (this.#depth === 0 && byte !== OPEN_BRACE)) {
      // Another value follows the first, or a list is the first.
      const isList = !this.isWhole && byte === OPEN_BRACKET;
      this.found = isList ? { offset, form: 'list' } : { offset: 0, form: 'rows' };
      return;
    }
    if (this.#depth === 2 && this.#isFirstItem) {
      this.#isFirstItem = false;
      const last = this.members.at(-1);
      if (last?.kind === 'list') {
        if (byte === OPEN_BRACE) last.kind = 'list of objects';
        if (byte === CLOSE_BRACKET) last.kind = 'list of nothing';
      }
    }
    if (this.#depth === 1) this.#member(byte, offset);
    if (this.#depth > 2 && byte === OPEN_BRACE && this.#byteBefore === OPEN_BRACKET)
      this.hasDeeperList = true;
    this.#byteBefore = byte;
    if (byte === QUOTE) {
      this.#inText = true;
      this.#text = [];
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) this.#depth += 1;
    else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      this.#depth -= 1;
      this.isWhole = this.#depth === 0;
    }
  }

  /** A byte right inside of the object: the first of a value, where the name before it is known. */
  #member(byte: number, offset: number): void {
    const name = this.#name;
    if (byte === COMMA) {
      this.#name = undefined;
      this.#isMember = false;
    }
    if (name === undefined || byte === COLON || byte === COMMA || byte === CLOSE_BRACE) return;
    if (this.#isMember || this.members.length >= MOST_MEMBERS) return;
    this.#isMember = true;
    const kind = byte === OPEN_BRACE ? 'object' : byte === OPEN_BRACKET ? 'list' : 'scalar';
    this.#isFirstItem = kind === 'list';
    this.members.push({ name, offset, kind });
  }
}

function nameOf(bytes: readonly number[]): string {
  const raw = Buffer.from(bytes).toString();
  try {
    return String(JSON.parse(`"${raw}"`));
  } catch {
    return raw;
  }
}
