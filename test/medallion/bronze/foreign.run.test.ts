import { join } from 'node:path';
import { expect, test } from 'vitest';
import { layerRows } from '../../support/layers.ts';
import { openScenario } from '../../support/scenario.ts';
import { useTempDir } from '../../support/tmp.ts';
import { ForeignLake } from './foreign-lake.ts';

const dir = useTempDir();

test('a run feeds a bronze table from the files of its configuration, and reads them all again where it is told to', async () => {
  const other = await ForeignLake.open(dir());
  await other.writeChanges('c_1.parquet', [{ op: 'I', id: 1, v: 'a', ts: 1 }]);
  await other.writeChanges('c_2.parquet', [{ op: 'I', id: 2, v: 'b', ts: 1 }]);
  const scenario = openScenario(dir(), {
    layers: ['bronze'],
    tables: [
      { name: 'c', pk: 'id', max_files_per_run: 1, bronze: { from: './cdc/c_*.parquet', order_by: 'ts' } },
    ],
  });
  const rows = async (): Promise<unknown[]> =>
    layerRows(join(dir(), 'lake'), 'bronze.c', { columns: ['id', 'v'] });
  const first = await scenario.run();
  expect(first.report.layers?.['bronze.c']).toMatchObject({ operation: 'created', inserted: 1, version: 0 });
  await scenario.run();
  expect(await rows()).toEqual([
    { id: 1n, v: 'a' },
    { id: 2n, v: 'b' },
  ]);
  await other.remove('c_1.parquet');
  const again = await scenario.run({ fullRefresh: true });
  expect(again.report.layers?.['bronze.c']).toMatchObject({ operation: 'rebuilt', inserted: 1 });
  expect(await rows()).toEqual([{ id: 2n, v: 'b' }]);
});
