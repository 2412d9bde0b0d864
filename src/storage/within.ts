import type { Storage, StoredObject } from './port.ts';

/** The objects of a storage whose keys begin with `folder`, a path that ends in `/`, as a storage of their own. */
export function storageWithin(storage: Storage, folder: string): Storage {
  return new StorageWithin(storage, folder);
}

class StorageWithin implements Storage {
  readonly uri: string;
  readonly #outer: Storage;
  readonly #folder: string;

  constructor(outer: Storage, folder: string) {
    this.uri = `${outer.uri}/${folder.slice(0, -1)}`;
    this.#outer = outer;
    this.#folder = folder;
  }

  async read(key: string): Promise<Uint8Array | undefined> {
    return this.#outer.read(this.#folder + key);
  }

  async stat(key: string): Promise<StoredObject | undefined> {
    const object = await this.#outer.stat(this.#folder + key);
    return object === undefined ? undefined : { ...object, key };
  }

  async *list(prefix: string, startAfter?: string): AsyncGenerator<StoredObject> {
    const after = startAfter === undefined ? undefined : this.#folder + startAfter;
    for await (const object of this.#outer.list(this.#folder + prefix, after))
      yield { ...object, key: object.key.slice(this.#folder.length) };
  }

  async foldersIn(folder: string): Promise<readonly string[]> {
    return this.#outer.foldersIn(this.#folder + folder);
  }

  async putIfAbsent(key: string, body: Uint8Array): Promise<boolean> {
    return this.#outer.putIfAbsent(this.#folder + key, body);
  }

  async upload(path: string, key: string, onBytes?: (done: number) => void): Promise<void> {
    return this.#outer.upload(path, this.#folder + key, onBytes);
  }

  async copy(from: string, to: string): Promise<void> {
    return this.#outer.copy(this.#folder + from, this.#folder + to);
  }

  async localFile(key: string, path: string): Promise<string> {
    return this.#outer.localFile(this.#folder + key, path);
  }

  async delete(keys: readonly string[]): Promise<void> {
    return this.#outer.delete(keys.map((key) => this.#folder + key));
  }
}
