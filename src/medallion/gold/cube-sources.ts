import { randomUUID } from 'node:crypto';
import { quoteName } from '../../engine/quote.ts';
import { fullName, type LayerTable } from '../layer.ts';
import type { LayerTables } from '../layer-tables.ts';
import { SourceViews } from '../source-views.ts';

export interface SourceColumns {
  readonly table: LayerTable;
  /** A name after FROM for the table's rows. */
  readonly view: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}

/** The sources of a cube at the versions that a run reads, as views in a schema that nobody else has. */
export class CubeSources implements AsyncDisposable {
  /** The engine's schema of the views; each has its table's name. */
  readonly schema: string = `igarape_${randomUUID().replaceAll('-', '')}`;
  readonly #tables: LayerTables;
  readonly #views: SourceViews;
  readonly #open = new Map<string, SourceColumns>();

  private constructor(tables: LayerTables) {
    this.#tables = tables;
    this.#views = new SourceViews(tables);
  }

  /**
   * @param versions By full name; the newest of a table that is not in it.
   * @throws IgarapeError DELTA_NOT_FOUND, DELTA_VERSION
   */
  static async open(
    tables: LayerTables,
    sources: readonly LayerTable[],
    versions: ReadonlyMap<string, number>,
  ): Promise<CubeSources> {
    const opened = new CubeSources(tables);
    try {
      for (const table of sources) await opened.#add(table, versions.get(fullName(table)));
      return opened;
    } catch (error) {
      await opened[Symbol.asyncDispose]();
      throw error;
    }
  }

  get all(): readonly SourceColumns[] {
    return [...this.#open.values()];
  }

  /** The source that SQL names, whatever its letters' case. */
  find(schema: string, name: string): SourceColumns | undefined {
    return this.#open.get(`${schema}.${name}`.toLowerCase());
  }

  of(table: LayerTable): SourceColumns {
    const found = this.find(table.layer, table.name);
    if (found === undefined) throw new RangeError(`${fullName(table)} is not among the sources.`);
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#views.release();
    await this.#tables.edge.engine.run(`DROP SCHEMA IF EXISTS ${quoteName(this.schema)} CASCADE`);
  }

  async #add(table: LayerTable, at: number | undefined): Promise<void> {
    await this.#views.open(table, { schema: this.schema, ...(at === undefined ? {} : { at }) });
    const view = `${quoteName(this.schema)}.${quoteName(table.name)}`;
    const columns = await this.#tables.edge.engine.describe(`SELECT * FROM ${view}`);
    this.#open.set(fullName(table).toLowerCase(), { table, view, columns });
  }
}
