import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';

/** Gives each test of the file an empty folder of its own, and removes it afterwards: call once, then `dir()` inside. */
export function useTempDir(): () => string {
  let dir: string | undefined;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'igarape-test-'));
  });
  afterEach(async () => {
    if (dir !== undefined) await rm(dir, { recursive: true, force: true, maxRetries: 3 });
    dir = undefined;
  });
  return () => {
    if (dir === undefined) throw new Error('useTempDir() has a folder only while a test runs');
    return dir;
  };
}
