import { dirname, join } from 'node:path';
import pLimit from 'p-limit';
import type { Storage } from '../storage/port.ts';
import type { Part } from './ledger-entry.ts';

/** A file of the lake, or a folder of several. */
interface Stored {
  readonly key: string;
  readonly sizeBytes: number;
  /** Of a folder. */
  readonly parts?: readonly Part[];
}

/** The objects that it is of, with their keys. */
export function objectsOf({ key, sizeBytes, parts }: Stored): readonly { key: string; sizeBytes: number }[] {
  return (
    parts?.map((part) => ({ key: `${key}/${part.name}`, sizeBytes: part.sizeBytes })) ?? [{ key, sizeBytes }]
  );
}

const CONCURRENT_PARTS = 8;

/** A local path with its bytes, `path` where they are not on this disk yet; a folder's ends in `/`, as `quotePath` takes it. */
export async function localPath(storage: Storage, stored: Stored, path: string): Promise<string> {
  if (stored.parts === undefined) return storage.localFile(stored.key, path);
  const limit = pLimit(CONCURRENT_PARTS);
  const parts = stored.parts.map(({ name }) =>
    limit(() => storage.localFile(`${stored.key}/${name}`, join(path, name))),
  );
  const [first = ''] = await Promise.all(parts);
  return `${dirname(first)}/`;
}
