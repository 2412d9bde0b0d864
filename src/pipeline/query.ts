import { join } from 'node:path';
import { Engine } from '../engine/engine.ts';
import { openQuery, type OpenQuery } from '../lake/query/query.ts';
import { LayerTables } from '../medallion/layer-tables.ts';
import { QueriedLayers } from '../medallion/query/queried-layers.ts';
import { type Edge, type RunRequest, segmentFolder } from './context.ts';
import { withRunDir } from './run-dir.ts';

/**
 * Opens a SELECT over the lake, its layers too, for as long as `use` takes: see {@link openQuery}. `folder` is empty, and gone afterwards.
 *
 * @throws IgarapeError USAGE for anything but one SELECT, for unknown tables, and for what the engine refuses.
 */
export async function withQuery<T>(
  { config, storage }: Pick<RunRequest, 'config' | 'storage'>,
  sql: string,
  edge: Edge,
  use: (query: OpenQuery, folder: string) => Promise<T>,
): Promise<T> {
  return withRunDir(config.workDir, edge, async (folder) => {
    const engine = await Engine.open({ memoryLimit: config.memoryLimit, spillDir: join(folder, 'spill') });
    const interrupt = (): void => engine.interrupt();
    edge.signal.addEventListener('abort', interrupt);
    try {
      const basesDir = segmentFolder(config.workDir);
      const { clock, log } = edge;
      const others = new QueriedLayers(new LayerTables({ storage, engine, workDir: folder, clock, log }));
      return await use(await openQuery(engine, { sql, storage, workDir: folder, basesDir, others }), folder);
    } finally {
      edge.signal.removeEventListener('abort', interrupt);
      engine.close();
    }
  });
}
