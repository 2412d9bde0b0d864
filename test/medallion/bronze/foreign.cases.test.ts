import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { useTempDir } from '../../support/tmp.ts';
import { type Change, ForeignLake } from './foreign-lake.ts';

const dir = useTempDir();

function change(op: string | null, id: number | null, v: string | null, ts: number | null): Change {
  return { op, id, v, ts };
}

test('W1: of changes of a key with one order value the one in the file with the later name counts, then folder, then row', async () => {
  const lake = await ForeignLake.open(dir());
  await lake.writeChanges('b.parquet', [change('U', 1, 'file b', 7)]);
  await lake.writeChanges('a.parquet', [change('U', 1, 'file a', 7)]);
  await lake.writeChanges('c.parquet', [change('U', 2, 'row 0', 7), change('U', 2, 'row 1', 7)]);
  await lake.writeChanges('z/a.parquet', [change('U', 1, 'file z/a', 7), change('U', 3, 'folder z', 7)]);
  await lake.writeChanges('y/a.parquet', [change('U', 3, 'folder y', 7)]);
  await lake.run();
  expect(await lake.rows()).toEqual([
    { id: 1n, v: 'file b' },
    { id: 2n, v: 'row 1' },
    { id: 3n, v: 'folder z' },
  ]);
});

test('W2: a delete and a later insert of a live key in one batch leave the new row', async () => {
  const lake = await ForeignLake.open(dir());
  await lake.writeChanges('1.parquet', [change('I', 1, 'old', 1)]);
  await lake.run();
  await lake.writeChanges('2.parquet', [change('I', 1, 'new', 3), change('D', 1, 'old', 2)]);
  expect(await lake.run()).toMatchObject({ operation: 'updated', inserted: 0, updated: 1, deleted: 0 });
  expect(await lake.rows()).toEqual([{ id: 1n, v: 'new' }]);
});

test('W3: the insert of a key that is there is an update where it is not older, and is told', async () => {
  const lake = await ForeignLake.open(dir());
  await lake.writeChanges('1.parquet', [change('I', 1, 'a', 10), change('I', 2, 'a', 10)]);
  await lake.run();
  await lake.writeChanges('2.parquet', [change('I', 1, 'b', 11), change('I', 2, 'b', 9)]);
  expect(await lake.run()).toMatchObject({ updated: 1, reason: '1 inserts of keys that were there' });
  expect(await lake.rows()).toEqual([
    { id: 1n, v: 'b' },
    { id: 2n, v: 'a' },
  ]);
});

test('W4: an update that comes late overwrites nothing newer', async () => {
  const lake = await ForeignLake.open(dir());
  await lake.writeChanges('1.parquet', [change('U', 1, 'at 10', 10)]);
  await lake.run();
  await lake.writeChanges('2.parquet', [change('U', 1, 'at 5', 5)]);
  expect(await lake.run()).toMatchObject({ operation: 'unchanged' });
  expect(await lake.rows()).toEqual([{ id: 1n, v: 'at 10' }]);
});

test('W5: an update that comes late brings no deleted row back', async () => {
  const lake = await ForeignLake.open(dir());
  await lake.writeChanges('1.parquet', [change('I', 1, 'a', 1), change('I', 2, 'a', 1)]);
  await lake.run();
  await lake.writeChanges('2.parquet', [change('D', 1, 'a', 10)]);
  expect(await lake.run()).toMatchObject({ deleted: 1 });
  await lake.writeChanges('3.parquet', [change('U', 1, 'late', 5)]);
  await lake.run();
  expect(await lake.rows()).toEqual([{ id: 2n, v: 'a' }]);
  await lake.writeChanges('4.parquet', [change('I', 1, 'again', 11)]);
  expect(await lake.run()).toMatchObject({ inserted: 1 });
  expect(await lake.rows()).toEqual([
    { id: 1n, v: 'again' },
    { id: 2n, v: 'a' },
  ]);
});

