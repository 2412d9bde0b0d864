import { decodeAction } from '../protocol/action-codec.ts';
import type {
  AddFile,
  CommitInfo,
  DomainMetadata,
  Metadata,
  Protocol,
  RemoveFile,
  Transaction,
} from '../protocol/actions.ts';
import { corrupt } from '../protocol/corrupt.ts';
import type { DeferredAdds } from './deferred-adds.ts';
import { LiveFiles } from './live-files.ts';
import { filePathKey } from '../protocol/uri-path.ts';
import {
  describePlace,
  lineAt,
  LoggedFile,
  type LogText,
  type Place,
  plainPath,
  readAdd,
  readRemove,
} from './logged-file.ts';

/** A table's state at one version: what is left of all actions up to it. */
export interface TableState {
  readonly protocol: Protocol;
  readonly metadata: Metadata;
  /** Of those that {@link deferred} has no more than their paths may have been read. */
  readonly files: LiveFiles;
  /** The adds of a checkpoint. */
  readonly deferred: readonly DeferredAdds[];
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
  readonly #files: LiveFiles;
  readonly #deferred: DeferredAdds[] = [];
  readonly #tombstones: Map<string, LoggedFile<RemoveFile>>;
  readonly #transactions: Map<string, Transaction>;
  readonly #domains: Map<string, DomainMetadata>;
  #protocol: Protocol | undefined;
  #metadata: Metadata | undefined;
  #commitInfo: CommitInfo | undefined;

  /** @param before What the log so far has left, without adds of a checkpoint that are deferred; it stays as it is. */
  constructor(before?: TableState) {
    this.#files = new LiveFiles(before?.files);
    this.#tombstones = new Map(before?.tombstones);
    this.#transactions = new Map(before?.transactions);
    this.#domains = new Map(before?.domains);
    this.#protocol = before?.protocol;
    this.#metadata = before?.metadata;
  }

  /**
   * Applies the lines of one commit, or piece of a checkpoint.
   *
   * @throws IgarapeError DELTA_CORRUPT that names the file and the line.
   */
  apply(log: LogText): void {
    this.#commitInfo = undefined;
    const { text } = log;
    const adds: LoggedFile<AddFile>[] = [];
    let vector = nextVector(text, 0);
    let number = 1;
    for (let start = 0; start < text.length; number += 1) {
      const newline = text.indexOf('\n', start);
      const end = newline < 0 ? text.length : newline;
      if (vector < start) vector = nextVector(text, start);
      this.#applyLine({ log, number, start, end }, vector < end, adds);
      start = end + 1;
    }
    for (const add of adds) this.#add(add);
  }

  /** Applies adds without deletion vectors by their paths alone, a line each. */
  applyPaths(file: string, paths: string): void {
    this.#files.addPaths({ file, paths });
    if (this.#tombstones.size > 0)
      for (const path of paths.split('\n')) this.#tombstones.delete(filePathKey(path));
  }

  /** Says where the rest is of adds that came by their paths. */
  defer(adds: DeferredAdds): void {
    this.#deferred.push(adds);
  }

  /** @throws IgarapeError DELTA_CORRUPT where the log has no protocol or no metadata. */
  finish(table: string): TableState {
    if (this.#protocol === undefined) throw corrupt(table, 'its log has no protocol action');
    if (this.#metadata === undefined) throw corrupt(table, 'its log has no metaData action');
    return {
      protocol: this.#protocol,
      metadata: this.#metadata,
      files: this.#files,
      deferred: this.#deferred,
      tombstones: this.#tombstones,
      transactions: this.#transactions,
      domains: this.#domains,
      commitInfo: this.#commitInfo,
    };
  }

  #applyLine(place: Place, hasVector: boolean, adds: LoggedFile<AddFile>[]): void {
    const added = hasVector ? undefined : plainPath(place, 'add');
    if (added !== undefined) {
      adds.push(new LoggedFile(added, undefined, place, readAdd));
      return;
    }
    const removed = hasVector ? undefined : plainPath(place, 'remove');
    if (removed !== undefined) {
      this.#remove(new LoggedFile(removed, undefined, place, readRemove));
      return;
    }
    const action = decodeAction(lineAt(place), describePlace(place));
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

  #add(add: LoggedFile<AddFile>): void {
    this.#files.add(add);
    if (this.#tombstones.size > 0) this.#tombstones.delete(add.key);
  }

  #remove(remove: LoggedFile<RemoveFile>): void {
    this.#files.remove(remove);
    this.#tombstones.set(remove.key, remove);
  }
}

const VECTOR = /"deletionVector"\s*:\s*\{/g;

/** Where the next deletion vector is told of; beyond the text where none is. */
function nextVector(text: string, from: number): number {
  VECTOR.lastIndex = from;
  return VECTOR.exec(text)?.index ?? Infinity;
}
