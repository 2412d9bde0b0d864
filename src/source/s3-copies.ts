import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { ensureFolder } from '../core/ensure-folder.ts';
import type { RemoteObject } from '../storage/s3/reader.ts';
import { safeFileName } from './archive-names.ts';
import { etagOf } from './s3-state.ts';

/** The objects of a prefix that were downloaded, in a folder that may vanish. */
export interface ObjectCopies {
  readonly objects: readonly RemoteObject[];
  /** The copy of exactly this object. */
  find(object: RemoteObject): { readonly path: string; readonly sha256: string } | undefined;
  /** Where it is to be downloaded to. */
  pathFor(object: RemoteObject): string;
  /** Remembers a download that is at its path, and removes that of the object before it under the same key. */
  keep(object: RemoteObject, sha256: string): Promise<void>;
}

const recordSchema = z.object({
  source: z.string(),
  objects: z.array(
    z.object({
      key: z.string(),
      sizeBytes: z.number(),
      modifiedMs: z.number(),
      etag: z.string(),
      sha256: z.string(),
    }),
  ),
});

type Copy = z.infer<typeof recordSchema>['objects'][number];

export async function openObjectCopies(workDir: string, source: string): Promise<ObjectCopies> {
  const folder = join(workDir, 'objects');
  const record = join(workDir, 'objects.json');
  const pathFor = (object: RemoteObject): string =>
    join(folder, safeFileName(`${etagOf(object)}/${object.key}`));
  const copies = new Map<string, Copy>();
  for (const copy of await load(record, source)) {
    if (await hasSize(pathFor(copy), copy.sizeBytes)) copies.set(copy.key, copy);
  }
  let writing = Promise.resolve();
  return {
    objects: [...copies.values()],
    pathFor,
    find: (object) => {
      const copy = copies.get(object.key);
      const isSame = copy?.sizeBytes === object.sizeBytes && etagOf(copy) === etagOf(object);
      return isSame ? { path: pathFor(object), sha256: copy.sha256 } : undefined;
    },
    keep: async (object, sha256) => {
      const before = copies.get(object.key);
      copies.set(object.key, { ...object, sha256 });
      writing = writing.then(() => save(workDir, record, { source, objects: [...copies.values()] }));
      await writing;
      if (before && pathFor(before) !== pathFor(object)) await rm(pathFor(before), { force: true });
    },
  };
}

/** What is absent, damaged or another source's is nothing: it costs a download. */
async function load(record: string, source: string): Promise<Copy[]> {
  try {
    const content = recordSchema.parse(JSON.parse(await readFile(record, 'utf8')));
    return content.source === source ? content.objects : [];
  } catch {
    return [];
  }
}

async function save(workDir: string, record: string, content: z.infer<typeof recordSchema>): Promise<void> {
  await ensureFolder(workDir);
  const part = `${record}.${randomUUID()}.part`;
  await writeFile(part, JSON.stringify(content));
  await rename(part, record);
}

async function hasSize(path: string, sizeBytes: number): Promise<boolean> {
  try {
    return (await stat(path)).size === sizeBytes;
  } catch {
    return false;
  }
}
