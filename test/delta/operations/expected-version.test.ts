import { expect, test } from 'vitest';
import { DeltaTable } from '../../../src/delta/table.ts';
import { useTempDir } from '../../support/tmp.ts';

const dir = useTempDir();

test('an overwrite that goes by a version is refused after any other', async () => {
  const table = await DeltaTable.create(dir(), { rows: 'SELECT 1 AS id' });
  const other = await DeltaTable.open(dir());
  await other.append('SELECT 2 AS id');
  for (const options of [{}, { where: 'id = 1' }]) {
    await expect(table.overwrite('SELECT 1 AS id', { ...options, ifVersion: 0 })).rejects.toMatchObject({
      code: 'DELTA_CONFLICT',
      retryable: true,
    });
  }
  expect(await table.overwrite('SELECT 3 AS id', { ifVersion: 1 })).toMatchObject({ version: 2 });
  await other.close();
  await table.close();
});
