import { decodeAction } from '../protocol/action-codec.ts';
import { type AddFile, deletionVectorId, type RemoveFile } from '../protocol/actions.ts';
import { corrupt } from '../protocol/corrupt.ts';
import { filePathKey } from '../protocol/uri-path.ts';

/** Lines of NDJSON, and the file that they come from. */
export interface LogText {
  readonly file: string;
  readonly text: string;
}

/** A line: its number, from 1, and where it begins and ends in the text that it is part of. */
export interface Place {
  readonly log: LogText;
  readonly number: number;
  readonly start: number;
  readonly end: number;
}

export function lineAt({ log, start, end }: Place): string {
  return log.text.slice(start, end);
}

/** For messages. */
export function describePlace({ log, number }: Place): string {
  return `${log.file}:${number}`;
}

/**
 * An add or a remove of the log; all but its key is read when it is first asked for. There are hundreds of thousands
 * of them, so that each holds as little as it can, and no object beside it.
 */
export class LoggedFile<T extends AddFile | RemoveFile> {
  readonly pathKey: string;
  /** The id of the file's deletion vector, where it has one. */
  readonly vectorId: string | undefined;
  readonly #log: LogText;
  readonly #number: number;
  readonly #start: number;
  readonly #end: number;
  readonly #read: (line: string, where: string) => T | undefined;
  #action: T | undefined;

  constructor(
    path: string,
    vectorId: string | undefined,
    { log, number, start, end }: Place,
    read: (line: string, where: string) => T | undefined,
  ) {
    this.pathKey = filePathKey(path);
    this.vectorId = vectorId;
    this.#log = log;
    this.#number = number;
    this.#start = start;
    this.#end = end;
    this.#read = read;
  }

  static of<T extends AddFile | RemoveFile>(action: T, place: Place): LoggedFile<T> {
    const { path, deletionVector } = action;
    const vectorId = deletionVector === undefined ? undefined : deletionVectorId(deletionVector);
    const known = { log: { ...place.log, text: '' }, number: place.number, start: 0, end: 0 };
    return new LoggedFile(path, vectorId, known, () => action);
  }

  /** Stands for all adds of a file of which no more than their paths has been read. */
  static unread(file: string): LoggedFile<AddFile> {
    return new LoggedFile('', undefined, { log: { file, text: '' }, number: 0, start: 0, end: 0 }, readAdd);
  }

  get isRead(): boolean {
    return this.#number > 0;
  }

  /** The logical file's key: its path and its deletion vector. */
  get key(): string {
    return this.vectorId === undefined ? this.pathKey : `${this.pathKey}\0${this.vectorId}`;
  }

  /** The rows of a file without a deletion vector, where its line shows them at once: most lines do. */
  get loggedRows(): number | undefined {
    if (this.vectorId !== undefined) return undefined;
    const rows = /"stats":"\{\\"numRecords\\":(\d{1,15})[,}]/.exec(lineAt(this.#place))?.[1];
    return rows === undefined ? undefined : Number(rows);
  }

  /**
   * The JSON of its partition values, where its line shows them at once: equal texts are equal values. It does not
   * where a name or value has a brace, a quote or a backslash.
   */
  get partitionText(): string | undefined {
    const { text } = this.#log;
    const from = text.indexOf(PARTITION, this.#start) + PARTITION.length;
    if (from < PARTITION.length) return undefined;
    const end = text.indexOf('}', from);
    if (end < 0 || end >= this.#end) return undefined;
    const values = text.slice(from, end);
    return PLAIN_VALUES.test(values) ? `{${values}}` : undefined;
  }

  /** @throws IgarapeError DELTA_CORRUPT where the rest of the line is damaged. */
  get action(): T {
    if (this.#action !== undefined) return this.#action;
    const place = this.#place;
    const action = this.#read(lineAt(place), describePlace(place));
    if (
      action === undefined ||
      filePathKey(action.path) !== this.pathKey ||
      hasVector(action) !== (this.vectorId !== undefined)
    ) {
      throw corrupt(describePlace(place), 'the line contradicts itself');
    }
    this.#action = action;
    return action;
  }

  get #place(): Place {
    return { log: this.#log, number: this.#number, start: this.#start, end: this.#end };
  }
}

const PARTITION = '"partitionValues":{';
const PLAIN_VALUES = /^(?:"[^"\\{}]*":(?:"[^"\\{}]*"|null)(?:,(?!$)|$))*$/;

const PREFIX = { add: '{"add":{"path":"', remove: '{"remove":{"path":"' };

/**
 * The path of a line without a deletion vector in the form that every writer gives it; undefined where the line has to
 * be read in full, because of its form or an escape in the path.
 */
export function plainPath(
  { log: { text }, start, end }: Place,
  action: 'add' | 'remove',
): string | undefined {
  const prefix = PREFIX[action];
  if (!text.startsWith(prefix, start) || !text.startsWith('}}', end - 2)) return undefined;
  const from = start + prefix.length;
  const quote = text.indexOf('"', from);
  if (quote < 0 || quote >= end) return undefined;
  const path = text.slice(from, quote);
  return path.includes('\\') ? undefined : path;
}

function hasVector(action: AddFile | RemoveFile): boolean {
  return action.deletionVector !== undefined;
}

export function readAdd(line: string, where: string): AddFile | undefined {
  const action = decodeAction(line, where);
  return action !== undefined && 'add' in action ? action.add : undefined;
}

export function readRemove(line: string, where: string): RemoveFile | undefined {
  const action = decodeAction(line, where);
  return action !== undefined && 'remove' in action ? action.remove : undefined;
}
