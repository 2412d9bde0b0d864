import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { silentLogger } from '../../../src/core/log.ts';
import { Engine } from '../../../src/engine/engine.ts';
import { backfillGold } from '../../../src/medallion/build/backfill.ts';
import { buildModel as buildGold } from '../../../src/medallion/build/build.ts';
import { planStep as planGold } from '../../../src/medallion/build/plan.ts';
import { LayerTables } from '../../../src/medallion/layer-tables.ts';
import { openLocalStorage } from '../../../src/storage/local.ts';
import { useTempDir } from '../../support/tmp.ts';
import { wrapStorage } from '../../support/wrapped-storage.ts';
import { createSilver, goldModel, request, rowsOf } from './gold.ts';

const dir = useTempDir();

const engines: Engine[] = [];
afterEach(() => {
  for (const engine of engines.splice(0)) engine.close();
});

interface Death {
  /** At which write, the first is 1, nothing works any more. */
  readonly write: number;
  readonly moment: 'before' | 'after';
}

/** Opens a copy of a lake, whose store is dead from a moment on; counts its writes. */
async function openCopy(name: string, death?: Death): Promise<{ tables: LayerTables; writes: () => number }> {
  const folder = join(dir(), name);
  const engine = Engine.open({ memoryLimit: '500MB', spillDir: join(folder, 'spill'), threads: 1 });
  engines.push(engine);
  let writes = 0;
  let isDead = false;
  const check = (moment: Death['moment']): void => {
    if (moment === 'before' && !isDead) writes += 1;
    if (death !== undefined && writes === death.write && moment === death.moment) isDead = true;
    if (isDead) throw new Error('dead');
  };
  const storage = wrapStorage(openLocalStorage(join(folder, 'lake')), {
    before: () => check('before'),
    after: () => check('after'),
  });
  const tables = new LayerTables({
    storage,
    engine,
    workDir: join(folder, 'work'),
    clock: Date.now,
    log: silentLogger,
  });
  return { tables, writes: () => writes };
}

const DAILY = await goldModel(
  'daily',
  `-- dt_ref: t.dt\nSELECT p, count(*) AS n FROM silver.t WHERE dt = $dt_ref GROUP BY CUBE (p)\n`,
);

async function makeLake(): Promise<void> {
  const { tables } = await openCopy('original');
  await createSilver(
    tables,
    't',
    `SELECT i AS id, DATE '2024-01-30' + CAST(i % 4 AS INTEGER) AS dt, i % 2 AS p FROM range(9) AS r(i)`,
  );
}

async function copyOf(name: string, death?: Death): ReturnType<typeof openCopy> {
  await cp(join(dir(), 'original', 'lake'), join(dir(), name, 'lake'), { recursive: true });
  return openCopy(name, death);
}

const MOMENTS = ['before', 'after'] as const;

test('killed at any write of an update, a cube is what it was or what it is to be, and the next run ends it', async () => {
  await makeLake();
  const { tables } = await openCopy('original');
  await buildGold(tables, await request(tables, DAILY));
  const before = await rowsOf(tables, DAILY);
  const silver = await tables.require({ layer: 'silver', name: 't' });
  await silver.update({ set: { dt: `DATE '2024-02-05'` }, where: 'id IN (1, 2)' });
  const whole = await copyOf('whole');
  await buildGold(whole.tables, await request(whole.tables, DAILY));
  const after = await rowsOf(whole.tables, DAILY);
  expect(after).not.toEqual(before);
  expect(whole.writes()).toBeGreaterThan(2);
  for (let write = 1; write <= whole.writes(); write += 1) {
    for (const moment of MOMENTS) {
      const name = `${write}-${moment}`;
      const dying = await copyOf(name, { write, moment });
      // What dies after the commit may not be noticed.
      await buildGold(dying.tables, await request(dying.tables, DAILY)).catch(() => undefined);
      const { tables: revived } = await openCopy(name);
      const { version } = await (await revived.require(DAILY)).snapshot();
      expect([name, await rowsOf(revived, DAILY)]).toEqual([name, version === 0 ? before : after]);
      const step = await planGold(revived, await request(revived, DAILY));
      expect([name, step.kind]).toEqual([name, version === 0 ? 'update' : 'unchanged']);
      await buildGold(revived, await request(revived, DAILY));
      expect(await rowsOf(revived, DAILY)).toEqual(after);
      expect((await (await revived.require(DAILY)).snapshot()).version).toBe(1);
    }
  }
});

test('killed at any write, a backfill goes on, and ends in the rows of a run', async () => {
  await makeLake();
  const range = { from: '2024-01-01', to: '2024-12-31' };
  const whole = await copyOf('whole');
  await backfillGold(whole.tables, DAILY, range);
  const rows = await rowsOf(whole.tables, DAILY);
  for (let write = 1; write <= whole.writes(); write += 1) {
    for (const moment of MOMENTS) {
      const name = `${write}-${moment}`;
      const dying = await copyOf(name, { write, moment });
      await backfillGold(dying.tables, DAILY, range).catch(() => undefined);
      const { tables: revived } = await openCopy(name);
      await backfillGold(revived, DAILY, range);
      expect([name, await rowsOf(revived, DAILY)]).toEqual([name, rows]);
      expect(await planGold(revived, await request(revived, DAILY))).toEqual({ kind: 'unchanged' });
      expect((await (await revived.require(DAILY)).snapshot()).version).toBe(1);
    }
  }
});
