import { expect, it } from 'vitest';
import { loadSnapshot } from '../../../src/delta/log/snapshot.ts';
import { withCopies } from '../../../src/delta/merge/located-rows.ts';
import { sievingSource } from '../../../src/delta/merge/sieve.ts';
import { scanFiles } from '../../../src/delta/read/scan.ts';
import { DeltaTable } from '../../../src/delta/table.ts';
import { openLocalStorage } from '../../../src/storage/local.ts';
import { openMemoryStorage } from '../../../src/storage/memory.ts';
import { useTempDir } from '../../support/tmp.ts';
import { openDisk } from '../disk.ts';
import { HandMade } from '../hand-made.ts';

const dir = useTempDir();
const ROWS = 250_000;

/** Types of a key in the table, what a large file of it has, and its value for a number. */
const KEYS: readonly (readonly [type: string, stored: string, value: string])[] = [
  ['long', 'BIGINT', 'i * 7001'],
  ['long', 'INTEGER', 'i * 7001'],
  ['integer', 'SMALLINT', 'i % 30000'],
  ['short', 'TINYINT', 'i % 100'],
  ['decimal(20,0)', 'INTEGER', 'i * 7001'],
  ['decimal(20,2)', 'DECIMAL(10,2)', 'i / 4'],
  ['double', 'FLOAT', 'i / 4'],
  ['string', 'VARCHAR', `'k' || i`],
  ['string', 'BLOB', `CAST('k' || i AS BLOB)`],
  ['date', 'DATE', `DATE '1900-01-01' + CAST(i % 70000 AS INTEGER)`],
  ['timestamp_ntz', 'DATE', `DATE '1900-01-01' + CAST(i % 70000 AS INTEGER)`],
  ['timestamp', 'TIMESTAMPTZ', `TIMESTAMPTZ '2024-01-01 00:00:00Z' + to_milliseconds(i)`],
];

it.each(KEYS)('a merge finds keys of %s in a large file that has them as %s', async (type, stored, value) => {
  const made = new HandMade(dir());
  await made.create({ k: type, v: 'long' });
  const rows = `SELECT CAST(${value} AS ${stored}) AS k, i AS v FROM range(${ROWS}) AS r(i)`;
  const add = { ...(await made.data('f.parquet', rows)), stats: `{"numRecords":${ROWS}}` };
  await made.commit(1, [{ add }]);
  await using table = await DeltaTable.open(made.folder);
  const all = await table.read();
  await table.engine.run(`CREATE TABLE was AS ${all.sql}`);
  // More than the engine looks for one by one, spread over the whole file.
  await table.engine.run(
    `CREATE TABLE s AS SELECT k, -1 AS v FROM (SELECT DISTINCT k FROM was) WHERE hash(k) % 3001 < 7`,
  );
  const [[expected], [given]] = await Promise.all([
    table.engine.rows('SELECT count(*) AS n FROM was SEMI JOIN s ON was.k = s.k'),
    table.engine.rows('SELECT count(*) AS n FROM s'),
  ]);
  expect(Number(given?.['n'])).toBeGreaterThan(0);
  const { metrics } = await table
    .merge('SELECT * FROM s', { on: ['k'] })
    .whenMatchedUpdate({ v: 'source.v' })
    .whenNotMatchedInsertAll()
    .execute();
  expect(metrics).toMatchObject({
    numTargetRowsUpdated: Number(expected?.['n']),
    numTargetRowsInserted: 0,
  });
});

it('has the engine sieve the rows of large files by the keys, before it decodes other columns', async () => {
  const rows = `SELECT md5(CAST(i AS VARCHAR)) AS k, i AS v FROM range(${ROWS}) AS r(i)`;
  await (await DeltaTable.create(dir(), { rows })).close();
  const disk = { ...(await openDisk(openLocalStorage(dir()))), now: Date.now };
  const snapshot = await loadSnapshot(disk);
  await disk.engine.run(
    `CREATE TABLE s AS SELECT md5(CAST(i * 250 AS VARCHAR)) AS k FROM range(1000) AS r(i)`,
  );
  const keys = snapshot.schema.fields
    .slice(0, 1)
    .map((target) => ({ target, source: 'k', isComparable: true }));
  const files = await withCopies(disk, await snapshot.files(), new Map());
  const source = await sievingSource(disk, snapshot, { source: 's', keys }, files);
  const { sql } = await scanFiles(disk, snapshot, files);
  const plan = await disk.engine.rows(
    `EXPLAIN ANALYZE SELECT count(t.v) FROM (${sql}) AS t JOIN ${source} AS s ON t.k = s.k`,
  );
  expect(JSON.stringify(plan)).toContain('BF(');
});

it('a column that was widened is joined with whatever has a condition', async () => {
  const table = await DeltaTable.create(dir(), {
    rows: `SELECT CAST(i * 7001 AS INTEGER) AS k, i AS v FROM range(${ROWS}) AS r(i)`,
    configuration: { 'delta.enableTypeWidening': 'true' },
  });
  await using _ = table;
  await table.append('SELECT 5000000000 AS k, -1 AS v', { mergeSchema: true });
  await table.engine.run('CREATE TABLE s AS SELECT i * 7001 * 1000 AS k FROM range(1000) AS r(i)');
  const rows = await table.read();
  const [found] = await table.engine.rows(
    `SELECT count(*) AS n FROM (${rows.sql}) AS t JOIN (SELECT * FROM s WHERE hash(k) >= 0) AS s ON t.k = s.k`,
  );
  expect(found).toEqual({ n: BigInt(ROWS / 1000) });
});

it.each([5, 50])('a merge of %i rows fetches each data file of a store once', async (count) => {
  const storage = openMemoryStorage();
  await using table = await DeltaTable.create(storage, {
    rows: `SELECT i * 7919 % 300000 AS k, i AS v FROM range(300000) AS r(i)`,
  });
  await table.append(`SELECT 300000 + i AS k, i AS v FROM range(10) AS r(i)`);
  const fetched: string[] = [];
  const localFile = storage.localFile.bind(storage);
  storage.localFile = async (key, path) => {
    fetched.push(key);
    return localFile(key, path);
  };
  await table
    .merge(`SELECT i * 5000 AS k, -1 AS v FROM range(${count}) AS r(i) UNION ALL SELECT 300001, -1`, {
      on: ['k'],
    })
    .whenMatchedUpdateAll()
    .execute();
  expect(fetched).toHaveLength(2);
  expect(new Set(fetched).size).toBe(2);
});
