import { openStorage } from '../../src/storage/open.ts';
import { openScenario } from '../support/scenario.ts';
import { type Write, wrapStorage } from '../support/wrapped-storage.ts';
import type { DeathOrder } from './death.ts';
import { TABLES } from './stories.ts';

// A process that dies by SIGKILL at a write of its run: see death.ts.
const {
  lake,
  write,
  moment,
  config = { tables: TABLES },
  engine,
}: DeathOrder = JSON.parse(process.argv[2] ?? '');

const begun: Write[] = [];
function dieAt(now: DeathOrder['moment'], here: Write): void {
  if (now === 'before') begun.push(here);
  const isHere = typeof write === 'string' ? here.keys.includes(write) : begun.indexOf(here) + 1 === write;
  if (now === moment && isHere) process.kill(process.pid, 'SIGKILL');
}

const storage = wrapStorage(await openStorage(lake.location, lake.env), {
  before: (here) => dieAt('before', here),
  after: (here) => dieAt('after', here),
});
const scenario = openScenario(lake.folder, config, { storage });
await scenario.run(engine === undefined ? {} : { config: { ...scenario.config, engine } });
