import { readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ensureFolder } from '../core/ensure-folder.ts';
import { IgarapeError } from '../core/errors.ts';
import { checkKey, checkPrefix, compareKeys } from './key.ts';
import type { Storage, StoredObject } from './port.ts';

/** A {@link Storage} in memory: for tests of what happens around one. Its times count the writes. */
export function openMemoryStorage(uri = 'memory:'): Storage {
  return new MemoryStorage(uri);
}

interface Entry {
  readonly body: Uint8Array;
  readonly modifiedMs: number;
}

class MemoryStorage implements Storage {
  readonly uri: string;
  readonly #entries = new Map<string, Entry>();
  #writes = 0;

  constructor(uri: string) {
    this.uri = uri;
  }

  async read(key: string): Promise<Uint8Array | undefined> {
    checkKey(key);
    return this.#entries.get(key)?.body.slice();
  }

  async stat(key: string): Promise<StoredObject | undefined> {
    checkKey(key);
    const entry = this.#entries.get(key);
    return entry === undefined ? undefined : describe(key, entry);
  }

  async *list(prefix: string, startAfter = ''): AsyncGenerator<StoredObject> {
    checkPrefix(prefix);
    const keys = [...this.#entries.keys()].filter(
      (key) => key.startsWith(prefix) && compareKeys(key, startAfter) > 0,
    );
    for (const key of keys.toSorted(compareKeys)) {
      const entry = this.#entries.get(key);
      if (entry !== undefined) yield describe(key, entry);
    }
  }

  async foldersIn(folder: string): Promise<readonly string[]> {
    checkPrefix(folder);
    const within = [...this.#entries.keys()].filter((key) => key.startsWith(folder));
    const names = within.map((key) => key.slice(folder.length).split('/')).filter(({ length }) => length > 1);
    return [...new Set(names.map(([name = '']) => name))].toSorted(compareKeys);
  }

  async putIfAbsent(key: string, body: Uint8Array): Promise<boolean> {
    checkKey(key);
    if (this.#entries.has(key)) return false;
    this.#put(key, body.slice());
    return true;
  }

  async upload(path: string, key: string): Promise<void> {
    checkKey(key);
    this.#put(key, await readFile(path));
  }

  async copy(from: string, to: string): Promise<void> {
    checkKey(to);
    if (!this.#entries.has(to)) this.#put(to, this.#require(from));
  }

  async localFile(key: string, path: string): Promise<string> {
    const body = this.#require(key);
    await ensureFolder(dirname(path));
    await writeFile(path, body);
    return path;
  }

  async delete(keys: readonly string[]): Promise<void> {
    for (const key of keys) checkKey(key);
    for (const key of keys) this.#entries.delete(key);
  }

  #put(key: string, body: Uint8Array): void {
    this.#writes += 1;
    this.#entries.set(key, { body, modifiedMs: this.#writes });
  }

  #require(key: string): Uint8Array {
    checkKey(key);
    const entry = this.#entries.get(key);
    if (entry === undefined) throw new IgarapeError('LAKE_NOT_FOUND', `${this.uri}/${key} does not exist`);
    return entry.body;
  }
}

function describe(key: string, entry: Entry): StoredObject {
  return { key, sizeBytes: entry.body.byteLength, modifiedMs: entry.modifiedMs };
}
