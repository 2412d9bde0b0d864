import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import { Engine } from '../engine/engine.ts';
import type { Edge } from './context.ts';
import { withRunDir } from './run-dir.ts';

/**
 * Gives `work` an engine and an empty folder of its own, and takes both back whatever happens; a stop interrupts the
 * engine's statement.
 */
export async function withEngine<T>(
  { workDir, memoryLimit }: Pick<Config, 'workDir' | 'memoryLimit'>,
  edge: Edge,
  work: (engine: Engine, folder: string) => Promise<T>,
): Promise<T> {
  return withRunDir(workDir, edge, async (folder) => {
    const engine = Engine.open({ memoryLimit, spillDir: join(folder, 'spill') });
    const interrupt = (): void => engine.interrupt();
    edge.signal.addEventListener('abort', interrupt);
    try {
      return await work(engine, folder);
    } finally {
      edge.signal.removeEventListener('abort', interrupt);
      engine.close();
    }
  });
}
