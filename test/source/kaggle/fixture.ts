import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import type { Logger } from '../../../src/core/log.ts';
import { IgarapeError } from '../../../src/core/errors.ts';
import type { Patience } from '../../../src/source/http/retry.ts';
import { type KaggleConfig, openKaggleSource } from '../../../src/source/kaggle/kaggle.ts';
import type {
  SeenFile,
  Source,
  SourceContext,
  SourceSnapshot,
  TableRequest,
} from '../../../src/source/port.ts';
import { FakeKaggle } from '../../support/fake-kaggle.ts';
import { fetchTable } from '../../support/source-context.ts';
import { useTempDir } from '../../support/tmp.ts';

/** A patience that waits for nobody and remembers how long it would have. */
export function impatience(waits: number[], retries = 5): Patience {
  return {
    retries,
    baseMs: 1000,
    capMs: 120_000,
    sleep: async (ms, signal) => {
      signal.throwIfAborted();
      waits.push(ms);
      await Promise.resolve();
    },
    random: () => 1,
    now: () => Date.UTC(2026, 0, 1),
  };
}

export interface Lines extends Logger {
  readonly lines: string[];
}

export function lines(): Lines {
  const kept: string[] = [];
  const keep = (fields: object, message: string): void => {
    kept.push(`${message} ${JSON.stringify(fields)}`);
  };
  return { lines: kept, debug: keep, info: keep, warn: keep, error: keep };
}

export interface Fixture {
  readonly kaggle: () => FakeKaggle;
  readonly dir: () => string;
  readonly waits: () => number[];
  readonly log: () => Lines;
  readonly context: (overrides?: Partial<SourceContext>) => SourceContext;
  readonly source: (config?: Partial<KaggleConfig>, env?: Record<string, string>) => Source;
  readonly table: (name: string, seen?: SeenFile) => TableRequest;
}

/** A fake Kaggle, a work folder and a source that talks to it, anew for each test of a file. */
export function useKaggle(): Fixture {
  const dir = useTempDir();
  let kaggle: FakeKaggle | undefined;
  let waits: number[] = [];
  let log = lines();
  beforeEach(async () => {
    kaggle = await FakeKaggle.start();
    kaggle.watchedFile = join(dir(), 'work', 'incoming.part');
    waits = [];
    log = lines();
  });
  afterEach(async () => {
    await kaggle?.close();
  });
  const running = (): FakeKaggle => {
    if (!kaggle) throw new Error('useKaggle() has a server only while a test runs');
    return kaggle;
  };
  return {
    kaggle: running,
    dir,
    waits: () => waits,
    log: () => log,
    context: (overrides) => ({
      workDir: join(dir(), 'work'),
      runDir: join(dir(), 'run'),
      log,
      onProgress: () => undefined,
      signal: new AbortController().signal,
      skipDownload: false,
      ...overrides,
    }),
    source: (config, env = {}) =>
      openKaggleSource(
        { dataset: 'dono/loja', ...config },
        {
          env: { KAGGLE_API_ENDPOINT: running().endpoint, ...env },
          home: join(dir(), 'home'),
          patience: impatience(waits),
          idleTimeoutMs: 1000,
        },
      ),
    table: (name, seen) => ({ name, pattern: `**/${name}.{csv,csv.gz,parquet,jsonl}`, seen }),
  };
}

/** The kind of each table's state, after a fetch where there is something to fetch. */
export async function outcomes(snapshot: SourceSnapshot): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const [name, state] of snapshot.tables) {
    found[name] = state.kind;
    if (state.kind !== 'present') continue;
    const file = await fetchTable(snapshot, name);
    found[name] = file.kind === 'unchanged' ? 'unchanged after fetch' : await readFile(file.path, 'utf8');
  }
  return found;
}

/** What a next run remembers of each table, given what it was asked with. */
export async function remembered(
  snapshot: SourceSnapshot,
  asked: readonly TableRequest[] = [],
): Promise<Map<string, SeenFile>> {
  const seen = new Map<string, SeenFile>();
  for (const table of asked) if (table.seen) seen.set(table.name, table.seen);
  for (const [name, state] of snapshot.tables) {
    if (state.kind === 'unchanged' && state.seen) seen.set(name, state.seen);
    if (state.kind !== 'present') continue;
    const file = await fetchTable(snapshot, name);
    const news = file.kind === 'file' ? await file.hash() : file.seen;
    if (news) seen.set(name, news);
  }
  return seen;
}

export async function failureOf(promise: Promise<unknown>): Promise<IgarapeError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof IgarapeError) return error;
  throw error instanceof Error ? error : new Error(`no IgarapeError but ${String(error)}`);
}
