import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from '../core/log.ts';
import { Engine } from '../engine/engine.ts';
import type { S3Access } from '../core/s3-access.ts';
import type { StorageEnvironment } from '../storage/location.ts';
import { openStorage } from '../storage/open.ts';
import type { Storage } from '../storage/port.ts';
import type { Writer } from './files/disk.ts';
import { tableUri } from './files/location.ts';

export interface OpenOptions {
  /** The engine to read with; it is not closed with the table. Without one, the table opens its own. */
  readonly engine?: Engine;
  /** The most memory of an engine of its own, as DuckDB reads sizes. Default `1GB`. */
  readonly memoryLimit?: string;
  /** A folder for downloads and spilled work; without one, a temporary one that is removed with {@link DeltaTable.close}. */
  readonly workDir?: string;
  /** The zone of timestamps in partition values that name none, e.g. `America/Sao_Paulo`. Default UTC. */
  readonly partitionTimeZone?: string;
  /** How an `s3://` address is reached. */
  readonly s3?: S3Access;
  /** Where AWS's access keys are looked for before the SDK's own chain. */
  readonly env?: StorageEnvironment;
  /** The clock, in milliseconds since 1970, that commits and clean-ups go by. Default the machine's. */
  readonly now?: () => number;
  /** Hears of what failed after a commit, e.g. that a checkpoint could not be written. */
  readonly log?: Logger;
}

/** What a table is read and written with; what it opens itself is closed by `closers`. */
export async function openDisk(
  storage: Storage,
  options: OpenOptions,
  closers: (() => Promise<void>)[],
): Promise<Writer> {
  const workDir = options.workDir ?? (await temporaryFolder(closers));
  const zone = options.partitionTimeZone;
  const rest = {
    storage,
    workDir,
    now: options.now ?? Date.now,
    ...(options.log === undefined ? {} : { log: options.log }),
    ...(zone === undefined ? {} : { partitionTimeZone: zone }),
  };
  if (options.engine !== undefined) return { ...rest, engine: options.engine };
  const engine = Engine.open({
    memoryLimit: options.memoryLimit ?? '1GB',
    spillDir: join(workDir, 'spill'),
  });
  closers.push(async () => engine.close());
  return { ...rest, engine };
}

export async function openLocation(location: string, { s3 = {}, env = {} }: OpenOptions): Promise<Storage> {
  return openStorage({ uri: tableUri(location), s3 }, env);
}

async function temporaryFolder(closers: (() => Promise<void>)[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'igarape-delta-'));
  closers.push(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}

/** Last opened, first closed. */
export async function closeAll(closers: (() => Promise<void>)[]): Promise<void> {
  for (const close of closers.splice(0).toReversed()) await close();
}
