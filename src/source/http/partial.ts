import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as z from 'zod';
import { ensureFolder } from '../../core/ensure-folder.ts';
import { systemErrorCode } from '../../core/errors.ts';
import { ownerOf, ownName } from '../../storage/local/owner.ts';
import { type Marks, marksSchema } from './marks.ts';

/** A download that was not finished: how far it came, and of what. */
export interface Partial {
  readonly marks: Marks;
  readonly haveBytes: number;
}

const sidecarSchema = z.object({ key: z.string(), acceptsRanges: z.boolean(), marks: marksSchema });

/** The unfinished bytes of a download to `path` (`<path>.part`), and the sidecar that says what they are of. */
export class PartialFile {
  readonly path: string;
  readonly #sidecar: string;
  readonly #key: string;
  readonly #isShared: boolean;

  private constructor(path: string, key: string, isShared: boolean) {
    this.path = path;
    this.#sidecar = `${path}.json`;
    this.#key = key;
    this.#isShared = isShared;
  }

  /**
   * Takes the partial file for this process; where another one that is alive has it, a file of our own is used, which
   * nobody continues. `key` names what is downloaded, without an address: bytes of another key are never continued.
   */
  static async claim(path: string, key: string): Promise<PartialFile> {
    const shared = `${path}.part`;
    await ensureFolder(dirname(shared));
    if (await takeLock(shared)) return new PartialFile(shared, key, true);
    return new PartialFile(`${path}.${randomUUID()}.part`, key, false);
  }

  async release(): Promise<void> {
    if (this.#isShared) await dropLock(`${this.path}.lock`);
    else await this.drop();
  }

  /** What can be continued: undefined where there is nothing, or where it is not certain what it is. */
  async find(): Promise<Partial | undefined> {
    try {
      const { size } = await stat(this.path);
      const sidecar = sidecarSchema.parse(JSON.parse(await readFile(this.#sidecar, 'utf8')));
      if (sidecar.key !== this.#key || !sidecar.acceptsRanges || size === 0) return undefined;
      return { marks: sidecar.marks, haveBytes: size };
    } catch {
      // No file, or none that we wrote whole: the download begins again.
      return undefined;
    }
  }

  /** Starts afresh: an empty file, and a sidecar written before the first byte. */
  async begin(marks: Marks, acceptsRanges: boolean): Promise<void> {
    await rm(this.#sidecar, { force: true });
    await writeFile(this.path, '');
    await writeFile(this.#sidecar, JSON.stringify({ key: this.#key, acceptsRanges, marks }));
  }

  async drop(): Promise<void> {
    await rm(this.#sidecar, { force: true });
    await rm(this.path, { force: true });
  }

  /** Makes the bytes durable and leaves only them. */
  async seal(): Promise<void> {
    const file = await open(this.path, 'r+');
    try {
      await file.sync();
    } finally {
      await file.close();
    }
    await rm(this.#sidecar, { force: true });
  }
}

const ownLocks = new Map<string, NodeJS.Timeout>();

/** How often the holder of a lock gives a sign, and after how long without one a holder that cannot be asked is dead. */
const SIGN_MS = 10_000;
const SILENT_MS = 120_000;

/** True once the lock file of a partial file holds our name: it was not there, or whoever left it is gone. */
async function takeLock(partial: string): Promise<boolean> {
  const path = `${partial}.lock`;
  if (ownLocks.has(path)) return false;
  ownLocks.set(path, setInterval(() => void giveSign(path).catch(() => undefined), SIGN_MS).unref());
  for (let tries = 0; tries < 2; tries += 1) {
    try {
      await writeFile(path, ownName(), { flag: 'wx' });
      return true;
    } catch (error) {
      if (systemErrorCode(error) !== 'EEXIST') {
        forgetLock(path);
        throw error;
      }
      const owner = ownerOf(await readFile(path, 'utf8').catch(() => ''));
      if (owner === 'living' || (owner === 'elsewhere' && !(await isSilent(path)))) break;
      if (owner === 'elsewhere') await detach(partial);
      await rm(path, { force: true });
    }
  }
  forgetLock(path);
  return false;
}

async function isSilent(path: string): Promise<boolean> {
  const probe = `${path}.${randomUUID()}`;
  try {
    await writeFile(probe, '');
    const [held, now] = await Promise.all([stat(path), stat(probe)]);
    return now.mtimeMs - held.mtimeMs > SILENT_MS;
  } catch {
    return false;
  } finally {
    await rm(probe, { force: true });
  }
}

/** Makes the partial file another one with the same bytes: its holder may only be paused, and still have it open. */
async function detach(partial: string): Promise<void> {
  const copy = `${partial}.${randomUUID()}`;
  try {
    await copyFile(partial, copy);
    await rename(copy, partial);
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw error;
  }
}

/** A byte more moves the lock's time, by the file system's own clock. Where the lock is gone, nothing is to be told. */
async function giveSign(path: string): Promise<void> {
  const lock = await open(path, constants.O_WRONLY | constants.O_APPEND);
  try {
    await lock.write(' ');
  } finally {
    await lock.close();
  }
}

function forgetLock(path: string): void {
  clearInterval(ownLocks.get(path));
  ownLocks.delete(path);
}

async function dropLock(path: string): Promise<void> {
  await rm(path, { force: true });
  forgetLock(path);
}
