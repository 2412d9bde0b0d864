import { join } from 'node:path';
import { silentLogger } from '../../../src/core/log.ts';
import { Engine } from '../../../src/engine/engine.ts';
import { applyForeignFiles } from '../../../src/medallion/bronze/foreign.ts';
import { openForeignFiles } from '../../../src/medallion/bronze/foreign-files.ts';
import { LayerTables } from '../../../src/medallion/layer-tables.ts';
import { openLocalStorage } from '../../../src/storage/local.ts';
import { wrapStorage } from '../../support/wrapped-storage.ts';
import type { ForeignOrder } from './foreign-process.ts';

// A process that dies by SIGKILL at a write of its own: see foreign-process.ts.
const { folder, write }: ForeignOrder = JSON.parse(process.argv[2] ?? '');

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
const files = await openForeignFiles([join(folder, 'cdc', '**/*.parquet')]);
const table = { name: 'clientes', key: ['id'], compat: 'op', orderBy: 'ts', files } as const;
await applyForeignFiles(tables, table, { attempt: String(process.pid) });
engine.close();
