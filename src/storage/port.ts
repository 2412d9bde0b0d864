/** An object of a {@link Storage}, as a listing shows it. */
export interface StoredObject {
  readonly key: string;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
}

/**
 * Bytes by key under one root: a folder, or a bucket's prefix.
 *
 * Keys are relative, non-empty, separated by `/`, without `.` or `..` parts. What a call has resolved is durable and
 * seen by every later call, from any process. Every method throws an `IgarapeError` (`LAKE_…`, `DISK_FULL`).
 */
export interface Storage {
  /** The root for messages: a path, or `s3://bucket/prefix`. */
  readonly uri: string;

  /** The bytes of a small object, or undefined where there is none. */
  read(key: string): Promise<Uint8Array | undefined>;

  /** An object's size and time, or undefined where there is none. */
  stat(key: string): Promise<StoredObject | undefined>;

  /**
   * The objects whose key starts with `prefix` and sorts after `startAfter`, in the order of their keys' UTF-8 bytes.
   * Some S3 stores list folder by folder (`a/1` before `a-b`): rely on the order, and on `startAfter`, only among the
   * keys of one folder, where it always holds.
   */
  list(prefix: string, startAfter?: string): AsyncIterable<StoredObject>;

  /**
   * The names of the folders right in a folder, which is `''` or ends in `/`: whatever these hold, it is not listed. One
   * that has lost its last object may still be named.
   */
  foldersIn(folder: string): Promise<readonly string[]>;

  /**
   * Creates `key` with `body`; resolves false and changes nothing when it exists. Atomic: of any number of concurrent
   * callers exactly one gets true. When a try of the same call did get through unnoticed (a timeout, a proxy that sent it
   * twice), the object is recognised by its bytes and the answer is true; so `body` must be unique to its writer.
   */
  putIfAbsent(key: string, body: Uint8Array): Promise<boolean>;

  /**
   * Stores the file at `path` under `key`, replacing what is there; nobody sees it half-written. The file may become
   * the stored one itself, so the caller must not write to it afterwards. Where it takes a while, `onBytes` is told now
   * and then how many bytes are stored.
   */
  upload(path: string, key: string, onBytes?: (done: number) => void): Promise<void>;

  /**
   * Makes `to` a copy of `from`, inside the store, where it appears whole or not at all. Where `to` exists already,
   * nothing changes: only the holder of a ledger entry copies to a visible name, and its bytes are always the same.
   */
  copy(from: string, to: string): Promise<void>;

  /** A local file with the object's bytes: the stored file itself, or `path` once the object is downloaded to it. */
  localFile(key: string, path: string): Promise<string>;

  /** Removes the objects; those that do not exist are no error. */
  delete(keys: readonly string[]): Promise<void>;
}
