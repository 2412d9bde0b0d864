import { HelperTables } from '../delta/read/relation.ts';
import type { Rows } from '../delta/read/rows.ts';
import type { VersionOrTime } from '../delta/log/versions.ts';
import { quoteName } from '../engine/quote.ts';
import { fullName, type LayerTable } from './layer.ts';
import type { LayerTables } from './layer-tables.ts';

/** Columns that bronze adds to a table's own. */
export const BRONZE_COLUMNS = { run: '_igarape_run', timestamp: '_cdc_timestamp' } as const;

export interface ViewOptions {
  /** The version to read; the newest where it is left out. */
  readonly at?: VersionOrTime;
  /** Another schema than the table's layer to put the view into. */
  readonly schema?: string;
  /** Another name than the table's. */
  readonly name?: string;
  /** The columns of the view; all of the table's where they are left out. */
  readonly columns?: readonly string[] | undefined;
  /** Columns that the view leaves out, where the table has them. */
  readonly without?: readonly string[];
  /** SQL of a condition for the rows. */
  readonly where?: string | undefined;
}

/** Versions of tables as views of the engine, named as models name them, e.g. `bronze.clientes`. */
export class SourceViews implements AsyncDisposable {
  readonly #tables: LayerTables;
  readonly #helpers: HelperTables;
  readonly #open = new Map<string, Rows>();

  /** @param helpers What is dropped with the views. */
  constructor(tables: LayerTables, helpers: HelperTables = new HelperTables(tables.edge.engine)) {
    this.#tables = tables;
    this.#helpers = helpers;
  }

  /**
   * Makes a table readable in SQL, and resolves the view's name; a view of the same name is replaced.
   *
   * @throws IgarapeError DELTA_NOT_FOUND, DELTA_VERSION
   */
  async open(
    table: LayerTable,
    { at, schema = table.layer, name = table.name, columns, without = [], where }: ViewOptions = {},
  ): Promise<string> {
    const delta = await this.#tables.require(table);
    const rows = await delta.read({
      ...(at === undefined ? {} : { at }),
      ...(columns === undefined ? {} : { columns }),
    });
    const hidden = new Set(without.map((each) => each.toLowerCase()));
    const shown = rows.columns.filter((each) => !hidden.has(each.name.toLowerCase()));
    const list = shown.map((each) => quoteName(each.name)).join(', ');
    const view = `${quoteName(schema)}.${quoteName(name)}`;
    await this.#open.get(view)?.close();
    this.#open.set(view, rows);
    this.#helpers.own('VIEW', view);
    await this.#tables.edge.engine.run(
      `CREATE SCHEMA IF NOT EXISTS ${quoteName(schema)};
        CREATE OR REPLACE VIEW ${view} AS SELECT ${list} FROM (${rows.sql}) AS ${quoteName(fullName(table))}${where === undefined ? '' : ` WHERE ${where}`}`,
    );
    return view;
  }

  /** Drops every view, and what stands behind it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#helpers.drop();
    for (const rows of this.#open.values()) await rows.close();
    this.#open.clear();
  }
}