test('W6: the delete of a key that is not there shows no row, is told, and is remembered', async () => {
  const lake = await ForeignLake.open(dir());
  await lake.writeChanges('1.parquet', [change('I', 1, 'a', 1)]);
  await lake.run();
  await lake.writeChanges('2.parquet', [change('D', 9, null, 10)]);
  expect(await lake.run()).toMatchObject({
    operation: 'unchanged',
    reason: '1 deletes of keys that were not',
  });
  await lake.writeChanges('3.parquet', [change('I', 9, 'late', 5)]);
  await lake.run();
  expect(await lake.rows()).toEqual([{ id: 1n, v: 'a' }]);
});

test('W7: rows without a key go to quarantine', async () => {
  const lake = await ForeignLake.open(dir());
  await lake.writeChanges('1.parquet', [
    change('U', null, 'x', 1),
    change('U', 1, 'a', 1),
    change('U', null, 'y', 2),
  ]);
  expect((await lake.run()).reason).toContain('2 with no key');
  expect(await lake.rows()).toEqual([{ id: 1n, v: 'a' }]);
  expect(await lake.quarantine(0)).toMatchObject([
    { id: null, v: 'x', _igarape_file: '1.parquet', _igarape_row: 0n, _igarape_reason: 'no key' },
    { id: null, v: 'y', _igarape_file: '1.parquet', _igarape_row: 2n, _igarape_reason: 'no key' },
  ]);
});

test('W8: a change without an order value is older than every one that has one, in a batch and across batches', async () => {
  const lake = await ForeignLake.open(dir());
  await lake.writeChanges('1.parquet', [change('U', 1, 'ordered', 1), change('U', 1, 'null', null)]);
  await lake.writeChanges('2.parquet', [change('U', 2, 'null', null)]);
  await lake.run();
  await lake.writeChanges('3.parquet', [change('U', 1, 'null again', null), change('U', 2, 'ordered', -5)]);
  await lake.writeChanges('4.parquet', [change('U', 3, 'null a', null), change('U', 3, 'null b', null)]);
  await lake.run();
  expect(await lake.rows()).toEqual([
    { id: 1n, v: 'ordered' },
    { id: 2n, v: 'ordered' },
    { id: 3n, v: 'null b' },
  ]);
});

test('W9: operations are read in any case and with blanks; what is none of the three goes to quarantine', async () => {
  const lake = await ForeignLake.open(dir());
  await lake.writeChanges('1.parquet', [
    change('i', 1, 'a', 1),
    change(' U', 2, 'b', 1),
    change('d\n', 3, 'c', 1),
    change(null, 4, 'd', 1),
    change('X', 5, 'e', 1),
  ]);
  const { reason } = await lake.run();
  expect(reason).toContain('2 with unknown operation');
  expect(reason).toContain('_igarape/quarantine/clientes/00000000000000000000.parquet');
  expect(await lake.rows()).toEqual([
    { id: 1n, v: 'a' },
    { id: 2n, v: 'b' },
  ]);
  expect((await lake.quarantine(0)).map((row) => row['_igarape_operation'])).toEqual([null, 'X']);
});

test('W10: a run that dies after its commit is not applied twice: the feed has one set of changes', async () => {
  const lake = await ForeignLake.open(dir());
  await lake.writeChanges('1.parquet', [change('I', 1, 'a', 1)]);
  await lake.run();
  await lake.writeChanges('2.parquet', [change('U', 1, 'b', 2)]);
  const listeners = {
    after: ({ keys }: { readonly keys: readonly string[] }): void => {
      if (keys.some((key) => key === 'bronze/clientes/_delta_log/00000000000000000001.json'))
        throw new Error('died after the merge');
    },
  };
  await expect(lake.run({ listeners })).rejects.toThrow('died after the merge');
  expect(await lake.run()).toMatchObject({ operation: 'unchanged', version: 1 });
  expect(await lake.feed(1)).toEqual(['update_postimage 1 b', 'update_preimage 1 a']);
});

test('W11: a file is taken once; under another name, or touched, it changes no row', async () => {
  const lake = await ForeignLake.open(dir());
  await lake.writeChanges('1.parquet', [change('I', 1, 'a', 1), change('D', 2, 'b', 1)]);
  await lake.run();
  expect(await lake.run()).toMatchObject({ operation: 'unchanged', version: 0 });
  await copyFile(lake.path('1.parquet'), lake.path('0 earlier name.parquet'));
  await copyFile(lake.path('1.parquet'), lake.path('2 later name.parquet'));
  await lake.touch('1.parquet');
  expect(await lake.run()).toMatchObject({ operation: 'unchanged', version: 1 });
  expect(await lake.feed(1)).toEqual([]);
  expect(await lake.rows()).toEqual([{ id: 1n, v: 'a' }]);
});

