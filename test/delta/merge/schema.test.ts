import { expect, it } from 'vitest';
import { readCommit } from '../../../src/delta/log/commit-read.ts';
import { createTable } from '../../../src/delta/operations/create-table.ts';
import { Merge } from '../../../src/delta/merge/merge.ts';
import { type MergeOptions, type MergeResult } from '../../../src/delta/merge/request.ts';
import { loadSnapshot, type Snapshot } from '../../../src/delta/log/snapshot.ts';
import { appendRows } from '../../../src/delta/operations/write-table.ts';
import type { Writer } from '../../../src/delta/files/disk.ts';
import { openWriter, rowsBetween, tableRows } from '../write/table.ts';

/** Three files of customers: of 1 and 2, of 3 and 4, and of 5. */
async function customers(configuration: Readonly<Record<string, string>> = {}): Promise<Writer> {
  const writer = await openWriter();
  const rows = (ids: string): string =>
    `SELECT id::INTEGER AS id, 'n' || id AS name, (id * 10)::INTEGER AS points FROM (VALUES ${ids}) AS v(id)`;
  await createTable(writer, { rows: rows('(1), (2)'), configuration });
  for (const ids of ['(3), (4)', '(5)']) await appendRows(writer, await loadSnapshot(writer), rows(ids));
  return writer;
}

async function upsert(
  writer: Writer,
  source: string,
  options: Partial<MergeOptions> = { mergeSchema: true },
): Promise<MergeResult> {
  return new Merge(writer, () => loadSnapshot(writer), source, { on: ['id'], ...options })
    .whenMatchedDelete({ where: `source.name = 'gone'` })
    .whenMatchedUpdateAll()
    .whenNotMatchedInsertAll()
    .execute();
}

async function changesOf(writer: Writer, version: number): Promise<unknown[]> {
  const changes = await rowsBetween(writer, version, version);
  return changes
    .map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => !name.startsWith('_commit'))))
    .toSorted((left, right) => (JSON.stringify(keyOf(left)) < JSON.stringify(keyOf(right)) ? -1 : 1));
}

function keyOf(row: Readonly<Record<string, unknown>>): string[] {
  return [String(row['id']), String(row['_change_type'])];
}

it('adds the columns that the source brings, in the one commit', async () => {
  const writer = await customers();
  const source = `SELECT * FROM (VALUES (1, 'n1', 'red'), (6, 'n6', 'blue')) AS v(id, name, colour)`;
  expect(await upsert(writer, source)).toMatchObject({ version: 3, committed: true, clauseRows: [0, 1, 1] });
  expect(await tableRows(writer, await loadSnapshot(writer))).toEqual([
    { id: 1, name: 'n1', points: 10, colour: 'red' },
    { id: 2, name: 'n2', points: 20, colour: null },
    { id: 3, name: 'n3', points: 30, colour: null },
    { id: 4, name: 'n4', points: 40, colour: null },
    { id: 5, name: 'n5', points: 50, colour: null },
    { id: 6, name: 'n6', points: null, colour: 'blue' },
  ]);
  expect(await changesOf(writer, 3)).toEqual([
    { id: 1, name: 'n1', points: 10, colour: 'red', _change_type: 'update_postimage' },
    { id: 1, name: 'n1', points: 10, colour: null, _change_type: 'update_preimage' },
    { id: 6, name: 'n6', points: null, colour: 'blue', _change_type: 'insert' },
  ]);
});

it('takes only the columns that are named, and lets expressions use the others', async () => {
  const writer = await customers();
  const source = `SELECT 2 AS id, 7 AS level, 'U' AS op`;
  await new Merge(writer, () => loadSnapshot(writer), source, { on: ['id'], mergeSchema: ['ID', 'Level'] })
    .whenMatchedUpdate({ level: 'source.level', name: 'source.op' })
    .execute();
  const rows = await tableRows(writer, await loadSnapshot(writer));
  expect(rows[1]).toEqual({ id: 2, name: 'U', points: 20, level: 7 });
  expect(Object.keys(rows[0] ?? {})).toEqual(['id', 'name', 'points', 'level']);
});

it.for([true, false])(
  'writes every file anew for wider types, and tells none but the changed rows (vectors: %s)',
  async (vectors) => {
    const writer = await customers({ 'delta.enableDeletionVectors': String(vectors) });
    const before = await loadSnapshot(writer);
    const source = `SELECT * FROM (VALUES (2, 'n2', 5000000000.5, true), (3, 'gone', 0.0, true), (5, 'gone', 0.0, true),
      (9000000000, 'n9', 1.0, false)) AS v(id, name, points, fresh)`;
    const result = await upsert(writer, source);
    expect(result).toMatchObject({ version: 3, clauseRows: [2, 1, 1] });
    const after = await loadSnapshot(writer);
    const rows = [
      { id: 1n, name: 'n1', points: '10.0', fresh: null },
      { id: 2n, name: 'n2', points: '5000000000.5', fresh: true },
      { id: 4n, name: 'n4', points: '40.0', fresh: null },
      { id: 9000000000n, name: 'n9', points: '1.0', fresh: false },
    ];
    expect(await tableRows(writer, after)).toEqual(rows);
    // No file keeps a narrower type.
    const old = new Set((await before.files()).map(({ path }) => path));
    expect((await after.files()).filter(({ path }) => old.has(path))).toEqual([]);
    expect((await after.files()).every(({ deletionVector }) => deletionVector === undefined)).toBe(true);
    expect(await changesOf(writer, 3)).toEqual(
      [
        { id: 2n, name: 'n2', points: '5000000000.5', fresh: true, _change_type: 'update_postimage' },
        { id: 2n, name: 'n2', points: '20.0', fresh: null, _change_type: 'update_preimage' },
        { id: 3n, name: 'n3', points: '30.0', fresh: null, _change_type: 'delete' },
        { id: 5n, name: 'n5', points: '50.0', fresh: null, _change_type: 'delete' },
        { id: 9000000000n, name: 'n9', points: '1.0', fresh: false, _change_type: 'insert' },
      ].toSorted((left, right) => (keyOf(left).join() < keyOf(right).join() ? -1 : 1)),
    );
    expect((await loadSnapshot(writer)).version).toBe(3);
  },
);

