import { join } from 'node:path';
import { afterEach } from 'vitest';
import { type Logger, silentLogger } from '../../src/core/log.ts';
import { Engine } from '../../src/engine/engine.ts';
import { LayerTables } from '../../src/medallion/layer-tables.ts';
import type { Cluster } from '../../src/spark/cluster.ts';
import { openLocalStorage } from '../../src/storage/local.ts';

/** Opens the layers of lakes on this disk, each with an engine of its own that is closed after the test: call once. */
export function useLayers(): (
  folder: string,
  edge?: { clock?: () => number; log?: Logger; cluster?: Cluster },
) => Promise<LayerTables> {
  const engines: Engine[] = [];
  afterEach(() => {
    for (const engine of engines.splice(0)) engine.close();
  });
  return async (folder, { clock = Date.now, log = silentLogger, cluster } = {}) => {
    const workDir = join(folder, 'work');
    const engine = Engine.open({ memoryLimit: '500MB', spillDir: join(workDir, 'spill'), threads: 1 });
    engines.push(engine);
    const storage = openLocalStorage(join(folder, 'lake'));
    return new LayerTables({ storage, engine, workDir, clock, log, cluster });
  };
}
