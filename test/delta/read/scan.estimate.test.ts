import { expect, it, onTestFinished } from 'vitest';
import { DeltaTable } from '../../../src/delta/table.ts';
import { estimateRows } from '../../../src/delta/read/scan.ts';
import { useTempDir } from '../../support/tmp.ts';

const dir = useTempDir();

it('tells the engine how many rows there are, so that a join holds the smaller side in memory', async () => {
  const rows = `SELECT i AS id, 'name ' || i AS name FROM range(300000) AS r(i)`;
  const table = await DeltaTable.create(dir(), { rows });
  onTestFinished(() => table.close());
  await table.append(`SELECT 300000 + i AS id, 'late' AS name FROM range(100000) AS r(i)`);
  await table.delete('id % 100 = 0');
  const { sql } = await table.read();
  const few = 'SELECT i * 7 AS id FROM range(1000) AS few(i)';
  for (const join of [`(${few}) AS f JOIN (${sql}) AS t`, `(${sql}) AS t JOIN (${few}) AS f`]) {
    const [plan] = await table.engine.rows(`EXPLAIN (FORMAT json) SELECT f.id, name FROM ${join} USING (id)`);
    const text = JSON.stringify(plan).replaceAll('\\', '');
    expect(text).toContain('"Estimated Cardinality": "400000"');
    // Of a join the left child streams past the right one, which is held.
    expect(text.indexOf('READ_PARQUET')).toBeLessThan(text.indexOf('RANGE'));
  }
});

it('estimates rows by statistics, by size, and takes files that say neither for large ones', () => {
  expect(estimateRows([])).toBe(1);
  expect(estimateRows([{ stats: '{"numRecords": 7}' }, { stats: '{"numRecords":3,"minValues":{}}' }])).toBe(
    10,
  );
  expect(estimateRows([{ stats: 'damaged', sizeBytes: 5000 }])).toBe(100);
  expect(estimateRows([{}])).toBe(1_000_000);
});
