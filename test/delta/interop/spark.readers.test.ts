import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DeltaTable } from '../../../src/delta/table.ts';
import { describeWith } from '../../support/external.ts';
import { sparkPython } from '../../support/python.ts';
import { Agreement, notLedTo } from './agreement.ts';
import { historyOf, rowsAt, sourceFile, travel, type Traveled, writeAgain } from './expected.ts';
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

  it('reads a column whose name has a space, but changes no columns of such a table', async () => {
    const path = join(folder, 'spaced');
    const table = await DeltaTable.create(path, { rows: `SELECT 1 AS id, 'x' AS "a name"` });
    const traveled = { kind: SPACED, path, table, last: 0 };
    expect(await new Agreement(peer, traveled).onRows(0)).toEqual([]);
    const alter = `ALTER TABLE delta.\`${path}\` ADD COLUMN (more INT)`;
    await expect(peer.ask({ kind: 'sql', sql: alter })).rejects.toThrow('DELTA_INVALID_CHARACTERS');
    await table.close();
  });
});

const SPACED = { name: 'spaced', vectors: true, partitioned: false, seed: 0 };
