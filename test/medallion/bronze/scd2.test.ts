import { expect, test } from 'vitest';
import { applyScd2 } from '../../../src/medallion/bronze/scd2.ts';
import { useLayers } from '../../support/layer-tables.ts';
import { useTempDir } from '../../support/tmp.ts';
import { applySteps, type Change, HISTORY, SCHEMA, type Step, versionLines } from './scd2-history.ts';

const dir = useTempDir();
const openLayers = useLayers();

function load(at: number, rows: Record<number, string | null>): Step {
  return {
    kind: 'full-load',
    at,
    rows: new Map(Object.entries(rows).map(([id, v]) => [Number(id), v])),
  };
}

function changes(...list: readonly (readonly [Change['op'], number, string | null, number])[]): Step {
  return { kind: 'changes', changes: list.map(([op, id, v, at]) => ({ op, id, v, at })) };
}

test('a history begins with an open version of every row', async () => {
  const tables = await openLayers(dir());
  expect(await applySteps(tables, 0, [load(10, { 1: 'a', 2: null })])).toEqual({
    operation: 'created',
    inserted: 2,
    updated: 0,
    deleted: 0,
    version: 0,
  });
  expect(await versionLines(tables)).toEqual(['1 a 10 open 0', '2 null 10 open 0']);
  const { schema } = await (await tables.require(HISTORY)).snapshot();
  expect(schema.fields.map(({ name, type }) => [name, type])).toEqual([
    ['id', 'long'],
    ['v', 'string'],
    ['valid_from', 'timestamp'],
    ['valid_to', 'timestamp'],
    ['is_current', 'boolean'],
    ['_igarape_run', 'long'],
    ['_cdc_timestamp', 'timestamp'],
  ]);
});

test('an update closes a version and opens the next, a delete closes, an insert opens again: in one commit', async () => {
  const tables = await openLayers(dir());
  await applySteps(tables, 0, [load(10, { 1: 'a', 2: 'b', 3: 'c' })]);
  const report = await applySteps(tables, 1, [changes(['U', 1, 'A', 20], ['D', 2, 'b', 20])]);
  expect(report).toEqual({ operation: 'updated', inserted: 1, updated: 2, deleted: 0, version: 1 });
  await applySteps(tables, 2, [changes(['I', 2, 'b', 30])]);
  expect(await versionLines(tables)).toEqual([
    '1 a 10 20 0',
    '1 A 20 open 1',
    '2 b 10 20 0',
    '2 b 30 open 2',
    '3 c 10 open 0',
  ]);
});

test('several changes of a key in one batch leave a version each; of two with one time the first has no length', async () => {
  const tables = await openLayers(dir());
  await applySteps(tables, 0, [load(10, { 1: 'a' })]);
  await applySteps(tables, 1, [
    changes(['U', 1, 'b', 20], ['U', 1, 'c', 30], ['D', 1, 'c', 40], ['I', 1, 'd', 50]),
    changes(['U', 1, 'e', 50]),
  ]);
  expect(await versionLines(tables)).toEqual([
    '1 a 10 20 0',
    '1 b 20 30 1',
    '1 c 30 40 1',
    '1 d 50 50 1',
    '1 e 50 open 1',
  ]);
});

test('what changes nothing opens no version: a reload, an update to the same values, a delete of nothing', async () => {
  const tables = await openLayers(dir());
  await applySteps(tables, 0, [load(10, { 1: 'a', 2: null })]);
  expect(await applySteps(tables, 1, [load(20, { 1: 'a', 2: null })])).toMatchObject({
    operation: 'unchanged',
  });
  await applySteps(tables, 2, [changes(['U', 1, 'a', 30], ['D', 9, null, 30], ['I', 2, null, 30])]);
  await applySteps(tables, 3, [changes(['U', 1, 'b', 40], ['U', 1, 'a', 40], ['U', 1, 'a', 41])]);
  expect(await versionLines(tables)).toEqual([
    '1 a 10 40 0',
    '1 b 40 40 3',
    '1 a 40 open 3',
    '2 null 10 open 0',
  ]);
});

