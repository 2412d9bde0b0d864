import { expect, it } from 'vitest';
import { createTable } from '../../../src/delta/operations/create-table.ts';
import { optimizeTable } from '../../../src/delta/maintain/optimize.ts';
import { targetFileBytes } from '../../../src/delta/write/split-files.ts';
import { loadSnapshot } from '../../../src/delta/log/snapshot.ts';
import { openWriter, tableRows } from './table.ts';

it('splits what is much larger than the target, partition by partition', async () => {
  const writer = await openWriter();
  await createTable(writer, {
    rows: `SELECT i AS id, hash(i)::VARCHAR AS text, if(i % 4 = 0, 'few', 'many') AS part FROM range(1000000) t(i)`,
    partitionColumns: ['part'],
    configuration: { 'delta.targetFileSize': '4mb' },
  });
  const snapshot = await loadSnapshot(writer);
  const files = await snapshot.files();
  expect(files.length).toBeGreaterThan(2);
  // The target, and two groups of rows.
  expect(files.filter(({ sizeBytes }) => sizeBytes > 10_000_000)).toEqual([]);
  expect(files.reduce((sum, { stats = '' }) => sum + JSON.parse(stats).numRecords, 0)).toBe(1_000_000);
  const rows = await tableRows(writer, snapshot);
  expect(new Set(rows.map(({ id }) => id)).size).toBe(1_000_000);
  expect(rows.filter(({ id, part }) => part !== (Number(id) % 4 === 0 ? 'few' : 'many'))).toEqual([]);
  expect((await optimizeTable(writer, snapshot)).committed).toBe(false);
});

it('reads the target size as Delta spells it', () => {
  const bytes = (text: string): number => targetFileBytes({ 'delta.targetFileSize': text });
  expect(['104857600', '100mb', '1 GB', '64k'].map(bytes)).toEqual([
    104_857_600, 104_857_600, 1_073_741_824, 65_536,
  ]);
  expect(['', 'large', '0', '-1'].map(bytes)).toEqual(Array.from({ length: 4 }, () => 256_000_000));
});
