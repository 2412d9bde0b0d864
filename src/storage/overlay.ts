import { randomUUID } from 'node:crypto';
import { copyFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ensureFolder } from '../core/ensure-folder.ts';
import { compareKeys } from './key.ts';
import type { Storage, StoredObject } from './port.ts';

/**
 * A storage as it would be after writes that it never gets: these, and what is removed, are kept in another storage and
 * in this process.
 *
 * @param below What is read, and stays as it is.
 * @param above What is written goes here; empty to begin with.
 * @param folder For copies of what is below, on the way.
 */
export function openOverlay(below: Storage, above: Storage, folder: string): Storage {
  return new Overlay(below, above, folder);
}

class Overlay implements Storage {
  readonly uri: string;
  readonly #below: Storage;
  readonly #above: Storage;
  readonly #folder: string;
  /** Keys of what is below and was removed. */
  readonly #removed = new Set<string>();

  constructor(below: Storage, above: Storage, folder: string) {
    this.uri = below.uri;
    this.#below = below;
    this.#above = above;
    this.#folder = folder;
  }

  async read(key: string): Promise<Uint8Array | undefined> {
    const found = await this.#above.read(key);
    return found === undefined && !this.#removed.has(key) ? this.#below.read(key) : found;
  }

  async stat(key: string): Promise<StoredObject | undefined> {
    const found = await this.#above.stat(key);
    return found === undefined && !this.#removed.has(key) ? this.#below.stat(key) : found;
  }

  async *list(prefix: string, startAfter?: string): AsyncGenerator<StoredObject> {
    const found = new Map<string, StoredObject>();
    for await (const object of this.#below.list(prefix, startAfter))
      if (!this.#removed.has(object.key)) found.set(object.key, object);
    for await (const object of this.#above.list(prefix, startAfter)) found.set(object.key, object);
    yield* [...found.values()].toSorted((left, right) => compareKeys(left.key, right.key));
  }

  async foldersIn(folder: string): Promise<readonly string[]> {
    const found = [...(await this.#below.foldersIn(folder)), ...(await this.#above.foldersIn(folder))];
    return [...new Set(found)].toSorted(compareKeys);
  }

  async putIfAbsent(key: string, body: Uint8Array): Promise<boolean> {
    const isBelow = !this.#removed.has(key) && (await this.#below.stat(key)) !== undefined;
    return isBelow ? false : this.#above.putIfAbsent(key, body);
  }

  async upload(path: string, key: string, onBytes?: (done: number) => void): Promise<void> {
    await this.#above.upload(path, key, onBytes);
  }

  async copy(from: string, to: string): Promise<void> {
    if ((await this.stat(to)) !== undefined) return;
    if ((await this.#above.stat(from)) !== undefined) return this.#above.copy(from, to);
    // A stored file must not become the copy itself, which what is uploaded may.
    const path = join(this.#folder, randomUUID());
    await ensureFolder(dirname(path));
    const file = await this.#below.localFile(from, `${path}.stored`);
    await copyFile(file, path);
    await this.#above.upload(path, to);
  }

  async localFile(key: string, path: string): Promise<string> {
    const isAbove = (await this.#above.stat(key)) !== undefined;
    return (isAbove || this.#removed.has(key) ? this.#above : this.#below).localFile(key, path);
  }

  async delete(keys: readonly string[]): Promise<void> {
    await this.#above.delete(keys);
    for (const key of keys) this.#removed.add(key);
  }
}
