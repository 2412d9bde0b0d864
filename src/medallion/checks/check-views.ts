import { randomUUID } from 'node:crypto';
import { IgarapeError } from '../../core/errors.ts';
import { moveTables } from '../../engine/move-tables.ts';
import { quoteName } from '../../engine/quote.ts';
import { parseSql, printSql } from '../../engine/sql-tree.ts';
import { tablesIn } from '../incremental/tree.ts';
import { fullName, type LayerTable, parseFullName, sameTable } from '../layer.ts';
import type { LayerTables } from '../layer-tables.ts';
import { SourceViews } from '../source-views.ts';

/** Rows that are to be checked. */
export interface Candidate {
  readonly table: LayerTable;
  /** One SELECT of the table's would-be rows. */
  readonly candidate: string;
  /** The versions of other tables that checks read, by full name; the newest of those that are not in it. */
  readonly versions?: ReadonlyMap<string, number>;
}

/**
 * What checks read, as views in schemas of their own, so that a view that somebody else has under a table's name stays
 * as it is: the candidate, and other layer tables.
 */
export class CheckViews implements AsyncDisposable {
  readonly #tables: LayerTables;
  readonly #of: Candidate;
  readonly #others: SourceViews;
  readonly #prefix = `igarape_${randomUUID().replaceAll('-', '')}_`;
  readonly #schemas = new Set<string>();
  /** By full name, in lower case. */
  readonly #views = new Map<string, string>();

  constructor(tables: LayerTables, of: Candidate) {
    this.#tables = tables;
    this.#of = of;
    this.#others = new SourceViews(tables);
  }

  /** A name after FROM for a table's rows. @throws IgarapeError DELTA_NOT_FOUND, DELTA_VERSION */
  async of(table: LayerTable): Promise<string> {
    const name = fullName(table).toLowerCase();
    const view = this.#views.get(name) ?? (await this.#open(table));
    this.#views.set(name, view);
    return view;
  }

  /** A SELECT that names tables as models do, as one that reads these views. @throws IgarapeError CONFIG_INVALID */
  async rewrite(sql: string): Promise<string> {
    const { engine } = this.#tables.edge;
    const parsed = await parseSql(engine, sql);
    if (parsed.kind === 'refused') throw new IgarapeError('CONFIG_INVALID', { quoted: parsed.reason });
    if (parsed.statements !== 1) throw new IgarapeError('CONFIG_INVALID', 'it is not one SELECT');
    for (const { schema, table } of tablesIn(parsed.tree)) {
      const named = parseFullName(`${schema}.${table}`);
      if (named !== undefined) await this.of(named);
    }
    const moved = moveTables(parsed.tree, (schema, table) =>
      parseFullName(`${schema}.${table}`) === undefined ? undefined : this.#schema(schema.toLowerCase()),
    );
    return printSql(engine, moved);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#others[Symbol.asyncDispose]();
    for (const schema of this.#schemas)
      await this.#tables.edge.engine.run(`DROP SCHEMA IF EXISTS ${quoteName(schema)} CASCADE`);
  }

  #schema(layer: string): string {
    const schema = `${this.#prefix}${layer}`;
    this.#schemas.add(schema);
    return schema;
  }

  async #open(table: LayerTable): Promise<string> {
    const schema = this.#schema(table.layer);
    const view = `${quoteName(schema)}.${quoteName(table.name)}`;
    if (sameTable(table, this.#of.table)) {
      await this.#tables.edge.engine.run(`CREATE SCHEMA IF NOT EXISTS ${quoteName(schema)}`);
      await this.#tables.edge.engine.run(`CREATE VIEW ${view} AS\n${this.#of.candidate}`);
      return view;
    }
    const at = this.#of.versions?.get(fullName(table));
    await this.#others.open(table, { schema, ...(at === undefined ? {} : { at }) });
    return view;
  }
}
