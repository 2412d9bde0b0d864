import type { AddFile, RemoveFile } from '../protocol/actions.ts';
import { filePathKey } from '../protocol/uri-path.ts';
import { LoggedFile } from './logged-file.ts';

/** Adds without deletion vectors by their paths alone. */
interface PathText {
  /** What has them, for messages. */
  readonly file: string;
  /** A line each. */
  readonly paths: string;
}

/**
 * The live files of a version by the key of their path. What a checkpoint gives of them first is kept as a text until
 * somebody asks for a file: to enter its paths by their keys takes longer than to read them.
 */
export class LiveFiles {
  readonly #texts: PathText[] = [];
  readonly #files: Map<string, LoggedFile<AddFile>>;
  /** Keys of what was removed, and may be in the texts. */
  readonly #removed = new Set<string>();

  /** @param before They stay as they are. */
  constructor(before?: LiveFiles) {
    this.#files = new Map(before?.all());
  }

  addPaths(text: PathText): void {
    if (this.#isTexts) {
      this.#texts.push(text);
      return;
    }
    this.all();
    enter(this.#files, text);
  }

  add(file: LoggedFile<AddFile>): void {
    this.#files.set(file.pathKey, file);
  }

  remove({ pathKey, vectorId }: LoggedFile<RemoveFile>): void {
    if (this.#files.get(pathKey)?.vectorId !== vectorId) return;
    this.#files.delete(pathKey);
    if (this.#texts.length > 0) this.#removed.add(pathKey);
  }

  /** Puts an add that has been read in the place of its path; a newer commit may have removed it, or added it again. */
  complete(file: LoggedFile<AddFile>): void {
    const { pathKey } = file;
    const known = this.#files.get(pathKey);
    const isPath =
      known === undefined ? this.#texts.length > 0 && !this.#removed.has(pathKey) : !known.isRead;
    if (isPath) this.#files.set(pathKey, file);
  }

  get size(): number {
    if (!this.#isTexts) return this.all().size;
    return this.#texts.reduce((sum, { paths }) => sum + paths.split('\n').length, 0);
  }

  /** Whether nothing has come beside the texts. */
  get #isTexts(): boolean {
    return this.#files.size === 0 && this.#removed.size === 0;
  }

  /** Those of which more has been read than their paths. */
  read(): LoggedFile<AddFile>[] {
    return [...this.#files.values()].filter(({ isRead }) => isRead);
  }

  /** All of them by their keys, such as have not been read, too. */
  all(): ReadonlyMap<string, LoggedFile<AddFile>> {
    if (this.#texts.length > 0) {
      const others = [...this.#files];
      this.#files.clear();
      for (const text of this.#texts.splice(0)) enter(this.#files, text);
      for (const key of this.#removed) this.#files.delete(key);
      for (const [key, file] of others) this.#files.set(key, file);
      this.#removed.clear();
    }
    return this.#files;
  }
}

function enter(files: Map<string, LoggedFile<AddFile>>, { file, paths }: PathText): void {
  const unread = LoggedFile.unread(file);
  for (const path of paths.split('\n')) files.set(filePathKey(path), unread);
}
