import { join } from 'node:path';
import { EngineError, IgarapeError } from '../core/errors.ts';
import { Engine } from '../engine/engine.ts';
import type { LedgerEntry, PastEntry, PublishedFile } from '../lake/ledger-entry.ts';
import { readLedgerBackwards, readNewestEntry } from '../lake/ledger.ts';
import { localPath } from '../lake/stored.ts';
import { LayerTables } from '../medallion/layer-tables.ts';
import type { Edge, RunRequest } from '../pipeline/context.ts';
import { madeTables } from '../pipeline/drop.ts';
import { Journal } from '../pipeline/journal/journal.ts';
import { projectModels } from '../pipeline/models.ts';
import { withRunDir } from '../pipeline/run-dir.ts';
import { withEngine } from '../pipeline/with-engine.ts';
import type { Storage } from '../storage/port.ts';

export type ExploredProject = Pick<RunRequest, 'config' | 'storage' | 'env'>;

/** The committed runs of a lake, as they were when they were last looked for. */
export interface KnownRuns {
  /** Undefined for a lake without any. */
  readonly newest: LedgerEntry | undefined;
  /** Newest first. */
  readonly runs: readonly PastEntry[];
}

/** So many answers to dear questions are kept. */
const KEPT_ANSWERS = 64;

/**
 * Looks into one lake for as long as somebody asks: it keeps an engine, what it knows of the ledger, the Delta tables
 * that it has opened, and local copies of files. What others commit meanwhile it finds by itself.
 */
export class LakeReader {
  readonly project: ExploredProject;
  readonly #edge: Edge;
  readonly #folder: string;
  readonly #files = new Map<string, Promise<string>>();
  readonly #answers = new Map<string, unknown>();
  /** Questions that are being answered. */
  readonly #asked = new Map<string, Promise<unknown>>();
  readonly #quick = new Turns();
  readonly #aside = new Turns();
  readonly #dear = new Turns();
  #opened: Promise<Opened> | undefined;
  #known: KnownRuns = { newest: undefined, runs: [] };

  constructor(project: ExploredProject, edge: Edge, folder: string) {
    this.project = project;
    this.#edge = edge;
    this.#folder = folder;
  }

  get storage(): Storage {
    return this.project.storage;
  }

  /** Where files may lie that are wanted for as long as the reader is open. */
  get folder(): string {
    return this.#folder;
  }

  /** The committed runs, with those that have come since the last call. @throws IgarapeError LAKE_CORRUPT */
  async runs(): Promise<KnownRuns> {
    const known = this.#known;
    const newest = await readNewestEntry(this.storage, known.newest);
    if (newest?.attempt === known.newest?.attempt) return known;
    const runs: PastEntry[] = [];
    for await (const entry of readLedgerBackwards(this.storage, newest)) {
      if (entry.attempt === known.newest?.attempt) {
        runs.push(...known.runs);
        break;
      }
      runs.push(entry);
    }
    this.#known = { newest, runs };
    return this.#known;
  }

