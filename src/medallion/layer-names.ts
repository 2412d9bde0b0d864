import type { Storage } from '../storage/port.ts';
import { LAYERS, type LayerTable } from './layer.ts';

/** Every table that the layers of a lake have. It lists all of their files: for messages, and for names that are not found. */
export async function layerTablesIn(storage: Storage): Promise<LayerTable[]> {
  const found: LayerTable[] = [];
  for (const layer of LAYERS) {
    const names = new Set<string>();
    for await (const { key } of storage.list(`${layer}/`)) {
      const [, name, folder] = key.split('/');
      if (name !== undefined && folder === '_delta_log') names.add(name);
    }
    for (const name of [...names].toSorted()) found.push({ layer, name });
  }
  return found;
}
