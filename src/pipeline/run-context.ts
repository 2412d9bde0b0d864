import type { Engine } from '../engine/engine.ts';
import type { Workplace } from '../engine/side-by-side.ts';
import type { Edge, RunContext, RunRequest } from './context.ts';
import { withEngine } from './with-engine.ts';

/** Gives `work` an engine and a folder of its own, and takes both back whatever happens. */
export async function withRunContext<T>(
  request: RunRequest,
  edge: Edge,
  work: (context: RunContext) => Promise<T>,
): Promise<T> {
  return withEngine(request.config, edge, (engine, folder) =>
    work(inPlace({ request, edge }, { engine, folder, isShared: false })),
  );
}

/** The context of what is worked on at a place of its own. */
export function inPlace(
  { request, edge, spark }: Pick<RunContext, 'request' | 'edge' | 'spark'>,
  { engine, folder, isShared }: Workplace,
): RunContext {
  const reading = readingProgress(engine, edge);
  return { request, edge, engine, hasAllMemory: !isShared, runDir: folder, spark, reading };
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
