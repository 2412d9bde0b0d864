import { join } from 'node:path';
import { silentLogger } from '../../../src/core/log.ts';
import { Engine } from '../../../src/engine/engine.ts';
import { LayerTables } from '../../../src/medallion/layer-tables.ts';
import { openLocalStorage } from '../../../src/storage/local.ts';
import { wrapStorage } from '../../support/wrapped-storage.ts';
import { runSilver, silverModel } from './silver-lake.ts';

export interface DeathOrder {
  /** Holds the lake. */
  readonly folder: string;
  /** The model's text. */
  readonly text: string;
  /** Before which of its writes the process kills itself, counted from 1. */
  readonly write: number;
}

// A process that builds a silver table, and dies by SIGKILL at a write of its own.
const { folder, text, write }: DeathOrder = JSON.parse(process.argv[2] ?? '');

let writes = 0;
const storage = wrapStorage(openLocalStorage(join(folder, 'lake')), {
  before: () => {
    writes += 1;
    if (writes === write) process.kill(process.pid, 'SIGKILL');
  },
});
const workDir = join(folder, `work-of-${process.pid}`);
const engine = Engine.open({ memoryLimit: '500MB', spillDir: join(workDir, 'spill'), threads: 1 });
const tables = new LayerTables({ storage, engine, workDir, clock: Date.now, log: silentLogger });
await runSilver(tables, await silverModel(tables, text));
engine.close();
