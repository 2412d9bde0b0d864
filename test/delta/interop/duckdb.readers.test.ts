import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DeltaTable } from '../../../src/delta/table.ts';
import { describeWith } from '../../support/external.ts';
import { Agreement, notLedTo } from './agreement.ts';
import { rowsAt, travel, type Traveled } from './expected.ts';
import { travelMapped } from './mapped.ts';
import { DeltaPeer, duckdbDeltaPython } from './peers.ts';
import { rowsOf, TABLES } from './tables.ts';

describeWith(await duckdbDeltaPython(), "DuckDB's delta extension", (python) => {
  let folder = '';
  let peer: DeltaPeer;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'igarape-duckdb-delta-'));
    peer = new DeltaPeer(python, 'duckdb_delta.py');
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

    it('has the same rows at several versions', async () => {
      expect(await agreement.onVersions()).toEqual([]);
    });
  });

  // Of lists, the extension's 1.5.5 cannot write the statistics: its insert fails.
  it.each([true, false])(
    'appends to a table of plain values, after which we go on (vectors: %s)',
    async (vectors) => {
      const path = join(folder, `plain-${vectors}`);
      const kind = { name: 'plain', vectors, partitioned: false, seed: 1 };
      const plain = (from: number, to: number): string =>
        `SELECT * EXCLUDE (nested, list, map, bytes) FROM (${rowsOf(kind)(from, to, from)})`;
      const table = await DeltaTable.create(path, {
        rows: plain(0, 40),
        configuration: { 'delta.enableDeletionVectors': String(vectors) },
      });
      const traveled = { kind, path, table, last: 0 };
      const agreement = new Agreement(peer, traveled);
      await table.delete({ where: 'id % 4 = 1' });
      const rows = join(folder, `rows-${vectors}.parquet`);
      await table.engine.run(`COPY (${plain(700, 720)}) TO '${rows}' (FORMAT parquet)`);
      await peer.ask({ kind: 'append', table: path, rows });
      expect(await rowsAt(table)).toHaveLength(50);
      expect(await agreement.onNewest()).toEqual([]);
      await table
        .merge(plain(20, 60), { on: ['id'] })
        .whenMatchedUpdateAll()
        .whenNotMatchedInsertAll()
        .execute();
      await table.delete({ where: 'id % 10 = 7' });
      await table.optimize();
      expect(await agreement.onNewest()).toEqual([]);
      expect(await notLedTo(traveled, 2, (await table.snapshot()).version)).toEqual([]);
      await table.close();
    },
  );

  // Into partitions, the extension's 1.5.5 cannot insert at all: it ends with an internal error.
  it('is refused by name where it cannot heed a check constraint', async () => {
    const path = join(folder, 'constrained');
    const configuration = { 'delta.constraints.positive': 'id > 0' };
    const table = await DeltaTable.create(path, { rows: 'SELECT 1 AS id', configuration });
    const rows = join(folder, 'constrained.parquet');
    await table.engine.run(`COPY (SELECT 2 AS id) TO '${rows}' (FORMAT parquet)`);
    const insert = peer.ask({ kind: 'append', table: path, rows });
    await expect(insert).rejects.toThrow(/checkConstraints/);
    await table.close();
  });

  it.each(['always', 'later'] as const)('reads columns that are mapped (%s)', async (when) => {
    const traveled = await travelMapped(folder, when);
    expect(await new Agreement(peer, traveled).onVersions()).toEqual([]);
    await traveled.table.close();
  });

  // The extension's 1.5.5 writes them under the names of the schema, which no reader looks for.
  it('loses what it inserts into columns that are called otherwise in files', async () => {
    const path = join(folder, 'spaced');
    const table = await DeltaTable.create(path, { rows: `SELECT 1 AS id, 'x' AS "a name"` });
    const rows = join(folder, 'spaced.parquet');
    await table.engine.run(`COPY (SELECT 2 AS id, 'y' AS "a name") TO '${rows}' (FORMAT parquet)`);
    await peer.ask({ kind: 'append', table: path, rows });
    const found = await table.read({ where: 'id = 2' });
    expect(await found.toArray()).toEqual([{ id: 2, 'a name': null }]);
    await table.close();
  });
});
