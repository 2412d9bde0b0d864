import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { pastRuns } from '../../src/lake/past-runs.ts';
import type { QueryValue } from '../../src/lake/query/query.ts';
import { doctor } from '../../src/pipeline/doctor/doctor.ts';
import { withQuery } from '../../src/pipeline/query.ts';
import { withReader } from '../../src/explore/reader.ts';
import { status } from '../../src/explore/status.ts';
import { openFilesSource } from '../../src/source/files.ts';
import { openStorage } from '../../src/storage/open.ts';
import type { Storage } from '../../src/storage/port.ts';
import { describeWith } from '../support/external.ts';
import { S3_START_TIMEOUT_MS, type S3Server, seaweedfs } from '../support/s3-server.ts';
import { openScenario, type Scenario, testEdge } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';

describeWith(await seaweedfs(), 'reading a lake on S3', ({ start }) => {
  const dir = useTempDir();
  let server: S3Server;
  beforeAll(async () => {
    server = await start();
  }, S3_START_TIMEOUT_MS);
  afterAll(() => server.stop());

  async function twoRuns(bucket: string): Promise<Scenario> {
    const storage = await openStorage(await server.bucket(bucket, 'raw'), server.env);
    const tables = [{ name: 'clientes', pk: 'id', date_field: 'dt' }];
    const lake = openScenario(dir(), { tables }, { storage });
    await lake.write('clientes.csv', 'id,dt\n1,2026-01-01\n2,2026-01-02\n');
    await lake.run();
    await lake.write('clientes.csv', 'id,dt\n1,2026-01-03\n2,2026-01-02\n3,2026-01-01\n');
    await lake.run();
    return lake;
  }

  async function rowsOf(lake: Scenario, sql: string): Promise<(readonly QueryValue[])[]> {
    return withQuery(lake, sql, testEdge(), async (query) => [...(await query.rows(100)).rows]);
  }

  it('answers queries from files that it fetches, and leaves none of them behind', async () => {
    const lake = await twoRuns('lake-query');
    await mkdir(lake.config.workDir, { recursive: true });
    expect(await rowsOf(lake, 'SELECT id, dt FROM clientes ORDER BY id')).toEqual([
      [1n, '2026-01-03'],
      [2n, '2026-01-02'],
      [3n, '2026-01-01'],
    ]);
    expect(await rowsOf(lake, 'SELECT count(*) FROM run_0.clientes')).toEqual([[2n]]);
    expect(await rowsOf(lake, 'SELECT count(*) FROM full_load.clientes')).toEqual([[2n]]);
    expect(
      await rowsOf(lake, 'SELECT _cdc_operation, id, _run FROM cdc.clientes ORDER BY _cdc_sequence'),
    ).toEqual([
      ['U', 1n, 1n],
      ['I', 3n, 1n],
    ]);
    expect(await readdir(join(lake.config.workDir, 'runs'))).toEqual([]);
  });

  it('tells how it stands', async () => {
    const lake = await twoRuns('lake-status');
    const found = await withReader(lake, testEdge(), (reader) => status(reader, { lastRuns: 5 }));
    expect(found).toMatchObject({
      runs: 2,
      tables: {
        clientes: { rows: 3, newest: { column: 'dt', value: '2026-01-03' }, lastChange: { run: 1 } },
      },
      unfinished: [],
      staged: { files: 0 },
    });
    expect((await pastRuns(lake.storage)).map(({ run }) => run)).toEqual([1, 0]);
  });

  it('is well, by every check, and a bucket that is not there is not', async () => {
    const lake = await twoRuns('lake-doctor');
    const examine = (storage: Storage): ReturnType<typeof doctor> => {
      const { config } = lake;
      if (config.source?.type !== 'files') throw new Error('A scenario has a folder source.');
      const source = openFilesSource(config.source);
      const credentials = { env: server.env, home: dir() };
      const project = { config, storage, source, edge: testEdge(), credentials };
      return doctor({ nodeVersion: 'v24.0.0', open: () => Promise.resolve(project) });
    };
    const before = await keysOf(lake.storage);
    const report = await examine(lake.storage);
    expect(report.checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(report.checks.map(({ name }) => name)).toContain('clock');
    expect(await keysOf(lake.storage)).toEqual(before);

    const { s3 } = await server.bucket('other');
    const broken = await examine(await openStorage({ uri: 's3://no-such-bucket/x', s3 }, server.env));
    expect(broken.exitCode).toBe(5);
    expect(broken.checks.find(({ name }) => name === 'lake access')?.found).toContain('does not exist');
  });
});

async function keysOf(storage: Storage): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of storage.list('')) keys.push(key);
  return keys;
}
