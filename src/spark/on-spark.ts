import { randomUUID } from 'node:crypto';
import { basename, join } from 'node:path';
import pLimit from 'p-limit';
import type { Config } from '../config/config.ts';
import { ensureFolder } from '../core/ensure-folder.ts';
import { EngineError } from '../core/errors.ts';
import type { Logger } from '../core/log.ts';
import type { SqlColumn } from '../engine/sql-column.ts';
import { Engine } from '../engine/engine.ts';
import { parquetFile, quoteName, quoteText } from '../engine/quote.ts';
import type { Storage, StoredObject } from '../storage/port.ts';
import type { Cluster, SparkSource } from './cluster.ts';
import { isLostSession } from './connect/spark-error.ts';
import type { Refusal } from './dialect/refusal.ts';
import type { SparkRow } from './port.ts';

/** Rows that Spark reads, and their columns. */
export interface Readable {
  readonly from: SparkSource;
  readonly columns: readonly SqlColumn[];
}

/** Rows that Spark has computed, as Parquet files that no commit names. */
export interface Fetched {
  /** A SELECT of them, in the types that the engine gives the statement. */
  readonly sql: string;
  /** Where the files are on this machine, by their keys in the storage. */
  readonly files: ReadonlyMap<string, string>;
}

/** Files of rows that Spark has written, as they lie in the storage. */
export interface Written {
  readonly folder: string;
  readonly rows: number;
  readonly parts: readonly {
    readonly name: string;
    readonly sizeBytes: number;
    /** Hex. */
    readonly sha256: string;
  }[];
}

/** Everything in a statement that has no equal meaning in Spark. */
export interface Refused {
  readonly kind: 'refused';
  readonly refusals: readonly Refusal[];
}

/** A SELECT as Spark takes it. */
export interface Rendered {
  readonly kind: 'rendered';
  readonly sql: string;
  /** What it gives. */
  readonly columns: readonly SqlColumn[];
  /** What it reads, by the names of the binder's tables. */
  readonly uses: readonly string[];
}

/** Where what Spark computes for a table goes. */
export interface SparkEdge {
  readonly engine: Engine;
  /** A folder of this run's files alone. */
  readonly workDir: string;
  readonly log: Logger;
  /** Of the table: what Spark writes and is given lies in a new folder of it. */
  readonly storage: Storage;
}

/**
 * What Spark computes on the way to a new version of a table: SELECTs of the engine's, over names that stand for Delta
 * tables, Parquet files and other SELECTs. The engine binds them over empty tables of the same columns; what Spark writes
 * and is given goes in the end.
 */
export class OnSpark implements AsyncDisposable {
  readonly #edge: SparkEdge;
  readonly #cluster: Cluster;
  readonly #id = `igarape_${randomUUID().replaceAll('-', '')}`;
  readonly #folder = `spark-${randomUUID()}/`;
  #binder: Engine | undefined;
  readonly #sources = new Map<string, SparkSource>();
  readonly #selects = new Map<string, Rendered>();
  readonly #settled = new Map<string, Readable>();
  readonly #uploads = new Map<string, Readable>();
  readonly #kept = new Set<string>();
  #count = 0;
  #statements = 0;

  constructor(edge: SparkEdge, cluster: Cluster) {
    this.#edge = edge;
    this.#cluster = cluster;
  }

  /** How many statements Spark was sent. */
  get statements(): number {
    return this.#statements;
  }

