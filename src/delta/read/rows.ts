import { rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { IgarapeError, systemErrorCode, systemReason } from '../../core/errors.ts';
import { countRows } from '../../engine/count-rows.ts';
import { checkKind, checkOptions, COUNT, type Kind, type Kinds, NAME } from '../../core/kinds.ts';
import type { SqlColumn } from '../../engine/sql-column.ts';
import type { Engine } from '../../engine/engine.ts';
import type { PlainRow } from '../../engine/plain.ts';
import { quoteName, quoteText } from '../../engine/quote.ts';
import { type StructType } from '../schema/schema.ts';
import { deltaTypeOf } from '../schema/sql-schema.ts';
import { arrowStream } from './arrow-stream.ts';
import { jsonRow, type JsonRow } from './json-value.ts';
import { queryError } from './query-error.ts';
import type { Relation } from './relation.ts';
import { strictJson } from './strict-json.ts';

const COPY_OPTIONS = {
  parquet: 'FORMAT parquet, COMPRESSION snappy',
  csv: 'FORMAT csv, HEADER',
  jsonl: 'FORMAT json',
} as const;

/** Types of which the engine writes JSON that not every reader takes. */
const NOT_STRICT = /FLOAT|DOUBLE|VARIANT/;

export type RowFormat = keyof typeof COPY_OPTIONS;

/** How rows are handed over: without loss, or as what `JSON.stringify` writes as it is. */
export interface RowsOptions {
  readonly values?: 'plain' | 'json';
}

const OPTIONS: Kinds<RowsOptions> = {
  values: { expected: "'plain' or 'json'", holds: (value) => value === 'plain' || value === 'json' },
};
const FORMAT: Kind = {
  expected: "'parquet', 'csv' or 'jsonl'",
  holds: (value) => typeof value === 'string' && Object.hasOwn(COPY_OPTIONS, value),
};
const NUMBER: Kind = { expected: 'a number', holds: (value) => typeof value === 'number' };

/** Where rows come from. */
interface Origin {
  readonly table: string;
  readonly where?: string;
  /** How many the log says that there are; undefined where it does not tell. */
  readonly countLogged?: () => Promise<number | undefined>;
}

/** Rows of a table, not yet read: as SQL, in batches, or into a file; as often as wanted, until they are closed. */
export class Rows implements AsyncDisposable {
  /** A SELECT for the table's engine; to be put in brackets after FROM. */
  readonly sql: string;
  readonly columns: readonly SqlColumn[];
  readonly #engine: Engine;
  readonly #relation: Relation;
  readonly #origin: Origin;

  private constructor(engine: Engine, relation: Relation, columns: Rows['columns'], origin: Origin) {
    this.sql = relation.sql;
    this.columns = columns;
    this.#engine = engine;
    this.#relation = relation;
    this.#origin = origin;
  }

  /** @throws IgarapeError DELTA_QUERY where the query does not fit the table */
  static async of(engine: Engine, relation: Relation, origin: Origin): Promise<Rows> {
    try {
      return new Rows(engine, relation, await engine.describe(relation.sql), origin);
    } catch (error) {
      await relation.release();
      throw queryError(error, origin.table, origin.where);
    }
  }

  /**
   * The rows, a few thousand at a time, in no order; values without loss. With `{ values: 'json' }`, 64-bit integers and
   * decimals are text, bytes Base64, maps objects: as `JSON.stringify` takes them.
   *
   * @throws IgarapeError DELTA_CORRUPT where a file cannot be read
   */
  batches(options?: { readonly values?: 'plain' }): AsyncGenerator<readonly PlainRow[]>;
  batches(options: { readonly values: 'json' }): AsyncGenerator<readonly JsonRow[]>;
  async *batches(options: RowsOptions = {}): AsyncGenerator<readonly (PlainRow | JsonRow)[]> {
    checkOptions('batches', options, OPTIONS);
    const { values } = options;
    for await (const rows of this.#read(this.#engine.batches(this.sql)))
      yield values === 'json' ? rows.map(jsonRow) : rows;
  }

  /** All rows at once: for few. Options as of {@link batches}. */
  toArray(options?: { readonly values?: 'plain' }): Promise<PlainRow[]>;
  toArray(options: { readonly values: 'json' }): Promise<JsonRow[]>;
  async toArray(options: RowsOptions = {}): Promise<(PlainRow | JsonRow)[]> {
    checkOptions('toArray', options, OPTIONS);
    const { values } = options;
    const found: (PlainRow | JsonRow)[] = [];
    for await (const rows of this.#read(this.#engine.batches(this.sql)))
      found.push(...(values === 'json' ? rows.map(jsonRow) : rows));
    return found;
  }

  /**
   * The rows as the bytes of an Arrow IPC stream, for whatever reads Arrow. It takes the package `apache-arrow`.
   *
   * @example
   * await pipeline(Readable.from(rows.arrowStream()), createWriteStream('rows.arrows'));
   * @throws IgarapeError DELTA_UNSUPPORTED where it is not installed; DELTA_CORRUPT
   */
  async *arrowStream(): AsyncGenerator<Uint8Array> {
    const schema: StructType = {
      type: 'struct',
      fields: this.columns.map(({ name, type }) => ({
        name,
        type: deltaTypeOf(type, name),
        nullable: true,
        metadata: {},
      })),
    };
    yield* arrowStream(
      schema,
      this.#read(this.#engine.columnBatches(`SELECT ${this.#texts()} FROM (${this.sql})`)),
    );
  }

  /** How many there are; of all rows of a version from the log alone, where that tells it. */
  async count(): Promise<number> {
    const logged = await this.#origin.countLogged?.();
    if (logged !== undefined) return logged;
    try {
      return await countRows(this.#engine, `(${this.sql})`);
    } catch (error) {
      throw queryError(error, this.#origin.table, this.#origin.where);
    }
  }

  /** The first rows, of any. */
  async first(limit: number): Promise<PlainRow[]> {
    checkKind('first', 'limit', limit, NUMBER);
    if (limit < 1) return [];
    const rows: PlainRow[] = [];
    const sql = Number.isFinite(limit) ? `SELECT * FROM (${this.sql}) LIMIT ${Math.floor(limit)}` : this.sql;
    for await (const batch of this.#read(this.#engine.batches(sql))) rows.push(...batch);
    return rows;
  }

  /**
   * Writes the rows, all or the first `limit` of any, to a local file, which appears whole or not at all, and resolves
   * how many there were.
   */
  async writeTo(path: string, format: RowFormat, limit?: number): Promise<number> {
    checkKind('writeTo', 'path', path, NAME);
    checkKind('writeTo', 'format', format, FORMAT);
    if (limit !== undefined) checkKind('writeTo', 'limit', limit, COUNT);
    const columns = { parquet: () => '*', csv: () => this.#texts(), jsonl: () => this.#texts(NOT_STRICT) };
    const rows = `SELECT ${columns[format]()} FROM (${this.sql})${limit === undefined ? '' : ` LIMIT ${limit}`}`;
    const unfinished = `${path}.unfinished`;
    const unwritable = (error: unknown): never => {
      throw unwritten(path, error);
    };
    await writeFile(unfinished, '').catch(unwritable);
    try {
      const [row] = await this.#engine
        .rows(`COPY (${rows}) TO ${quoteText(unfinished)} (${COPY_OPTIONS[format]})`)
        .catch((error: unknown) => {
          throw queryError(error, this.#origin.table, this.#origin.where);
        });
      await rename(unfinished, path).catch(unwritable);
      return Number(row?.['Count'] ?? 0);
    } finally {
      await rm(unfinished, { force: true });
    }
  }

  async *#read<T>(batches: AsyncGenerator<T>): AsyncGenerator<T> {
    try {
      yield* batches;
    } catch (error) {
      throw queryError(error, this.#origin.table, this.#origin.where);
    }
  }

  /** The columns for formats of text, in which variants, or columns of other types too, are JSON. */
  #texts(inJson = /^VARIANT$/): string {
    const columns = this.columns.filter(({ type }) => inJson.test(type)).map(({ name }) => quoteName(name));
    return columns.length === 0
      ? '*'
      : `* REPLACE (${columns.map((name) => `${strictJson(`CAST(${name} AS JSON)`)} AS ${name}`).join(', ')})`;
  }

  async close(): Promise<void> {
    await this.#relation.release();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

function unwritten(path: string, cause: unknown): IgarapeError {
  if (systemErrorCode(cause) !== 'ENOENT')
    return new IgarapeError('USAGE', `${path} cannot be written: ${systemReason(cause)}.`, {
      hint: 'Nothing was written.',
      cause,
    });
  return new IgarapeError('USAGE', `${path} cannot be written: there is no folder ${dirname(path)}.`, {
    hint: 'Create it first, or name another file.',
    cause,
  });
}
