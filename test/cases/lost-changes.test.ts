import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openLocalStorage } from '../../src/storage/local.ts';
import type { Storage } from '../../src/storage/port.ts';
import { openScenario } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';
import { wrapStorage } from '../support/wrapped-storage.ts';

const dir = useTempDir();
const TABLE = { name: 't', pk: 'id' };

/** A lake whose next write of a key that matches fails, once. */
function failingOnce(storage: Storage, pattern: RegExp): { storage: Storage; arm(): void } {
  let armed = false;
  const fail = (key: string): void => {
    if (!armed || !pattern.test(key)) return;
    armed = false;
    throw new Error(`injected: ${key}`);
  };
  const wrapped = wrapStorage(storage, { before: ({ keys }) => keys.forEach(fail) });
  return { storage: wrapped, arm: () => (armed = true) };
}

describe('2b. Lost or invented changes across runs', () => {
  test.each([
    ['21. the delete of a run whose upload failed is emitted by the next', /^_igarape\/staging/],
    ['22. the update of a run whose change file was not published is published by the next', /^cdc\//],
  ])('%s', async (_name, pattern) => {
    const lake = failingOnce(openLocalStorage(join(dir(), 'lake')), pattern);
    const scenario = openScenario(
      dir(),
      { tables: [{ ...TABLE, max_delete_ratio: 1, max_update_ratio: 1 }] },
      { storage: lake.storage },
    );
    await scenario.write('t.csv', 'id,v\n1,x\n2,y\n');
    await scenario.run();
    await scenario.write('t.csv', 'id,v\n1,z\n');
    lake.arm();
    // What fails while a table is staged is told of the table; what fails later ends the run.
    const stopped = await scenario.run().then(
      ({ report }) => report.tables['t']?.reason,
      (error: unknown) => String(error),
    );
    expect(stopped).toMatch(/injected/);
    await scenario.run();
    expect((await scenario.verify()).ok).toBe(true);
    const files = (await scenario.ledger()).flatMap((entry) => entry.tables['t']?.file?.key ?? []);
    expect(files).toHaveLength(2);
    const changes = await scenario.rows(files[1] ?? '');
    expect(changes.map((row) => [row['_cdc_operation'], row['id']])).toEqual([
      ['D', '2'],
      ['U', '1'],
    ]);
  });

  test('25. a table missing from one version does not hold the others back', async () => {
    const scenario = openScenario(dir(), { tables: [TABLE, { name: 'u', pk: 'id' }] });
    await scenario.write('t.csv', 'id,v\n1,x\n');
    await scenario.write('u.csv', 'id,v\n1,x\n');
    await scenario.run();
    await rm(join(dir(), 'source', 'u.csv'));
    await scenario.write('t.csv', 'id,v\n1,y\n');
    const { report, exitCode } = await scenario.run();
    expect(report.tables['t']).toMatchObject({ operation: 'cdc', updated: 1 });
    expect(report.tables['u']).toMatchObject({ operation: 'held' });
    expect(exitCode).toBe(4);
  });

  test.each([
    ['a snapshot of 10 rows after one of 1000', 10, /990 of 1,000 rows/],
    ['a snapshot of a header only', 0, /has no rows; there were 1,000/],
  ])('26. %s is held, with its numbers, until approved', async (_what, rows, reason) => {
    const scenario = openScenario(dir(), { tables: [TABLE] });
    const csv = (count: number): string =>
      `id,v\n${Array.from({ length: count }, (_, id) => `${id},v${id}\n`).join('')}`;
    await scenario.write('t.csv', csv(1000));
    await scenario.run();
    await scenario.write('t.csv', csv(rows));
    const held = await scenario.runTable('t');
    expect(held).toMatchObject({ operation: 'held', file: null });
    expect(held.reason).toMatch(reason);
    expect(await scenario.runTable('t')).toMatchObject({ operation: 'held' });
    expect(await scenario.runTable('t', { approve: ['t'] })).toMatchObject({
      operation: 'cdc',
      deleted: 1000 - rows,
    });
    expect((await scenario.verify()).ok).toBe(true);
  });

  test('27. a file cut off within a line is an error that names the line', async () => {
    const scenario = openScenario(dir(), { tables: [TABLE] });
    await scenario.write('t.csv', 'id,v\n1,x\n2,y\n300,z\n');
    await scenario.run();
    await scenario.write('t.csv', 'id,v\n1,x\n2,y\n3');
    const { report, exitCode } = await scenario.run();
    expect(report.tables['t']).toMatchObject({ operation: 'failed', file: null });
    expect(report.tables['t']?.reason).toMatch(/t\.csv: line 4: 1 field where the header has 2/);
    expect(exitCode).toBe(3);
  });

  test('28. the first run publishes the rows once, as full-load', async () => {
    const scenario = openScenario(dir(), { tables: [TABLE] });
    await scenario.write('t.csv', 'id,v\n1,x\n2,y\n');
    expect(await scenario.runTable('t')).toMatchObject({
      operation: 'full-load',
      inserted: 2,
      file: 'full-load/t.parquet',
    });
    expect(await scenario.runTable('t')).toMatchObject({ operation: 'unchanged', unchanged: 2, file: null });
  });

  test('29. two runs within one second write two change files', async () => {
    const second = Date.UTC(2025, 9, 4, 12, 0, 0);
    const scenario = openScenario(dir(), { tables: [TABLE] }, { edge: { clock: () => second } });
    const files: (string | null)[] = [];
    for (const value of ['x', 'y', 'z']) {
      await scenario.write('t.csv', `id,v\n1,${value}\n`);
      files.push((await scenario.runTable('t')).file);
    }
    expect(files).toEqual([
      'full-load/t.parquet',
      'cdc/t_20251004_120000.parquet',
      'cdc/t_20251004_120001.parquet',
    ]);
    expect((await scenario.verify()).ok).toBe(true);
  });

  test('29. a reload within the second of a change file has a later name', async () => {
    const second = Date.UTC(2025, 9, 4, 12, 0, 0);
    const scenario = openScenario(dir(), { tables: [TABLE] }, { edge: { clock: () => second } });
    await scenario.write('t.csv', 'id,v\n1,x\n');
    await scenario.run();
    await scenario.write('t.csv', 'id,v\n1,y\n');
    expect((await scenario.runTable('t')).file).toBe('cdc/t_20251004_120000.parquet');
    expect((await scenario.runTable('t', { reload: ['t'] })).file).toBe(
      'full-load/t_20251004_120001.parquet',
    );
    await scenario.write('t.csv', 'id,v\n1,z\n');
    expect((await scenario.runTable('t')).file).toBe('cdc/t_20251004_120002.parquet');
    expect((await scenario.verify()).ok).toBe(true);
  });

  test('30. a full-load is never written again', async () => {
    const scenario = openScenario(dir(), { tables: [TABLE] });
    await scenario.write('t.csv', 'id,v\n1,x\n');
    await scenario.run();
    const before = await scenario.storage.stat('full-load/t.parquet');
    await scenario.write('t.csv', 'id,v\n1,y\n');
    await scenario.run();
    expect(await scenario.storage.stat('full-load/t.parquet')).toEqual(before);
  });

  test('31. a table that comes back is compared with its last state', async () => {
    const scenario = openScenario(dir(), { tables: [TABLE] });
    await scenario.write('t.csv', 'id,v\n1,x\n2,y\n3,z\n4,w\n');
    await scenario.run();
    await rm(join(dir(), 'source', 't.csv'));
    expect(await scenario.runTable('t')).toMatchObject({ operation: 'held' });
    await scenario.write('t.csv', 'id,v\n1,X\n2,y\n3,z\n');
    expect(await scenario.runTable('t')).toMatchObject({
      operation: 'cdc',
      inserted: 0,
      updated: 1,
      deleted: 1,
    });
  });

  test('32. the lake alone is enough to go on from, on a machine without the working folder', async () => {
    const scenario = openScenario(dir(), { tables: [TABLE] });
    await scenario.write('t.csv', 'id,v\n1,x\n2,y\n');
    await scenario.run();
    await rm(scenario.config.workDir, { recursive: true, force: true });
    await scenario.write('t.csv', 'id,v\n1,x\n2,z\n');
    expect(await scenario.runTable('t')).toMatchObject({ operation: 'cdc', inserted: 0, updated: 1 });
  });
});