  /** Lets a name stand for rows. @param name SQL of it; what has it gives way. @param where SQL of a condition on them. */
  async show(name: string, { from, columns }: Readable, where?: string): Promise<void> {
    const binder = this.#bound();
    const table = `r${++this.#count}`;
    const list = columns.map((each) => `${quoteName(each.name)} ${each.type}`);
    if (this.#selects.delete(name)) await binder.run(`DROP TABLE ${name}`);
    const [schema = ''] = name.split('.');
    if (schema !== name) await binder.run(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
    await binder.run(`CREATE TABLE ${table} (${list.join(', ')})`);
    const condition = where === undefined ? '' : ` WHERE ${where}`;
    await binder.run(`CREATE OR REPLACE VIEW ${name} AS FROM ${table}${condition}`);
    this.#sources.set(table, from);
  }

  /** Lets a plain name stand for a SELECT, which statements take in. */
  async define(name: string, select: string): Promise<Refused | undefined> {
    const rendered = await this.render(`SELECT * FROM (${select})`);
    if (rendered.kind === 'refused') return rendered;
    const list = rendered.columns.map((each) => `${quoteName(each.name)} ${each.type}`);
    await this.#bound().run(`CREATE TABLE ${quoteName(name)} (${list.join(', ')})`);
    this.#selects.set(name, rendered);
    return undefined;
  }

  /** True for the name of a SELECT. */
  defines(name: string): boolean {
    return this.#selects.has(name);
  }

  /** True for the name of a SELECT whose rows are computed. */
  knows(name: string): boolean {
    return this.#settled.has(name);
  }

  /** Rows of the engine's, given to Spark once. @param select SQL that always gives the same. */
  async upload(select: string): Promise<Readable> {
    const known = this.#uploads.get(select);
    if (known !== undefined) return known;
    const { engine, workDir, storage } = this.#edge;
    const folder = `${this.#folder}${++this.#count}`;
    const path = join(workDir, 'spark', folder, 'rows.parquet');
    await ensureFolder(join(path, '..'));
    await engine.run(`COPY (${select}) TO ${quoteText(path)} (FORMAT parquet, COMPRESSION zstd)`);
    await storage.upload(path, `${folder}/rows.parquet`);
    const given = { from: { uri: `${storage.uri}/${folder}` }, columns: await engine.describe(select) };
    this.#uploads.set(select, given);
    return given;
  }

  /** A SELECT as Spark takes it, or why it cannot. */
  async render(select: string): Promise<Rendered | Refused> {
    const { renderSpark } = await import('./dialect/render.ts');
    const binder = this.#bound();
    const uses = new Set<string>();
    try {
      const rendered = await renderSpark(binder, select, (_, name) => {
        uses.add(name);
        return name;
      });
      if (rendered.kind === 'refused') return rendered;
      return { ...rendered, columns: await binder.describe(select), uses: [...uses] };
    } catch (error) {
      if (!(error instanceof EngineError) || error.isInternal) throw error;
      return {
        kind: 'refused',
        refusals: [{ what: 'a statement that DuckDB gives no plan of', offset: undefined, word: '' }],
      };
    }
  }

  /** Computes a SELECT in one statement. @throws IgarapeError SPARK_… */
  async compute(rendered: Rendered, compression?: Config['compression']): Promise<Readable> {
    // Whatever a session that is lost still writes, nobody reads.
    const from = await this.#lasting(() => this.#unload(rendered, compression));
    return { from, columns: rendered.columns };
  }

  /**
   * What Spark says of all rows of a SELECT.
   *
   * @param list Aggregates in Spark SQL, with their names.
   * @throws IgarapeError SPARK_…
   */
  async summary(rendered: Rendered, list: readonly string[]): Promise<SparkRow> {
    const { sql, reads } = this.#statement(rendered);
    return this.#lasting(async () => {
      this.#statements += 1;
      const [row = {}] = await this.#cluster.ask(`SELECT ${list.join(', ')} FROM (${sql})`, reads);
      return row;
    });
  }

