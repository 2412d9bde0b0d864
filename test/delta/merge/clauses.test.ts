import { expect, it } from 'vitest';
import { createTable } from '../../../src/delta/operations/create-table.ts';
import { Merge } from '../../../src/delta/merge/merge.ts';
import { loadSnapshot } from '../../../src/delta/log/snapshot.ts';
import type { Writer } from '../../../src/delta/files/disk.ts';
import { openWriter, rowsBetween, tableRows } from '../write/table.ts';

async function customers(): Promise<Writer> {
  const writer = await openWriter();
  await createTable(writer, {
    rows: `SELECT * FROM (VALUES (1, 'Ana', 10), (2, 'Rui', 20), (3, 'Eva', 30)) AS v(id, name, points)`,
  });
  return writer;
}

function merge(writer: Writer, source: string, on: string | readonly string[] = ['id']): Merge {
  return new Merge(writer, () => loadSnapshot(writer), source, { on });
}

it('lets the first clause act whose condition holds', async () => {
  const writer = await customers();
  const source = `SELECT * FROM (VALUES (1, 'x', 'D'), (2, 'Rui', 'U'), (3, 'Evi', 'U'), (4, 'Lia', 'I'), (5, 'No', 'D')) AS v(id, name, op)`;
  const result = await merge(writer, source)
    .whenMatchedDelete({ where: `source.op = 'D' -- a comment` })
    .whenMatchedUpdate({ name: 'source.name', points: 'target.points' })
    .whenNotMatchedInsert({ id: 'source.id', name: 'upper(source.name)' }, { where: `source.op <> 'D'` })
    .execute();
  expect(result.metrics).toMatchObject({
    numSourceRows: 5,
    numTargetRowsInserted: 1,
    // The row that stayed as it was does not count.
    numTargetRowsUpdated: 1,
    numTargetRowsDeleted: 1,
  });
  expect(await tableRows(writer, await loadSnapshot(writer))).toEqual([
    { id: 2, name: 'Rui', points: 20 },
    { id: 3, name: 'Evi', points: 30 },
    { id: 4, name: 'LIA', points: null },
  ]);
  const changes = await rowsBetween(writer, 1, 1);
  expect(changes.map((row) => [row['id'], row['_change_type']]).toSorted(byText)).toEqual([
    [1, 'delete'],
    [3, 'update_postimage'],
    [3, 'update_preimage'],
    [4, 'insert'],
  ]);
});

it('refuses several source rows that act on one row, and changes nothing', async () => {
  const writer = await customers();
  const twice = `SELECT * FROM (VALUES (1, 'a'), (1, 'b')) AS v(id, name)`;
  await expect(merge(writer, twice).whenMatchedUpdateAll().execute()).rejects.toMatchObject({
    code: 'DELTA_AMBIGUOUS',
  });
  expect((await loadSnapshot(writer)).version).toBe(0);
  const deleted = await merge(writer, twice).whenMatchedDelete().execute();
  expect(deleted.metrics).toMatchObject({ numTargetRowsDeleted: 1 });
  // With a condition that one of them meets only, there is no doubt.
  const again = `SELECT * FROM (VALUES (2, 'a'), (2, 'b')) AS v(id, name)`;
  await merge(writer, again).whenMatchedUpdateAll({ where: `source.name = 'b'` }).execute();
  expect(await tableRows(writer, await loadSnapshot(writer))).toContainEqual({
    id: 2,
    name: 'b',
    points: 20,
  });
});

it('takes a null key for equal to nothing', async () => {
  const writer = await customers();
  const nulls = `SELECT NULL::INTEGER AS id, 'x' AS name`;
  await merge(writer, nulls).whenMatchedDelete().whenNotMatchedInsertAll().execute();
  await merge(writer, nulls).whenMatchedDelete().whenNotMatchedInsertAll().execute();
  const rows = await tableRows(writer, await loadSnapshot(writer));
  expect(rows.filter(({ id }) => id === null)).toHaveLength(2);
});

