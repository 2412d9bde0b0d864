import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { check } from '../../src/pipeline/check.ts';
import type { RunRequest } from '../../src/pipeline/context.ts';
import { CycleMemory } from '../../src/pipeline/cycle-memory.ts';
import { verify } from '../../src/pipeline/verify.ts';
import { openScenario, type Scenario, testEdge } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';
import { writeFileAt } from '../support/write-file.ts';

const dir = useTempDir();
let scenario: Scenario;

function open(config: object = {}): Scenario {
  return openScenario(dir(), {
    layers: ['bronze', 'silver', 'gold'],
    tables: [{ name: 'clients', pk: 'id' }],
    ...config,
  });
}

beforeEach(async () => {
  scenario = open();
  await scenario.write('clients.csv', 'id,uf\n1,SP\n2,RJ\n3,SP\n4,BA\n');
  await file(
    'seeds/regions.csv',
    'uf,region,since\nSP,Southeast,2024-01-01\nRJ,Southeast,2024-01-02\nBA,07,\nBA,07,\n',
  );
  await file(
    'silver/clients.sql',
    '-- key: id\nSELECT c.id, r.region FROM bronze.clients AS c LEFT JOIN (SELECT DISTINCT * FROM seed.regions) AS r USING (uf)',
  );
  await file(
    'gold/regions.sql',
    '-- key: region\nSELECT region, count(*) AS n FROM seed.regions GROUP BY region',
  );
});

async function file(name: string, text: string): Promise<void> {
  await writeFileAt(join(dir(), 'models', name), text);
}

/** Of each table of the layers what a run did, and how many rows it changed. */
async function run(request: Partial<RunRequest> = {}): Promise<Record<string, string>> {
  const { layers = {} } = (await scenario.run(request)).report;
  return Object.fromEntries(
    Object.entries(layers).map(([name, { operation, inserted, updated, deleted }]) => [
      name,
      `${operation} +${inserted} ~${updated} -${deleted}`,
    ]),
  );
}

test('a seed is a table in the types of its values, whose readers follow its changes', async () => {
  expect(await run()).toEqual({
    'seed.regions': 'created +4 ~0 -0',
    'bronze.clients': 'created +4 ~0 -0',
    'silver.clients': 'created +4 ~0 -0',
    'gold.regions': 'created +2 ~0 -0',
  });
  expect(
    await scenario.query("SELECT *, typeof(since) AS type FROM seed.regions WHERE uf <> 'BA' ORDER BY uf"),
  ).toEqual([
    { uf: 'RJ', region: 'Southeast', since: '2024-01-02', type: 'DATE' },
    { uf: 'SP', region: 'Southeast', since: '2024-01-01', type: 'DATE' },
  ]);
  expect(await scenario.query('SELECT region, n FROM gold.regions ORDER BY region')).toEqual([
    { region: '07', n: 2n },
    { region: 'Southeast', n: 2n },
  ]);
  // One row of two that are alike goes, one is another.
  await file('seeds/regions.csv', 'uf,region,since\nSP,South,2024-01-01\nRJ,Southeast,2024-01-02\nBA,07,\n');
  expect((await scenario.plan()).layers).toMatchObject({
    'seed.regions': { operation: 'update' },
    'silver.clients': { operation: 'update' },
    'gold.regions': { operation: 'update' },
  });
  expect(await run()).toMatchObject({
    'seed.regions': 'updated +1 ~0 -2',
    'silver.clients': 'updated +0 ~2 -0',
    'gold.regions': 'updated +1 ~2 -0',
  });
  const verified = await verify(scenario, testEdge());
  expect(verified.layers).toMatchObject({
    'seed.regions': { ok: true, rows: 3 },
    'silver.clients': { ok: true, rows: 4 },
    'gold.regions': { ok: true, rows: 3 },
  });
});

