import { randomUUID } from 'node:crypto';
import { open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { systemErrorCode } from '../../core/errors.ts';
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
    if (await takeLock(`${shared}.lock`)) return new PartialFile(shared, key, true);
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

const ownLocks = new Set<string>();

/** True once the lock file holds our process id: it was not there, or whoever left it is gone. */
async function takeLock(path: string): Promise<boolean> {
  if (ownLocks.has(path)) return false;
  ownLocks.add(path);
  for (let tries = 0; tries < 2; tries += 1) {
    try {
      await writeFile(path, String(process.pid), { flag: 'wx' });
      return true;
    } catch (error) {
      if (systemErrorCode(error) !== 'EEXIST') {
        ownLocks.delete(path);
        throw error;
      }
      const holder = Number(await readFile(path, 'utf8').catch(() => ''));
      if (holder !== process.pid && isAlive(holder)) break;
      await rm(path, { force: true });
    }
  }
  ownLocks.delete(path);
  return false;
}

async function dropLock(path: string): Promise<void> {
  await rm(path, { force: true });
  ownLocks.delete(path);
}

function isAlive(processId: number): boolean {
  if (!Number.isSafeInteger(processId) || processId <= 0) return false;
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return systemErrorCode(error) === 'EPERM';
  }
}
