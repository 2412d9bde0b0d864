import { expect, test } from 'vitest';
import { useLayers } from '../../support/layer-tables.ts';
import { useTempDir } from '../../support/tmp.ts';
import {
  bronze,
  expectFresh,
  replayedRows,
  runSilver,
  silverModel,
  silverRows,
  stepOf,
} from './silver-lake.ts';

const dir = useTempDir();
const open = useLayers();

test('a table is made at first, then updated by what has changed, then left as it is', async () => {
  const tables = await open(dir());
  const source = await bronze(tables, 'c', `SELECT i AS id, 'n' || i AS nome FROM range(5) AS r(i)`);
  const model = await silverModel(
    tables,
    `-- key: idCliente\nSELECT id AS idCliente, upper(nome) AS nome FROM bronze.c`,
  );
  expect(await stepOf(tables, model)).toEqual({ kind: 'create' });
  expect(await runSilver(tables, model)).toEqual({
    operation: 'created',
    inserted: 5,
    updated: 0,
    deleted: 0,
    version: 0,
  });
  await expectFresh(tables, model);
  await source.update({ set: { nome: `'x'` }, where: 'id = 2' });
  await source.delete('id = 3');
  await source.append(`SELECT 9 AS id, 'neu' AS nome`);
  expect(await stepOf(tables, model)).toEqual({
    kind: 'update',
    sources: [{ table: 'bronze.c', from: 0, to: 3 }],
  });
  expect(await runSilver(tables, model)).toEqual({
    operation: 'updated',
    inserted: 1,
    updated: 1,
    deleted: 1,
    version: 1,
  });
  await expectFresh(tables, model);
  expect(await runSilver(tables, model)).toEqual({
    operation: 'unchanged',
    inserted: 0,
    updated: 0,
    deleted: 0,
    version: 1,
  });
  expect(await replayedRows(tables, model)).toEqual(await silverRows(tables, model));
});
