import { lstatSync, readFileSync, renameSync, rmdirSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { IgarapeError, systemErrorCode } from '../core/errors.ts';
import { checkKey, checkPrefix } from './key.ts';
import { fileError, missingFile } from './file-error.ts';
import {
  hardLink,
  type Link,
  linkOrCopy,
  makeFolder,
  removeFile,
  removeStaleTemporaries,
  saysAbsent,
  statIfThere,
  syncFile,
  syncFolder,
  temporaryBeside,
  tryLink,
  writeNewFile,
} from './local/files.ts';
import { foldersIn, walk } from './local/walk.ts';
import type { Storage, StoredObject } from './port.ts';

/**
 * A folder as a {@link Storage}; it is created by the first write. A crash of the process or of the machine leaves at
 * most files named `.tmp-…`, which no listing shows and a later write removes once they are a day old.
 */
export function openLocalStorage(root: string, link: Link = hardLink): Storage {
  return new LocalStorage(resolve(root), link);
}

const MOST_TRIES = 10;

class LocalStorage implements Storage {
  readonly uri: string;
  readonly #link: Link;
  /** Folders that this process knows to exist durably. */
  readonly #durable = new Set<string>();
  /** Folders that it has freed of stale temporaries. */
  readonly #tidy = new Set<string>();

  constructor(root: string, hardLink: Link) {
    this.uri = root;
    this.#link = hardLink;
  }

  async read(key: string): Promise<Uint8Array | undefined> {
    const path = this.#path(key);
    try {
      return readFileSync(path);
    } catch (error) {
      if (await saysAbsent(error, this.uri)) return undefined;
      throw fileError(error, path);
    }
  }

  async stat(key: string): Promise<StoredObject | undefined> {
    const path = this.#path(key);
    try {
      const found = lstatSync(path, { throwIfNoEntry: false });
      if (found?.isFile() !== true) return undefined;
      return { key, sizeBytes: found.size, modifiedMs: Math.floor(found.mtimeMs) };
    } catch (error) {
      if (await saysAbsent(error, this.uri)) return undefined;
      throw fileError(error, path);
    }
  }

  async *list(prefix: string, startAfter = ''): AsyncGenerator<StoredObject> {
    checkPrefix(prefix);
    try {
      yield* walk(this.uri, prefix, startAfter);
    } catch (error) {
      throw fileError(error, join(this.uri, prefix));
    }
  }

  async foldersIn(folder: string): Promise<readonly string[]> {
    checkPrefix(folder);
    try {
      return await foldersIn(this.uri, folder);
    } catch (error) {
      throw fileError(error, join(this.uri, folder));
    }
  }

  /**
   * A file that is whole and on disk gets its name by link(2), which fails where the name is taken; a rename would
   * replace. Where the file system has no hard links, the name is created exclusively and then written: still one
   * winner, but a crash in between leaves a file cut short, which its reader has to notice.
   */
  async putIfAbsent(key: string, body: Uint8Array): Promise<boolean> {
    const path = this.#path(key);
    return this.#write(path, async (temporary) => {
      await writeNewFile(temporary, body);
      await this.#tidyBeside(temporary);
      try {
        if (!(await tryLink(temporary, path, this.#link))) await writeNewFile(path, body);
      } catch (error) {
        // Over a network share the answer to a link that was made can get lost: then the file has two names.
        if (systemErrorCode(error) !== 'EEXIST') throw error;
        if ((await statIfThere(temporary))?.nlink !== 2) return false;
      }
      return true;
    });
  }

  async upload(source: string, key: string): Promise<void> {
    const path = this.#path(key);
    await guard(source, () => syncFile(source));
    await this.#write(path, async (temporary) => {
      await linkOrCopy(source, temporary, this.#link);
      await this.#tidyBeside(temporary);
      renameSync(temporary, path);
    });
  }

  async copy(from: string, to: string): Promise<void> {
    const source = this.#path(from);
    const path = this.#path(to);
    if ((await this.stat(to)) !== undefined) return;
    if ((await this.stat(from)) === undefined) throw missingFile(source);
    await this.#write(path, async (temporary) => {
      try {
        if (await tryLink(source, path, this.#link)) return;
        await linkOrCopy(source, temporary, this.#link);
        if (await tryLink(temporary, path, this.#link)) return;
      } catch (error) {
        if (systemErrorCode(error) !== 'EEXIST') throw error;
        return;
      }
      // Without hard links two may get here at once; by contract they bring the same bytes.
      renameSync(temporary, path);
    });
  }

  async localFile(key: string): Promise<string> {
    if ((await this.stat(key)) === undefined) throw missingFile(this.#path(key));
    return this.#path(key);
  }

  async delete(keys: readonly string[]): Promise<void> {
    const paths = keys.map((key) => this.#path(key));
    const changed = new Set<string>();
    for (const path of paths) {
      if (await guard(path, () => removeFile(path))) changed.add(dirname(path));
    }
    for (const folder of changed) await guard(folder, () => this.#settle(folder));
  }

  #path(key: string): string {
    checkKey(key);
    return join(this.uri, ...key.split('/'));
  }

  /** Runs `step` with a free temporary's name beside `path`, in a folder that exists, and makes the names durable. */
  async #write<T>(path: string, step: (temporary: string) => Promise<T>): Promise<T> {
    const folder = dirname(path);
    for (let left = MOST_TRIES; ; left -= 1) {
      const temporary = temporaryBeside(path);
      try {
        if (!this.#durable.has(folder)) await makeFolder(folder, this.uri, this.#durable);
        const result = await step(temporary);
        // A rename leaves it, too, where both names are links to one file already.
        await removeFile(temporary);
        await syncFolder(folder);
        return result;
      } catch (error) {
        await removeFile(temporary).catch(() => undefined);
        this.#forget(folder);
        // Somebody who emptied the folder has removed it in the meantime.
        const vanished = systemErrorCode(error) === 'ENOENT' && (await statIfThere(folder)) === undefined;
        if (!vanished || left <= 1) throw fileError(error, path);
      }
    }
  }

  async #tidyBeside(temporary: string): Promise<void> {
    const folder = dirname(temporary);
    if (this.#tidy.has(folder)) return;
    await removeStaleTemporaries(folder, lstatSync(temporary).ctimeMs);
    this.#tidy.add(folder);
  }

  #forget(folder: string): void {
    this.#durable.delete(folder);
    this.#tidy.delete(folder);
  }

  /** Makes removals durable, and removes the folders under the root that they left empty. */
  async #settle(folder: string): Promise<void> {
    for (let path = folder; path.startsWith(this.uri + sep); path = dirname(path)) {
      try {
        rmdirSync(path);
        this.#forget(path);
      } catch (error) {
        const code = systemErrorCode(error);
        if (code !== 'ENOENT') {
          await syncFolder(path);
          return;
        }
      }
    }
    await syncFolder(this.uri);
  }
}

async function guard<T>(path: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw error instanceof IgarapeError ? error : fileError(error, path);
  }
}
