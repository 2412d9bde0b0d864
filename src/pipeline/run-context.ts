import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Engine } from '../engine/engine.ts';
import type { Edge, RunContext, RunRequest } from './context.ts';

/** Gives `work` an engine and a folder of its own, and takes both back whatever happens. */
export async function withRunContext<T>(
  request: RunRequest,
  edge: Edge,
  work: (context: RunContext) => Promise<T>,
): Promise<T> {
  const { config } = request;
  const runDir = join(config.workDir, 'runs', edge.newId());
  await mkdir(runDir, { recursive: true });
  const engine = await Engine.open({ memoryLimit: config.memoryLimit, spillDir: join(runDir, 'spill') });
  const interrupt = (): void => engine.interrupt();
  edge.signal.addEventListener('abort', interrupt);
  try {
    return await work({ request, edge, engine, runDir });
  } finally {
    edge.signal.removeEventListener('abort', interrupt);
    engine.close();
    await rm(runDir, { recursive: true, force: true });
  }
}
