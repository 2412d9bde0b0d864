import type { SqlColumn } from '../engine/sql-column.ts';
import type { Said } from '../core/language/sentence.ts';
import { closest, didYouMean } from '../config/closest.ts';
import { IgarapeError } from '../core/errors.ts';
import { sqlType } from '../core/schema.ts';
import { readNewestEntry } from '../lake/ledger.ts';
import { fullName } from '../medallion/layer.ts';
import { layerTablesIn } from '../medallion/layer-names.ts';
import { LayerTables } from '../medallion/layer-tables.ts';
import type { Edge, RunRequest } from './context.ts';
import { withEngine } from './with-engine.ts';

/** A table that a query may name. */
export interface ListedTable {
  /** As SQL names it: `clientes`, `silver.clientes`. */
  readonly name: string;
  /** Null where that is not known without reading them. */
  readonly rows: number | null;
  /** The columns that tell one row from another; empty where whole rows do, or nothing says. */
  readonly key: readonly string[];
  readonly columns: readonly SqlColumn[];
}

/**
 * The tables of a lake, those of the change files and then those of the layers.
 *
 * @throws IgarapeError USAGE where there is none of the name that is asked for; LAKE_… DELTA_…
 */
export async function listTables(
  { config, storage }: Pick<RunRequest, 'config' | 'storage'>,
  edge: Edge,
  only?: string,
): Promise<readonly ListedTable[]> {
  const entry = await readNewestEntry(storage);
  const raw = Object.entries(entry?.tables ?? {}).map(([name, { base, schema, primaryKey }]) => ({
    name,
    rows: base.rows,
    key: primaryKey,
    columns: schema.map((column) => ({ name: column.name, type: sqlType(column.type) })),
  }));
  const layered = await layerTablesIn(storage);
  const wanted = only?.toLowerCase();
  const asked = layered.filter((table) => wanted === undefined || fullName(table).toLowerCase() === wanted);
  const found = raw.filter(({ name }) => wanted === undefined || name.toLowerCase() === wanted);
  if (only !== undefined && found.length + asked.length === 0)
    throw unknown(only, [...raw.map(({ name }) => name), ...layered.map(fullName)]);
  if (asked.length === 0) return found;
  return withEngine(config, edge, async (engine, folder) => {
    const { clock, log } = edge;
    const tables = new LayerTables({ storage, engine, workDir: folder, clock, log });
    const listed: ListedTable[] = [];
    for (const table of asked) {
      const { rows, columns } = await (await tables.require(table)).describe();
      listed.push({
        name: fullName(table),
        rows,
        key: [],
        columns: columns.map(({ name, type }) => ({ name, type })),
      });
    }
    return [...found, ...listed];
  });
}

function unknown(name: string, known: readonly string[]): IgarapeError {
  return new IgarapeError('USAGE', `The lake has no table ${JSON.stringify(name)}.`, {
    hint: knownTables(name, known),
  });
}

function knownTables(name: string, known: readonly string[]): Said {
  if (known.length === 0) return 'It has no tables yet: igarape run makes them.';
  return didYouMean(closest(name, known), `It has: ${known.join(', ')}.`);
}
