import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DeltaTable } from '../../../src/delta/table.ts';
import { layerChanges, layerRows } from '../../support/layers.ts';
import { openScenario } from '../../support/scenario.ts';
import { useTempDir } from '../../support/tmp.ts';

const dir = useTempDir();
const CONFIG = { layers: ['bronze'], tables: [{ name: 't', pk: 'id' }] };

test('bronze begins as the full-load, and follows each change file in one commit', async () => {
  const folder = dir();
  const scenario = openScenario(folder, CONFIG);
  await scenario.write('t.csv', 'id,v\n1,a\n2,b\n3,c\n4,d\n');
  const first = await scenario.run();
  expect(first.report.layers?.['bronze.t']).toEqual({
    operation: 'created',
    inserted: 4,
    updated: 0,
    deleted: 0,
    version: 0,
  });

  await scenario.write('t.csv', 'id,v\n1,a\n2,B\n4,d\n5,e\n');
  const second = await scenario.run();
  expect(second.report.layers?.['bronze.t']).toEqual({
    operation: 'updated',
    inserted: 1,
    updated: 1,
    deleted: 1,
    version: 1,
  });
  const lake = join(folder, 'lake');
  expect(await layerRows(lake, 'bronze.t', { columns: ['id', 'v', '_igarape_run'] })).toEqual([
    { id: 1n, v: 'a', _igarape_run: 0n },
    { id: 2n, v: 'B', _igarape_run: 1n },
    { id: 4n, v: 'd', _igarape_run: 0n },
    { id: 5n, v: 'e', _igarape_run: 1n },
  ]);
  expect((await layerChanges(lake, 'bronze.t', 1)).map((row) => [row['id'], row['_change_type']])).toEqual(
    expect.arrayContaining([
      [2n, 'update_preimage'],
      [2n, 'update_postimage'],
      [3n, 'delete'],
      [5n, 'insert'],
    ]),
  );

  const third = await scenario.run();
  expect(third.report.layers?.['bronze.t']).toMatchObject({ operation: 'unchanged', version: 1 });
});

test('a lake that has runs already gets its bronze tables from all of them in one commit', async () => {
  const folder = dir();
  const before = openScenario(folder, { ...CONFIG, layers: [] });
  for (const rows of [
    '1,a\n2,b\n3,c\n4,d\n',
    '1,a\n2,B\n3,c\n4,d\n',
    '1,A\n3,c\n4,d\n2,b\n',
    '1,A\n3,c\n4,d\n',
  ]) {
    await before.write('t.csv', `id,v\n${rows}`);
    await before.run();
  }
  const { report } = await openScenario(folder, CONFIG).run();
  expect(report.run).toBeNull();
  expect(report.layers?.['bronze.t']).toMatchObject({ operation: 'created', inserted: 3, version: 0 });
  expect(await layerRows(join(folder, 'lake'), 'bronze.t', { columns: ['id', 'v'] })).toEqual([
    { id: 1n, v: 'A' },
    { id: 3n, v: 'c' },
    { id: 4n, v: 'd' },
  ]);
});

test('a reload changes only the rows that differ', async () => {
  const folder = dir();
  const scenario = openScenario(folder, CONFIG);
  await scenario.write('t.csv', 'id,v\n1,a\n2,b\n3,c\n');
  await scenario.run();
  await scenario.write('t.csv', 'id,v\n1,a\n2,B\n4,d\n');
  const { report } = await scenario.run({ reload: ['t'] });
  expect(report.layers?.['bronze.t']).toEqual({
    operation: 'updated',
    inserted: 1,
    updated: 1,
    deleted: 1,
    version: 1,
  });
  expect(await layerRows(join(folder, 'lake'), 'bronze.t', { columns: ['id', 'v'] })).toEqual([
    { id: 1n, v: 'a' },
    { id: 2n, v: 'B' },
    { id: 4n, v: 'd' },
  ]);
});

