import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DeltaTable } from '../../../src/delta/table.ts';
import { describeWith } from '../../support/external.ts';
import { sparkPython } from '../../support/python.ts';
import { Agreement, notLedTo } from './agreement.ts';
import { historyOf, rowsAt, sourceFile, travel, type Traveled, writeAgain } from './expected.ts';
import { mappedRows, travelMapped } from './mapped.ts';
import { DeltaPeer } from './peers.ts';
import { TABLES } from './tables.ts';

describeWith(await sparkPython(), 'Spark with Delta Lake', ({ python, jars }) => {
  let folder = '';
  let peer: DeltaPeer;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'igarape-spark-delta-'));
    peer = new DeltaPeer(python, 'spark_delta.py', [folder, jars]);
  });
  afterAll(async () => {
    await peer.close();
    await rm(folder, { recursive: true, force: true });
  });

  describe.each(TABLES)('a table with $name', (kind) => {
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
});

const WIDENED = { name: 'widened', vectors: true, partitioned: false, seed: 0 };