  /** What Spark reads in the files that it has written: their rows and sums. @throws IgarapeError SPARK_… */
  async written({ from: { uri } }: Readable): Promise<Written> {
    const folder = uri.slice(this.#edge.storage.uri.length + 1);
    const [files, rows] = [`${this.#id}_files`, `${this.#id}_rows`];
    const found = await this.#lasting(() => {
      this.#statements += 1;
      return this.#cluster.ask(
        `SELECT path, sha2(content, 256) AS sha256, (SELECT count(*) FROM ${rows}) AS found FROM ${files}`,
        [
          { uri, asBytes: true, name: files },
          { uri, name: rows },
        ],
      );
    });
    const sums = new Map(found.map((row) => [basename(String(row['path'])), String(row['sha256'])]));
    const parts = (await this.#listed(folder)).flatMap(({ key, sizeBytes }) => {
      const sha256 = sums.get(basename(key));
      return sha256 === undefined ? [] : [{ name: basename(key), sizeBytes, sha256 }];
    });
    return { folder, rows: Number(found[0]?.['found']), parts };
  }

  /** The files of rows that it has written, by their keys in the storage. */
  async stored({ from: { uri } }: Readable): Promise<StoredObject[]> {
    return this.#listed(uri.slice(this.#edge.storage.uri.length + 1));
  }

  async #listed(folder: string): Promise<StoredObject[]> {
    const found: StoredObject[] = [];
    for await (const object of this.#edge.storage.list(`${folder}/`))
      if (object.key.endsWith('.parquet')) found.push(object);
    return found;
  }

  /** A session that is lost is followed by another, which is asked the same. */
  async #lasting<T>(ask: () => Promise<T>): Promise<T> {
    return ask().catch((error: unknown) => {
      if (!isLostSession(error)) throw error;
      this.#edge.log.info({ err: error }, 'Spark has lost the session, and is asked again in another');
      return ask();
    });
  }

  /** Rows that were computed, on this machine. */
  async fetch({ from, columns }: Readable): Promise<Fetched> {
    const files = await this.#files((await this.stored({ from, columns })).map(({ key }) => key));
    const list = columns.map(({ name, type }) => `CAST(${quoteName(name)} AS ${type}) AS ${quoteName(name)}`);
    return { sql: `SELECT ${list.join(', ')} FROM ${parquetFile(...files.values())}`, files };
  }

  /** Computes the rows of a name of a SELECT, which it stands for from now on. @throws IgarapeError SPARK_… */
  async settle(name: string): Promise<Readable> {
    const known = this.#settled.get(name);
    if (known !== undefined) return known;
    const rendered = await this.render(`FROM ${quoteName(name)}`);
    if (rendered.kind === 'refused')
      throw new RangeError('All rows of a SELECT that is defined are rendered.');
    const computed = await this.compute(rendered);
    this.#selects.delete(name);
    this.#sources.set(name, computed.from);
    this.#settled.set(name, computed);
    return computed;
  }

  /** What a commit may take stays, whether it comes about or not. @param keys Of files. */
  keep(keys: readonly string[]): void {
    for (const key of keys) this.#kept.add(key);
  }

  /** Removes all but what is kept; what is left to lie there by a failure, vacuum removes. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#binder?.close();
    if (this.#count === 0) return;
    const others: string[] = [];
    try {
      for await (const { key } of this.#edge.storage.list(this.#folder))
        if (!this.#kept.has(key)) others.push(key);
      await this.#edge.storage.delete(others);
    } catch (error) {
      this.#edge.log.debug({ err: error }, 'what Spark has written is left to vacuum');
    }
  }

  #bound(): Engine {
    const spillDir = join(this.#edge.workDir, 'spark');
    this.#binder ??= Engine.open({ memoryLimit: '200MB', spillDir, threads: 1 });
    return this.#binder;
  }

  /** A statement with the SELECTs that it takes in, each before those that read it. */
  #statement(last: Rendered): {
    readonly sql: string;
    readonly reads: readonly (SparkSource & { name: string })[];
  } {
    const withs = new Map<string, string>();
    const reads = new Map<string, SparkSource & { name: string }>();
    const visit = ({ uses }: Rendered): void => {
      for (const name of uses) {
        const [select, source] = [this.#selects.get(name), this.#sources.get(name)];
        if (source !== undefined && !reads.has(name)) {
          // For as long as a statement runs, Spark knows its names in all of the session, where others may run beside it.
          const own = `${this.#id}_${name}`;
          reads.set(name, { ...source, name: own });
          withs.set(name, `${name} AS (SELECT * FROM ${own})`);
        }
        if (select === undefined || withs.has(name)) continue;
        visit(select);
        withs.set(name, `${name} AS (${select.sql})`);
      }
    };
    visit(last);
    const all = [...withs.values()].join(',\n');
    const sql = all === '' ? last.sql : `WITH ${all}\nSELECT * FROM (${last.sql})`;
    return { sql, reads: [...reads.values()] };
  }

  async #unload(rendered: Rendered, compression?: Config['compression']): Promise<SparkSource> {
    const { sql, reads } = this.#statement(rendered);
    const folder = `${this.#folder}${++this.#count}`;
    this.#statements += 1;
    const uri = `${this.#edge.storage.uri}/${folder}`;
    await this.#cluster.unload(sql, reads, uri, compression);
    return { uri };
  }

  async #files(keys: readonly string[]): Promise<Fetched['files']> {
    const limit = pLimit(CONCURRENT_FILES);
    const { workDir } = this.#edge;
    const fetched = keys.map((key) =>
      limit(async () => [key, await this.#edge.storage.localFile(key, join(workDir, 'spark', key))] as const),
    );
    return new Map(await Promise.all(fetched));
  }
}

const CONCURRENT_FILES = 16;
