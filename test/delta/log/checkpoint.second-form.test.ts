import { expect, it } from 'vitest';
import { DeltaTable } from '../../../src/delta/table.ts';
import { openMemoryStorage } from '../../../src/storage/memory.ts';
import type { Storage } from '../../../src/storage/port.ts';
import { openWriter, optionsOf } from '../write/table.ts';

async function checkpoints(storage: Storage): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of storage.list('_delta_log/')) if (key.includes('.checkpoint.')) keys.push(key);
  return keys;
}

it('checkpoints are of the second form where the table asks for it, and the table is read from them alone', async () => {
  const writer = await openWriter();
  const storage = openMemoryStorage();
  const table = await DeltaTable.create(storage, {
    ...optionsOf(writer),
    rows: `SELECT i AS id, i % 2 AS p FROM range(4) AS r(i)`,
    partitionColumns: ['p'],
    configuration: { 'delta.checkpointPolicy': 'v2', 'delta.checkpointInterval': '2', owner: 'sales' },
  });
  expect((await table.describe()).readerFeatures).toContain('v2Checkpoint');
  await table.delete('id = 1');
  await table.append('SELECT 7 AS id, 1 AS p', { app: { appId: 'a', version: 3n } });
  const [key = '', ...others] = await checkpoints(storage);
  expect(others).toEqual([]);
  expect(key).toMatch(/^_delta_log\/0{19}2\.checkpoint\.[0-9a-f-]{36}\.parquet$/);
  const path = await storage.localFile(key, `${writer.workDir}/checkpoint.parquet`);
  expect(
    await writer.engine.rows(`SELECT checkpointMetadata.version AS v FROM '${path}' WHERE v IS NOT NULL`),
  ).toEqual([{ v: 2n }]);
  await storage.delete([0, 1, 2].map((version) => `_delta_log/${String(version).padStart(20, '0')}.json`));
  const again = await DeltaTable.open(storage, optionsOf(writer));
  expect((await again.snapshot()).segment.checkpoint?.form.type).toBe('uuid');
  const { sql } = await again.read();
  expect(await writer.engine.rows(`SELECT id FROM (${sql}) ORDER BY id`)).toEqual(
    [0n, 2n, 3n, 7n].map((id) => ({ id })),
  );
  expect(await again.describe()).toMatchObject({ transactions: { a: 3n }, properties: { owner: 'sales' } });
  await again.append('SELECT 8 AS id, 0 AS p');
  await again.setProperties({ 'delta.checkpointPolicy': 'classic' });
  expect((await checkpoints(storage)).at(-1)).toMatch(/0{19}4\.checkpoint\.parquet$/);
});
