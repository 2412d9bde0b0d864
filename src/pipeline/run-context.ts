import { join } from 'node:path';
import { Engine } from '../engine/engine.ts';
import type { Edge, RunContext, RunRequest } from './context.ts';
import { withRunDir } from './run-dir.ts';

/** Gives `work` an engine and a folder of its own, and takes both back whatever happens. */
export async function withRunContext<T>(
  request: RunRequest,
  edge: Edge,
  work: (context: RunContext) => Promise<T>,
): Promise<T> {
  const { config } = request;
  return withRunDir(config.workDir, edge, async (runDir) => {
    const engine = await Engine.open({ memoryLimit: config.memoryLimit, spillDir: join(runDir, 'spill') });
    const interrupt = (): void => engine.interrupt();
    edge.signal.addEventListener('abort', interrupt);
    try {
      return await work({ request, edge, engine, runDir, reading: readingProgress(engine, edge) });
    } finally {
      edge.signal.removeEventListener('abort', interrupt);
      engine.close();
    }
  });
}

const LOOK_MS = 250;

function readingProgress(engine: Engine, { onProgress }: Edge): RunContext['reading'] {
  return async (table, work) => {
    const tell = (percent: number): void => onProgress({ step: 'read', table, done: percent, total: 100 });
    tell(0);
    // The last percent is told once the work is over, which is more than one statement.
    const timer = setInterval(() => tell(Math.min(99, engine.percent)), LOOK_MS);
    try {
      return await work();
    } finally {
      clearInterval(timer);
      tell(100);
    }
  };
}