it('moves the rows of a merge that only inserts without telling them', async () => {
  const writer = await customers();
  await upsert(writer, `SELECT 7 AS id, 'n7' AS name, 5000000000 AS points`);
  expect(await changesOf(writer, 3)).toEqual([
    { id: 7, name: 'n7', points: 5000000000n, _change_type: 'insert' },
  ]);
  const actions = (await readCommit(writer.storage, 3)) ?? [];
  const removed = actions.flatMap((action) => ('remove' in action ? [action.remove.dataChange] : []));
  expect(removed).toEqual([false, false, false]);
  expect(await tableRows(writer, await loadSnapshot(writer))).toHaveLength(6);
});

it('keeps the rows of a table that got a wider type, where no row changes', async () => {
  const writer = await customers();
  await upsert(writer, `SELECT 1 AS id, 'n1' AS name, 10::BIGINT AS points`);
  expect(await changesOf(writer, 3)).toEqual([]);
  const rows = await tableRows(writer, await loadSnapshot(writer));
  expect(rows.map(({ points }) => points)).toEqual([10n, 20n, 30n, 40n, 50n]);
});

it('records the deletes of whole files whose type was narrower', async () => {
  const writer = await customers();
  await upsert(writer, `SELECT 5 AS id, 'gone' AS name, 1::BIGINT AS points`);
  const actions = (await readCommit(writer.storage, 3)) ?? [];
  expect(actions.filter((action) => 'cdc' in action)).toHaveLength(1);
  expect(await changesOf(writer, 3)).toEqual([{ id: 5, name: 'n5', points: 50n, _change_type: 'delete' }]);
});

it('conflicts with rows that come meanwhile where it writes all of them, and not where it adds a column', async () => {
  const writer = await customers({ 'delta.isolationLevel': 'WriteSerializable' });
  const snapshot = await loadSnapshot(writer);
  const merged = async (before: Snapshot, source: string): Promise<MergeResult> =>
    new Merge(writer, async () => before, source, { on: ['id'], mergeSchema: true })
      .whenMatchedUpdateAll()
      .execute();
  await appendRows(writer, snapshot, `SELECT 100 AS id, 'x' AS name, 1 AS points`);
  await expect(merged(snapshot, 'SELECT 1 AS id, 2::BIGINT AS points')).rejects.toMatchObject({
    code: 'DELTA_CONFLICT',
  });
  expect(await merged(snapshot, 'SELECT 1 AS id, true AS more')).toMatchObject({ version: 4 });
  expect((await tableRows(writer, await loadSnapshot(writer))).at(-1)).toEqual({
    id: 100,
    name: 'x',
    points: 1,
    more: null,
  });
  // Two that change the schema do not go together.
  await expect(merged(await loadSnapshot(writer, 3), 'SELECT 1 AS id, 1 AS other')).rejects.toMatchObject({
    code: 'DELTA_CONFLICT',
    message: expect.stringContaining('schema'),
  });
});

it('sets properties and takes features in the same commit', async () => {
  const writer = await customers();
  await upsert(writer, `SELECT 1 AS id, 'n1' AS name, TIMESTAMP '2024-01-01 00:00:00' AS at`, {
    mergeSchema: true,
    configuration: { 'igarape.run': '7' },
  });
  const { version, protocol, configuration } = await loadSnapshot(writer);
  expect(version).toBe(3);
  expect(protocol.readerFeatures).toEqual(['deletionVectors', 'timestampNtz']);
  expect(configuration).toMatchObject({ 'igarape.run': '7', 'delta.enableChangeDataFeed': 'true' });
});

it('refuses what the table cannot hold, a key that it lacks, and a name that the source lacks', async () => {
  const writer = await customers();
  for (const [source, options, reason] of [
    [`SELECT 1 AS id, 'ten' AS points`, { mergeSchema: true }, 'points'],
    [`SELECT 1 AS id, 1 AS other`, { mergeSchema: true, on: ['id', 'other'] }, 'no key column other'],
    [`SELECT 1 AS id`, { mergeSchema: ['id', 'nothing'] }, 'no column nothing'],
    [`SELECT 1 AS id, 1 AS _change_type`, { mergeSchema: true }, '_change_type'],
  ] as const) {
    await expect(
      upsert(writer, source.replace(' AS id', ` AS id, 'x' AS name`), options),
    ).rejects.toMatchObject({
      code: 'DELTA_QUERY',
      message: expect.stringContaining(reason),
    });
  }
  expect((await loadSnapshot(writer)).version).toBe(2);
});
