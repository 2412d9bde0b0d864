import type { Storage } from '../../src/storage/port.ts';

/** A call that is about to write to a store, or has written. */
export interface Write {
  readonly call: 'upload' | 'copy' | 'putIfAbsent' | 'delete';
  /** The keys that it writes or removes. */
  readonly keys: readonly string[];
}

export interface WriteListeners {
  before?(write: Write): void | Promise<void>;
  after?(write: Write): void | Promise<void>;
}

/** A store that tells of every write, at the port itself, so that none goes unseen. A listener that throws stops it. */
export function wrapStorage(storage: Storage, listeners: WriteListeners): Storage {
  async function told<T>(write: Write, call: () => Promise<T>): Promise<T> {
    await listeners.before?.(write);
    const result = await call();
    await listeners.after?.(write);
    return result;
  }
  return {
    uri: storage.uri,
    read: (key) => storage.read(key),
    stat: (key) => storage.stat(key),
    list: (prefix, startAfter) => storage.list(prefix, startAfter),
    foldersIn: (folder) => storage.foldersIn(folder),
    localFile: (key, path) => storage.localFile(key, path),
    putIfAbsent: (key, body) =>
      told({ call: 'putIfAbsent', keys: [key] }, () => storage.putIfAbsent(key, body)),
    upload: (path, key, onBytes) =>
      told({ call: 'upload', keys: [key] }, () => storage.upload(path, key, onBytes)),
    copy: (from, to) => told({ call: 'copy', keys: [to] }, () => storage.copy(from, to)),
    delete: (keys) => told({ call: 'delete', keys }, () => storage.delete(keys)),
  };
}