test('a full-load closes what it lacks, at its time, whatever comes before and after it in the batch', async () => {
  const tables = await openLayers(dir());
  await applySteps(tables, 0, [load(10, { 1: 'a', 2: 'b', 3: 'c' })]);
  await applySteps(tables, 1, [
    changes(['I', 4, 'd', 20], ['U', 2, 'B', 20]),
    load(30, { 1: 'a', 3: 'C' }),
    changes(['I', 2, 'b', 40]),
    load(50, {}),
  ]);
  expect(await versionLines(tables)).toEqual([
    '1 a 10 50 0',
    '2 b 10 20 0',
    '2 B 20 30 1',
    '2 b 40 50 1',
    '3 c 10 30 0',
    '3 C 30 50 1',
    '4 d 20 30 1',
  ]);
});

test('a batch is applied once', async () => {
  const tables = await openLayers(dir());
  await applySteps(tables, 0, [load(10, { 1: 'a' })]);
  const step = changes(['U', 1, 'b', 20]);
  await applySteps(tables, 1, [step]);
  expect(await applySteps(tables, 1, [step])).toMatchObject({ operation: 'unchanged', version: 1 });
});

test('a full refresh makes the history anew, also where it holds other rows', async () => {
  const tables = await openLayers(dir());
  await applySteps(tables, 0, [load(10, { 1: 'a', 2: 'b' })]);
  await applySteps(tables, 1, [changes(['U', 1, 'b', 20])]);
  const all = [load(10, { 1: 'a' }), changes(['U', 1, 'z', 30])];
  expect(await applySteps(tables, 1, all, { anew: 'a full refresh was asked for' })).toMatchObject({
    operation: 'rebuilt',
    version: 2,
  });
  expect(await versionLines(tables)).toEqual(['1 a 10 30 1', '1 z 30 open 1']);
});

test('a new column opens a version where it has a value; a column that becomes text keeps every version', async () => {
  const tables = await openLayers(dir());
  await applySteps(tables, 0, [load(10, { 1: '5', 2: '6' })]);
  const batch = {
    key: ['id'],
    app: { appId: 'igarape:ledger', version: 1n },
    anew: undefined,
    rekeyed: undefined,
    steps: [
      {
        kind: 'full-load' as const,
        atMicros: 20_000_000n,
        rows: `SELECT id, v, extra, 1::BIGINT AS _igarape_run, make_timestamptz(20000000) AS _cdc_timestamp, 'I' AS _igarape_operation, 0::BIGINT AS _igarape_order
          FROM (VALUES (1::BIGINT, '5', 7::BIGINT), (2, '6', NULL)) AS r(id, v, extra)`,
      },
    ],
  };
  const extra = { name: 'extra', type: 'bigint' } as const;
  await applyScd2(tables, HISTORY, { ...batch, schema: [...SCHEMA, extra] });
  expect(await versionLines(tables)).toEqual(['1 5 10 20 0', '1 5 20 open 1', '2 6 10 open 0']);

  const rows = `SELECT id, v, extra, 2::BIGINT AS _igarape_run, make_timestamptz(30000000) AS _cdc_timestamp, 'U' AS _igarape_operation, 0::BIGINT AS _igarape_order
    FROM (VALUES (2::BIGINT, '6', 'many')) AS r(id, v, extra)`;
  const changed = await applyScd2(tables, HISTORY, {
    ...batch,
    app: { appId: 'igarape:ledger', version: 2n },
    schema: [...SCHEMA, { ...extra, type: 'text' }],
    steps: [{ kind: 'changes', atMicros: 30_000_000n, rows }],
  });
  expect(changed).toMatchObject({ operation: 'rebuilt', version: 2 });
  expect(await versionLines(tables)).toEqual([
    '1 5 10 20 0',
    '1 5 20 open 1',
    '2 6 10 30 0',
    '2 6 30 open 2',
  ]);
});
