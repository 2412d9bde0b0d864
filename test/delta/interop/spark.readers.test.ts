import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DeltaTable } from '../../../src/delta/table.ts';
import { describeWith } from '../../support/external.ts';
import { sparkConnect } from '../../support/spark-connect.ts';
import { Agreement, notLedTo } from './agreement.ts';
import { historyOf, rowsAt, sourceFile, travel, type Traveled, writeAgain } from './expected.ts';
import { mappedRows, travelMapped } from './mapped.ts';
import { SparkPeer } from './spark-peer.ts';
import { TABLES } from './tables.ts';

/**
 * A Spark takes seconds for each statement: every feature once, and beside each other, as tables with mapped columns and of
 * today have them, too; all kinds with `IGARAPE_KINDS=all`.
 */
const KINDS =
  process.env['IGARAPE_KINDS'] === 'all'
    ? TABLES
    : TABLES.filter(({ vectors, partitioned }) => vectors !== partitioned);

describeWith(await sparkConnect(), 'Spark with Delta Lake', (startServer) => {
  let folder = '';
  let peer: SparkPeer;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'igarape-spark-delta-'));
    peer = await SparkPeer.open(await startServer());
  });
  afterAll(async () => {
    await peer?.close();
    await rm(folder, { recursive: true, force: true });
  });

  describe.each(KINDS)('a table with $name', (kind) => {
    let traveled: Traveled;
    let agreement: Agreement;
    beforeAll(async () => {
      traveled = await travel(folder, kind);
      agreement = new Agreement(peer, traveled);
    });
    afterAll(() => traveled.table.close());

    it('has the same rows, changes and history', { timeout: 300_000 }, async () => {
      expect(await agreement.onVersions()).toEqual([]);
      expect(await agreement.onChanges(0, traveled.last)).toEqual([]);
      expect(await agreement.onHistory()).toEqual([]);
    });

    it('is written to by Spark, after which we go on', { timeout: 300_000 }, async () => {
      const { path, table, last } = traveled;
      const name = `delta.\`${path}\``;
      const sql = (text: string): Promise<unknown> => peer.ask({ kind: 'sql', sql: text });
      const before = (await rowsAt(table)).length;
      await sql(
        `INSERT INTO ${name} BY NAME SELECT * FROM parquet.\`${await sourceFile(traveled, 700, 720)}\``,
      );
      expect(await rowsAt(table)).toHaveLength(before + 20);
      await sql(`OPTIMIZE ${name}`);
      await sql(`MERGE INTO ${name} t USING parquet.\`${await sourceFile(traveled, 710, 730)}\` s ON t.id = s.id
        WHEN MATCHED AND s.id % 4 = 0 THEN DELETE WHEN MATCHED THEN UPDATE SET *
        WHEN NOT MATCHED THEN INSERT * WHEN NOT MATCHED BY SOURCE AND t.id % 10 = 4 THEN UPDATE SET points = -5`);
      await sql(`DELETE FROM ${name} WHERE id % 10 = 3`);
      const gone = await table.read({ where: 'id IN (712, 716) OR id % 10 = 3' });
      expect(await gone.toArray()).toEqual([]);
      expect(await agreement.onNewest()).toEqual([]);
      await sql(`ALTER TABLE ${name} ADD COLUMN (later STRUCT<a: DATE, b: ARRAY<STRING>>)`);
      await sql(
        `UPDATE ${name} SET later = named_struct('a', DATE '2024-02-29', 'b', array('x')) WHERE id < 9`,
      );
      const theirs = (await historyOf(table)).slice(0, 6).map(([, operation]) => operation);
      expect(theirs).toEqual(['UPDATE', 'ADD COLUMNS', 'DELETE', 'MERGE', 'OPTIMIZE', 'WRITE']);
      expect(await agreement.onNewest()).toEqual([]);
      expect(await notLedTo(traveled, last + 1, last + 4)).toEqual([]);
      await writeAgain(traveled);
      expect(await agreement.onNewest()).toEqual([]);
      const { version } = await table.snapshot();
      expect(await agreement.onChanges(last + 1, version)).toEqual([]);
      expect(await agreement.onHistory()).toEqual([]);
    });
  });

  it.each(['always', 'later'] as const)(
    'reads, writes and alters a table whose columns are mapped (%s)',
    { timeout: 300_000 },
    async (when) => {
      const traveled = await travelMapped(folder, when);
      const { path, table, last } = traveled;
      const agreement = new Agreement(peer, traveled);
      expect(await agreement.onVersions()).toEqual([]);
      expect(await agreement.onChanges(0, last)).toEqual([]);
      const name = `delta.\`${path}\``;
      const rows = `parquet.\`${await mappedRows(traveled)}\``;
      for (const sql of [
        `INSERT INTO ${name} BY NAME SELECT * FROM ${rows}`,
        `ALTER TABLE ${name} ADD COLUMN (\`more, yet\` INT)`,
        `ALTER TABLE ${name} RENAME COLUMN id TO \`the id\``,
        `MERGE INTO ${name} t USING ${rows} s ON t.\`the id\` = s.id WHEN MATCHED THEN UPDATE SET \`more, yet\` = 7`,
        `OPTIMIZE ${name}`,
        `UPDATE ${name} SET \`more, yet\` = 8 WHERE \`the id\` < 10`,
      ])
        await peer.ask({ kind: 'sql', sql });
      expect(await agreement.onNewest()).toEqual([]);
      await table
        .merge(`SELECT 3 AS "the id", 9 AS "more, yet", 5 AS "fresh (column)"`, {
          on: ['the id'],
          mergeSchema: true,
        })
        .whenMatchedUpdateAll()
        .execute();
      const { version } = await table.snapshot();
      await table.optimize();
      expect(await agreement.onNewest()).toEqual([]);
      expect(await agreement.onChanges(version - 3, version)).toEqual([]);
      await peer.ask({ kind: 'sql', sql: `ALTER TABLE ${name} DROP COLUMN \`fresh (column)\`` });
      expect(await agreement.onNewest()).toEqual([]);
      await table.close();
    },
  );

  it('reads what a merge has widened, and its changes', { timeout: 300_000 }, async () => {
    const path = join(folder, 'widened');
    const table = await DeltaTable.create(path, {
      rows: 'SELECT i AS id, i::INTEGER AS n FROM range(9) AS r(i)',
    });
    await table.append('SELECT i AS id, i::INTEGER AS n FROM range(9, 12) AS r(i)');
    const source = `SELECT * FROM (VALUES (1, 5000000000, true), (10, 0, true), (11, -1, false), (50, 1, false)) AS v(id, n, "is new")`;
    await table
      .merge(source, { on: ['id'], mergeSchema: true, configuration: { 'igarape.run': '1' } })
      .whenMatchedDelete({ where: 'source.n = -1' })
      .whenMatchedUpdateAll()
      .whenNotMatchedInsertAll()
      .execute();
    const agreement = new Agreement(peer, { kind: WIDENED, path, table, last: 2 });
    expect(await agreement.onNewest()).toEqual([]);
    expect(await agreement.onChanges(2, 2)).toEqual([]);
    const insert = `INSERT INTO delta.\`${path}\` VALUES (60, 6000000000, true)`;
    await peer.ask({ kind: 'sql', sql: insert });
    expect(await agreement.onNewest()).toEqual([]);
    await table.close();
  });

  it(
    'makes a table with the features of today, which we write to, and it again',
    { timeout: 300_000 },
    async () => {
      const path = join(folder, 'modern');
      const name = `delta.\`${path}\``;
      const sql = (text: string): Promise<unknown> => peer.ask({ kind: 'sql', sql: text });
      await sql(`CREATE TABLE ${name} (id BIGINT, n INT, name STRING, at TIMESTAMP_NTZ) USING delta CLUSTER BY (n)
      TBLPROPERTIES (${MODERN.map((property) => `'delta.${property}'`)
        .join(', ')
        .replaceAll('=', `' = '`)})`);
      await sql(
        `INSERT INTO ${name} SELECT id, CAST(id % 7 AS INT), concat('n', id), TIMESTAMP_NTZ '2024-01-31 12:00:00' FROM range(40)`,
      );
      await sql(`ALTER TABLE ${name} ALTER COLUMN n TYPE BIGINT`);
      await sql(`DELETE FROM ${name} WHERE id = 3`);
      const table = await DeltaTable.open(path);
      expect((await table.describe()).writerFeatures).toEqual(expect.arrayContaining(FEATURES));
      const agreement = new Agreement(peer, { kind: { ...WIDENED, name: 'modern' }, path, table, last: 3 });
      expect(await agreement.onNewest()).toEqual([]);
      await table.append([{ id: 100n, n: 2n ** 40n, name: 'São Paulo', at: '2024-01-31T12:00:00.123456' }]);
      await table.update({ set: { name: `upper(name)` }, where: 'id % 10 = 1' });
      await table
        .merge(
          [
            { id: 5, n: 55 },
            { id: 101, n: 1 },
          ],
          { on: ['id'] },
        )
        .whenMatchedUpdateAll()
        .whenNotMatchedInsertAll()
        .execute();
      await table.delete('n = 6');
      await table.optimize();
      await table.addColumns([
        { name: 'more', type: { type: 'array', elementType: 'string', containsNull: true } },
      ]);
      await table.addConstraint('counted', 'n >= 0');
      await table.setProperties({ owner: 'sales' });
      await table.append(`SELECT 102 AS id, 2 AS n, ['x'] AS more`);
      await table.checkpoint();
      expect(await agreement.onNewest()).toEqual([]);
      expect(await agreement.onChanges(3, (await table.snapshot()).version)).toEqual([]);
      expect(await agreement.onHistory()).toEqual([]);
      await expect(sql(`INSERT INTO ${name} (id, n) VALUES (103, -1)`)).rejects.toThrow(/counted/i);
      await sql(`INSERT INTO ${name} (id, n) VALUES (103, 3)`);
      await sql(`OPTIMIZE ${name}`);
      await sql(`UPDATE ${name} SET more = array('y') WHERE n = 3`);
      expect(await agreement.onNewest()).toEqual([]);
      await table.append(`SELECT 104 AS id, 4 AS n`);
      expect(await agreement.onNewest()).toEqual([]);
      await table.close();
    },
  );

  it('has the same variants, whoever writes them', { timeout: 300_000 }, async () => {
    const path = join(folder, 'variants');
    const name = `delta.\`${path}\``;
    await peer.ask({ kind: 'sql', sql: `CREATE TABLE ${name} (id INT, v VARIANT) USING delta` });
    await peer.ask({
      kind: 'sql',
      sql: `INSERT INTO ${name} SELECT 1, parse_json('{"a":{"b":[1,2.5,"x",null,true]}}') UNION ALL SELECT 2, NULL UNION ALL SELECT 3, parse_json('"text"')`,
    });
    const table = await DeltaTable.open(path);
    await table.append([
      { id: 4, v: { big: 2n ** 40n, list: [{ deep: 'é' }, null, 1.5], flag: false } },
      { id: 5, v: 'text' },
      { id: 6, v: null },
      { id: 7, v: 7 },
    ]);
    await table.append(`SELECT 8 AS id, {'d': DATE '2024-01-31', 'x': 1.25::DECIMAL(5,2)} AS v`);
    await table.update({ set: { v: `{'new': 1}` }, where: 'id = 3' });
    const out = join(folder, 'variants.json');
    await peer.ask({
      kind: 'sql',
      sql: `INSERT OVERWRITE DIRECTORY '${out}' USING parquet SELECT id, to_json(v) AS v FROM ${name}`,
    });
    const theirs = await table.engine.rows(`SELECT id, v FROM read_parquet('${out}/*.parquet') ORDER BY id`);
    const { sql } = await table.read();
    const ours = await table.engine.rows(
      `SELECT id, CAST(CAST(v AS JSON) AS VARCHAR) AS v FROM (${sql}) ORDER BY id`,
    );
    const parsed = (rows: typeof ours): unknown[] =>
      rows.map(({ id, v }) => [id, typeof v === 'string' ? JSON.parse(v) : null]);
    expect(parsed(theirs)).toEqual(parsed(ours));
    expect(theirs).toHaveLength(8);
    await table.close();
  });

  it('reads its own files in a folder that became a table here', { timeout: 300_000 }, async () => {
    const path = join(folder, 'converted');
    await peer.ask({
      kind: 'sql',
      sql: `CREATE TABLE converted USING parquet PARTITIONED BY (city, day) LOCATION '${path}' AS SELECT id, CAST(id AS DECIMAL(10,2)) AS d, TIMESTAMP '2024-01-31 12:00:00.123456' AS at, named_struct('x', array(id)) AS s, if(id < 3, 'São Paulo', if(id = 3, NULL, 'a/b:c%41')) AS city, DATE '2024-02-29' AS day FROM range(6)`,
    });
    const table = await DeltaTable.convertToDelta(path, { partitionSchema: { city: 'string', day: 'date' } });
    const agreement = new Agreement(peer, { kind: { ...WIDENED, name: 'converted' }, path, table, last: 0 });
    expect(await agreement.onNewest()).toEqual([]);
    await table.delete('id = 2');
    await table.append([{ id: 9, d: '9.99', city: 'x y', day: '2024-03-31' }]);
    expect(await agreement.onNewest()).toEqual([]);
    expect(await table.count({ where: `city = 'São Paulo' AND day = '2024-02-29'` })).toBe(2);
    await table.close();
  });
});

const MODERN = [
  'enableRowTracking=true',
  'enableInCommitTimestamps=true',
  'enableTypeWidening=true',
  'enableDeletionVectors=true',
  'enableChangeDataFeed=true',
  'checkpointPolicy=v2',
];
const FEATURES = [
  'clustering',
  'rowTracking',
  'inCommitTimestamp',
  'typeWidening',
  'deletionVectors',
  'v2Checkpoint',
];

const WIDENED = { name: 'widened', vectors: true, partitioned: false, seed: 0 };
