import { randomUUID } from 'node:crypto';
import type { Engine } from '../../engine/engine.ts';

/** Rows as a query of the engine that they were made with. */
export interface Relation {
  /** One SELECT, to be put in brackets after FROM. */
  readonly sql: string;
  /** Drops what the query needs beside the files. The query can no longer be used then. */
  release(): Promise<void>;
}

/** Tables of the engine that live as long as a relation. */
export class HelperTables {
  readonly #engine: Engine;
  readonly #names: string[] = [];

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
    const name = `delta_${randomUUID().replaceAll('-', '')}`;
    await this.#engine.run(`CREATE TABLE ${name} AS ${select}`);
    this.#names.push(name);
    return name;
  }

  async drop(): Promise<void> {
    for (const name of this.#names.splice(0)) await this.#engine.run(`DROP TABLE IF EXISTS ${name}`);
  }
}
