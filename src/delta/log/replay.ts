import { decodeAction } from '../protocol/action-codec.ts';
import {
  type AddFile,
  type CommitInfo,
  deletionVectorId,
  type DomainMetadata,
  type Metadata,
  type Protocol,
  type RemoveFile,
  type Transaction,
} from '../protocol/actions.ts';
import { corrupt } from '../protocol/corrupt.ts';
import { filePathKey } from '../protocol/uri-path.ts';

/** A table's state at one version: what is left of all actions up to it. */
export interface TableState {
  readonly protocol: Protocol;
  readonly metadata: Metadata;
  /** The live files by {@link filePathKey}. */
  readonly files: ReadonlyMap<string, LoggedFile<AddFile>>;
  /** What was removed and is still remembered, by path key and deletion vector. */
  readonly tombstones: ReadonlyMap<string, LoggedFile<RemoveFile>>;
  readonly transactions: ReadonlyMap<string, Transaction>;
  /** Without those that were removed. */
  readonly domains: ReadonlyMap<string, DomainMetadata>;
  /** Of the newest commit, where that has one. */
  readonly commitInfo: CommitInfo | undefined;
}

/**
 * Replays a log, oldest file first: the newest action wins. The order of actions in one file means nothing: a file's
 * removes come before its adds.
 *
 * Of a line that adds or removes a file no more is read than its path until somebody wants the rest, so that a log of
 * hundreds of thousands of files opens fast.
 */
export class Replay {
  readonly #files = new Map<string, LoggedFile<AddFile>>();
  readonly #tombstones = new Map<string, LoggedFile<RemoveFile>>();
  readonly #transactions = new Map<string, Transaction>();
  readonly #domains = new Map<string, DomainMetadata>();
  #protocol: Protocol | undefined;
  #metadata: Metadata | undefined;
  #commitInfo: CommitInfo | undefined;

