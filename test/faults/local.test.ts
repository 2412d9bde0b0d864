import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { itSurvives } from './faults.ts';
import { localPlace } from './lakes.ts';
import { itHasOneWriter } from './one-writer.ts';

describe('a lake on local disk', () => {
  let root = '';
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'igarape-faults-'));
  });
  afterAll(() => rm(root, { recursive: true, force: true }));
  itSurvives(() => localPlace(root));
  itHasOneWriter(() => localPlace(root));
});
