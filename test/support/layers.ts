import { join } from 'node:path';
import type { PlainRow } from '../../src/engine/plain.ts';
import type { ReadOptions } from '../../src/delta/operations/read-rows.ts';
import { DeltaTable } from '../../src/delta/table.ts';
import { readingEngine } from './reading-engine.ts';

/** The rows of a layer's table in a lake on this disk, by their first column. */
export async function layerRows(lake: string, table: string, options: ReadOptions = {}): Promise<PlainRow[]> {
  await using delta = await opened(lake, table);
  await using rows = await delta.read(options);
  return (await rows.toArray()).toSorted(byFirstColumn);
}

/** What a version of a layer's table has changed: rows with `_change_type`. */
export async function layerChanges(lake: string, table: string, from: number): Promise<PlainRow[]> {
  await using delta = await opened(lake, table);
  await using rows = await delta.changes({ from });
  return (await rows.toArray()).toSorted(byFirstColumn);
}

async function opened(lake: string, table: string): Promise<DeltaTable> {
  return DeltaTable.open(join(lake, ...table.split('.')), { engine: readingEngine() });
}

function byFirstColumn(left: PlainRow, right: PlainRow): number {
  const [a, b] = [left, right].map((row) =>
    JSON.stringify(Object.values(row).slice(0, 1), (_, value: unknown) =>
      typeof value === 'bigint' ? Number(value) : value,
    ),
  );
  return (a ?? '').localeCompare(b ?? '', 'en', { numeric: true });
}
