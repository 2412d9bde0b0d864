import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { describeWith } from '../support/external.ts';
import { S3_START_TIMEOUT_MS, type S3Server, seaweedfs } from '../support/s3-server.ts';
import { itSurvives } from './faults.ts';
import { type Place, s3Place } from './lakes.ts';
import { itHasOneWriter } from './one-writer.ts';

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
  itSurvives(() => place);
  itHasOneWriter(() => place);
});
