import { JOURNAL } from '../../lake/layout.ts';
import type { Storage } from '../../storage/port.ts';
import { type CycleRecord, decodeCycle } from './record.ts';

/** So many cycles are kept; of those that found everything as it was, fewer. */
const KEPT = 500;
const KEPT_QUIET = 20;

const READ_AT_ONCE = 8;

/**
 * What became of a cycle, by the name of its record: `20260110T120000000Z_runs-3-5_….json`. Listing them tells which
 * to read.
 */
interface Named {
  readonly key: string;
  /** The first and the last run that it committed. */
  readonly runs: readonly [number, number] | undefined;
  readonly isQuiet: boolean;
}

/**
 * Keeps the record of a cycle in the lake. Nothing is decided by it: it is there to be looked at, may be lost, and the
 * oldest are removed.
 *
 * @param id What no other cycle has.
 * @param text The record as JSON.
 */
export async function writeCycle(
  storage: Storage,
  record: CycleRecord,
  id: string,
  text: string,
): Promise<void> {
  const stamp = record.startedAt.replaceAll(/[-:.]/g, '');
  await storage.putIfAbsent(
    `${JOURNAL}${stamp}_${wordOf(record)}_${id}.json`,
    new TextEncoder().encode(text),
  );
  const all = await listCycles(storage);
  const tooMany = [
    ...all.filter(({ isQuiet }) => !isQuiet).slice(KEPT),
    ...all.filter(({ isQuiet }) => isQuiet).slice(KEPT_QUIET),
  ];
  if (tooMany.length > 0) await storage.delete(tooMany.map(({ key }) => key));
}

function wordOf(record: CycleRecord): string {
  const [first, last] = [record.runs[0], record.runs.at(-1)];
  if (first !== undefined && last !== undefined) return `runs-${first}-${last}`;
  const all = [...Object.values(record.tables), ...Object.values(record.layers ?? {})];
  const isQuiet = record.error === null && all.every(({ operation }) => operation === 'unchanged');
  return isQuiet ? 'quiet' : 'none';
}

/** Newest first. */
async function listCycles(storage: Storage): Promise<Named[]> {
  const found: Named[] = [];
  for await (const { key } of storage.list(JOURNAL)) {
    const [, word, first, last] = NAME.exec(key) ?? [];
    if (word === undefined) continue;
    const runs = first === undefined ? undefined : ([Number(first), Number(last)] as const);
    found.push({ key, runs, isQuiet: word === 'quiet' });
  }
  return found.toReversed();
}

const NAME = /\/\d{8}T\d{9}Z_(quiet|none|runs-(\d+)-(\d+))_[^/]+\.json$/;

export interface CyclesRequest {
  /** The newest so many, twenty where it is left out; cycles that found everything as it was count, too. */
  readonly limit?: number;
  /** Only cycles that committed one of these runs. */
  readonly runs?: readonly number[];
}

/** The cycles that a lake has a record of, newest first, also those that committed nothing. Damaged records are none. */
export async function readCycles(storage: Storage, request: CyclesRequest = {}): Promise<CycleRecord[]> {
  return (await Journal.list(storage)).read(request);
}

/** The journal as it is at one moment: it is listed once, and each record is read once. */
export class Journal {
  readonly #storage: Storage;
  readonly #named: readonly Named[];
  readonly #records = new Map<string, Promise<CycleRecord | undefined>>();

  private constructor(storage: Storage, named: readonly Named[]) {
    this.#storage = storage;
    this.#named = named;
  }

  static async list(storage: Storage): Promise<Journal> {
    return new Journal(storage, await listCycles(storage));
  }

  /** What no older record has; undefined for a journal without any. */
  get newest(): string | undefined {
    return this.#named[0]?.key;
  }

  /** As {@link readCycles}. */
  async read({ limit = 20, runs }: CyclesRequest = {}): Promise<CycleRecord[]> {
    const wanted = this.#named.filter(
      (cycle) =>
        runs?.some((run) => cycle.runs !== undefined && cycle.runs[0] <= run && run <= cycle.runs[1]) ?? true,
    );
    const found: CycleRecord[] = [];
    for (let start = 0; start < wanted.length && found.length < limit;) {
      const batch = wanted.slice(start, Math.min(start + READ_AT_ONCE, start + limit - found.length));
      const read = await Promise.all(batch.map(async ({ key }) => this.#record(key)));
      found.push(...read.flatMap((record) => record ?? []));
      start += batch.length;
    }
    return found;
  }

  async #record(key: string): Promise<CycleRecord | undefined> {
    const known = this.#records.get(key);
    if (known !== undefined) return known;
    const reading = this.#storage.read(key).then((bytes) => bytes && decodeCycle(bytes));
    this.#records.set(key, reading);
    return reading;
  }
}
