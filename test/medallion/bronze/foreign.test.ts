import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { applyForeignFiles } from '../../../src/medallion/bronze/foreign.ts';
import { openForeignFiles } from '../../../src/medallion/bronze/foreign-files.ts';
import { LayerTables } from '../../../src/medallion/layer-tables.ts';
import { useTempDir } from '../../support/tmp.ts';
import { type Change, ForeignLake, TABLE } from './foreign-lake.ts';

const dir = useTempDir();

function change(op: string, id: number, v: string, ts: number): Change {
  return { op, id, v, ts };
}

test('bronze has the columns of the files without the operation, then the batch, and the time where the order is one', async () => {
  const lake = await ForeignLake.open(dir());
  const rows = `(VALUES ('I', 1, '2025-10-04 10:00:00.5'), ('I', 2, 'soon')) AS c(op, id, seen)`;
  await lake.write('1.parquet', `SELECT *, TIMESTAMP '2025-01-01 12:00:00' AS ts FROM ${rows}`);
  expect(await lake.run()).toEqual({ operation: 'created', inserted: 2, updated: 0, deleted: 0, version: 0 });
  expect(await lake.rows(['id', 'seen', 'ts', '_igarape_run', '_cdc_timestamp'])).toMatchObject([
    { id: 1n, seen: '2025-10-04 10:00:00.5', ts: '2025-01-01T12:00:00', _igarape_run: 0n },
    { id: 2n, _cdc_timestamp: '2025-01-01T12:00:00Z' },
  ]);
  const other = await ForeignLake.open(join(dir(), 'other'));
  await other.write('1.parquet', `SELECT * FROM ${rows}`);
  await other.run({ table: { orderBy: 'seen' } });
  expect(await other.rows(['id', '_cdc_timestamp'])).toEqual([
    { id: 1n, _cdc_timestamp: '2025-10-04T10:00:00.500000Z' },
    { id: 2n, _cdc_timestamp: null },
  ]);
});

test('reads files as AWS DMS writes them: a full load without operations, then Op and a time as text', async () => {
  const lake = await ForeignLake.open(dir());
  const table = { compat: 'dms', orderBy: 'dms_time' } as const;
  const load = `(VALUES (1, 'a'), (2, 'b'), (3, 'c')) AS r(id, v)`;
  await lake.write('LOAD00000001.parquet', `SELECT '2025-01-01 00:00:00.000000' AS dms_time, * FROM ${load}`);
  const changes = `(VALUES ('U', '2025-01-02 00:00:00.000001', 1, 'A'), ('D', '2025-01-02 00:00:00.000002', 2, 'b'), ('I', '2025-01-02 00:00:00.000003', 4, 'd'))`;
  await lake.write('20250102-000000.parquet', `SELECT * FROM ${changes} AS c("Op", dms_time, id, v)`);
  await lake.run({ table });
  expect(await lake.rows(['id', 'v', '_cdc_timestamp'])).toEqual([
    { id: 1n, v: 'A', _cdc_timestamp: '2025-01-02T00:00:00.000001Z' },
    { id: 3n, v: 'c', _cdc_timestamp: '2025-01-01T00:00:00Z' },
    { id: 4n, v: 'd', _cdc_timestamp: '2025-01-02T00:00:00.000003Z' },
  ]);
});

test('takes at most as many files as are asked for, the oldest first, until none is left', async () => {
  const lake = await ForeignLake.open(dir());
  for (const name of ['c', 'a', 'b']) await lake.writeChanges(`${name}.parquet`, [change('U', 1, name, 1)]);
  const seen: unknown[] = [];
  for (let run = 0; run < 4; run += 1) {
    const { operation } = await lake.run({ maxFiles: 1 });
    seen.push([operation, (await lake.rows())[0]?.['v']]);
  }
  // In this order they come; but c is the last by name.
  expect(seen).toEqual([
    ['created', 'c'],
    ['unchanged', 'c'],
    ['unchanged', 'c'],
    ['unchanged', 'c'],
  ]);
  const log = await Promise.all(
    (await lake.keys(`_igarape/bronze/${TABLE}/batches/`)).map((key) => lake.storage.read(key)),
  );
  const files = log.map((body) => JSON.parse(Buffer.from(body ?? '').toString()).files[0].name);
  expect(files).toEqual(['c.parquet', 'a.parquet', 'b.parquet']);
});

