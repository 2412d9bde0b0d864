import type { Storage } from '../storage/port.ts';
import { foreignFolder } from './bronze/foreign-batches.ts';
import { type LayerTable, tableFolder } from './layer.ts';

/**
 * Removes all files of a table. Its log goes last, so that a table whose removal was broken off is still found.
 *
 * @returns How many files there were, and their size in bytes.
 */
export async function removeTable(
  storage: Storage,
  table: LayerTable,
): Promise<{ readonly files: number; readonly sizeBytes: number }> {
  const folder = tableFolder(table);
  const folders = [...(table.layer === 'bronze' ? [foreignFolder(table.name)] : []), folder];
  const log: string[] = [];
  const others: string[] = [];
  let sizeBytes = 0;
  for (const prefix of folders) {
    for await (const object of storage.list(prefix)) {
      (object.key.startsWith(`${folder}_delta_log/`) ? log : others).push(object.key);
      sizeBytes += object.sizeBytes;
    }
  }
  await storage.delete(others);
  await storage.delete(log);
  return { files: others.length + log.length, sizeBytes };
}
