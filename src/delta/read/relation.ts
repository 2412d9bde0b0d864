import { randomUUID } from 'node:crypto';
import type { Engine } from '../../engine/engine.ts';

/** Rows as a query of the engine that they were made with. */
export interface Relation {
  /** One SELECT, to be put in brackets after FROM. */
  readonly sql: string;
  /** Drops what the query needs beside the files. The query can no longer be used then. */
  release(): Promise<void>;
}

export interface CountedTable {
  readonly name: string;
  /** How many rows it has. */
  readonly count: number;
}

/** Tables and views of the engine that live as long as a relation. */
export class HelperTables implements AsyncDisposable {
  readonly #engine: Engine;
  readonly #names: string[] = [];
  readonly #views: string[] = [];

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Creates an empty table under a new name. @param columns As in CREATE TABLE, e.g. `a BIGINT, b VARCHAR`. */
  async create(columns: string): Promise<string> {
    const name = `delta_${randomUUID().replaceAll('-', '')}`;
    await this.#engine.run(`CREATE TABLE ${name} (${columns})`);
    this.#names.push(name);
    return name;
  }

  async createAs(select: string): Promise<string> {
    return (await this.createCounted(select)).name;
  }

  /** As {@link createAs}, with the number of rows. */
  async createCounted(select: string): Promise<CountedTable> {
    const name = `delta_${randomUUID().replaceAll('-', '')}`;
    const [row] = await this.#engine.rows(`CREATE TABLE ${name} AS ${select}`);
    this.#names.push(name);
    return { name, count: Number(row?.['Count']) };
  }

  /** Adds rows to a table; resolves how many. */
  async insert(table: string, select: string): Promise<number> {
    const [row] = await this.#engine.rows(`INSERT INTO ${table} ${select}`);
    return Number(row?.['Count']);
  }

  /** Creates tables or views, each of a name and a SELECT. */
  async define(
    kind: 'TABLE' | 'VIEW',
    all: readonly (readonly [name: string, select: string])[],
  ): Promise<void> {
    await this.#engine.run(all.map(([name, select]) => `CREATE ${kind} ${name} AS ${select}`).join('; '));
    for (const [name] of all) this.own(kind, name);
  }

  /** Drops what others create, too, when it drops its own. */
  own(kind: 'TABLE' | 'VIEW', name: string): void {
    (kind === 'VIEW' ? this.#views : this.#names).push(name);
  }

  /** Drops another's tables and views, too, when it drops its own. */
  adopt(other: HelperTables): void {
    this.#names.push(...other.#names.splice(0));
    this.#views.push(...other.#views.splice(0));
  }

  async drop(): Promise<void> {
    const views = this.#views.splice(0).map((name) => `DROP VIEW IF EXISTS ${name}`);
    const tables = this.#names.splice(0).map((name) => `DROP TABLE IF EXISTS ${name}`);
    if (views.length + tables.length > 0) await this.#engine.run([...views, ...tables].join('; '));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.drop();
  }
}
