import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import type { RunReport } from '../../src/pipeline/report.ts';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';
import { CONFIG, shopFiles, shownTables, writeModels } from './shop.ts';

/** Tables whose folder somebody removes: the next run makes them again, and what reads them. */
const dir = useTempDir();
let scenario: Scenario;

beforeEach(async () => {
  scenario = openScenario(dir(), CONFIG);
  await writeModels(dir());
  await publish(0);
});

async function publish(state: number): Promise<void> {
  for (const [name, text] of Object.entries(shopFiles(state))) await scenario.write(name, text);
}

async function rows(): Promise<Readonly<Record<string, readonly string[] | undefined>>> {
  const shown = await shownTables(scenario.storage);
  return Object.fromEntries(Object.entries(shown).map(([name, table]) => [name, table?.rows]));
}

/** What a run did, after which nothing is left to be done, and each table holds what a full refresh gives. */
async function wholeRun(): Promise<RunReport['layers']> {
  const planned = (await scenario.plan()).layers;
  const { exitCode, report } = await scenario.run();
  expect(exitCode).toBe(0);
  for (const [name, { reason }] of Object.entries(report.layers ?? {}))
    expect(planned?.[name]?.reason, name).toBe(reason);
  const after = await rows();
  const again = Object.values((await scenario.run()).report.layers ?? {});
  expect(new Set(again.map(({ operation }) => operation))).toEqual(new Set(['unchanged']));
  await scenario.run({ fullRefresh: true });
  expect(await rows()).toEqual(after);
  return report.layers;
}

const rebuilt = (source: string): Record<string, string> => ({
  operation: 'rebuilt',
  reason: `${source} is another table than before`,
});

test.each([
  [0, 'silver/sales'],
  [1, 'silver/sales'],
  [0, 'silver/clients'],
])('after %d more runs silver, without %s, is made again, and gold of it', async (runs, folder) => {
  await scenario.run();
  for (let state = 1; state <= runs; state += 1) {
    await publish(state);
    await scenario.run();
  }
  await rm(join(dir(), 'lake', folder), { recursive: true });
  const name = folder.replace('/', '.');
  const readers = name === 'silver.sales' ? ['silver.totals', 'gold.daily', 'gold.weekly'] : ['gold.weekly'];
  expect(await wholeRun()).toMatchObject({
    [name]: { operation: 'created' },
    ...Object.fromEntries(readers.map((reader) => [reader, rebuilt(name)])),
  });
});

test('silver that has gone past what gold has applied is seen to be another', async () => {
  await scenario.run();
  await rm(join(dir(), 'lake', 'silver', 'sales'), { recursive: true });
  for (let state = 1; state <= 3; state += 1) {
    await publish(state);
    await scenario.run({ only: ['raw', 'bronze', 'silver'] });
  }
  expect(await wholeRun()).toMatchObject({
    'silver.sales': { operation: 'unchanged' },
    'gold.daily': rebuilt('silver.sales'),
    'gold.weekly': rebuilt('silver.sales'),
  });
});

test('bronze that is made again at the version that it had is another, too', async () => {
  await scenario.run();
  await rm(join(dir(), 'lake', 'bronze', 'orders'), { recursive: true });
  expect(await wholeRun()).toMatchObject({
    'bronze.orders': { operation: 'created' },
    'silver.sales': rebuilt('bronze.orders'),
  });
});
