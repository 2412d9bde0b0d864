import type { Engine } from '../../engine/engine.ts';

/**
 * Runs statements whose joins have the files of a table on their left: these stream past the right side, which is held
 * in memory. DuckDB does not know how many rows files have that it reads with a schema of ours, and may hold them instead.
 */
export async function withStreamedFiles<T>(engine: Engine, statements: () => Promise<T>): Promise<T> {
  await engine.run(`SET disabled_optimizers = 'join_order,build_side_probe_side'`);
  try {
    return await statements();
  } finally {
    await engine.run(`SET disabled_optimizers = ''`);
  }
}
