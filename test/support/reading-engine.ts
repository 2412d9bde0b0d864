import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Engine } from '../../src/engine/engine.ts';

let shared: Engine | undefined;

/**
 * An engine to look at files with that were written, the same for all test files of this process: to make one, and to let it go,
 * takes longer than to read a small file. It is not to be closed, and nothing is to be left in it.
 */
export function readingEngine(): Engine {
  shared ??= Engine.open({
    memoryLimit: '1GB',
    spillDir: join(tmpdir(), `igarape-reading-${process.pid}`),
    threads: 1,
  });
  return shared;
}
