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
  /** Columns that the view leaves out, where the table has them. */
  readonly without?: readonly string[];
}

/** Versions of tables as views of the engine, named as models name them, e.g. `bronze.clientes`. */
export class SourceViews {
  readonly #tables: LayerTables;
  readonly #open = new Map<string, Rows>();

  constructor(tables: LayerTables) {
    this.#tables = tables;
  }

  /** Makes a table readable in SQL; a view of the same name is replaced. @throws IgarapeError DELTA_NOT_FOUND, DELTA_VERSION */
  async open(table: LayerTable, { at, schema = table.layer, without = [] }: ViewOptions = {}): Promise<void> {
    const { engine } = this.#tables.edge;
    const delta = await this.#tables.require(table);
    const rows = await delta.read(at === undefined ? {} : { at });
    const hidden = new Set(without.map((name) => name.toLowerCase()));
    const columns = rows.columns.filter(({ name }) => !hidden.has(name.toLowerCase()));
    const view = `${quoteName(schema)}.${quoteName(table.name)}`;
    await this.#close(view);
    this.#open.set(view, rows);
    await engine.run(`CREATE SCHEMA IF NOT EXISTS ${quoteName(schema)}`);
    await engine.run(
      `CREATE OR REPLACE VIEW ${view} AS SELECT ${columns.map(({ name }) => quoteName(name)).join(', ')} FROM (${rows.sql}) AS ${quoteName(fullName(table))}`,
    );
  }

  /** Drops every view, and what stands behind it. */
  async release(): Promise<void> {
    for (const view of this.#open.keys()) {
      await this.#tables.edge.engine.run(`DROP VIEW IF EXISTS ${view}`);
      await this.#close(view);
    }
  }

  async #close(view: string): Promise<void> {
    const rows = this.#open.get(view);
    this.#open.delete(view);
    await rows?.close();
  }
}