test('remembers the files of many batches, and reads only the end of their log', async () => {
  const lake = await ForeignLake.open(dir());
  for (let batch = 0; batch < 20; batch += 1) {
    await lake.writeChanges(`${batch}.parquet`, [change('U', batch % 3, `batch ${batch}`, batch)]);
    await lake.run();
  }
  const read: string[] = [];
  const { edge } = lake.tables();
  const storage = {
    ...edge.storage,
    read: async (key: string): Promise<Uint8Array | undefined> => {
      read.push(key);
      return edge.storage.read(key);
    },
  };
  const files = await openForeignFiles([join(lake.source, '*.parquet')]);
  const table = { name: TABLE, key: ['id'], compat: 'op', orderBy: 'ts', files } as const;
  expect(
    await applyForeignFiles(new LayerTables({ ...edge, storage }), table, { attempt: 'x' }),
  ).toMatchObject({ operation: 'unchanged' });
  expect(read.filter((key) => key.includes('/batches/'))).toHaveLength(4);
  expect(await lake.rows()).toEqual([
    { id: 0n, v: 'batch 18' },
    { id: 1n, v: 'batch 19' },
    { id: 2n, v: 'batch 17' },
  ]);
});

test('says where no file matches', async () => {
  const lake = await ForeignLake.open(dir());
  expect(await lake.run()).toMatchObject({
    operation: 'unchanged',
    version: null,
    reason: expect.stringMatching(/^no file matches .*parquet$/),
  });
});

test('another key or order is refused until the files are all read again', async () => {
  const lake = await ForeignLake.open(dir());
  await lake.write('1.parquet', `SELECT 'I' AS op, 1 AS id, 'x' AS code, 1 AS ts, 5 AS n`);
  await lake.write('2.parquet', `SELECT 'I' AS op, 2 AS id, 'x' AS code, 2 AS ts, 4 AS n`);
  await lake.run();
  const table = { key: ['code'], orderBy: 'n' };
  await expect(lake.run({ table })).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: 'The bronze table clientes was made otherwise: pk was id, bronze.order_by was ts.',
  });
  expect(await lake.run({ table, fullRefresh: true })).toMatchObject({ operation: 'rebuilt', inserted: 1 });
  expect(await lake.rows(['id', 'code'])).toEqual([{ id: 1n, code: 'x' }]);
  await lake.write('3.parquet', `SELECT 'D' AS op, 3 AS id, 'x' AS code, 0 AS ts, 6 AS n`);
  expect(await lake.run({ table })).toMatchObject({ deleted: 1 });
});

test('a full refresh forgets what came of files that are gone, and goes on from there', async () => {
  const lake = await ForeignLake.open(dir());
  await lake.writeChanges('1.parquet', [change('I', 1, 'a', 1), change('I', 2, 'b', 1)]);
  await lake.run();
  await lake.writeChanges('2.parquet', [change('U', 1, 'wrong', 9), change('D', 2, 'b', 9)]);
  await lake.run();
  await lake.remove('2.parquet');
  expect(await lake.run({ fullRefresh: true, maxFiles: 1 })).toMatchObject({ operation: 'rebuilt' });
  expect(await lake.rows()).toEqual([
    { id: 1n, v: 'a' },
    { id: 2n, v: 'b' },
  ]);
  expect(await lake.run()).toMatchObject({ operation: 'unchanged' });
  await lake.writeChanges('3.parquet', [change('U', 1, 'right', 5)]);
  await lake.run();
  expect((await lake.rows())[0]).toEqual({ id: 1n, v: 'right' });
});

