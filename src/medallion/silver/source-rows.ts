import type { HelperTables } from '../../delta/read/relation.ts';
import type { Rows } from '../../delta/read/rows.ts';
import { withStreamedFiles } from '../../delta/read/streamed-joins.ts';
import type { Engine } from '../../engine/engine.ts';
import { quoteName } from '../../engine/quote.ts';
import { columnAlias } from './columns.ts';
import { isMentionOf } from './decide.ts';
import { netChanges, TIMES } from '../net-changes.ts';
import type { Incremental } from './shape.ts';
import type { Source } from './sources.ts';
import type { Step } from './walk.ts';

/** The rows of a model's sources as tables of the engine: those that are wanted, and no others. */
export class SourceRows implements AsyncDisposable {
  readonly #engine: Engine;
  readonly #sources: readonly Source[];
  readonly #shape: Incremental;
  readonly #helpers: HelperTables;
  readonly #open = new Map<Source, Rows>();
  readonly #changes = new Map<Source, string>();

  constructor(engine: Engine, sources: readonly Source[], shape: Incremental, helpers: HelperTables) {
    this.#engine = engine;
    this.#sources = sources;
    this.#shape = shape;
    this.#helpers = helpers;
  }

  /**
   * Reads what has changed in the sources since the versions applied.
   *
   * @throws IgarapeError DELTA_CHANGE_FEED, DELTA_VERSION, DELTA_MISSING where that can no longer be read
   */
  async readChanges(): Promise<void> {
    for (const source of this.#sources) {
      const { delta, applied, wanted } = source;
      if (applied === undefined || applied === wanted.version) continue;
      const range = { from: applied + 1, to: wanted.version };
      const table = await netChanges(delta, range, this.#columns(source), this.#helpers);
      const [first] = await this.#engine.rows(`SELECT 1 AS found FROM ${table} LIMIT 1`);
      if (first !== undefined) this.#changes.set(source, table);
    }
  }

  /** A table of the rows of a mention that have come or gone; undefined where its source is as it was. */
  changesOf(mention: number): string | undefined {
    return this.#changes.get(this.#source(mention));
  }

  /** A table of all rows of a mention. */
  async all(mention: number): Promise<string> {
    return this.#helpers.createAs(`SELECT * FROM (${await this.#rows(mention)})`);
  }

  /**
   * A table of the rows of a mention that go with rows of another.
   *
   * @param table The other's rows.
   * @param withGone True where rows count that are no more.
   */
  async reached({ to, on }: Step, table: string, withGone: boolean): Promise<string> {
    const known = on.map(([own]) => `${quoteName(own)} IS NOT NULL`).join(' AND ');
    const values = on.map(([own], index) => `${quoteName(own)} AS k${index}`).join(', ');
    const equal = on.map(([, other], index) => `${columnAlias(to)}.${quoteName(other)} = k.k${index}`);
    return this.semiJoined(to, `SELECT DISTINCT ${values} FROM ${table} WHERE ${known}`, equal, withGone);
  }

  /** A table of the rows of a mention for which `k`, one row of some, meets conditions. */
  async semiJoined(
    mention: number,
    keys: string,
    conditions: readonly string[],
    withGone = false,
  ): Promise<string> {
    const alias = columnAlias(mention);
    const wanted = await this.#helpers.createAs(keys);
    const rows = [await this.#rows(mention), ...(withGone ? this.#gone(mention) : [])];
    return withStreamedFiles(this.#engine, () =>
      this.#helpers.createAs(
        `SELECT ${alias}.* FROM (${rows.join(' UNION ALL ')}) AS ${alias} SEMI JOIN ${wanted} AS k ON ${conditions.join(' AND ')}`,
      ),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const rows of this.#open.values()) await rows.close();
    this.#open.clear();
  }

  #gone(mention: number): string[] {
    const changes = this.changesOf(mention);
    if (changes === undefined) return [];
    const list = this.#columns(this.#source(mention)).map(quoteName).join(', ');
    return [`SELECT ${list} FROM ${changes} WHERE ${TIMES} < 0`];
  }

  async #rows(mention: number): Promise<string> {
    const source = this.#source(mention);
    const { delta, wanted } = source;
    const rows =
      this.#open.get(source) ?? (await delta.read({ at: wanted.version, columns: this.#columns(source) }));
    this.#open.set(source, rows);
    return rows.sql;
  }

  #source(mention: number): Source {
    const found = this.#shape.from.mentions[mention];
    const source = found && this.#sources.find((each) => isMentionOf(found, each));
    if (source === undefined) throw new RangeError('A table in FROM is none of the sources.');
    return source;
  }

  /** What is read of a source: a table that FROM mentions twice is read in the same columns. */
  #columns(source: Source): readonly string[] {
    const { from, columns } = this.#shape;
    const ofMentions = from.mentions.flatMap((mention) =>
      isMentionOf(mention, source) ? (columns[mention.index] ?? []) : [],
    );
    return [...new Set(ofMentions)];
  }
}
