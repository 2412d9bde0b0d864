import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { localPlace } from '../faults/lakes.ts';
import { itsLayersSurvive } from './kills.ts';
import { itsLayersHaveOneWriter } from './together.ts';

describe('a lakehouse on local disk', () => {
  let root = '';
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'igarape-kills-'));
  });
  afterAll(() => rm(root, { recursive: true, force: true }));
  itsLayersSurvive(() => localPlace(root), [4, 'each kind']);
  itsLayersHaveOneWriter(() => localPlace(root));
});
