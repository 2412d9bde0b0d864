import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commitKey } from '../../../src/delta/log/path.ts';
import { encodeActions } from '../../../src/delta/protocol/action-codec.ts';
import { formatSchema } from '../../../src/delta/schema/schema.ts';
import { DeltaTable } from '../../../src/delta/table.ts';
import { openLocalStorage } from '../../../src/storage/local.ts';
import { describeWith } from '../../support/external.ts';
import { Agreement, notLedTo } from './agreement.ts';
import { rowsAt, sourceFile, travel, type Traveled, writeAgain } from './expected.ts';
import { mappedRows, travelMapped } from './mapped.ts';
import { DeltaPeer, deltaRsPython } from './peers.ts';
import { TABLES } from './tables.ts';

describeWith(await deltaRsPython(), 'delta-rs', (python) => {
  let folder = '';
  let peer: DeltaPeer;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'igarape-delta-rs-'));
    peer = new DeltaPeer(python, 'delta_rs.py');
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

    it('has the same rows at several versions, and the same history', async () => {
      expect(await agreement.onVersions()).toEqual([]);
      expect(await agreement.onHistory()).toEqual([]);
    });

    it('has the same changes', async () => {
      // Of a removed file with a deletion vector, delta-rs 1.6.6 tells the rows that the vector had taken out as
      // deleted, and not those that were left. Spark and we agree on these commits.
      const derived = new Set<number>();
      for await (const { version, operation, commitInfo } of traveled.table.history()) {
        const isOverwrite = JSON.stringify(commitInfo['operationParameters']).includes('"mode":"Overwrite"');
        if (operation === 'RESTORE' || isOverwrite) derived.add(version);
      }
      expect(derived.size).toBeGreaterThan(2);
      const isCompared = (version: number): boolean => !kind.vectors || !derived.has(version);
      expect(await changesOfVersions(agreement, traveled, 0, traveled.last, isCompared)).toEqual([]);
    });

    it('is appended to, merged into and deleted from, after which we go on', async () => {
      const { path, table, last } = traveled;
      const before = (await rowsAt(table)).length;
      await peer.ask({ kind: 'append', table: path, rows: await sourceFile(traveled, 700, 720) });
      expect(await rowsAt(table)).toHaveLength(before + 20);
      await peer.ask({ kind: 'merge', table: path, rows: await sourceFile(traveled, 710, 730) });
      expect(await rowsAt(table)).toHaveLength(before + 30);
      await peer.ask({ kind: 'delete', table: path, where: 'id >= 715 AND id < 718 OR id % 10 = 3' });
      const gone = await table.read({ where: 'id BETWEEN 715 AND 717 OR id % 10 = 3' });
      expect(await gone.toArray()).toEqual([]);
      expect(await agreement.onNewest()).toEqual([]);
      expect(await notLedTo(traveled, last + 1, last + 3)).toEqual([]);
      await writeAgain(traveled);
      expect(await agreement.onNewest()).toEqual([]);
      expect(await agreement.onHistory()).toEqual([]);
      const { version } = await table.snapshot();
      expect(await notLedTo(traveled, last + 1, version)).toEqual([]);
      // delta-rs 1.6.6 does not find its own change files in folders whose names are escaped.
      const first = kind.partitioned ? last + 4 : last + 1;
      expect(await changesOfVersions(agreement, traveled, first, version, () => true)).toEqual([]);
    });
  });

  it('makes a table with deletion vectors, which lists variants that no column has, and we go on', async () => {
    const path = join(folder, 'made-by-delta-rs');
    const rows = join(folder, 'rows.parquet');
    const out = join(folder, 'read.parquet');
    const maker = await DeltaTable.create(join(folder, 'maker'), { rows: 'SELECT 0 AS id' });
    await maker.engine.run(`COPY (SELECT range AS id FROM range(10)) TO '${rows}' (FORMAT parquet)`);
    await peer.ask({
      kind: 'create',
      table: path,
      rows,
      configuration: { 'delta.enableDeletionVectors': 'true' },
    });
    const table = await DeltaTable.open(path);
    expect((await table.snapshot()).protocol.readerFeatures).toContain('variantType');
    await table.append('SELECT 10::BIGINT AS id');
    await table.delete('id < 5');
    await table
      .merge('SELECT 7::BIGINT AS id', { on: ['id'] })
      .whenMatchedUpdate({ id: '70' })
      .execute();
    await table.optimize();
    await peer.ask({ kind: 'delete', table: path, where: 'id = 8' });
    expect(await table.count()).toBe(5);
    const { version } = await table.snapshot();
    expect(
      await peer.ask({ kind: 'read', table: path, version, out, where: 'id IN (5, 6, 9, 10, 70)' }),
    ).toBe(5);
    await table.close();
    await maker.close();
  });

  it('reads rows of a table that is clustered, numbers its rows, and has times in its commits', async () => {
    const path = join(folder, 'modern');
    const out = join(folder, 'modern.parquet');
    const storage = openLocalStorage(path);
    const features = ['rowTracking', 'domainMetadata', 'inCommitTimestamp', 'clustering'];
    const configuration = {
      'delta.enableRowTracking': 'true',
      'delta.enableInCommitTimestamps': 'true',
      'delta.checkpointInterval': '2',
    };
    const schemaString = formatSchema({
      type: 'struct',
      fields: [{ name: 'id', type: 'long', nullable: true, metadata: {} }],
    });
    await storage.putIfAbsent(
      commitKey(0),
      encodeActions([
        { commitInfo: { inCommitTimestamp: Date.UTC(2026, 0, 1) } },
        { protocol: { minReaderVersion: 1, minWriterVersion: 7, writerFeatures: features } },
        {
          metaData: {
            id: '7fba94ed-9794-4965-ba6e-6ee3c0d22af9',
            format: { provider: 'parquet', options: {} },
            schemaString,
            partitionColumns: [],
            configuration,
          },
        },
        {
          domainMetadata: {
            domain: 'delta.clustering',
            configuration: '{"clusteringColumns":[["id"]]}',
            removed: false,
          },
        },
      ]),
    );
    const table = await DeltaTable.open(path);
    await table.append('SELECT range AS id FROM range(100)');
    await table.append('SELECT range AS id FROM range(50, 150)');
    await table.delete('id < 10');
    await table.optimize();
    const { version } = await table.snapshot();
    expect(await peer.ask({ kind: 'read', table: path, version, out })).toBe(190);
    expect(await peer.ask({ kind: 'read', table: path, version, out, where: 'id = 60' })).toBe(2);
    await table.close();
  });

  it.each(['always', 'later'] as const)('reads and writes columns that are mapped (%s)', async (when) => {
    const traveled = await travelMapped(folder, when);
    const { path, table, last } = traveled;
    const agreement = new Agreement(peer, traveled);
    expect(await agreement.onVersions()).toEqual([]);
    expect(await agreement.onHistory()).toEqual([]);
    const before = (await rowsAt(table)).length;
    const rows = await mappedRows(traveled);
    await peer.ask({ kind: 'append', table: path, rows });
    await peer.ask({ kind: 'merge', table: path, rows });
    await peer.ask({ kind: 'delete', table: path, where: 'id = 103' });
    expect(await rowsAt(table)).toHaveLength(before + 3);
    expect(await agreement.onNewest()).toEqual([]);
    expect(await notLedTo(traveled, last + 1, last + 3)).toEqual([]);
    await table.update({ set: { 'doubled, really': '6' }, where: 'id > 100' });
    await table.optimize();
    expect(await agreement.onNewest()).toEqual([]);
    // Of such tables delta-rs 1.6.6 tells no changes.
    await expect(agreement.onChanges(0, last)).rejects.toThrow(/Column mapping is not supported/);
    await table.close();
  });
});

/**
 * What differs in the changes of versions. Of partitions whose folders' names are escaped, delta-rs 1.6.6 does not find
 * the data files that changes are derived from; those that are recorded lie elsewhere, so each version is asked alone.
 */
async function changesOfVersions(
  agreement: Agreement,
  { kind, path }: Traveled,
  from: number,
  to: number,
  isCompared: (version: number) => boolean,
): Promise<string[]> {
  if (!kind.partitioned) return agreement.onChanges(from, to, isCompared);
  const found: string[] = [];
  let recorded = 0;
  for (let version = from; version <= to; version += 1) {
    const commit = await readFile(join(path, commitKey(version)), 'utf8');
    if (!commit.includes('{"cdc":') || !isCompared(version)) continue;
    recorded += 1;
    found.push(...(await agreement.onChangesOf(version)));
  }
  return recorded < 2 ? ['too few changes are recorded'] : found;
}
