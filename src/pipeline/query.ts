import { openQuery, type OpenQuery } from '../lake/query/query.ts';
import { LayerTables } from '../medallion/layer-tables.ts';
import { QueriedLayers } from '../medallion/query/queried-layers.ts';
import { type Edge, type RunRequest, segmentFolder } from './context.ts';
import { type Bounds, bounded } from './bounded.ts';
import { withEngine } from './with-engine.ts';

export interface QueriedProject extends Pick<RunRequest, 'config' | 'storage'>, Partial<Bounds> {
  /** Files and folders beside the lake that the SQL may read. */
  readonly allowFiles?: readonly string[];
}

/**
 * Opens a SELECT over the lake, its layers too, for as long as `use` takes: see {@link openQuery}. `folder` is empty, and gone afterwards.
 *
 * Its time is that of the configuration where `timeoutMs` is not given.
 *
 * @throws IgarapeError TIME_LIMIT, MEMORY_LIMIT where it takes more than it may; USAGE for anything but one SELECT, for unknown tables, and for what the engine refuses.
 */
export async function withQuery<T>(
  { config, storage, allowFiles = [], ...bounds }: QueriedProject,
  sql: string,
  edge: Edge,
  use: (query: OpenQuery, folder: string) => Promise<T>,
): Promise<T> {
  return withEngine(config, edge, async (engine, folder) => {
    const basesDir = segmentFolder(config.workDir);
    const { clock, log } = edge;
    const others = new QueriedLayers(new LayerTables({ storage, engine, workDir: folder, clock, log }));
    return bounded(engine, { timeoutMs: config.queryTimeoutMs, ...bounds }, async () =>
      use(await openQuery(engine, { sql, storage, workDir: folder, basesDir, others, allowFiles }), folder),
    );
  });
}