it('commits nothing where nothing changes', async () => {
  const writer = await customers();
  const same = `SELECT 1 AS id, 'Ana' AS name, 10 AS points`;
  const result = await merge(writer, same).whenMatchedUpdateAll().whenNotMatchedInsertAll().execute();
  expect(result).toMatchObject({ version: 0, committed: false });
  const none = `SELECT 1 AS id, 'Ana' AS name WHERE false`;
  expect(await merge(writer, none).whenNotMatchedInsertAll().execute()).toMatchObject({ committed: false });
});

it('merges on any condition, and changes rows that the source does not have', async () => {
  const writer = await customers();
  await merge(writer, 'SELECT 25 AS least', 'target.points >= source.least')
    .whenMatchedUpdate({ name: `'rich'` })
    .whenNotMatchedBySourceUpdate({ points: 'points + 1' }, { where: 'target.id = 1' })
    .whenNotMatchedBySourceDelete()
    .execute();
  expect(await tableRows(writer, await loadSnapshot(writer))).toEqual([
    { id: 1, name: 'Ana', points: 11 },
    { id: 3, name: 'rich', points: 30 },
  ]);
});

it('writes an application version once', async () => {
  const writer = await customers();
  const options = { on: ['id'], app: { appId: 'silver', version: 7n } };
  const run = async (): Promise<boolean> =>
    (
      await new Merge(writer, () => loadSnapshot(writer), `SELECT 9 AS id`, options)
        .whenNotMatchedInsertAll()
        .execute()
    ).committed;
  expect([await run(), await run()]).toEqual([true, false]);
});

it('names the condition or the column that does not fit', async () => {
  const writer = await customers();
  await expect(
    merge(writer, 'SELECT 1 AS id').whenMatchedDelete({ where: 'source.gone = 1' }).execute(),
  ).rejects.toMatchObject({ code: 'DELTA_QUERY', message: expect.stringContaining('gone') });
  await expect(
    merge(writer, 'SELECT 1 AS id').whenMatchedUpdate({ gone: '1' }).execute(),
  ).rejects.toMatchObject({ code: 'DELTA_QUERY' });
  await expect(
    merge(writer, `SELECT 1 AS id, 'x' AS points`).whenMatchedUpdateAll().execute(),
  ).rejects.toMatchObject({ code: 'DELTA_QUERY' });
});

function byText(left: readonly unknown[], right: readonly unknown[]): number {
  return String(left) < String(right) ? -1 : 1;
}

it('tells on how many rows each clause acted, also where an update changed nothing', async () => {
  const writer = await customers();
  const source = `SELECT * FROM (VALUES (1, 'Ana', 10), (2, 'x', 0), (8, 'y', 1), (9, 'z', 0), (9, 'z', 0)) AS v(id, name, points)`;
  const merged = await merge(writer, source)
    .whenNotMatchedInsertAll({ where: 'source.id = 8' })
    .whenMatchedDelete({ where: 'source.id = 77' })
    .whenMatchedUpdateAll()
    .whenNotMatchedBySourceUpdate({ points: 'points' }, { where: 'target.id = 3' })
    .whenNotMatchedInsertAll()
    .execute();
  expect(merged.clauseRows).toEqual([1, 0, 2, 1, 2]);
  // The row of 1 stays as it was.
  expect(merged.metrics).toMatchObject({ numTargetRowsUpdated: 1, numTargetRowsInserted: 3 });
  const same = await merge(writer, `SELECT 1 AS id`).whenMatchedUpdateAll().execute();
  expect(same).toMatchObject({ committed: false, clauseRows: [1] });
  const deleted = await merge(writer, `SELECT 1 AS id UNION ALL SELECT 1`).whenMatchedDelete().execute();
  expect(deleted).toMatchObject({ clauseRows: [1], metrics: { numTargetRowsDeleted: 1 } });
});
