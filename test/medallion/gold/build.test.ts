import { beforeEach, expect, test } from 'vitest';
import type { LayerTables } from '../../../src/medallion/layer-tables.ts';
import { buildGold } from '../../../src/medallion/gold/build.ts';
import { planGold } from '../../../src/medallion/gold/plan.ts';
import { useLayers } from '../../support/layer-tables.ts';
import { useTempDir } from '../../support/tmp.ts';
import { createSilver, filesByDate, goldModel, request, rowsOf } from './gold.ts';

const dir = useTempDir();
const openLayers = useLayers();

const DAILY = goldModel(
  'daily',
  `-- dt_ref: t.dt
SELECT GROUPING(p) AS nivel, p, count(*) AS n, sum(pts) AS pts
FROM silver.t WHERE dt = $dt_ref GROUP BY GROUPING SETS ((p), ())
`,
);

let tables: LayerTables;

beforeEach(async () => {
  tables = await openLayers(dir());
  await createSilver(
    tables,
    't',
    `SELECT * FROM (VALUES
      (1, DATE '2024-01-01', 'A', 10), (2, DATE '2024-01-01', 'B', 20), (3, DATE '2024-01-03', 'A', 5)
    ) AS v(id, dt, p, pts)`,
  );
});

const silver = { layer: 'silver', name: 't' } as const;

test('a cube has one partition a date, and says what it was made from', async () => {
  expect(await planGold(tables, await request(tables, DAILY))).toEqual({ kind: 'create' });
  expect(await buildGold(tables, await request(tables, DAILY))).toEqual({
    operation: 'created',
    inserted: 5,
    updated: 0,
    deleted: 0,
    version: 0,
  });
  expect(await rowsOf(tables, DAILY)).toEqual([
    { dt_ref: '2024-01-01', nivel: 0n, p: 'A', n: 1n, pts: '10' },
    { dt_ref: '2024-01-01', nivel: 0n, p: 'B', n: 1n, pts: '20' },
    { dt_ref: '2024-01-01', nivel: 1n, p: null, n: 2n, pts: '30' },
    { dt_ref: '2024-01-03', nivel: 0n, p: 'A', n: 1n, pts: '5' },
    { dt_ref: '2024-01-03', nivel: 1n, p: null, n: 1n, pts: '5' },
  ]);
  const snapshot = await (await tables.require(DAILY)).snapshot();
  expect(snapshot.state.transactions.get('igarape:silver.t')?.version).toBe(0n);
  expect(snapshot.configuration['igarape.model']).toBe(DAILY.hash);
  expect(await planGold(tables, await request(tables, DAILY))).toEqual({ kind: 'unchanged' });
});

test('a late row changes its own date alone, and leaves the other files where they are', async () => {
  await buildGold(tables, await request(tables, DAILY));
  const before = await filesByDate(tables, DAILY);
  await (await tables.require(silver)).append(`SELECT 4 AS id, DATE '2024-01-01' AS dt, 'A' AS p, 1 AS pts`);
  expect(await planGold(tables, await request(tables, DAILY))).toEqual({
    kind: 'update',
    sources: [{ table: 'silver.t', from: 0, to: 1 }],
  });
  expect(await buildGold(tables, await request(tables, DAILY))).toEqual({
    operation: 'updated',
    inserted: 2,
    updated: 0,
    deleted: 2,
    version: 1,
  });
  const after = await filesByDate(tables, DAILY);
  expect(after.get('2024-01-03')).toEqual(before.get('2024-01-03'));
  expect(after.get('2024-01-01')).not.toEqual(before.get('2024-01-01'));
});
