import type { Storage } from '../storage/port.ts';
import { fullName, LAYERS, type LayerTable, tableFolder } from './layer.ts';

/**
 * Every table that the layers of a lake have, but those of `known`, which are not looked at: for messages, and for names
 * that are not found.
 */
export async function layerTablesIn(
  storage: Storage,
  known: readonly LayerTable[] = [],
): Promise<LayerTable[]> {
  const others = new Set(known.map(folded));
  const found: LayerTable[] = [];
  for (const layer of LAYERS) {
    for (const name of await storage.foldersIn(`${layer}/`)) {
      const table = { layer, name };
      if (!others.has(folded(table)) && (await isThere(storage, table))) found.push(table);
    }
  }
  return found;
}

/** Letters' case does not count. */
function folded(table: LayerTable): string {
  return fullName(table).toLowerCase();
}

async function isThere(storage: Storage, table: LayerTable): Promise<boolean> {
  const log = storage.list(`${tableFolder(table)}_delta_log/`)[Symbol.asyncIterator]();
  return (await log.next()).done !== true;
}
