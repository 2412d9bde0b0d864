import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DeltaTable } from '../../src/delta/table.ts';
import { changes } from '../../src/explore/changes.ts';
import { graph } from '../../src/explore/graph.ts';
import { profile } from '../../src/explore/profile.ts';
import { withReader } from '../../src/explore/reader.ts';
import { status } from '../../src/explore/status.ts';
import { tablePage } from '../../src/explore/table-page.ts';
import { versionsOf } from '../../src/ui/versions.ts';
import { openScenario, type Scenario, testEdge } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';
import { writeFileAt } from '../support/write-file.ts';

const dir = useTempDir();

async function clients(): Promise<Scenario> {
  const lake = openScenario(dir(), { layers: ['bronze'], tables: [{ name: 'clients', pk: 'id' }] });
  await lake.write('clients.csv', 'id,name\n1,Ana\n2,Bia\n');
  await lake.run();
  return lake;
}

test('sorted and searched rows, and profiles, of a layer’s newest version are those of its newest commit', async () => {
  const lake = await clients();
  await withReader(lake, testEdge(), async (reader) => {
    const names = async (): Promise<unknown> => {
      const sorted = await tablePage(reader, { table: 'bronze.clients', sort: 'name', descending: true });
      const searched = await tablePage(reader, { table: 'bronze.clients', search: 'i' });
      const { rows } = await profile(reader, { table: 'bronze.clients' });
      return [sorted.rows.map(([, name]) => name), searched.total, rows];
    };
    expect(await names()).toEqual([['Bia', 'Ana'], 1, 2]);
    await using other = await DeltaTable.open(join(dir(), 'lake', 'bronze', 'clients'));
    await other.append(`SELECT 3 AS id, 'Livia' AS name`);
    expect(await names()).toEqual([['Livia', 'Bia', 'Ana'], 2, 3]);
    expect((await tablePage(reader, { table: 'bronze.clients', sort: 'name', at: 0 })).total).toBe(2);
  });
});

test('a table that others remove, or make anew, is told of as it is then', async () => {
  const lake = await clients();
  await withReader(lake, testEdge(), async (reader) => {
    const rows = async (): Promise<number> => (await tablePage(reader, { table: 'bronze.clients' })).total;
    const told = async (): Promise<unknown> =>
      (await status(reader, { lastRuns: 1 })).layers?.['bronze.clients'];
    expect([await rows(), await told()]).toEqual([2, expect.objectContaining({ version: 0 })]);
    await rm(join(dir(), 'lake', 'bronze', 'clients'), { recursive: true });
    await expect(rows()).rejects.toMatchObject({ message: 'The lake has no table bronze.clients yet.' });
    expect(await told()).toMatchObject({ version: null });
    expect((await graph(reader)).tables.map(({ name }) => name)).toContain('bronze.clients');
    await lake.write('clients.csv', 'id,name\n1,Ana\n2,Bia\n3,Caio\n');
    await lake.run();
    expect([await rows(), await told()]).toEqual([3, expect.objectContaining({ version: 0 })]);
  });
});

test('the oldest version is that of the log, also where there are more than are shown', async () => {
  const lake = await clients();
  for (let version = 1; version <= 201; version += 1)
    await writeFileAt(
      join(dir(), 'lake', 'bronze', 'clients', '_delta_log', `${String(version).padStart(20, '0')}.json`),
      `{"commitInfo":{"timestamp":${Date.now() + version},"operation":"SET TBLPROPERTIES"}}\n`,
    );
  await withReader(lake, testEdge(), async (reader) => {
    const { versions, health } = await versionsOf(reader, 'BRONZE.Clients');
    expect([versions.length, health?.oldestVersion]).toEqual([200, 0]);
  });
});

test('changes of a column that the table does not have are refused, of a full-load and of a change file', async () => {
  const lake = await clients();
  await lake.write('clients.csv', 'id,name\n1,Ana Maria\n2,Bia\n');
  await lake.run();
  await withReader(lake, testEdge(), async (reader) => {
    for (const run of [0, 1])
      await expect(changes(reader, { run, table: 'clients', changed: 'nome' })).rejects.toMatchObject({
        code: 'USAGE',
        message: 'clients has no column nome.',
      });
    expect((await changes(reader, { run: 0, table: 'clients', changed: 'name' })).total).toBe(0);
    expect((await changes(reader, { run: 1, table: 'clients', changed: 'name' })).total).toBe(1);
  });
});

test('what is asked twice at once is answered once; who stays gets an answer though who asked first has left', async () => {
  await withReader(await clients(), testEdge(), async (reader) => {
    let asked = 0;
    const ask = async (): Promise<number> => {
      asked += 1;
      return Promise.resolve(asked);
    };
    expect(await Promise.all([reader.kept('a', undefined, ask), reader.kept('a', undefined, ask)])).toEqual([
      1, 1,
    ]);
    const leaving = new AbortController();
    const first = reader.kept(
      'b',
      leaving.signal,
      async ({ signal }) =>
        new Promise<string>((_answer, leave) => {
          signal.addEventListener('abort', () => leave(new Error('left')));
        }),
    );
    const second = reader.kept('b', undefined, async () => Promise.resolve('answered'));
    leaving.abort();
    await expect(first).rejects.toThrow('left');
    expect(await second).toBe('answered');
  });
});