test('W11: a file that was written anew under its name is read again', async () => {
  const lake = await ForeignLake.open(dir());
  await lake.writeChanges('1.parquet', [change('I', 1, 'a', 1)]);
  await lake.run();
  await lake.writeChanges('1.parquet', [change('I', 1, 'A', 1), change('I', 2, 'b', 2)]);
  expect(await lake.run()).toMatchObject({ updated: 1, inserted: 1 });
  expect(await lake.rows()).toEqual([
    { id: 1n, v: 'A' },
    { id: 2n, v: 'b' },
  ]);
});

test('W12: a new column is added, one that a file lacks is null in its rows', async () => {
  const lake = await ForeignLake.open(dir());
  await lake.write(
    '1.parquet',
    `SELECT 'I' AS op, 1 AS id, 'a' AS v, 1 AS ts UNION ALL SELECT 'I', 2, 'b', 1`,
  );
  await lake.run();
  await lake.write(
    '2.parquet',
    `SELECT 'U' AS op, 1 AS id, 2 AS ts, TIMESTAMP '2025-01-01 10:00:00' AS seen`,
  );
  expect(await lake.run()).toMatchObject({ operation: 'updated', updated: 1, inserted: 0 });
  expect(await lake.rows(['id', 'v', 'seen'])).toEqual([
    { id: 1n, v: null, seen: '2025-01-01T10:00:00' },
    { id: 2n, v: 'b', seen: null },
  ]);
});

test('W12: types widen where every value is kept: digits, dates to times, whole numbers to fractions', async () => {
  const lake = await ForeignLake.open(dir());
  await lake.write(
    '1.parquet',
    `SELECT 'I' AS op, 1 AS id, 1::DECIMAL(4,2) AS v, 1 AS n, DATE '2025-01-01' AS ts`,
  );
  await lake.run();
  await lake.write(
    '2.parquet',
    `SELECT 'I' AS op, 2::SMALLINT AS id, 1234.125::DECIMAL(7,3) AS v, 2.0::DOUBLE AS n, TIMESTAMP '2025-01-01 10:00:00' AS ts`,
  );
  await lake.run();
  expect(await lake.rows(['id', 'v', 'n', 'ts'])).toEqual([
    { id: 1n, v: '1.000', n: 1n, ts: '2025-01-01T00:00:00' },
    { id: 2n, v: '1234.125', n: 2n, ts: '2025-01-01T10:00:00' },
  ]);
  await lake.write(
    '3.parquet',
    `SELECT 'I' AS op, 3 AS id, 0 AS v, 0.5::DOUBLE AS n, DATE '2025-01-02' AS ts`,
  );
  expect(await lake.run()).toMatchObject({ operation: 'rebuilt' });
  expect(await lake.rows(['id', 'n'])).toEqual([
    { id: 1n, n: 1 },
    { id: 2n, n: 2 },
    { id: 3n, n: 0.5 },
  ]);
});

test.for([
  [
    'a type that does not widen',
    `SELECT 'I' AS op, 2 AS id, 'text' AS n, 2 AS ts`,
    '"n" is text, and bigint',
  ],
  ['a key of another type', `SELECT 'I' AS op, 'two' AS id, 2 AS n, 2 AS ts`, '"id" is text, and bigint'],
  ['no key', `SELECT 'I' AS op, 2 AS n, 2 AS ts`, '"id" of "pk" is not there'],
  ['no order', `SELECT 'I' AS op, 2 AS id, 2 AS n`, '"ts" of "bronze.order_by" is not there'],
  [
    'an order of another type',
    `SELECT 'I' AS op, 2 AS id, 2 AS n, 0.5::DOUBLE AS ts`,
    '"ts" is double, and bigint',
  ],
] as const)(
  'W12: a file with %s is an error that names it, and nothing is taken',
  async ([, query, message]) => {
    const lake = await ForeignLake.open(dir());
    await lake.write('1.parquet', `SELECT 'I' AS op, 1 AS id, 1 AS n, 1 AS ts`);
    await lake.run();
    await lake.write('2.parquet', `SELECT 'U' AS op, 1 AS id, 100 AS n, 2 AS ts`);
    await lake.write('odd one.parquet', query);
    const failing = lake.run();
    await expect(failing).rejects.toMatchObject({ code: 'TABLE_UNREADABLE' });
    await expect(failing).rejects.toThrow(/^odd one\.parquet: /);
    await expect(failing).rejects.toThrow(message);
    expect(await lake.rows(['id', 'n'])).toEqual([{ id: 1n, n: 1n }]);
  },
);

