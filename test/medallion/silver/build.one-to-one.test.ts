import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { LayerTables } from '../../../src/medallion/layer-tables.ts';
import type { Model } from '../../../src/medallion/models/model.ts';
import { useLayers } from '../../support/layer-tables.ts';
import { useTempDir } from '../../support/tmp.ts';
import { bronze, expectFresh, runSilver, silverModel, silverRows } from './silver-lake.ts';

const dir = useTempDir();
const open = useLayers();

const SPENT = `-- key: code\nSELECT upper(code) AS code, n, note FROM bronze.c WHERE n > 10`;
const ROWS = `SELECT * FROM (VALUES (1, 'a', 10, 'p'), (2, 'b', 20, 'q'), (3, 'c', 30, 'r'), (4, 'd', 40, 's')) AS v(id, code, n, note)`;

async function isOneToOne(tables: LayerTables, model: Model): Promise<string | undefined> {
  return (await (await tables.require(model)).snapshot()).configuration['igarape.one-to-one'];
}

test('where each row is of one row of its source alone, an update reads nothing of that but its changes', async () => {
  const tables = await open(dir());
  const source = await bronze(tables, 'c', ROWS);
  const model = await silverModel(tables, SPENT);
  await runSilver(tables, model);
  expect(await isOneToOne(tables, model)).toBe('true');
  await source.update({ set: { n: 'n + 10' }, where: `code IN ('a', 'b')` });
  await source.update({ set: { n: '5' }, where: `code = 'c'` });
  await source.update({ set: { note: `'t'` }, where: `code = 'c'` });
  await source.delete(`code = 'd'`);
  const folder = join(dir(), 'lake', 'bronze', 'c');
  const files = (await readdir(folder)).filter((name) => name.endsWith('.parquet'));
  expect(files.length).toBeGreaterThan(0);
  for (const name of files) await rm(join(folder, name));
  expect(await runSilver(tables, model)).toMatchObject({
    operation: 'updated',
    inserted: 1,
    updated: 1,
    deleted: 2,
  });
  expect(await silverRows(tables, model)).toEqual([
    `{'code': A, 'n': 20, 'note': p}`,
    `{'code': B, 'n': 30, 'note': q}`,
  ]);
});

test('rows that the WHERE leaves out take no row away that has their key', async () => {
  const tables = await open(dir());
  const source = await bronze(tables, 'c', `${ROWS} UNION ALL SELECT 5, 'B', 1, 'z'`);
  const model = await silverModel(tables, SPENT);
  await runSilver(tables, model);
  await source.delete('n = 1');
  await source.append(`SELECT 6 AS id, 'B' AS code, 2 AS n, 'y' AS note`);
  expect(await runSilver(tables, model)).toMatchObject({ operation: 'unchanged' });
  expect(await isOneToOne(tables, model)).toBe('true');
  await expectFresh(tables, model);
});

test.each([
  ['as a row of another key has it', `SELECT 9 AS id, 'B' AS code, 20 AS n, 'q' AS note`],
  ['twice', `SELECT 8 AS id, 'e' AS code, 50 AS n, 'u' AS note UNION ALL SELECT 9, 'e', 50, 'u'`],
])('rows that come %s end it that each is of one alone, until the table is made anew', async (_, rows) => {
  const tables = await open(dir());
  const source = await bronze(tables, 'c', ROWS);
  const model = await silverModel(tables, SPENT);
  await runSilver(tables, model);
  await source.append(rows);
  await runSilver(tables, model);
  await expectFresh(tables, model);
  expect(await isOneToOne(tables, model)).toBe('false');
  await source.delete('id = 9');
  await runSilver(tables, model);
  await expectFresh(tables, model);
  await source.overwrite(ROWS);
  await runSilver(tables, model, { fullRefresh: true });
  expect(await isOneToOne(tables, model)).toBe('true');
});

test.each([
  '-- key: code\nSELECT code, n FROM bronze.c GROUP BY code, n',
  '-- key: code, other\nSELECT a.code, b.code AS other FROM bronze.c AS a JOIN bronze.c AS b ON a.code = b.code',
  '-- key: code\nSELECT code, n FROM bronze.c UNION SELECT note, n FROM bronze.c',
])('%s is never taken for one to one with its source', async (text) => {
  const tables = await open(dir());
  await bronze(tables, 'c', ROWS);
  const model = await silverModel(tables, text);
  await runSilver(tables, model);
  expect(await isOneToOne(tables, model)).toBe('false');
});