  /**
   * Applies the lines of one commit, or piece of a checkpoint.
   *
   * @throws IgarapeError DELTA_CORRUPT that names the file and the line.
   */
  apply(text: string, file: string): void {
    this.#commitInfo = undefined;
    const adds: LoggedFile<AddFile>[] = [];
    let number = 0;
    for (let start = 0; start < text.length; number += 1) {
      const newline = text.indexOf('\n', start);
      const end = newline < 0 ? text.length : newline;
      this.#applyLine(text.slice(start, end), { file, number: number + 1 }, adds);
      start = end + 1;
    }
    for (const add of adds) {
      this.#files.set(add.pathKey, add);
      if (this.#tombstones.size > 0) this.#tombstones.delete(add.key);
    }
  }

  /** @throws IgarapeError DELTA_CORRUPT where the log has no protocol or no metadata. */
  finish(table: string): TableState {
    if (this.#protocol === undefined) throw corrupt(table, 'its log has no protocol action');
    if (this.#metadata === undefined) throw corrupt(table, 'its log has no metaData action');
    return {
      protocol: this.#protocol,
      metadata: this.#metadata,
      files: this.#files,
      tombstones: this.#tombstones,
      transactions: this.#transactions,
      domains: this.#domains,
      commitInfo: this.#commitInfo,
    };
  }

  #applyLine(line: string, place: Place, adds: LoggedFile<AddFile>[]): void {
    const added = plainPath(line, ADD_PREFIX);
    if (added !== undefined) {
      adds.push(new LoggedFile(added, undefined, line, place, readAdd));
      return;
    }
    const removed = plainPath(line, REMOVE_PREFIX);
    if (removed !== undefined) {
      this.#remove(new LoggedFile(removed, undefined, line, place, readRemove));
      return;
    }
    const action = decodeAction(line, `${place.file}:${place.number}`);
    if (action === undefined) return;
    if ('add' in action) adds.push(LoggedFile.of(action.add, place));
    else if ('remove' in action) this.#remove(LoggedFile.of(action.remove, place));
    else if ('protocol' in action) this.#protocol = action.protocol;
    else if ('metaData' in action) this.#metadata = action.metaData;
    else if ('txn' in action) this.#transactions.set(action.txn.appId, action.txn);
    else if ('commitInfo' in action) this.#commitInfo = action.commitInfo;
    else if ('domainMetadata' in action) {
      const { domainMetadata } = action;
      if (domainMetadata.removed) this.#domains.delete(domainMetadata.domain);
      else this.#domains.set(domainMetadata.domain, domainMetadata);
    }
  }

  #remove(remove: LoggedFile<RemoveFile>): void {
    if (this.#files.get(remove.pathKey)?.vectorId === remove.vectorId) this.#files.delete(remove.pathKey);
    this.#tombstones.set(remove.key, remove);
  }
}

interface Place {
  readonly file: string;
  readonly number: number;
}

/** An add or a remove of the log; all but its key is read when it is first asked for. */
export class LoggedFile<T extends AddFile | RemoveFile> {
  readonly pathKey: string;
  /** The id of the file's deletion vector, where it has one. */
  readonly vectorId: string | undefined;
  readonly #line: string;
  readonly #place: Place;
  readonly #read: (line: string, where: string) => T | undefined;
  #action: T | undefined;

  constructor(
    path: string,
    vectorId: string | undefined,
    line: string,
    place: Place,
    read: (line: string, where: string) => T | undefined,
  ) {
    this.pathKey = filePathKey(path);
    this.vectorId = vectorId;
    this.#line = line;
    this.#place = place;
    this.#read = read;
  }

  static of<T extends AddFile | RemoveFile>(action: T, place: Place): LoggedFile<T> {
    const { path, deletionVector } = action;
    const vectorId = deletionVector === undefined ? undefined : deletionVectorId(deletionVector);
    return new LoggedFile(path, vectorId, '', place, () => action);
  }

  /** The logical file's key: its path and its deletion vector. */
  get key(): string {
    return this.vectorId === undefined ? this.pathKey : `${this.pathKey}\0${this.vectorId}`;
  }

  /** The rows of a file without a deletion vector, where its line shows them at once: most lines do. */
  get loggedRows(): number | undefined {
    if (this.vectorId !== undefined) return undefined;
    const rows = /"stats":"\{\\"numRecords\\":(\d{1,15})[,}]/.exec(this.#line)?.[1];
    return rows === undefined ? undefined : Number(rows);
  }

  /** @throws IgarapeError DELTA_CORRUPT where the rest of the line is damaged. */
  get action(): T {
    if (this.#action !== undefined) return this.#action;
    const where = `${this.#place.file}:${this.#place.number}`;
    const action = this.#read(this.#line, where);
    if (
      action === undefined ||
      filePathKey(action.path) !== this.pathKey ||
      hasVector(action) !== (this.vectorId !== undefined)
    ) {
      throw corrupt(where, 'the line contradicts itself');
    }
    this.#action = action;
    return action;
  }
}

const ADD_PREFIX = '{"add":{"path":"';
const REMOVE_PREFIX = '{"remove":{"path":"';

/**
 * The path of a line in the form that every writer gives it; undefined where the line has to be read in full, because
 * of its form, an escape in the path, or a deletion vector.
 */
function plainPath(line: string, prefix: string): string | undefined {
  if (!line.startsWith(prefix) || !line.endsWith('}}')) return undefined;
  const path = line.slice(prefix.length, line.indexOf('"', prefix.length));
  return path.includes('\\') || VECTOR.test(line) ? undefined : path;
}

const VECTOR = /"deletionVector"\s*:\s*\{/;

function hasVector(action: AddFile | RemoveFile): boolean {
  return action.deletionVector !== undefined;
}

function readAdd(line: string, where: string): AddFile | undefined {
  const action = decodeAction(line, where);
  return action !== undefined && 'add' in action ? action.add : undefined;
}

function readRemove(line: string, where: string): RemoveFile | undefined {
  const action = decodeAction(line, where);
  return action !== undefined && 'remove' in action ? action.remove : undefined;
}