test.for(['bronze/clientes', '_igarape/bronze/clientes/keys'])(
  'a lake that has lost %s is told so, and a full refresh helps',
  async (folder) => {
    const lake = await ForeignLake.open(dir());
    await lake.writeChanges('1.parquet', [change('I', 1, 'a', 1)]);
    await lake.run();
    await rm(join(lake.folder, 'lake', folder), { recursive: true });
    await lake.writeChanges('2.parquet', [change('U', 1, 'b', 2)]);
    await expect(lake.run()).rejects.toMatchObject({
      code: 'LAKE_CORRUPT',
      hint: expect.stringContaining('--full-refresh'),
    });
    await lake.run({ fullRefresh: true });
    expect(await lake.rows()).toEqual([{ id: 1n, v: 'b' }]);
  },
);

test('takes columns as pandas writes them: whole numbers with gaps as fractions, columns without values, nanoseconds', async () => {
  const lake = await ForeignLake.open(dir());
  const time = (digits: string): string => `TIMESTAMP_NS '2025-01-01 00:00:00.${digits}'`;
  await lake.write('1.parquet', `SELECT 'I' AS op, 1 AS id, 5 AS n, 'a' AS v, ${time('123456700')} AS ts`);
  await lake.run();
  await lake.write(
    '2.parquet',
    `SELECT 'I' AS op, id::DOUBLE AS id, n::DOUBLE AS n, NULL::INTEGER AS v, ${time('123457000')} AS ts FROM (VALUES (2, 7), (3, NULL)) AS r(id, n)`,
  );
  expect(await lake.run()).toMatchObject({ operation: 'updated', inserted: 2 });
  expect(await lake.rows(['id', 'n', 'v', 'ts'])).toEqual([
    { id: 1n, n: 5n, v: 'a', ts: '2025-01-01T00:00:00.123456' },
    { id: 2n, n: 7n, v: null, ts: '2025-01-01T00:00:00.123457' },
    { id: 3n, n: null, v: null, ts: '2025-01-01T00:00:00.123457' },
  ]);
});

test('whole numbers that no fraction can stand for are refused where fractions come, whichever is first', async () => {
  const big = '9007199254740993';
  const lake = await ForeignLake.open(dir());
  await lake.write('1.parquet', `SELECT 'I' AS op, 1 AS id, ${big} AS n, 1 AS ts`);
  await lake.run();
  await lake.write('2.parquet', `SELECT 'I' AS op, 2 AS id, 0.5::DOUBLE AS n, 1 AS ts`);
  await expect(lake.run()).rejects.toMatchObject({ code: 'TABLE_UNREADABLE' });
  expect(await lake.rows(['n'])).toEqual([{ n: BigInt(big) }]);
  const other = await ForeignLake.open(join(dir(), 'other'));
  await other.write('1.parquet', `SELECT 'I' AS op, 2 AS id, 0.5::DOUBLE AS n, 1 AS ts`);
  await other.write('2.parquet', `SELECT 'I' AS op, 1 AS id, ${big} AS n, 1 AS ts`);
  await expect(other.run()).rejects.toThrow(/^2\.parquet: the column "n" is bigint, and double/);
});

test('keys of several columns, of any spelling, and odd names are taken as they are', async () => {
  const lake = await ForeignLake.open(dir());
  const rows = (op: string, v: string): string =>
    `SELECT '${op}' AS "OP", 'ação' AS "chave um", DATE '2025-01-01' AS dia, '${v}' AS "sel""ect", 1 AS ts`;
  await lake.write("it's.parquet", rows('I', 'a'));
  await lake.run({ table: { key: ['Chave Um', 'DIA'] } });
  await lake.write('z.parquet', rows('U', 'b'));
  expect(await lake.run({ table: { key: ['Chave Um', 'DIA'] } })).toMatchObject({ updated: 1 });
  expect(await lake.rows(['sel"ect'])).toEqual([{ 'sel"ect': 'b' }]);
});

test('a column of a name of igarapé’s own is refused', async () => {
  const lake = await ForeignLake.open(dir());
  await lake.write('1.parquet', `SELECT 'I' AS op, 1 AS id, 1 AS _igarape_row, 1 AS ts`);
  await expect(lake.run()).rejects.toMatchObject({ code: 'TABLE_UNREADABLE' });
});
