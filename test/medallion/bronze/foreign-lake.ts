import { randomUUID } from 'node:crypto';
import { mkdir, rm, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { silentLogger } from '../../../src/core/log.ts';
import { Engine } from '../../../src/engine/engine.ts';
import type { Rows } from '../../../src/delta/read/rows.ts';
import type { PlainRow, PlainValue } from '../../../src/engine/plain.ts';
import { quoteText } from '../../../src/engine/quote.ts';
import { applyForeignFiles } from '../../../src/medallion/bronze/foreign.ts';
import type { ForeignTable } from '../../../src/medallion/bronze/foreign-table.ts';
import { openForeignFiles } from '../../../src/medallion/bronze/foreign-files.ts';
import { LayerTables } from '../../../src/medallion/layer-tables.ts';
import type { LayerReport } from '../../../src/medallion/report.ts';
import { openLocalStorage } from '../../../src/storage/local.ts';
import type { Storage } from '../../../src/storage/port.ts';
import { wrapStorage, type WriteListeners } from '../../support/wrapped-storage.ts';

/** A change as `op` files of the tests have it. */
export interface Change {
  readonly op: string | null;
  readonly id: number | null;
  readonly v: string | null;
  readonly ts: number | null;
}

export interface RunOptions {
  readonly table?: Partial<ForeignTable>;
  readonly maxFiles?: number;
  readonly fullRefresh?: boolean;
  readonly listeners?: WriteListeners;
}

export const TABLE = 'clientes';

/** A folder of somebody else's change files, and a lake beside it that a bronze table is fed in. */
export class ForeignLake {
  readonly folder: string;
  readonly engine: Engine;
  #nowMs = Date.UTC(2026, 0, 1);
  #modifiedMs = Date.UTC(2025, 0, 1);

  private constructor(folder: string, engine: Engine) {
    this.folder = folder;
    this.engine = engine;
  }

  /** Its engine closes when the test ends. */
  static async open(folder: string): Promise<ForeignLake> {
    const spillDir = join(folder, 'spill');
    const engine = Engine.open({ memoryLimit: '500MB', spillDir, threads: 1 });
    onTestFinished(() => engine.close());
    return new ForeignLake(folder, engine);
  }

  get storage(): Storage {
    return openLocalStorage(join(this.folder, 'lake'));
  }

  get source(): string {
    return join(this.folder, 'cdc');
  }

  path(name: string): string {
    return join(this.source, name);
  }

  /** Writes a file with the rows of a query, each a second younger than the one before. */
  async write(name: string, query: string): Promise<void> {
    await mkdir(dirname(this.path(name)), { recursive: true });
    await this.engine.run(`COPY (${query}) TO ${quoteText(this.path(name))} (FORMAT parquet)`);
    await this.touch(name);
  }

  async touch(name: string): Promise<void> {
    this.#modifiedMs += 1000;
    const at = new Date(this.#modifiedMs);
    await utimes(this.path(name), at, at);
  }

  async remove(name: string): Promise<void> {
    await rm(this.path(name));
  }

  async writeChanges(name: string, changes: readonly Change[]): Promise<void> {
    await this.write(name, changesSql(changes));
  }

  async run({ table = {}, listeners = {}, ...options }: RunOptions = {}): Promise<LayerReport> {
    const files = await openForeignFiles([join(this.source, '**/*.parquet')]);
    const whole = { name: TABLE, key: ['id'], compat: 'op', orderBy: 'ts', files, ...table } as const;
    return applyForeignFiles(this.tables(listeners), whole, {
      attempt: randomUUID(),
      ...options,
    });
  }

  tables(listeners: WriteListeners = {}): LayerTables {
    return new LayerTables({
      storage: wrapStorage(this.storage, listeners),
      engine: this.engine,
      workDir: join(this.folder, 'work', randomUUID()),
      clock: () => (this.#nowMs += 1000),
      log: silentLogger,
    });
  }

  /** The bronze table's rows in the columns asked for, by the first of them. */
  async rows(columns: readonly string[] = ['id', 'v']): Promise<PlainRow[]> {
    const delta = await this.tables().find({ layer: 'bronze', name: TABLE });
    if (delta === undefined) return [];
    return this.#read(await delta.read({ columns }));
  }

  /** SQL: the bronze table's rows. */
  async sql(): Promise<string> {
    return (await (await this.tables().require({ layer: 'bronze', name: TABLE })).read()).sql;
  }

  /** What a version of the bronze table changed: `type id v`. */
  async feed(version: number): Promise<string[]> {
    const delta = await this.tables().require({ layer: 'bronze', name: TABLE });
    const rows = await this.#read(await delta.changes({ from: version, to: version }), [
      '_change_type',
      'id',
      'v',
    ]);
    return rows.map((row) => Object.values(row).map(textOf).join(' '));
  }

  async #read(rows: Rows, columns: readonly string[] = ['*']): Promise<PlainRow[]> {
    const found: PlainRow[] = [];
    const sql = `SELECT ${columns.join(', ')} FROM (${rows.sql}) ORDER BY ALL`;
    for await (const batch of this.engine.batches(sql)) found.push(...batch);
    await rows.close();
    return found;
  }

  async keys(prefix: string): Promise<string[]> {
    const found: string[] = [];
    for await (const { key } of this.storage.list(prefix)) found.push(key);
    return found;
  }

  async quarantine(batch: number): Promise<PlainRow[]> {
    const path = join(
      this.folder,
      `lake/_igarape/quarantine/${TABLE}/${String(batch).padStart(20, '0')}.parquet`,
    );
    const found: PlainRow[] = [];
    for await (const rows of this.engine.batches(`SELECT * FROM read_parquet(${quoteText(path)})`))
      found.push(...rows);
    return found;
  }
}

function textOf(value: PlainValue): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}

function changesSql(changes: readonly Change[]): string {
  const text = (value: string | null): string => (value === null ? 'NULL' : quoteText(value));
  const rows = changes.map(({ op, id, v, ts }) => `(${text(op)}, ${id}, ${text(v)}, ${ts})`);
  const values = rows.length === 0 ? '(NULL, NULL, NULL, NULL)' : rows.join(', ');
  const none = rows.length === 0 ? ' WHERE false' : '';
  return `SELECT CAST(op AS VARCHAR) AS op, CAST(id AS BIGINT) AS id, CAST(v AS VARCHAR) AS v, CAST(ts AS BIGINT) AS ts
    FROM (VALUES ${values}) AS c(op, id, v, ts)${none}`;
}
