import type { Storage } from '../storage/port.ts';
import { SNAPSHOTS } from './layout.ts';
import type { LedgerEntry } from './ledger-entry.ts';

/** How much a lake stores, beside what it is made of. In bytes. */
export interface LakeSizes {
  /** The files that the tables were last read from. */
  readonly source: number;
  /** What lies in each part of the lake; parts without a file are left out. */
  readonly lake: Readonly<Record<string, number>>;
}

/** @param layers The folders of layers. */
export async function lakeSizes(
  storage: Storage,
  newest: LedgerEntry | undefined,
  layers: readonly string[],
): Promise<LakeSizes> {
  const folders: [string, string][] = [
    ['full-load', 'full-load/'],
    ['cdc', 'cdc/'],
    ['base', SNAPSHOTS],
    ...layers.map((layer): [string, string] => [layer, `${layer}/`]),
  ];
  const parts = await Promise.all(
    folders.map(async ([part, folder]) => [part, await sizeOf(storage, folder)] as const),
  );
  const tables = Object.values(newest?.tables ?? {});
  return {
    source: tables.reduce((sum, { seen }) => sum + seen.sizeBytes, 0),
    lake: Object.fromEntries(parts.filter(([, bytes]) => bytes > 0)),
  };
}

async function sizeOf(storage: Storage, folder: string): Promise<number> {
  let bytes = 0;
  for await (const { sizeBytes } of storage.list(folder)) bytes += sizeBytes;
  return bytes;
}
