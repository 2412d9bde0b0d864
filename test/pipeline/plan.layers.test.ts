import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';
import { writeFileAt } from '../support/write-file.ts';

const dir = useTempDir();
let scenario: Scenario;

const MODELS = {
  'silver/renamed.sql': '-- key: k\nSELECT id AS k, v, day FROM bronze.t',
  'silver/ranked.sql': '-- key: k\nSELECT id AS k, row_number() OVER (ORDER BY v) AS place FROM bronze.t',
  'gold/daily.sql':
    '-- dt_ref: day\nSELECT $dt_ref AS dt_ref, count(*) AS n FROM silver.renamed WHERE day = $dt_ref',
};

beforeEach(async () => {
  for (const [name, sql] of Object.entries(MODELS)) {
    await writeFileAt(join(dir(), 'models', name), sql);
  }
  scenario = openScenario(dir(), {
    layers: ['bronze', 'silver', 'gold'],
    tables: [{ name: 't', pk: 'id' }],
  });
  await scenario.write('t.csv', 'id,v,day\n1,a,2025-01-01\n2,b,2025-01-02\n3,c,2025-01-02\n');
});

test('tables that are not there yet are to be created', async () => {
  expect((await scenario.plan()).layers).toEqual({
    'bronze.t': { operation: 'create' },
    'silver.ranked': { operation: 'create' },
    'silver.renamed': { operation: 'create' },
    'gold.daily': { operation: 'create' },
  });
});

test('where nothing is new nothing is to be done', async () => {
  await scenario.run();
  const operations = Object.values((await scenario.plan()).layers ?? {}).map(({ operation }) => operation);
  expect(operations).toEqual(['unchanged', 'unchanged', 'unchanged', 'unchanged']);
});

test('a change goes through the layers, and what cannot follow it is rebuilt, with the reason', async () => {
  await scenario.run();
  await scenario.write('t.csv', 'id,v,day\n1,A,2025-01-01\n2,b,2025-01-02\n3,c,2025-01-02\n');
  const { layers } = await scenario.plan();
  expect(layers).toEqual({
    'bronze.t': { operation: 'update' },
    'silver.ranked': { operation: 'rebuild', reason: expect.stringContaining('window') },
    'silver.renamed': { operation: 'update' },
    'gold.daily': { operation: 'update' },
  });
  const { report } = await scenario.run();
  expect(report.layers?.['silver.ranked']).toMatchObject({
    operation: 'rebuilt',
    reason: layers?.['silver.ranked']?.reason,
  });
  expect(report.layers?.['gold.daily']?.operation).toBe('unchanged');
});

test('a changed model is to be rebuilt', async () => {
  await scenario.run();
  await writeFile(
    join(dir(), 'models/silver/renamed.sql'),
    '-- key: k\nSELECT id AS k, v AS w, day FROM bronze.t',
  );
  expect((await scenario.plan()).layers?.['silver.renamed']).toEqual({
    operation: 'rebuild',
    reason: 'its model has changed',
  });
});

test('a table that only a rebuild would do for, which its header forbids, would be held, and what reads it skipped', async () => {
  const ranked = join(dir(), 'models', 'silver', 'ranked.sql');
  await writeFile(ranked, `-- incremental: required\n${MODELS['silver/ranked.sql']}`);
  await writeFile(join(dir(), 'models', 'silver', 'first.sql'), '-- key: k\nSELECT k FROM silver.ranked');
  await scenario.run();
  await scenario.write('t.csv', 'id,v,day\n1,A,2025-01-01\n2,b,2025-01-02\n3,c,2025-01-02\n');
  const { layers } = await scenario.plan();
  expect(layers?.['silver.ranked']).toEqual({
    operation: 'held',
    reason: expect.stringContaining('incremental: required') as string,
  });
  expect(layers?.['silver.first']).toEqual({ operation: 'skipped', reason: 'silver.ranked is held.' });
  const { report } = await scenario.run();
  expect(report.layers?.['silver.ranked']).toMatchObject(layers?.['silver.ranked'] ?? {});
  expect(report.layers?.['silver.first']).toMatchObject(layers?.['silver.first'] ?? {});
});
