import type { HelperTables } from '../../delta/read/relation.ts';
import type { Rows } from '../../delta/read/rows.ts';
import { withStreamedFiles } from '../../delta/read/streamed-joins.ts';
import type { Engine } from '../../engine/engine.ts';
import { quoteName } from '../../engine/quote.ts';
import { nodesIn, printSql } from '../../engine/sql-tree.ts';
import { schemaOf, type Version } from '../incremental/raise.ts';
import type { Step } from '../incremental/steps.ts';
import { textOf } from '../incremental/tree.ts';
import { netChanges, TIMES } from '../net-changes.ts';
import type { Source } from './sources.ts';
import { sourceName } from './understand.ts';

/** A model's sources as tables of the engine, then and now and what has come and gone; and the steps of a plan over them. */
export class ThenAndNow implements AsyncDisposable {
  readonly #engine: Engine;
  readonly #sources: ReadonlyMap<string, Source>;
  readonly #columns: ReadonlyMap<string, readonly string[]>;
  readonly #helpers: HelperTables;
  readonly #changes = new Map<string, string>();
  readonly #views = new Map<string, Rows | undefined>();
  readonly #steps: string[] = [];

  /** @param columns Of each source, by its full name in lower case, the columns to be read. */
  constructor(
    engine: Engine,
    sources: readonly Source[],
    columns: ReadonlyMap<string, readonly string[]>,
    helpers: HelperTables,
  ) {
    this.#engine = engine;
    this.#sources = new Map(sources.map((source) => [sourceName(source.table), source]));
    this.#columns = columns;
    this.#helpers = helpers;
  }

  /**
   * Reads what has changed in the sources since the versions applied; the names of those that have, in lower case.
   *
   * @throws IgarapeError DELTA_CHANGE_FEED, DELTA_VERSION, DELTA_MISSING where that can no longer be read
   */
  async readChanges(): Promise<ReadonlySet<string>> {
    for (const [name, { delta, applied, wanted }] of this.#sources) {
      if (applied === undefined || applied === wanted.version) continue;
      const range = { from: applied + 1, to: wanted.version };
      const table = await netChanges(delta, range, this.#columns.get(name) ?? [], this.#helpers);
      const [first] = await this.#engine.rows(`SELECT 1 AS found FROM ${table} LIMIT 1`);
      if (first !== undefined) this.#changes.set(name, table);
    }
    return new Set(this.#changes.keys());
  }

  /** Runs steps, of which each becomes a table. @throws IgarapeError DELTA_MISSING where rows of then can no longer be read */
  async run(steps: readonly Step[]): Promise<void> {
    for (const { name, query, isScan } of steps) {
      for (const node of nodesIn(query)) if (node['type'] === 'BASE_TABLE') await this.#open(node);
      const sql = await printSql(this.#engine, {
        error: false,
        statements: [{ node: query, named_param_map: [] }],
      });
      const create = (): Promise<void> => this.#engine.run(`CREATE TABLE ${quoteName(name)} AS ${sql}`);
      this.#steps.push(name);
      await (isScan ? withStreamedFiles(this.#engine, create) : create());
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const name of this.#steps) await this.#engine.run(`DROP TABLE IF EXISTS ${quoteName(name)}`);
    for (const [view, rows] of this.#views) {
      await this.#engine.run(`DROP VIEW IF EXISTS ${view}`);
      await rows?.close();
    }
    this.#views.clear();
  }

  async #open(node: Readonly<Record<string, unknown>>): Promise<void> {
    const version = VERSIONS.find((each) => schemaOf(each) === textOf(node, 'schema_name'));
    const name = textOf(node, 'table_name');
    const source = this.#sources.get(name);
    if (version === undefined || source === undefined) return;
    const view = `${schemaOf(version)}.${quoteName(name)}`;
    if (this.#views.has(view)) return;
    await this.#engine.run(`CREATE SCHEMA IF NOT EXISTS ${schemaOf(version)}`);
    const columns = this.#columns.get(name) ?? [];
    const rows = await this.#rows(version, name, source, columns);
    this.#views.set(view, typeof rows === 'string' ? undefined : rows);
    const list = columns.map(quoteName).join(', ');
    const sql = typeof rows === 'string' ? rows : rows.sql;
    await this.#engine.run(`CREATE VIEW ${view} AS SELECT ${list} FROM (${sql})`);
  }

  async #rows(
    version: Version,
    name: string,
    { delta, applied, wanted }: Source,
    columns: readonly string[],
  ): Promise<Rows | string> {
    if (version === 'now' || version === 'then') {
      const at = version === 'now' ? wanted.version : (applied ?? wanted.version);
      return delta.read({ at, columns });
    }
    const changes = this.#changes.get(name);
    if (changes === undefined) throw new RangeError('A source that has not changed has no changes.');
    const sign = version === 'gone' ? '-' : '';
    return `SELECT * FROM (SELECT *, unnest(range(${sign}${TIMES})) FROM ${changes} WHERE ${sign}${TIMES} > 0)`;
  }
}

const VERSIONS: readonly Version[] = ['then', 'now', 'gone', 'come'];
