import { basename, dirname, join, resolve } from 'node:path';
import { IgarapeError } from '../../core/errors.ts';
import { isKey } from '../../storage/key.ts';
import { openLocalStorage } from '../../storage/local.ts';
import type { Storage } from '../../storage/port.ts';
import { corrupt, messageOf, unsupported } from '../protocol/corrupt.ts';
import type { Disk } from './disk.ts';
import { decodeUriPath, type FilePath } from '../protocol/uri-path.ts';

/** A file of the table, data or deletion vectors, and the storage that has it. */
export interface TableFile {
  readonly storage: Storage;
  readonly key: string;
  /** For messages. */
  readonly uri: string;
}

/**
 * The file that a path of the log names: relative to the table, or absolute. A table in a folder may name any file of
 * this machine by its absolute path, as the protocol allows and shallow clones do; a table elsewhere only what lies
 * under its own root.
 *
 * @throws IgarapeError DELTA_CORRUPT where the path leaves the table by `..` or is malformed; DELTA_UNSUPPORTED where it
 * leads to another store.
 */
export function tableFile(storage: Storage, path: string): TableFile {
  const decoded = decode(storage, path);
  switch (decoded.kind) {
    case 'relative': {
      if (!isKey(decoded.key))
        throw corrupt(storage.uri, `its log names the impossible file ${JSON.stringify(path)}`);
      return { storage, key: decoded.key, uri: `${storage.uri}/${decoded.key}` };
    }
    case 'local': {
      if (!isFolder(storage)) throw outside(storage, path);
      const file = resolve(decoded.path);
      if (!isKey(basename(file)))
        throw corrupt(storage.uri, `its log names the impossible file ${JSON.stringify(path)}`);
      return { storage: openLocalStorage(dirname(file)), key: basename(file), uri: file };
    }
    case 'remote': {
      const root = `${storage.uri}/`;
      const uri = decoded.uri.replace(/^s3[an]:/, 's3:');
      const key = uri.slice(root.length);
      if (!uri.startsWith(root) || !isKey(key)) throw outside(storage, path);
      return { storage, key, uri };
    }
    default:
      return decoded satisfies never;
  }
}

/** A local file with the bytes of a file of the table. @throws IgarapeError DELTA_MISSING where there is none */
export async function localCopy(disk: Disk, path: string): Promise<string> {
  const { storage, key, uri } = tableFile(disk.storage, path);
  try {
    return await storage.localFile(key, join(disk.workDir, key));
  } catch (error) {
    throw missingOr(error, uri);
  }
}

/** All bytes of a file of the table. @throws IgarapeError DELTA_MISSING where there is none */
export async function readTableFile(disk: Disk, path: string): Promise<Uint8Array> {
  const { storage, key, uri } = tableFile(disk.storage, path);
  const bytes = await storage.read(key);
  if (bytes === undefined) throw missing(uri);
  return bytes;
}

function decode(storage: Storage, path: string): FilePath {
  try {
    return decodeUriPath(path);
  } catch (cause) {
    throw corrupt(
      storage.uri,
      `its log names the file ${JSON.stringify(path)}, which is no URI (${messageOf(cause)})`,
      cause,
    );
  }
}

function isFolder(storage: Storage): boolean {
  return !/^[a-z0-9+.-]{2,}:/i.test(storage.uri);
}

function outside(storage: Storage, path: string): IgarapeError {
  return unsupported(
    storage.uri,
    `its log names the file ${JSON.stringify(path)}, which lies outside of the table`,
  );
}

function missingOr(error: unknown, uri: string): unknown {
  return error instanceof IgarapeError && error.code === 'LAKE_NOT_FOUND' ? missing(uri, error) : error;
}

function missing(uri: string, cause?: unknown): IgarapeError {
  return new IgarapeError('DELTA_MISSING', `${uri}: the log names this file, and it is missing`, {
    hint: 'A vacuum may have removed it: read a newer version, or restore the file from a copy.',
    ...(cause === undefined ? {} : { cause }),
  });
}
