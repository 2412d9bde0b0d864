import { describe, expect, test } from 'vitest';
import type { DeltaTable } from '../../../src/delta/table.ts';
import { sourceAppId } from '../../../src/medallion/step.ts';
import { useLayers } from '../../support/layer-tables.ts';
import { useTempDir } from '../../support/tmp.ts';
import { bronze, expectFresh, runSilver, silverModel, stepOf } from './silver-lake.ts';

const dir = useTempDir();
const open = useLayers();

const ROWS = `SELECT i AS id, i % 3 AS k, i * 10 AS n FROM range(9) AS r(i)`;

const READERS = {
  'that must not follow changes': '-- key: id\n-- incremental: never\nSELECT id, n FROM bronze.a',
  'that cannot, though it must':
    '-- key: id\n-- incremental: required\nSELECT * FROM bronze.a ORDER BY n LIMIT 3',
  'that cannot': `-- key: id\nWITH RECURSIVE r AS (SELECT id, n FROM bronze.a WHERE id = 0
UNION ALL SELECT a.id, a.n FROM bronze.a AS a JOIN r ON a.id = r.id + 1) SELECT * FROM r`,
  'that follows them': '-- key: k\nSELECT k, sum(n) AS n FROM bronze.a GROUP BY k',
} as const;

/** What gives a table another version in which no row is another. */
const VERSIONS: Readonly<Record<string, (source: DeltaTable) => Promise<unknown>>> = {
  'another description': (source) => source.setDescriptions({ table: 'of sales' }),
  'descriptions of columns': (source) => source.setDescriptions({ columns: { n: 'what was paid' } }),
  'a property': (source) => source.setProperties({ 'delta.logRetentionDuration': 'interval 60 days' }),
  'a constraint': (source) => source.addConstraint('positive', 'n >= 0'),
  'other files': (source) => source.optimize(),
  'several of them': async (source) => {
    await source.setDescriptions({ table: 'of sales' });
    await source.optimize();
    await source.setProperties({ 'delta.logRetentionDuration': 'interval 60 days' });
  },
};

describe.each(Object.entries(READERS))('a table %s', (_, text) => {
  test.each(Object.entries(VERSIONS))('stays as it is where its source gets %s', async (__, change) => {
    const tables = await open(dir());
    const source = await bronze(tables, 'a', ROWS);
    await source.append('SELECT 9 AS id, 0 AS k, 90 AS n');
    const model = await silverModel(tables, text);
    await runSilver(tables, model);
    await change(source);
    const { version } = await source.snapshot();
    expect(version).toBeGreaterThan(1);
    expect(await stepOf(tables, model)).toEqual({ kind: 'unchanged' });
    const report = await runSilver(tables, model);
    expect(report).toMatchObject({ operation: 'unchanged', inserted: 0, updated: 0, deleted: 0 });
    expect(report).not.toHaveProperty('reason');
    const { state } = await (await tables.require(model)).snapshot();
    expect(state.transactions.get(sourceAppId('bronze.a'))?.version).toBe(BigInt(version));
    expect(await runSilver(tables, model)).toEqual(report);
    await expectFresh(tables, model);
  });
});

test('a source that gets a column without values is another', async () => {
  const tables = await open(dir());
  const source = await bronze(tables, 'a', ROWS);
  const model = await silverModel(tables, '-- key: id\nSELECT * FROM bronze.a ORDER BY n LIMIT 3');
  await runSilver(tables, model);
  await source.addColumns([{ name: 'extra', type: 'long' }]);
  expect(await runSilver(tables, model)).toMatchObject({ operation: 'rebuilt' });
  await expectFresh(tables, model);
});

test('a change among versions without one is not overlooked, nor one that the log no longer tells of', async () => {
  const tables = await open(dir());
  const source = await bronze(tables, 'a', ROWS);
  const model = await silverModel(tables, '-- key: id\n-- incremental: never\nSELECT id, n FROM bronze.a');
  await runSilver(tables, model);
  await source.setDescriptions({ table: 'of sales' });
  await source.delete('id = 8');
  await source.setDescriptions({ table: 'of goods' });
  expect(await runSilver(tables, model)).toMatchObject({ operation: 'rebuilt', deleted: 1 });
  await source.setDescriptions({ table: 'of wares' });
  await source.checkpoint();
  await tables.storage({ layer: 'bronze', name: 'a' }).delete(['_delta_log/00000000000000000004.json']);
  expect(await runSilver(tables, model)).toMatchObject({ operation: 'rebuilt' });
});

test('where several sources have other versions, those count whose rows are others', async () => {
  const tables = await open(dir());
  const [source, other] = [await bronze(tables, 'a', ROWS), await bronze(tables, 'b', ROWS)];
  const model = await silverModel(
    tables,
    `-- key: id\nSELECT id, a.n FROM bronze.a AS a WHERE id IN (SELECT id FROM (SELECT id, n FROM bronze.b ORDER BY n DESC LIMIT 4))`,
  );
  await runSilver(tables, model);
  await source.update({ set: { n: 'n + 1' }, where: 'id = 8' });
  await other.setDescriptions({ table: 'of sales' });
  const step = await stepOf(tables, model);
  const report = await runSilver(tables, model);
  expect([step, report]).toMatchObject([{ kind: 'update' }, { operation: 'updated', updated: 1 }]);
  await expectFresh(tables, model);
});
