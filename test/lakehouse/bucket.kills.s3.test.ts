import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { type Place, s3Place } from '../faults/lakes.ts';
import { describeWith } from '../support/external.ts';
import { S3_START_TIMEOUT_MS, type S3Server, seaweedfs } from '../support/s3-server.ts';
import { itsLayersSurvive } from './kills.ts';
import { itsLayersHaveOneWriter } from './together.ts';

describeWith(await seaweedfs(), 'a lakehouse in a bucket', ({ start }) => {
  let root = '';
  let server: S3Server;
  let place: Place;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'igarape-kills-'));
    server = await start();
    place = s3Place(root, await server.bucket('kills'), server.env);
  }, S3_START_TIMEOUT_MS);
  afterAll(async () => {
    await server.stop();
    await rm(root, { recursive: true, force: true });
  });
  itsLayersSurvive(() => place, [25, 14]);
  itsLayersHaveOneWriter(() => place);
});
