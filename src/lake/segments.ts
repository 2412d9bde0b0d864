import { readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureFolder } from '../core/ensure-folder.ts';
import { EngineError, IgarapeError } from '../core/errors.ts';
import type { Engine } from '../engine/engine.ts';
import { parquetFile } from '../engine/quote.ts';
import type { Storage } from '../storage/port.ts';
import { SNAPSHOTS } from './layout.ts';
import type { TableState } from './ledger-entry.ts';

/**
 * Local files with the bytes of a base's segments, in their order: the lake's own on local disk; elsewhere copies in
 * `folder`, fetched only where they are not there any more.
 */
export async function openSegments(
  storage: Storage,
  folder: string,
  state: Pick<TableState, 'base'>,
): Promise<string[]> {
  await ensureFolder(folder);
  return Promise.all(
    state.base.segments.map(async (segment) => {
      const path = cachePath(folder, segment.key);
      return (await sizeOf(path)) === segment.sizeBytes ? path : storage.localFile(segment.key, path);
    }),
  );
}

/**
 * Reads a base's segments through, after something went wrong with them: a kept copy that is damaged is fetched anew.
 * Resolves true where there was one, so that what went wrong is worth another try.
 *
 * @throws IgarapeError LAKE_CORRUPT the lake's own segment is damaged
 */
export async function mendSegments(
  engine: Engine,
  storage: Storage,
  folder: string,
  state: Pick<TableState, 'base'>,
): Promise<boolean> {
  const paths = await openSegments(storage, folder, state);
  let mended = false;
  for (const [index, { key }] of state.base.segments.entries()) {
    if (await isReadable(engine, paths[index] ?? '')) continue;
    const copy = cachePath(folder, key);
    await rm(copy, { force: true });
    if (!(await isReadable(engine, await storage.localFile(key, copy))))
      throw damaged(`${storage.uri}/${key}`);
    mended = true;
  }
  return mended;
}

async function isReadable(engine: Engine, path: string): Promise<boolean> {
  try {
    await engine.run(`SELECT max(hash(s)) FROM ${parquetFile(path)} AS s`);
    return true;
  } catch (error) {
    if (error instanceof EngineError) return false;
    throw error;
  }
}

function damaged(uri: string): IgarapeError {
  return new IgarapeError('LAKE_CORRUPT', `${uri} is damaged: the table's last snapshot cannot be read.`, {
    hint: 'Restore it from a copy of the lake, or start the table anew: igarape run --reload, with its name.',
  });
}

/** Keeps a segment that was just stored for the next run, where the lake has not taken the file itself. */
export async function keepSegment(folder: string, key: string, path: string): Promise<void> {
  if ((await sizeOf(path)) === undefined) return;
  await ensureFolder(folder);
  await rename(path, cachePath(folder, key));
}

/** Drops the kept segments that the lake does not compare with any more. */
export async function dropStaleSegments(
  folder: string,
  tables: readonly Pick<TableState, 'base'>[],
): Promise<void> {
  const live = new Set(tables.flatMap(({ base }) => base.segments.map(({ key }) => cachePath(folder, key))));
  const names = await readdir(folder).catch(() => []);
  const stale = names.map((name) => join(folder, name)).filter((path) => !live.has(path));
  await Promise.all(stale.map((path) => rm(path, { force: true })));
}

/** A key below `snapshots/` as one file name: table names hold no slash. */
function cachePath(folder: string, key: string): string {
  return join(folder, key.slice(SNAPSHOTS.length).replaceAll('/', '__'));
}

async function sizeOf(path: string): Promise<number | undefined> {
  return stat(path).then(
    (found) => found.size,
    () => undefined,
  );
}