test('W13: a file that is cut short is left for the next run, and holds up no other', async () => {
  const lake = await ForeignLake.open(dir());
  await lake.writeChanges('1.parquet', [change('I', 1, 'torn', 1)]);
  const whole = await readFile(lake.path('1.parquet'));
  await writeFile(lake.path('1.parquet'), whole.subarray(0, whole.length / 2));
  await lake.touch('1.parquet');
  await lake.writeChanges('2.parquet', [change('I', 2, 'whole', 1)]);
  expect(await lake.run({ maxFiles: 1 })).toMatchObject({
    inserted: 1,
    reason: expect.stringMatching(
      /^1\.parquet cannot be read \(yet\), there since \d{4}-\d\d-\d\dT[\d:.]+Z: the next run tries again$/,
    ),
  });
  expect(await lake.rows()).toEqual([{ id: 2n, v: 'whole' }]);
  await writeFile(lake.path('1.parquet'), whole);
  expect(await lake.run()).toMatchObject({ inserted: 1 });
  expect(await lake.rows()).toEqual([
    { id: 1n, v: 'torn' },
    { id: 2n, v: 'whole' },
  ]);
});

test('W13: a file whose pages are damaged is left out with its columns', async () => {
  const lake = await ForeignLake.open(dir());
  await lake.write(
    '1.parquet',
    `SELECT 'I' AS op, i AS id, repeat(md5(i::VARCHAR), 3) AS extra, 1 AS ts FROM range(3000) AS r(i)`,
  );
  const bytes = await readFile(lake.path('1.parquet'));
  bytes.fill(0xff, 1000, Math.floor(bytes.length / 2));
  await writeFile(lake.path('1.parquet'), bytes);
  await lake.writeChanges('2.parquet', [change('I', 2, 'whole', 1)]);
  expect((await lake.run()).reason).toContain('1.parquet cannot be read');
  expect(await lake.rows(['id', 'v'])).toEqual([{ id: 2n, v: 'whole' }]);
  const delta = await lake.tables().require({ layer: 'bronze', name: 'clientes' });
  expect((await delta.snapshot()).schema.fields.map(({ name }) => name)).toEqual([
    'id',
    'v',
    'ts',
    '_igarape_run',
    '_cdc_timestamp',
  ]);
});

test('W14: the change feed is on from the first version', async () => {
  const lake = await ForeignLake.open(dir());
  await lake.writeChanges('1.parquet', [change('I', 1, 'a', 1)]);
  await lake.run();
  expect(await lake.feed(0)).toEqual(['insert 1 a']);
});

test('W15: a reload, which has no operations, tells only the rows that differ', async () => {
  const lake = await ForeignLake.open(dir());
  const load = (rows: string): string => `SELECT * FROM (VALUES ${rows}) AS r(id, v, ts)`;
  await lake.write('1.parquet', load(`(1, 'a', 1), (2, 'b', 1), (3, 'c', 1)`));
  expect(await lake.run()).toMatchObject({ operation: 'created', inserted: 3 });
  await lake.write('2.parquet', load(`(1, 'a', 1), (2, 'B', 2), (3, 'c', 1), (4, 'd', 1)`));
  expect(await lake.run()).toMatchObject({ inserted: 1, updated: 1, deleted: 0, version: 1 });
  expect(await lake.feed(1)).toEqual(['insert 4 d', 'update_postimage 2 B', 'update_preimage 2 b']);
});
