import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { layerTablesIn } from '../../src/medallion/layer-names.ts';
import { dropTable } from '../../src/pipeline/drop.ts';
import { withReader } from '../../src/explore/reader.ts';
import { status } from '../../src/explore/status.ts';
import { openScenario, type Scenario, testEdge } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';
import { wrapStorage } from '../support/wrapped-storage.ts';

const dir = useTempDir();
let scenario: Scenario;
const models = (): string => join(dir(), 'models', 'silver');

beforeEach(async () => {
  scenario = openScenario(dir(), {
    layers: ['bronze', 'silver'],
    models: './models',
    tables: [{ name: 'clients', pk: 'id' }],
  });
  await mkdir(models(), { recursive: true });
  await writeFile(join(models(), 'old.sql'), '-- key: id\nSELECT id FROM bronze.clients');
  await scenario.write('clients.csv', 'id,name\n1,Ana\n');
  await scenario.run();
});

const edge = testEdge();

async function tables(): Promise<string[]> {
  return (await layerTablesIn(scenario.storage)).map(({ layer, name }) => `${layer}.${name}`);
}

test('a table whose model was renamed is told by run and status, and dropped with all of its files', async () => {
  expect((await scenario.run()).report.orphans).toBeUndefined();
  await rename(join(models(), 'old.sql'), join(models(), 'new.sql'));
  expect((await scenario.run()).report).toMatchObject({ orphans: ['silver.old'] });
  const orphans = async (): Promise<unknown> =>
    (await withReader(scenario, edge, (reader) => status(reader, { lastRuns: 1 }))).orphans;
  expect(await orphans()).toEqual(['silver.old']);
  await expect(dropTable(scenario, 'silver.new', edge)).rejects.toMatchObject({
    code: 'USAGE',
    message: expect.stringContaining('is made by a model'),
  });
  await expect(dropTable(scenario, 'silver.olld', edge)).rejects.toMatchObject({
    code: 'USAGE',
    hint: 'There are: silver.old.',
  });
  expect(await dropTable(scenario, 'SILVER.Old', edge)).toMatchObject({ table: 'silver.old' });
  expect(await tables()).toEqual(['bronze.clients', 'silver.new']);
  const left: string[] = [];
  for await (const { key } of scenario.storage.list('silver/old/')) left.push(key);
  expect(left).toEqual([]);
  expect(await orphans()).toBeUndefined();
});

test('tables that are made are not listed, however many files they have', async () => {
  const listed: string[] = [];
  const { storage } = scenario;
  const noted = {
    ...wrapStorage(storage, {}),
    list: (prefix: string, startAfter?: string) => (listed.push(prefix), storage.list(prefix, startAfter)),
  };
  const clients = { layer: 'bronze', name: 'clients' } as const;
  expect(await layerTablesIn(noted, [clients, { layer: 'silver', name: 'OLD' }])).toEqual([]);
  expect(listed).toEqual([]);
  await mkdir(join(dir(), 'lake', 'silver', 'empty'));
  expect(await layerTablesIn(noted, [clients])).toEqual([{ layer: 'silver', name: 'old' }]);
});

test('a removal that was broken off is taken up again', async () => {
  await rm(join(models(), 'old.sql'));
  const { storage } = scenario;
  const broken = {
    ...storage,
    list: storage.list.bind(storage),
    foldersIn: storage.foldersIn.bind(storage),
    delete: async (keys: readonly string[]): Promise<void> => {
      await storage.delete(keys.slice(0, 1));
      throw new Error('broken off');
    },
  };
  const { config } = scenario;
  await expect(dropTable({ config, storage: broken }, 'silver.old', edge)).rejects.toThrow('broken off');
  expect(await tables()).toContain('silver.old');
  await dropTable(scenario, 'silver.old', edge);
  expect(await tables()).toEqual(['bronze.clients']);
});
