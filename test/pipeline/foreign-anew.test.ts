import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openLocalStorage } from '../../src/storage/local.ts';
import { ForeignLake } from '../medallion/bronze/foreign-lake.ts';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';
import { wrapStorage } from '../support/wrapped-storage.ts';

const dir = useTempDir();
let isKilled = false;

const FOREIGN = { name: 'c', pk: 'id', bronze: { from: './cdc/c_*.parquet', order_by: 'ts' } };

function open(table: object): Scenario {
  const storage = wrapStorage(openLocalStorage(join(dir(), 'lake')), {
    before: ({ keys }) => {
      if (isKilled && keys.some((key) => key.startsWith('bronze/c/'))) throw new Error('killed');
    },
  });
  return openScenario(dir(), { layers: ['bronze'], tables: [table] }, { storage });
}

async function writeFile(name: string, v: string): Promise<void> {
  const other = await ForeignLake.open(dir());
  await other.writeChanges(name, [{ op: 'I', id: 1, v, ts: 1 }]);
}

test.each([
  [
    'an own table before',
    'it has rows of what fed it before',
    async () => {
      const own = open({ name: 'c', pk: 'id' });
      await own.write('c.csv', 'id,v\n1,a\n');
      await own.run();
      return {};
    },
  ],
  [
    'to be refreshed as a whole',
    'a full refresh was asked for',
    async () => {
      await open(FOREIGN).run();
      return { fullRefresh: true };
    },
  ],
  [
    'left by a run that was killed while it did so',
    'all files were read again',
    async () => {
      await open(FOREIGN).run();
      isKilled = true;
      await open(FOREIGN)
        .run({ fullRefresh: true })
        .catch(() => undefined);
      isKilled = false;
      return {};
    },
  ],
])(
  'plan and run give one reason why a table that files of others feed is made anew: %s',
  async (_, reason, before) => {
    await writeFile('c_1.parquet', 'a');
    const request = await before();
    const scenario = open(FOREIGN);
    const planned = await scenario.plan(request);
    expect(planned.layers).toMatchObject({ 'bronze.c': { operation: 'rebuild', reason } });
    const { report } = await scenario.run(request);
    expect(report.layers).toMatchObject({ 'bronze.c': { operation: 'rebuilt', reason } });
  },
);