test.each(['op', 'dms'])('change files of the preset %s are applied alike', async (compat) => {
  const folder = dir();
  const scenario = openScenario(folder, { ...CONFIG, compat });
  await scenario.write('t.csv', 'id,v\n1,a\n2,b\n3,c\n4,d\n');
  await scenario.run();
  await scenario.write('t.csv', 'id,v\n1,a\n2,B\n4,d\n5,e\n');
  await scenario.run();
  const rows = await layerRows(join(folder, 'lake'), 'bronze.t');
  expect(rows.map(({ id, v }) => [id, v])).toEqual([
    [1n, 'a'],
    [2n, 'B'],
    [4n, 'd'],
    [5n, 'e'],
  ]);
  expect(rows.every((row) => row['_cdc_timestamp'] !== null)).toBe(true);
});

test('columns are added and widened in the commit of the changes, as the recorded schema says', async () => {
  const folder = dir();
  const scenario = openScenario(folder, CONFIG);
  await scenario.write('t.csv', 'id,day,n\n1,2025-01-01,1\n2,2025-01-02,2\n3,2025-01-03,3\n');
  await scenario.run();
  await scenario.write(
    't.csv',
    'id,day,n,more\n1,2025-01-01 12:30:00,1,x\n2,2025-01-02,2,\n3,2025-01-03,3,\n',
  );
  const { report } = await scenario.run();
  expect(report.layers?.['bronze.t']).toEqual({
    operation: 'updated',
    inserted: 0,
    updated: 1,
    deleted: 0,
    version: 1,
  });
  expect(await layerRows(join(folder, 'lake'), 'bronze.t', { columns: ['id', 'day', 'more'] })).toEqual([
    { id: 1n, day: '2025-01-01T12:30:00', more: 'x' },
    { id: 2n, day: '2025-01-02T00:00:00', more: null },
    { id: 3n, day: '2025-01-03T00:00:00', more: null },
  ]);
});

test.each([
  ['double', '1.5', 1.5, {}],
  ['text', 'none', 'none', { approve: ['t'] }],
])('a column that has become %s is written anew with every row', async (type, value, read, request) => {
  const folder = dir();
  const scenario = openScenario(folder, CONFIG);
  await scenario.write('t.csv', 'id,n\n1,1\n2,2\n');
  await scenario.run();
  await scenario.write('t.csv', `id,n\n1,${value}\n2,2\n`);
  const { report } = await scenario.run(request);
  expect(report.layers?.['bronze.t']).toMatchObject({
    operation: 'rebuilt',
    reason: `the column n has become ${type}, so that every row was written anew`,
  });
  const rows = await layerRows(join(folder, 'lake'), 'bronze.t', { columns: ['id', 'n'] });
  expect(rows.map((row) => row['n'])).toEqual([read, type === 'text' ? '2' : 2]);
});

test('a full refresh makes the table what the files say, whoever has written to it', async () => {
  const folder = dir();
  const scenario = openScenario(folder, CONFIG);
  await scenario.write('t.csv', 'id,v\n1,a\n2,b\n');
  await scenario.run();
  await scenario.write('t.csv', 'id,v\n1,A\n2,b\n');
  await scenario.run();
  const lake = join(folder, 'lake');
  const before = await layerRows(lake, 'bronze.t');
  await using delta = await DeltaTable.open(join(lake, 'bronze', 't'));
  await delta.update({ set: { v: `'somebody'` } });
  expect((await scenario.run()).report.layers?.['bronze.t']?.operation).toBe('unchanged');
  const { report } = await scenario.run({ fullRefresh: true });
  expect(report.layers?.['bronze.t']).toMatchObject({ operation: 'rebuilt', inserted: 2 });
  expect(await layerRows(lake, 'bronze.t')).toEqual(before);
});

test('a table takes no more files in a run than it is told to, oldest first', async () => {
  const folder = dir();
  const raw = openScenario(folder, { ...CONFIG, layers: [] });
  for (const value of ['a', 'b', 'c', 'd']) {
    await raw.write('t.csv', `id,v\n1,${value}\n`);
    await raw.run();
  }
  const tables = [{ name: 't', pk: 'id', max_files_per_run: 2 }];
  const scenario = openScenario(folder, { ...CONFIG, tables });
  const values: unknown[] = [];
  for (let run = 0; run < 3; run += 1) {
    await scenario.run();
    values.push((await layerRows(join(folder, 'lake'), 'bronze.t'))[0]?.['v']);
  }
  expect(values).toEqual(['b', 'd', 'd']);
});
