import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DeltaTable } from '../../src/delta.ts';
import { openStorage } from '../../src/storage/open.ts';
import type { Storage } from '../../src/storage/port.ts';
import { runCli } from '../support/cli.ts';
import { describeWith } from '../support/external.ts';
import { S3_START_TIMEOUT_MS, type S3Server, seaweedfs } from '../support/s3-server.ts';
import { useTempDir } from '../support/tmp.ts';
import { wrapStorage } from '../support/wrapped-storage.ts';

const dir = useTempDir();

describeWith(await seaweedfs(), 'a Delta table on S3', (program) => {
  let server: S3Server;
  beforeAll(async () => {
    server = await program.start();
  }, S3_START_TIMEOUT_MS);
  afterAll(() => server.stop());

  test('is created, merged into, read at any version, kept up, and opened by the command line', async () => {
    const { uri, s3 } = await server.bucket('tables', 'loyalty/clients');
    const options = { s3, env: server.env };
    const table = await DeltaTable.create(uri, {
      ...options,
      rows: `SELECT i AS id, 'client ' || i AS name FROM range(100) t(i)`,
    });
    await table.append(`SELECT 100 AS id, 'late' AS name`);
    await table
      .merge(`SELECT * FROM (VALUES (1, 'Ana'), (100, 'Bia'), (101, 'Caio')) AS v(id, name)`, { on: ['id'] })
      .whenMatchedUpdateAll()
      .whenNotMatchedInsertAll()
      .execute();
    await table.delete('id >= 10 AND id < 20');
    await table.optimize();
    const rows = async (opened: DeltaTable, at?: number): Promise<number> =>
      (await (await opened.read(at === undefined ? {} : { at })).toArray()).length;
    expect([await rows(table, 0), await rows(table, 1), await rows(table)]).toEqual([100, 101, 92]);
    await table.close();

    const again = await DeltaTable.open(uri, options);
    const named = await (await again.read({ where: 'id IN (1, 100, 101)', columns: ['name'] })).toArray();
    expect(new Set(named.map(({ name }) => name))).toEqual(new Set(['Ana', 'Bia', 'Caio']));
    const feed = await (await again.changes({ from: 2 })).toArray();
    const kinds = new Map<unknown, number>();
    for (const { _change_type } of feed) kinds.set(_change_type, (kinds.get(_change_type) ?? 0) + 1);
    expect(Object.fromEntries(kinds)).toEqual({
      insert: 1,
      update_preimage: 2,
      update_postimage: 2,
      delete: 10,
    });
    await again.vacuum({ dryRun: true });
    await again.close();

    const env = { ...server.env, AWS_ENDPOINT_URL: server.endpoint };
    const read = await runCli(
      ['delta', 'read', uri, '--version', '1', '--format', 'csv', '--log-level', 'silent'],
      { cwd: dir(), env },
    );
    expect(read.stdout.trim().split('\n'), read.stderr).toHaveLength(102);
    const out = join(dir(), 'changes.jsonl');
    const changes = await runCli(
      ['delta', 'changes', uri, '--from', '2', '--to', '2', '--out', out, '--json'],
      { cwd: dir(), env },
    );
    expect(changes.exitCode, changes.stdout + changes.stderr).toBe(0);
    const described = await runCli(['delta', 'describe', uri, '--json'], { cwd: dir(), env });
    expect(JSON.parse(described.stdout)).toMatchObject({ version: expect.any(Number) });
  });

  test('has indexes of its keys beside it, by which a merge fetches no file that lacks them', async () => {
    const storage = await openStorage(await server.bucket('keys', 'large'), server.env);
    const fetched: string[] = [];
    const counted: Storage = {
      ...wrapStorage(storage, {}),
      localFile: (key, path) => {
        fetched.push(key);
        return storage.localFile(key, path);
      },
    };
    const rows = (from: number): string =>
      `SELECT (i * 7919) % 1000003 AS id, 0 AS v FROM range(${from}, ${from + 500_000}) AS r(i)`;
    const table = await DeltaTable.create(counted, { rows: rows(0) });
    await table.append(rows(500_000));
    const merge = async (id: number): Promise<string[]> => {
      fetched.length = 0;
      const { metrics } = await table
        .merge(`SELECT ${id}::BIGINT AS id, ${id} AS v`, { on: ['id'] })
        .whenMatchedUpdateAll()
        .execute();
      expect(metrics).toMatchObject({ numTargetRowsUpdated: 1 });
      return fetched.filter((key) => key.startsWith('part-'));
    };
    const indexes = async (): Promise<string[]> => {
      const keys: string[] = [];
      for await (const { key } of storage.list('_igarape_keys/')) keys.push(key);
      return keys;
    };
    expect(await merge(7919)).toHaveLength(2);
    expect(await indexes()).toEqual([]);
    await merge(2 * 7919);
    const written = await indexes();
    expect(written.filter((key) => key.endsWith('.json'))).toHaveLength(2);
    expect(await merge(3 * 7919)).toHaveLength(1);
    // An index that is gone in part is none.
    await storage.delete(written.filter((key) => key.endsWith('-0.parquet')));
    expect(await merge(4 * 7919)).toHaveLength(2);
    await table.close();
    const again = await DeltaTable.open(storage);
    expect(await again.count({ where: 'v = id AND v > 0' })).toBe(4);
    await again.optimize();
    await again.vacuum({ retentionMs: 0, allowShortRetention: true });
    expect(await indexes()).toEqual([]);
    expect(await again.count()).toBe(1_000_000);
    await again.close();
  });
});
