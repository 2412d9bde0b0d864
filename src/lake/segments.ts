import { readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type BaseFiles, BY_HASH } from '../changes/base.ts';
import { ensureFolder } from '../core/ensure-folder.ts';
import { EngineError, IgarapeError } from '../core/errors.ts';
import type { Engine } from '../engine/engine.ts';
import { parquetFile } from '../engine/quote.ts';
import { NO_HASHES } from '../snapshot/hashes.ts';
import type { Storage } from '../storage/port.ts';
import { SNAPSHOTS } from './layout.ts';
import type { TableState } from './ledger-entry.ts';
import { localPath } from './stored.ts';

/**
 * A base on local disk: the lake's own files there; elsewhere copies in `folder`, fetched only where they are not there any
 * more.
 */
export async function openSegments(
  storage: Storage,
  folder: string,
  state: Pick<TableState, 'base' | 'primaryKey'>,
): Promise<BaseFiles> {
  await ensureFolder(folder);
  const paths = await Promise.all(
    state.base.segments.map(async (segment) => {
      const path = cachePath(folder, segment.key);
      const copies = segment.parts?.map((part) => ({ ...part, path: join(path, part.name) }));
      const sizes = (copies ?? [{ path, sizeBytes: segment.sizeBytes }]).map(
        async (copy) => (await sizeOf(copy.path)) === copy.sizeBytes,
      );
      if (!(await Promise.all(sizes)).every(Boolean)) return localPath(storage, segment, path);
      return copies === undefined ? path : `${path}/`;
    }),
  );
  return { paths, by: rowsBy(state) };
}

/** What tells the rows of a table's base apart. */
export function rowsBy({ base, primaryKey }: Pick<TableState, 'base' | 'primaryKey'>): readonly string[] {
  return base.hashVersion === NO_HASHES ? primaryKey : BY_HASH;
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
  state: Pick<TableState, 'base' | 'primaryKey'>,
): Promise<boolean> {
  const { paths } = await openSegments(storage, folder, state);
  let mended = false;
  for (const [index, segment] of state.base.segments.entries()) {
    if (await isReadable(engine, paths[index] ?? '')) continue;
    const copy = cachePath(folder, segment.key);
    await rm(copy, { force: true, recursive: true });
    if (!(await isReadable(engine, await localPath(storage, segment, copy))))
      throw damaged(`${storage.uri}/${segment.key}`);
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
  await Promise.all(stale.map((path) => rm(path, { force: true, recursive: true })));
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
