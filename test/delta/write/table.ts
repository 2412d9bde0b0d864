import type { PlainRow } from '../../../src/engine/plain.ts';
import type { OpenOptions } from '../../../src/delta/open-table.ts';
import { DeltaTable } from '../../../src/delta/table.ts';
import { scanFiles } from '../../../src/delta/read/scan.ts';
import type { Snapshot } from '../../../src/delta/log/snapshot.ts';
import type { Writer } from '../../../src/delta/files/disk.ts';
import type { Storage } from '../../../src/storage/port.ts';
import { openDisk } from '../disk.ts';

/** A disk with a clock that goes on by a second at every look. */
export async function openWriter(storage?: Storage): Promise<Writer> {
  const disk = await openDisk(storage);
  let nowMs = Date.UTC(2026, 0, 1);
  return { ...disk, now: () => (nowMs += 1000) };
}

/** What a table is opened with to go by the same clock and engine. */
export function optionsOf({ storage: _storage, ...options }: Writer): OpenOptions {
  return options;
}

/** All rows of a table, in the order of their first column. */
export async function tableRows(writer: Writer, snapshot: Snapshot): Promise<PlainRow[]> {
  const rows = await scanFiles(writer, snapshot, await snapshot.files());
  try {
    const found: PlainRow[] = [];
    for await (const batch of writer.engine.batches(`SELECT * FROM (${rows.sql}) ORDER BY ALL`))
      found.push(...batch);
    return found;
  } finally {
    await rows.release();
  }
}

/** The change data feed from one version to another. */
export async function rowsBetween(writer: Writer, from: number, to: number): Promise<PlainRow[]> {
  const { storage, engine, workDir } = writer;
  const table = await DeltaTable.open(storage, { engine, workDir });
  const found: PlainRow[] = [];
  for await (const batch of (await table.changes({ from, to })).batches()) found.push(...batch);
  return found;
}
