import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { ensureFolder } from '../core/ensure-folder.ts';
import { IgarapeError } from '../core/errors.ts';
import { Engine } from './engine.ts';

/** Where work is done: an engine, and a folder, that no other work has meanwhile. */
export interface Workplace {
  readonly engine: Engine;
  readonly folder: string;
  /** The engine has a part of the memory only: what does not fit is to throw, and is done later with all of it. */
  readonly isShared: boolean;
}

export interface SideBySideOptions<T> {
  /** How many bytes an item's work reads; small ones are done side by side, each by one thread. */
  readonly bytesOf: (item: T) => number;
  readonly signal: AbortSignal;
  /** At most so many at once. */
  readonly cores?: number;
}

/** Statements of all engines run in the pool of Node.js, which has four threads. */
const MOST_PLACES = 4;

/** With less memory an engine is not much use. */
const LEAST_MEMORY_BYTES = 128 * 1024 * 1024;

/** What one thread reads in hardly more time than several. */
const ONE_THREAD_BYTES = 32 * 1024 * 1024;

/** So much more memory than it reads has work that is done beside others. */
const MEMORY_PER_BYTE = 8;

/**
 * Does each item's work: what is small side by side, as far as cores and the engine's memory go, each place with its part of
 * the memory; then one after the other, with all of both, what is large, and what did not fit in such a part. Of several
 * that throw, the first item's error is thrown, once all that was begun has ended; what comes after it is not begun.
 *
 * @returns What `work` resolves, in the order of the items.
 */
export async function sideBySide<T, R>(
  own: Omit<Workplace, 'isShared'>,
  items: readonly T[],
  { bytesOf, signal, cores = availableParallelism() }: SideBySideOptions<T>,
  work: (place: Workplace, item: T) => Promise<R>,
): Promise<R[]> {
  const all = [...items.keys()];
  const bytes = items.map(bytesOf);
  const memoryBytes = await own.engine.memoryBytes();
  const most = Math.min(cores, MOST_PLACES, Math.floor(memoryBytes / LEAST_MEMORY_BYTES));
  const smallBytes = Math.min(ONE_THREAD_BYTES, memoryBytes / most / MEMORY_PER_BYTE);
  const small = all.filter((index) => (bytes[index] ?? 0) <= smallBytes);
  const count = Math.min(most, small.filter((index) => bytes[index] !== 0).length);
  const turns = new Turns(items, work);
  if (count > 1) {
    const memoryLimit = `${Math.floor(memoryBytes / count)}B`;
    await own.engine.limitMemory(memoryLimit);
    await withPlaces(own, { count, memoryLimit, signal }, (places) => turns.take(places, small));
    await own.engine.limitMemory(`${memoryBytes}B`);
  }
  return turns.take([{ ...own, isShared: false }], all);
}

async function withPlaces(
  own: Omit<Workplace, 'isShared'>,
  { count, memoryLimit, signal }: { count: number; memoryLimit: string; signal: AbortSignal },
  work: (places: readonly Workplace[]) => Promise<unknown>,
): Promise<void> {
  const engines: Engine[] = [];
  const interrupt = (): void => engines.forEach((engine) => engine.interrupt());
  signal.addEventListener('abort', interrupt);
  try {
    const places: Workplace[] = [{ ...own, isShared: true }];
    while (places.length < count) {
      const folder = join(own.folder, `beside-${places.length}`);
      await ensureFolder(folder);
      const engine = Engine.open({ memoryLimit, spillDir: join(folder, 'spill'), threads: 1 });
      engines.push(engine);
      places.push({ engine, folder, isShared: true });
    }
    signal.throwIfAborted();
    await work(places);
  } finally {
    signal.removeEventListener('abort', interrupt);
    for (const engine of engines) engine.close();
  }
}

/** The work on items, of which each is done once. */
class Turns<T, R> {
  readonly #items: readonly T[];
  readonly #work: (place: Workplace, item: T) => Promise<R>;
  readonly #done = new Map<number, R>();
  readonly #failed = new Map<number, unknown>();

  constructor(items: readonly T[], work: (place: Workplace, item: T) => Promise<R>) {
    this.#items = items;
    this.#work = work;
  }

  /** Does the work at these indexes that is not done yet; resolves what is done by now, in the order of the items. */
  async take(places: readonly Workplace[], indexes: readonly number[]): Promise<R[]> {
    const open = indexes.filter((index) => !this.#done.has(index));
    const takeTurns = async (place: Workplace): Promise<void> => {
      while (this.#failed.size === 0) {
        const index = open.shift();
        if (index === undefined) return;
        await this.#turn(place, index);
      }
    };
    await Promise.all(places.map(takeTurns));
    const [first] = inOrder(this.#failed);
    if (first !== undefined) throw first[1];
    return inOrder(this.#done).map(([, result]) => result);
  }

  async #turn(place: Workplace, index: number): Promise<void> {
    const item = this.#items[index];
    if (item === undefined) return;
    try {
      this.#done.set(index, await this.#work(place, item));
    } catch (error) {
      const fitsAlone = place.isShared && error instanceof IgarapeError && error.code === 'MEMORY_LIMIT';
      if (!fitsAlone) this.#failed.set(index, error);
    }
  }
}

function inOrder<R>(results: ReadonlyMap<number, R>): [number, R][] {
  return [...results].toSorted(([one], [other]) => one - other);
}