  /** A text that is another one after whatever has been committed to the lake or to a table of its layers. */
  async revision(): Promise<string> {
    const { newest } = await this.runs();
    const cycle = (await Journal.list(this.storage)).newest;
    return JSON.stringify([newest?.attempt, cycle, await this.#versions()]);
  }

  /** Of each table that the layers have, by what it is made and how far it has come. */
  async #versions(): Promise<readonly unknown[]> {
    const { config } = this.project;
    if (config.layers.length === 0) return [];
    return this.quick(async (engine, tables) => {
      const set = await projectModels(engine, config).catch(asInvalid);
      // While models cannot be read, that is what there is to be known of them.
      if (set instanceof IgarapeError) return [set.message];
      const versions: unknown[] = [...set.seeds, ...set.models].map(({ hash }) => hash);
      for (const table of madeTables(config, set)) {
        const snapshot = await tables.newest(table);
        versions.push(snapshot?.metadata.id, snapshot?.version);
      }
      return versions;
    });
  }

  /** A local path with the bytes of what is published, which never change. */
  async file(published: PublishedFile): Promise<string> {
    const { key } = published;
    const known = this.#files.get(key);
    if (known !== undefined) return known;
    const found = localPath(this.storage, published, join(this.#folder, key.replaceAll('/', '__')));
    this.#files.set(key, found);
    found.catch(() => this.#files.delete(key));
    return found;
  }

  /** Asks what is answered in milliseconds; one asks after the other. Whoever has left meanwhile is passed over. */
  async quick<T>(ask: (engine: Engine, tables: LayerTables) => Promise<T>, signal?: AbortSignal): Promise<T> {
    return this.#quick.take(async () => {
      this.#edge.signal.throwIfAborted();
      signal?.throwIfAborted();
      for (let isNew = this.#opened === undefined; ; isNew = true) {
        this.#opened ??= this.#open();
        try {
          const { engine, tables } = await this.#opened;
          return await ask(engine, tables);
        } catch (error) {
          if (!isSpoilt(error)) throw error;
          await this.close();
          if (isNew) throw error;
        }
      }
    });
  }

  /** Asks what may take a second, by an engine of its own; it is stopped by `signal`. */
  async aside<T>(signal: AbortSignal | undefined, ask: (engine: Engine) => Promise<T>): Promise<T> {
    return this.#aside.take(async () => this.#withEngine(this.#stoppedBy(signal), ask));
  }

  /**
   * Asks what may take many seconds, by an engine of its own, so that other questions do not wait for it. It is stopped by
   * `signal`; an answer that came is kept by its name.
   */
  async dear<T>(
    name: string,
    signal: AbortSignal | undefined,
    ask: (engine: Engine, tables: LayerTables) => Promise<T>,
  ): Promise<T> {
    return this.kept(name, signal, async (edge) =>
      this.#dear.take(async () =>
        this.#withEngine(edge, async (engine, folder) => ask(engine, this.#layerTables(engine, folder))),
      ),
    );
  }

  /**
   * Keeps an answer by its name; it is asked for anew where it was not found, or has been pushed out by others. Whoever
   * asks the same meanwhile gets the same answer.
   */
  async kept<T>(name: string, signal: AbortSignal | undefined, ask: (edge: Edge) => Promise<T>): Promise<T> {
    for (;;) {
      const kept = this.#answers.get(name);
      // What is kept under a name is what was asked under it.
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion
      if (kept !== undefined) return kept as T;
      const asked = this.#asked.get(name);
      if (asked === undefined) break;
      // Who asked first may have left since, and the question with him.
      await asked.catch(() => undefined);
      signal?.throwIfAborted();
    }
    const answer = ask(this.#stoppedBy(signal));
    this.#asked.set(name, answer);
    try {
      const found = await answer;
      this.#answers.set(name, found);
      for (const oldest of [...this.#answers.keys()].slice(0, -KEPT_ANSWERS)) this.#answers.delete(oldest);
      return found;
    } finally {
      this.#asked.delete(name);
    }
  }

  #stoppedBy(signal: AbortSignal | undefined): Edge {
    const own = this.#edge.signal;
    return { ...this.#edge, signal: signal === undefined ? own : AbortSignal.any([own, signal]) };
  }

  async #withEngine<T>(edge: Edge, ask: (engine: Engine, folder: string) => Promise<T>): Promise<T> {
    edge.signal.throwIfAborted();
    return withEngine(this.project.config, edge, async (engine, folder) => {
      await engine.run('SET preserve_insertion_order = true');
      return ask(engine, folder);
    });
  }

  #layerTables(engine: Engine, workDir: string): LayerTables {
    const { clock, log } = this.#edge;
    return new LayerTables({ storage: this.storage, engine, workDir, clock, log });
  }

  async #open(): Promise<Opened> {
    const { memoryLimit } = this.project.config;
    const engine = Engine.open({ memoryLimit, spillDir: join(this.#folder, 'spill') });
    await engine.run('SET preserve_insertion_order = true');
    const interrupt = (): void => engine.interrupt();
    const { signal } = this.#edge;
    signal.addEventListener('abort', interrupt);
    const close = (): void => {
      signal.removeEventListener('abort', interrupt);
      engine.close();
    };
    return { engine, tables: this.#layerTables(engine, this.#folder), close };
  }

  /** Gives back its engine; another one is opened where more is asked. */
  async close(): Promise<void> {
    const opened = this.#opened;
    this.#opened = undefined;
    await opened?.then(({ close }) => close()).catch(() => undefined);
  }
}

interface Opened {
  readonly engine: Engine;
  readonly tables: LayerTables;
  readonly close: () => void;
}

/** After an engine has failed inside, or others have removed a table or made it anew, what is open serves nobody any more. */
function isSpoilt(error: unknown): boolean {
  if (error instanceof EngineError) return error.isInternal;
  return error instanceof IgarapeError && OF_ANOTHER_TABLE.has(error.code);
}

function asInvalid(error: unknown): IgarapeError {
  if (error instanceof IgarapeError && error.code === 'CONFIG_INVALID') return error;
  throw error;
}

const OF_ANOTHER_TABLE: ReadonlySet<string> = new Set(['DELTA_CONFLICT', 'DELTA_NOT_FOUND']);

/** Work that is done one after the other. */
class Turns {
  #last: Promise<unknown> = Promise.resolve();

  async take<T>(work: () => Promise<T>): Promise<T> {
    const answer = this.#last.then(work);
    this.#last = answer.catch(() => undefined);
    return answer;
  }
}

/** Gives `use` a reader of a lake, and closes it whatever happens. */
export async function withReader<T>(
  project: ExploredProject,
  edge: Edge,
  use: (reader: LakeReader) => Promise<T>,
): Promise<T> {
  return withRunDir(project.config.workDir, edge, async (folder) => {
    const reader = new LakeReader(project, edge, folder);
    try {
      return await use(reader);
    } finally {
      await reader.close();
    }
  });
}
