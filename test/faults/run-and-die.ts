import { openStorage } from '../../src/storage/open.ts';
import { openScenario } from '../support/scenario.ts';
import { wrapStorage } from '../support/wrapped-storage.ts';
import type { DeathOrder } from './death.ts';
import { TABLES } from './stories.ts';

// A process that dies by SIGKILL at a write of its run: see death.ts.
const { lake, write, moment, config = { tables: TABLES } }: DeathOrder = JSON.parse(process.argv[2] ?? '');

let writes = 0;
function dieAt(now: DeathOrder['moment']): void {
  if (now === 'before') writes += 1;
  if (now === moment && writes === write) process.kill(process.pid, 'SIGKILL');
}

const storage = wrapStorage(await openStorage(lake.location, lake.env), {
  before: () => dieAt('before'),
  after: () => dieAt('after'),
});
await openScenario(lake.folder, config, { storage }).run();
