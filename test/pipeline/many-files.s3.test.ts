import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openSource } from '../../src/source/open.ts';
import type { Source } from '../../src/source/port.ts';
import { describeWith } from '../support/external.ts';
import { S3_START_TIMEOUT_MS, type S3Server, seaweedfs } from '../support/s3-server.ts';
import { openScenario } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';

describeWith(await seaweedfs(), 'tables of many objects of a bucket', ({ start }) => {
  const dir = useTempDir();
  let server: S3Server;
  let source: Source;
  beforeAll(async () => {
    server = await start();
    const { s3 } = await server.bucket('many');
    source = await openSource({ type: 's3', uri: 's3://many/in', s3 }, { env: server.env });
  }, S3_START_TIMEOUT_MS);
  afterAll(() => server.stop());

  const put = (key: string, body: string): Promise<unknown> =>
    server.client.send(new PutObjectCommand({ Bucket: 'many', Key: `in/${key}`, Body: body }));

  it('are followed as a whole, by date, and by what they gain; what was taken is not downloaded again', async () => {
    const lake = openScenario(dir(), {
      tables: [
        { name: 'parts', pk: ['id', 'dt'], file: 'parts/dt=*/p*.csv' },
        { name: 'dated', pk: 'id', file: 'dated/{date}.csv' },
        { name: 'log', mode: 'append', file: 'log/*.csv' },
      ],
    });
    await put('parts/dt=2024-01-01/p0.csv', 'id\n1\n');
    await put('dated/2024-01.csv', 'id,v\n1,a\n');
    await put('log/1.csv', 'v\na\n');
    await put('log/2.csv', 'v\na\n');
    expect((await lake.run({ source })).exitCode).toBe(0);
    expect((await lake.run({ source })).report.run).toBeNull();
    await rm(lake.config.workDir, { recursive: true });
    await put('parts/dt=2024-01-02/p0.csv', 'id\n1\n');
    await put('dated/2024-03.csv', 'id,v\n1,c\n');
    await put('dated/2024-02.csv', 'id,v\n1,b\n');
    await put('log/3.csv', 'v\nb\n');
    const { report } = await lake.run({ source });
    expect(report).toMatchObject({
      source: { version: '2024-03-01', time: '2024-03-01T00:00:00.000Z' },
      earlier: [{ source: { version: '2024-02-01' } }],
      tables: { parts: { inserted: 1, deleted: 0 }, dated: { updated: 1 }, log: { inserted: 1 } },
    });
    // The two parts, the two dates and the one new file of the log.
    expect(await readdir(join(lake.config.workDir, 'source/objects'))).toHaveLength(5);
    await server.client.send(new DeleteObjectCommand({ Bucket: 'many', Key: 'in/log/1.csv' }));
    expect((await lake.run({ source })).report.tables['log']).toMatchObject({ operation: 'unchanged' });
    expect((await lake.verify()).ok).toBe(true);
  });
});
