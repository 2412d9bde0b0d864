import { rename, rm } from 'node:fs/promises';
import type { Engine } from '../../engine/engine.ts';
import type { PlainRow } from '../../engine/plain.ts';
import { quoteName, quoteText } from '../../engine/quote.ts';
import { queryError } from './query-error.ts';
import type { Relation } from './relation.ts';

const COPY_OPTIONS = {
  parquet: 'FORMAT parquet, COMPRESSION snappy',
  csv: 'FORMAT csv, HEADER',
  jsonl: 'FORMAT json',
} as const;

export type RowFormat = keyof typeof COPY_OPTIONS;

/** Rows of a table, not yet read: as SQL, in batches, or into a file; as often as wanted, until they are closed. */
export class Rows implements AsyncDisposable {
  /** A SELECT for the table's engine; to be put in brackets after FROM. */
  readonly sql: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly #engine: Engine;
  readonly #relation: Relation;
  readonly #origin: { readonly table: string; readonly where?: string };

  private constructor(
    engine: Engine,
    relation: Relation,
    columns: Rows['columns'],
    origin: { table: string; where?: string },
  ) {
    this.sql = relation.sql;
    this.columns = columns;
    this.#engine = engine;
    this.#relation = relation;
    this.#origin = origin;
  }

  /** @throws IgarapeError DELTA_QUERY where the query does not fit the table */
  static async of(
    engine: Engine,
    relation: Relation,
    origin: { table: string; where?: string },
  ): Promise<Rows> {
    try {
      return new Rows(engine, relation, await engine.describe(relation.sql), origin);
    } catch (error) {
      await relation.release();
      throw queryError(error, origin.table, origin.where);
    }
  }

  /**
   * The rows, a few thousand at a time, in no order; values without loss.
   *
   * @throws IgarapeError DELTA_CORRUPT where a file cannot be read
   */
  async *batches(): AsyncGenerator<readonly PlainRow[]> {
    try {
      yield* this.#engine.batches(this.sql);
    } catch (error) {
      throw queryError(error, this.#origin.table, this.#origin.where);
    }
  }

  /** All rows at once: for few. */
  async toArray(): Promise<PlainRow[]> {
    const rows: PlainRow[] = [];
    for await (const batch of this.batches()) rows.push(...batch);
    return rows;
  }

  async count(): Promise<number> {
    try {
      const [row] = await this.#engine.rows(`SELECT count(*) AS n FROM (${this.sql})`);
      return Number(row?.['n']);
    } catch (error) {
      throw queryError(error, this.#origin.table, this.#origin.where);
    }
  }

  /** The first rows, of any. */
  async first(limit: number): Promise<PlainRow[]> {
    if (limit < 1) return [];
    const rows: PlainRow[] = [];
    try {
      const sql = Number.isFinite(limit)
        ? `SELECT * FROM (${this.sql}) LIMIT ${Math.floor(limit)}`
        : this.sql;
      for await (const batch of this.#engine.batches(sql)) rows.push(...batch);
    } catch (error) {
      throw queryError(error, this.#origin.table, this.#origin.where);
    }
    return rows;
  }

  /**
   * Writes the rows, all or the first `limit` of any, to a local file, which appears whole or not at all, and resolves
   * how many there were.
   */
  async writeTo(path: string, format: RowFormat, limit?: number): Promise<number> {
    const rows = `SELECT ${format === 'parquet' ? '*' : this.#texts()} FROM (${this.sql})${limit === undefined ? '' : ` LIMIT ${limit}`}`;
    const unfinished = `${path}.unfinished`;
    try {
      const [row] = await this.#engine.rows(
        `COPY (${rows}) TO ${quoteText(unfinished)} (${COPY_OPTIONS[format]})`,
      );
      await rename(unfinished, path);
      return Number(row?.['Count'] ?? 0);
    } catch (error) {
      await rm(unfinished, { force: true });
      throw queryError(error, this.#origin.table, this.#origin.where);
    }
  }

  /** The columns for formats of text, in which a variant is JSON. */
  #texts(): string {
    const variants = this.columns.filter(({ type }) => type === 'VARIANT').map(({ name }) => quoteName(name));
    return variants.length === 0
      ? '*'
      : `* REPLACE (${variants.map((name) => `CAST(${name} AS JSON) AS ${name}`).join(', ')})`;
  }

  async close(): Promise<void> {
    await this.#relation.release();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
