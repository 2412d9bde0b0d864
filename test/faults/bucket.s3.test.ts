import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../support/external.ts';
import { S3_START_TIMEOUT_MS, type S3Server, seaweedfs } from '../support/s3-server.ts';
import { startProxy } from '../storage/s3-proxy.ts';
import { itSurvives } from './faults.ts';
import { expectTidy, openLake, type Place, s3Place, writeFiles } from './lakes.ts';
import { itHasOneWriter } from './one-writer.ts';
import { STORIES, TABLES } from './stories.ts';

describeWith(await seaweedfs(), 'a lake in a bucket', ({ start }) => {
  let root = '';
  let server: S3Server;
  let place: Place;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'igarape-faults-'));
    server = await start();
    place = s3Place(root, await server.bucket('faults'), server.env);
  }, S3_START_TIMEOUT_MS);
  afterAll(async () => {
    await server.stop();
    await rm(root, { recursive: true, force: true });
  });
  itSurvives(() => place, 'by turns');
  itHasOneWriter(() => place);

  test('run after run takes its own commits for its own where a proxy sends every PUT twice', async () => {
    const proxy = await startProxy(server.endpoint, ({ method }) => (method === 'PUT' ? 'repeat' : 'pass'));
    try {
      const direct = await place.create('put-twice');
      const lake = { ...direct, location: proxy.through(direct.location) };
      const scenario = await openLake(lake, {}, { tables: TABLES, layers: ['bronze'] });
      const [first, second] = STORIES;
      for (const [run, files] of [first?.disturbed, second?.disturbed, second?.next].entries()) {
        await writeFiles(scenario, files ?? {});
        const { report, exitCode } = await scenario.run();
        expect({ exitCode, run: report.run }).toEqual({ exitCode: 0, run });
        for (const layer of Object.values(report.layers ?? {})) expect(layer.version).toBe(run);
      }
      await expectTidy(scenario);
    } finally {
      await proxy.stop();
    }
  });
});
