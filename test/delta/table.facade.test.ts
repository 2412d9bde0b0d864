import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DeltaTable } from '../../src/delta/table.ts';
import { callCli } from '../support/call-cli.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();

async function ids(table: DeltaTable): Promise<unknown[]> {
  const rows = await table.read({ columns: ['id'] });
  const found: unknown[] = [];
  for await (const batch of rows.batches()) found.push(...batch.map(({ id }) => id));
  return found.toSorted((left, right) => Number(left) - Number(right));
}

it('creates, writes, maintains and reopens a table in a folder', async () => {
  const table = await DeltaTable.create(dir(), { rows: `SELECT 1 AS id, 'a' AS name` });
  await table.append(`SELECT 2 AS id, 'b' AS name UNION ALL SELECT 3, 'c'`);
  await table.update({ set: { name: 'upper(name)' }, where: 'id = 2' });
  await table.delete({ where: 'id = 1' });
  await table
    .merge(`SELECT 3 AS id, 'z' AS name UNION ALL SELECT 4, 'd'`, { on: ['id'] })
    .whenMatchedUpdateAll()
    .whenNotMatchedInsertAll()
    .execute();
  await table.overwrite(`SELECT 5 AS id, 'e' AS name`, { where: 'id > 3' });
  expect(await ids(table)).toEqual([2, 3, 5]);
  await table.optimize();
  await table.restore(1);
  expect(await ids(table)).toEqual([1, 2, 3]);
  expect((await table.vacuum({ dryRun: true })).files).toEqual([]);
  await table.close();
  const again = await DeltaTable.open(dir());
  expect(await ids(again)).toEqual([1, 2, 3]);
  await again.close();
});

it('writes a checkpoint at once, from which the table is read though its commits are gone', async () => {
  const table = await DeltaTable.create(dir(), { rows: 'SELECT 1 AS id' });
  await table.append('SELECT 2 AS id');
  expect(await table.checkpoint()).toBe(1);
  await table.close();
  const log = join(dir(), '_delta_log');
  for (const version of [0, 1]) await rm(join(log, `${String(version).padStart(20, '0')}.json`));
  const again = await DeltaTable.open(dir());
  expect(await ids(again)).toEqual([1, 2]);
  await again.close();
});

it('is maintained on the command line', { timeout: 60_000 }, async () => {
  const table = await DeltaTable.create(`${dir()}/t`, { rows: 'SELECT 1 AS id' });
  await table.append('SELECT 2 AS id');
  await table.close();
  const run = async (...args: readonly string[]): Promise<{ exitCode: number | null; stdout: string }> =>
    callCli(['delta', ...args], dir());
  expect((await run('optimize', 't')).stdout).toMatch(/^Version 2 was committed\.\n/);
  expect((await run('optimize', 't')).stdout).toBe('Nothing to put together.\n');
  expect(JSON.parse((await run('restore', 't', '--version', '0', '--json')).stdout)).toMatchObject({
    version: 3,
  });
  expect((await run('vacuum', 't', '--dry-run')).stdout).toMatch(/0 files of .* would be removed\.\n$/);
  expect((await run('vacuum', 't', '--retention-hours', '1')).exitCode).toBe(2);
  expect((await run('restore', 't')).exitCode).toBe(2);
});

it('gives rows that JSON takes as they are', async () => {
  const table = await DeltaTable.create(dir(), {
    rows: `SELECT 9007199254740993 AS id, 1.50 AS d, 'NaN'::DOUBLE AS f, '\\xFF'::BLOB AS b, MAP {2: [1::BIGINT]} AS m, {'t': DATE '2024-01-31', 'n': NULL::INTEGER} AS s`,
  });
  const rows = await table.read();
  const json = [
    {
      id: '9007199254740993',
      d: '1.50',
      f: 'NaN',
      b: '/w==',
      m: { 2: ['1'] },
      s: { t: '2024-01-31', n: null },
    },
  ];
  const found = await rows.toArray({ values: 'json' });
  expect(found).toEqual(json);
  expect(JSON.parse(JSON.stringify(found))).toEqual(json);
  for await (const batch of rows.batches({ values: 'json' })) expect(batch).toEqual(json);
  await table.close();
});

it('tells its files', async () => {
  const table = await DeltaTable.create(dir(), {
    rows: `SELECT i AS id, if(i < 5, 'São Paulo', 'Rio') AS city FROM range(8) AS r(i)`,
    partitionColumns: ['city'],
  });
  await table.delete('id = 0');
  const files = (await table.files()).toSorted((left, right) => (left.rows ?? 0) - (right.rows ?? 0));
  expect(files).toMatchObject([
    { rows: 3, deletedRows: 0, partitionValues: { city: 'Rio' } },
    { rows: 4, deletedRows: 1, partitionValues: { city: 'São Paulo' } },
  ]);
  for (const { uri, sizeBytes } of files) expect((await stat(uri)).size).toBe(sizeBytes);
  expect(await table.files({ where: 'id > 6' })).toHaveLength(1);
  expect((await table.files({ at: 0 })).map(({ deletedRows }) => deletedRows)).toEqual([0, 0]);
  await table.close();
});
