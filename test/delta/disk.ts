import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Disk } from '../../src/delta/files/disk.ts';
import type { OpenOptions } from '../../src/delta/open-table.ts';
import { DeltaTable } from '../../src/delta/table.ts';
import { Engine } from '../../src/engine/engine.ts';
import { openMemoryStorage } from '../../src/storage/memory.ts';
import type { Storage } from '../../src/storage/port.ts';

/** A storage with an engine, which closes when the test ends. Without one, the storage is in memory and empty. */
export async function openDisk(storage: Storage = openMemoryStorage()): Promise<Disk> {
  const workDir = await mkdtemp(join(tmpdir(), 'igarape-delta-'));
  const engine = Engine.open({ memoryLimit: '1GB', spillDir: join(workDir, 'spill') });
  onTestFinished(async () => {
    engine.close();
    await rm(workDir, { recursive: true, force: true, maxRetries: 3 });
  });
  return { storage, engine, workDir };
}

/** A table that is closed when the test ends. */
export async function openTable(location: string | Storage, options: OpenOptions = {}): Promise<DeltaTable> {
  const table = await DeltaTable.open(location, options);
  onTestFinished(() => table.close());
  return table;
}

/** All rows of a table, in an order of their own. */
export async function rowsOf(table: DeltaTable): Promise<Awaited<ReturnType<Engine['rows']>>> {
  await using rows = await table.read();
  return await table.engine.rows(`SELECT * FROM (${rows.sql}) ORDER BY ALL`);
}
