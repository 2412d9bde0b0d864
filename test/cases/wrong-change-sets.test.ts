import { describe, expect, test } from 'vitest';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();

/** Runs the two states of a table one after the other and resolves the second run's report and changes. */
async function diff(last: string, actual: string, table: object = {}, approve: string[] = []): Promise<Diff> {
  const scenario = openScenario(dir(), {
    tables: [{ name: 't', pk: 'id', max_delete_ratio: 1, max_update_ratio: 1, ...table }],
  });
  await scenario.write('t.csv', last);
  const first = await scenario.runTable('t');
  expect(first.operation, first.reason).toBe('full-load');
  await scenario.write('t.csv', actual);
  const report = await scenario.runTable('t', { approve });
  const changes = report.file === null ? [] : await scenario.rows(report.file);
  const verified = await scenario.verify();
  expect(verified.tables['t']?.problems).toEqual([]);
  return {
    scenario,
    report,
    changes: changes.map((row) => ({ ...row })),
    operations: changes.map((row) => `${String(row['_cdc_operation'])} ${String(row['id'])}`),
  };
}

interface Diff {
  scenario: Scenario;
  report: Awaited<ReturnType<Scenario['runTable']>>;
  changes: Record<string, unknown>[];
  operations: string[];
}

describe('2a. Wrong change sets', () => {
  test('1. a column without any value makes no row look updated', async () => {
    const csv = 'id,n,d\n1,a,\n2,b,\n3,c,\n';
    const { report, operations } = await diff(csv, `${csv}\n`);
    expect(report.operation).toBe('unchanged');
    expect(operations).toEqual([]);
  });

  test('2. the same timestamp with another value is an update', async () => {
    const { operations } = await diff('id,v,dt\n1,a,2025-01-01\n', 'id,v,dt\n1,b,2025-01-01\n', {
      date_field: 'dt',
    });
    expect(operations).toEqual(['U 1']);
  });

  test.each([
    ['goes back', '2025-01-02', '2025-01-01'],
    ['becomes null', '2025-01-02', ''],
    ['was null', '', '2025-01-02'],
  ])('3. a timestamp that %s is an update', async (_how, before, after) => {
    const { operations } = await diff(
      `id,dt,x\n1,${before},a\n2,2025-01-01,a\n`,
      `id,dt,x\n1,${after},a\n2,2025-01-01,a\n`,
      { date_field: 'dt' },
    );
    expect(operations).toEqual(['U 1']);
  });

  test('4. a changed value under a creation date that never changes is an update', async () => {
    const { operations } = await diff('id,v,dt\n1,10,2024-01-01\n', 'id,v,dt\n1,99,2024-01-01\n', {
      date_field: 'dt',
    });
    expect(operations).toEqual(['U 1']);
  });

  test.each([
    ['a price that falls', '1,50,1', '1,40,1'],
    ['a quantity at the same price', '1,40,1', '1,40,9'],
    ['a price that rises', '1,40,1', '1,50,1'],
  ])('5. %s, with the price as date_field, is an update', async (_what, before, after) => {
    const { operations } = await diff(`id,price,qty\n${before}\n`, `id,price,qty\n${after}\n`, {
      date_field: 'price',
    });
    expect(operations).toEqual(['U 1']);
  });

  test('6. a changed text in the date_field is an update', async () => {
    const { operations } = await diff('id,dt\n1,abc\n', 'id,dt\n1,abd\n', { date_field: 'dt' });
    expect(operations).toEqual(['U 1']);
  });

  test('7. 31/01/2025 that becomes 01/02/2025 is an update, and stays text', async () => {
    const { operations, changes } = await diff('id,dt\n1,31/01/2025\n', 'id,dt\n1,01/02/2025\n', {
      date_field: 'dt',
    });
    expect(operations).toEqual(['U 1']);
    expect(changes[0]?.['dt']).toBe('01/02/2025');
  });

  test('9. a new column counts for the rows that were there before', async () => {
    const { operations, changes } = await diff('id,v\n1,a\n2,b\n', 'id,v,w\n1,a,b\n2,b,\n');
    expect(operations).toEqual(['U 1']);
    expect(changes[0]?.['w']).toBe('b');
  });

  test('10. a dropped column holds the table, and no change is lost', async () => {
    const scenario = openScenario(dir(), { tables: [{ name: 't', pk: 'id' }] });
    await scenario.write('t.csv', 'id,v,w\n1,a,x\n2,b,y\n');
    await scenario.runTable('t');
    await scenario.write('t.csv', 'id,v\n1,c\n2,b\n');
    const held = await scenario.runTable('t');
    expect(held).toMatchObject({ operation: 'held', file: null });
    expect(held.reason).toMatch(/column w is gone/);
    await scenario.write('t.csv', 'id,v,w\n1,c,x\n2,b,y\n');
    expect(await scenario.runTable('t')).toMatchObject({ operation: 'cdc', updated: 1 });
  });

  test('10. a dropped column that is approved is null from then on, as updates say', async () => {
    const { operations, changes } = await diff('id,v,w\n1,a,x\n2,b,\n', 'id,v\n1,a\n2,b\n', {}, ['t']);
    expect(operations).toEqual(['U 1']);
    expect(changes[0]).toMatchObject({ v: 'a', w: null });
  });

  test('11. a key that changes its type holds the table, and no change is lost', async () => {
    const { report, scenario } = await diff('id,v\n1,a\n2,b\n', 'id,v\n1,a\n2,z\nX,c\n');
    expect(report).toMatchObject({ operation: 'held', file: null });
    expect(report.reason).toMatch(/type of id \(bigint → text, for "X"\)/);
    await scenario.write('t.csv', 'id,v\n1,a\n2,z\n3,c\n');
    expect(await scenario.runTable('t')).toMatchObject({ inserted: 1, updated: 1, deleted: 0 });
  });

  test('12. a key of several columns', async () => {
    const { changes } = await diff('a,b,v\n1,1,x\n1,2,y\n2,1,z\n', 'a,b,v\n1,1,x\n1,2,Y\n2,2,z\n', {
      pk: ['a', 'b'],
    });
    expect(changes.map((row) => [row['_cdc_operation'], row['a'], row['b'], row['v']])).toEqual([
      ['D', '2', '1', 'z'],
      ['U', '1', '2', 'Y'],
      ['I', '2', '2', 'z'],
    ]);
  });

  test('13. duplicate keys are refused, at first sight and later', async () => {
    const scenario = openScenario(dir(), { tables: [{ name: 't', pk: 'id' }] });
    await scenario.write('t.csv', 'id,v\n1,a\n1,b\n');
    const first = await scenario.run({ approve: ['t'] });
    expect(first.report.tables['t']).toMatchObject({ operation: 'held', file: null });
    expect(first.report.tables['t']?.reason).toMatch(/"id" is not unique: id = 1 \(2 rows\)/);
    expect(first.exitCode).toBe(4);
    await scenario.write('t.csv', 'id,v\n1,a\n2,b\n');
    await scenario.runTable('t');
    for (const repeated of [
      'id,v\n1,a\n1,b\n2,b\n',
      'id,v\n1,a\n1,a\n2,b\n',
      'id,v\n1,a\n2,b\n3,c\n3,d\n',
      'id,v\n1,x\n1,y\n2,b\n',
    ]) {
      await scenario.write('t.csv', repeated);
      expect(await scenario.runTable('t', { approve: ['t'] })).toMatchObject({
        operation: 'held',
        file: null,
      });
    }
  });

  test('14. null keys are refused, and an integer column with a null stays one of integers', async () => {
    const { report } = await diff('id,v\n1,a\n2,b\n', 'id,v\n1,a\n,z\n', {}, ['t']);
    expect(report).toMatchObject({ operation: 'held', file: null });
    expect(report.reason).toMatch(/1 row has no value in the key "id"/);
  });

  test('15. 007 and 7 are two keys, and a postal code keeps its zero', async () => {
    const { operations, changes } = await diff('id,zip\n007,01310\n7,1310\n', 'id,zip\n007,1310\n7,1310\n');
    expect(operations).toEqual(['U 007']);
    expect(changes[0]?.['zip']).toBe('1310');
  });

  test('18. nulls do not change the type of an integer column', async () => {
    const { scenario, report } = await diff('id,n,d\n1,5,\n2,6,\n', 'id,n,d\n1,,\n2,7,\n');
    expect(await scenario.columns('full-load/t.parquet')).toEqual({
      id: 'BIGINT',
      n: 'BIGINT',
      d: 'VARCHAR',
    });
    expect(await scenario.columns(report.file ?? '')).toMatchObject({
      id: 'BIGINT',
      n: 'BIGINT',
      d: 'VARCHAR',
    });
  });

  test('20. a wrong separator is an error that names the right one', async () => {
    const scenario = openScenario(dir(), { tables: [{ name: 't', sep: ',', pk: 'id;v' }] });
    await scenario.write('t.csv', 'id;v\n1;a\n');
    const { report, exitCode } = await scenario.run();
    expect(report.tables['t']).toMatchObject({ operation: 'failed', file: null });
    expect(report.tables['t']?.reason).toMatch(/Set "sep" of the table to ";"/);
    expect(exitCode).toBe(3);
  });
});