test('plan tells of seeds wherever a run brings them up to date', async () => {
  for (const only of [
    ['gold'],
    ['silver'],
    ['silver', 'gold'],
    ['raw', 'bronze'],
    ['bronze', 'gold'],
  ] as const) {
    await file('seeds/regions.csv', `uf,region,since\nSP,${only.join(' ')},2024-01-01\n`);
    const planned = (await scenario.plan({ only })).layers?.['seed.regions']?.operation;
    const done = (await scenario.run({ only })).report.layers?.['seed.regions']?.operation;
    const told = { create: 'created', update: 'updated' };
    expect([only, planned && Object.entries(told).find(([word]) => word === planned)?.[1]]).toEqual([
      only,
      done,
    ]);
    expect(done === undefined).toBe(only.includes('raw' as never));
  }
});

test('a file that says the same in other words changes nothing, nor is it read again', async () => {
  const memory = new CycleMemory();
  await run({ memory });
  await file(
    'seeds/regions.csv',
    'uf,region,since\r\n"SP","Southeast",2024-01-01\r\nRJ,Southeast,2024-01-02\r\nBA,07,\r\nBA,07,\r\n',
  );
  for (const _ of [1, 2])
    expect(await run({ memory })).toMatchObject({
      'seed.regions': 'unchanged +0 ~0 -0',
      'silver.clients': 'unchanged +0 ~0 -0',
    });
  expect((await scenario.plan()).layers).toMatchObject({ 'seed.regions': { operation: 'unchanged' } });
  await file('seeds/regions.csv', 'uf,region,since\nSP,North,2024-01-01\n');
  expect(await run({ memory })).toMatchObject({ 'seed.regions': 'updated +1 ~0 -4' });
});

test('a seed is read as the configuration says, and models are held against its columns before there is a lake', async () => {
  scenario = open({ seeds: { regions: { sep: ';', decimal: ',', types: { uf: 'text' } } } });
  await file('seeds/regions.csv', 'uf;region;share\n1;A;0,5\n2;B;1,25\n');
  await file(
    'gold/regions.sql',
    '-- key: region\nSELECT region, sum(shares) AS n FROM seed.regions GROUP BY region',
  );
  const broken = await check(scenario, testEdge(), { models: ['gold.regions'] });
  expect([broken.exitCode, broken.report.models['gold.regions']?.reason]).toEqual([
    2,
    expect.stringContaining('shares'),
  ]);
  await file(
    'gold/regions.sql',
    '-- key: region\nSELECT region, sum(share) AS n FROM seed.regions GROUP BY region',
  );
  const right = await check(scenario, testEdge(), { models: ['gold.regions'] });
  expect(right.report.models['gold.regions']).toMatchObject({ fits: true, build: { kind: 'incremental' } });
  await run({ models: ['seed', '+gold.regions'] });
  expect(await scenario.query('SELECT *, typeof(uf) AS type FROM seed.regions ORDER BY uf')).toEqual([
    { uf: '1', region: 'A', share: 0.5, type: 'VARCHAR' },
    { uf: '2', region: 'B', share: 1.25, type: 'VARCHAR' },
  ]);
});

test('a seed that is no table holds back only what reads it, and one that is gone is told of', async () => {
  await run();
  await file('silver/others.sql', '-- key: id\nSELECT id FROM bronze.clients');
  await file('seeds/regions.csv', 'uf,region,since\nSP,"Southeast\n');
  const { report, exitCode } = await scenario.run();
  expect(exitCode).toBe(3);
  expect(report.layers).toMatchObject({
    'seed.regions': { operation: 'failed', reason: expect.stringContaining('models/seeds/regions.csv') },
    'silver.clients': { operation: 'skipped' },
    'silver.others': { operation: 'created' },
  });
  expect((await check(scenario, testEdge())).report.models['seed.regions']).toMatchObject({ fits: false });
  await rm(join(dir(), 'models/seeds/regions.csv'));
  await expect(run()).rejects.toThrow('silver/clients.sql:2: reads seed.regions, which does not exist');
  await expect(open({ seeds: { region: {} } }).run()).rejects.toThrow('there is no region.csv');
});
