import { expect, it } from 'vitest';
import { createTable } from '../../../src/delta/operations/create-table.ts';
import { loadSnapshot } from '../../../src/delta/log/snapshot.ts';
import { appendRows, overwriteRows } from '../../../src/delta/operations/write-table.ts';
import { openWriter, tableRows } from './table.ts';

const ROWS = `SELECT i::BIGINT AS id, 'x' || i AS name, TIMESTAMPTZ '2024-01-01 00:00:00.123456' AS at,
  TIMESTAMP '2024-01-01 00:00:00.1' AS local_at, 1.5::DECIMAL(38,10) AS price, 'nan'::DOUBLE AS ratio,
  {'a': i::INT, 'b c': 'q'} AS point, [1, 2] AS list, DATE '2020-01-02' AS day, MAP {'a': 1} AS map, true AS flag,
  NULL::INTEGER AS nothing, 9007199254740993::BIGINT AS "a.b", repeat('z', 200) AS long_text
  FROM range(5) t(i)`;

it('reads back what it wrote, with exact statistics', async () => {
  const writer = await openWriter();
  await createTable(writer, { rows: ROWS });
  await appendRows(writer, await loadSnapshot(writer), 'SELECT 7::BIGINT AS id, [3] AS list');
  const snapshot = await loadSnapshot(writer);
  expect(snapshot.version).toBe(1);
  const rows = await tableRows(writer, snapshot);
  expect(rows.map((row) => row['id'])).toEqual([0n, 1n, 2n, 3n, 4n, 7n]);
  expect(rows[0]).toMatchObject({
    price: '1.5000000000',
    at: '2024-01-01T00:00:00.123456Z',
    point: { 'b c': 'q' },
  });
  const [first] = await snapshot.files();
  expect(first?.stats).toContain('"numRecords":5');
  expect(first?.stats).toContain('"a.b":9007199254740993');
  expect(first?.stats).toContain(`"long_text":"${'z'.repeat(32)}\u007F"`);
  expect(first?.stats).toContain('"at":"2024-01-01T00:00:00.123456Z"');
  expect(first?.stats).toContain('"price":1.5000000000');
  expect(first?.stats).not.toContain('"ratio":"');
});

it('keeps partition values apart, whatever signs they hold', async () => {
  const writer = await openWriter();
  const values = ['a b/ç:=', '__HIVE_DEFAULT_PARTITION__', '', "it's 100%", 'x=y', null];
  const rows = values.map(
    (value, id) => `SELECT ${id} AS id, ${value === null ? 'NULL' : `'${value.replaceAll("'", "''")}'`} AS p`,
  );
  await createTable(writer, { rows: rows.join(' UNION ALL '), partitionColumns: ['P'] });
  const found = await tableRows(writer, await loadSnapshot(writer));
  expect(found.map((row) => row['p'])).toEqual(values.map((value) => (value === '' ? null : value)));
});

it('replaces all rows by an overwrite, and adds and widens columns when asked', async () => {
  const writer = await openWriter();
  await createTable(writer, { rows: 'SELECT 1::INTEGER AS id, 1.5::DECIMAL(4,1) AS price' });
  await appendRows(
    writer,
    await loadSnapshot(writer),
    `SELECT 5000000000::BIGINT AS id, 1.25::DECIMAL(9,2) AS price, 'x' AS more`,
    { mergeSchema: true },
  );
  expect(await tableRows(writer, await loadSnapshot(writer))).toEqual([
    { id: 1n, price: '1.50', more: null },
    { id: 5000000000n, price: '1.25', more: 'x' },
  ]);
  await overwriteRows(writer, await loadSnapshot(writer), 'SELECT 3 AS id');
  expect(await tableRows(writer, await loadSnapshot(writer))).toEqual([{ id: 3n, price: null, more: null }]);
});

it('refuses rows that break a rule, and leaves the table as it was', async () => {
  const writer = await openWriter();
  const schema = {
    type: 'struct' as const,
    fields: [{ name: 'id', type: 'long' as const, nullable: false, metadata: {} }],
  };
  await createTable(writer, { schema, configuration: { 'delta.constraints.positive': '`id` > 0' } });
  const snapshot = await loadSnapshot(writer);
  await expect(appendRows(writer, snapshot, 'SELECT NULL AS id')).rejects.toMatchObject({
    code: 'DELTA_CONSTRAINT',
  });
  await expect(appendRows(writer, snapshot, 'SELECT -1 AS id')).rejects.toMatchObject({
    code: 'DELTA_CONSTRAINT',
    message: expect.stringContaining('positive'),
  });
  expect((await loadSnapshot(writer)).version).toBe(0);
});

it('takes sums and labels for what they are, and refuses what Delta cannot hold', async () => {
  const writer = await openWriter();
  await createTable(writer, { rows: 'SELECT 1::BIGINT AS id, NULL::VARCHAR AS label' });
  const snapshot = await loadSnapshot(writer);
  await appendRows(
    writer,
    snapshot,
    `SELECT sum(i) AS id, any_value('x'::ENUM('x', 'y')) AS label FROM range(3) t(i)`,
  );
  expect(await tableRows(writer, await loadSnapshot(writer))).toEqual([
    { id: 1n, label: null },
    { id: 3n, label: 'x' },
  ]);
  for (const [id, code] of [
    [`TIME '12:00:00'`, 'DELTA_UNSUPPORTED'],
    [`INTERVAL 1 DAY`, 'DELTA_UNSUPPORTED'],
    [`'7'`, 'DELTA_QUERY'],
    ['1.5', 'DELTA_QUERY'],
  ]) {
    await expect(appendRows(writer, snapshot, `SELECT ${id} AS id`)).rejects.toMatchObject({ code });
  }
});
