import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { withReader } from '../../src/explore/reader.ts';
import { diff } from '../../src/explore/version-diff.ts';
import { fullName } from '../../src/medallion/layer.ts';
import { type PreviewRequest, withPreview } from '../../src/pipeline/preview.ts';
import { withQuery } from '../../src/pipeline/query.ts';
import { openFilesSource } from '../../src/source/files.ts';
import { callCli } from '../support/call-cli.ts';
import { openScenario, type Scenario, testEdge } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';
import { writeFileAt } from '../support/write-file.ts';

const dir = useTempDir();
const CONFIG = {
  layers: ['bronze', 'silver', 'gold'],
  tables: [
    { name: 'orders', pk: 'id', max_delete_ratio: 1 },
    { name: 'others', pk: 'id' },
  ],
};
const SILVER =
  '-- key: id\nSELECT o.id, o.value, o.day, r.name FROM bronze.orders AS o JOIN seed.regions AS r USING (region)';
let scenario: Scenario;

beforeEach(async () => {
  scenario = openScenario(dir(), CONFIG);
  await scenario.write(
    'orders.csv',
    'id,value,day,region\n1,10,2024-01-01,1\n2,20,2024-01-02,2\n3,30,2024-01-02,1\n',
  );
  await scenario.write('others.csv', 'id\n1\n');
  await file('models/seeds/regions.csv', 'region,name\n1,North\n2,South\n');
  await file('models/silver/orders.sql', SILVER);
  await file(
    'models/gold/daily.sql',
    '-- key: dt_ref\n-- dt_ref: day\nSELECT sum(value) AS total, count(*) AS n FROM silver.orders GROUP BY ALL',
  );
});

async function file(name: string, text: string): Promise<void> {
  await writeFileAt(join(dir(), name), text);
}

/** The rows that differ, as `U 1 10→15 …`: operation, and the cells with those that were others. */
async function changes(model: string, request: Partial<PreviewRequest> = {}): Promise<readonly string[]> {
  const { config, storage } = scenario;
  const source = config.source?.type === 'files' ? openFilesSource(config.source) : undefined;
  return withPreview({ config, storage, source, model, ...request }, testEdge(), async (preview) => {
    const { table, before, after, troubles } = preview;
    if (after === null) return troubles;
    const found = await withReader(preview, testEdge(), async (reader) =>
      diff(reader, { table: fullName(table), from: before, to: after }),
    );
    const rows = await withQuery(preview, `SELECT * FROM ${model}`, testEdge(), async (query) =>
      query.rows(100),
    );
    const { I, D } = found.counts;
    const stored = before === null ? 0 : (await scenario.query(`SELECT * FROM ${model}`)).length;
    expect(rows.rows).toHaveLength(stored + I - D);
    return [
      ...found.rows.map(({ operation, cells, before: old }) =>
        [
          operation,
          ...cells.map((cell, index) =>
            old === null || old[index] === cell ? cell : `${old[index]}→${cell}`,
          ),
        ].join(' '),
      ),
      ...troubles,
    ];
  });
}

/** Every file of the lake and its working folder but for the preview's own caches, by their bytes. */
async function everything(): Promise<readonly string[]> {
  const found = await readdir(dir(), { recursive: true, withFileTypes: true });
  const files = found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const kept = files.filter(
    (path) => !path.includes(join('.igarape', 'preview')) && !path.includes('scratch'),
  );
  return Promise.all(
    kept.toSorted().map(
      async (path) =>
        `${path} ${createHash('sha256')
          .update(await readFile(path))
          .digest('hex')}`,
    ),
  );
}

test('before there is a lake, all of a table would come; nothing is written', async () => {
  const before = await everything();
  expect(await changes('silver.orders')).toEqual([
    'I 1 10 2024-01-01 North',
    'I 2 20 2024-01-02 South',
    'I 3 30 2024-01-02 North',
  ]);
  expect(await changes('gold.daily')).toHaveLength(2);
  expect(await everything()).toEqual(before);
});

test('of a lake the rows that a run would change are shown, with old and new values, and nothing is written', async () => {
  await scenario.run();
  await scenario.write(
    'orders.csv',
    'id,value,day,region\n1,15,2024-01-01,1\n3,30,2024-01-02,1\n4,5,2024-01-02,1\n',
  );
  await file('models/seeds/regions.csv', 'region,name\n1,Norte\n2,South\n');
  const before = await everything();
  expect(await changes('silver.orders')).toEqual([
    'D 2 20 2024-01-02 South',
    'U 1 10→15 2024-01-01 North→Norte',
    'U 3 30 2024-01-02 North→Norte',
    'I 4 5 2024-01-02 Norte',
  ]);
  expect(await changes('gold.daily')).toEqual(['U 2024-01-01 10→15 1', 'U 2024-01-02 50→35 2']);
  // Without the source: what the models alone, and the seed, would change.
  expect(await changes('silver.orders', { only: ['silver', 'gold'] })).toEqual([
    'U 1 10 2024-01-01 North→Norte',
    'U 3 30 2024-01-02 North→Norte',
  ]);
  await file('models/silver/orders.sql', SILVER.replace('o.value', '2 * o.value AS value'));
  expect(await changes('silver.orders', { only: ['silver'] })).toContain('U 2 20→40 2024-01-02 South');
  await file('models/silver/orders.sql', SILVER);
  expect(await everything()).toEqual(before);
});

test('what a check holds is told', async () => {
  await file('models/silver/orders.sql', `-- check: row_count > 3\n${SILVER}`);
  expect(await changes('gold.daily')).toEqual([
    expect.stringContaining('silver.orders held: row_count > 3'),
    'gold.daily skipped: silver.orders is held.',
  ]);
  await expect(changes('silver.order')).rejects.toMatchObject({ code: 'USAGE' });
});

test('the program prints rows, or what would change', async () => {
  await writeFile(
    join(dir(), 'igarape.json'),
    JSON.stringify({ source: { type: 'files', path: './source' }, ...CONFIG }),
  );
  const rows = await callCli(['preview', 'gold.daily', '--format', 'csv'], dir());
  expect([rows.exitCode, rows.stdout]).toEqual([0, 'dt_ref,total,n\n2024-01-01,10,1\n2024-01-02,50,2\n']);
  const changed = await callCli(['preview', 'silver.orders', '--diff', '--limit', '1'], dir());
  expect([changed.exitCode, changed.stdout.split('\n')]).toEqual([
    0,
    [
      'silver.orders would be created: 3 inserted, 0 updated, 0 deleted',
      '',
      'I  id: 1  value: 10  day: 2024-01-01  name: North',
      '',
      'the first 1 of 3: --limit N shows more',
      '',
      'nothing was written; igarape run does this',
      '',
    ],
  ]);
});
