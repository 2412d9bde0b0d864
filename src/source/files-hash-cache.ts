import { randomUUID } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { ensureFolder } from '../core/ensure-folder.ts';
import type { FileState } from './files-state.ts';

/**
 * Remembers, in a folder that may vanish, the hash of files whose times have moved and whose bytes have not: the
 * ledger keeps the times of the file that was read, so each run would hash such a file again.
 */
export interface HashCache {
  get(path: string, state: FileState): string | undefined;
  set(files: readonly { path: string; state: FileState; sha256: string }[]): Promise<void>;
}

const contentSchema = z.record(z.string(), z.object({ state: z.string(), sha256: z.string() }));

type Content = z.infer<typeof contentSchema>;

export async function openHashCache(folder: string): Promise<HashCache> {
  const path = join(folder, 'hashes.json');
  const content = await load(path);
  let writing = Promise.resolve();
  return {
    get: (file, state) => {
      const known = content[file];
      return known?.state === stateKey(state) ? known.sha256 : undefined;
    },
    set: async (files) => {
      for (const { path: file, state, sha256 } of files) content[file] = { state: stateKey(state), sha256 };
      writing = writing.then(() => save(folder, path, content));
      await writing;
    },
  };
}

function stateKey({ sizeBytes, mtime, ctime }: FileState): string {
  return [sizeBytes, mtime, ctime].join(' ');
}

async function save(folder: string, path: string, content: Content): Promise<void> {
  await ensureFolder(folder);
  const part = `${path}.${randomUUID()}.part`;
  await writeFile(part, JSON.stringify(content));
  await rename(part, path);
}

/** What is absent or damaged is empty: it costs a hash. */
async function load(path: string): Promise<Content> {
  try {
    return contentSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return {};
  }
}
