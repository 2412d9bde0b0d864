import { expect, it } from 'vitest';
import { createTable } from '../../../src/delta/operations/create-table.ts';
import { Merge } from '../../../src/delta/merge/merge.ts';
import { loadSnapshot } from '../../../src/delta/log/snapshot.ts';
import { appendRows } from '../../../src/delta/operations/write-table.ts';
import type { Writer } from '../../../src/delta/files/disk.ts';
import { openWriter, rowsBetween, tableRows } from './table.ts';

const FIRST = `SELECT 1 AS id, {'x': 1, 'in': {'a': 'p'}} AS s, [{'k': 1}] AS l, MAP {'m': {'v': 1}} AS m
  UNION ALL SELECT 2, NULL, NULL, NULL UNION ALL SELECT 3, {'x': NULL, 'in': NULL}, [NULL, {'k': NULL}], MAP {'m': NULL}`;

async function table(rows = FIRST, configuration: Readonly<Record<string, string>> = {}): Promise<Writer> {
  const writer = await openWriter();
  await createTable(writer, { rows, configuration });
  return writer;
}

async function append(writer: Writer, rows: string): Promise<void> {
  await appendRows(writer, await loadSnapshot(writer), rows, { mergeSchema: true });
}

async function rowsOf(writer: Writer): Promise<unknown[]> {
  return tableRows(writer, await loadSnapshot(writer));
}

it('adds fields inside of structs, lists and maps, at their ends, and writes no file again', async () => {
  const writer = await table();
  const [first] = await (await loadSnapshot(writer)).files();
  await append(
    writer,
    `SELECT 4 AS id, {'y': 2, 'in': {'b': true, 'A': 'q'}} AS s, [{'j': 2, 'k': 3}] AS l, MAP {'n': {'w': 2}} AS m`,
  );
  expect(await rowsOf(writer)).toEqual([
    {
      id: 1,
      s: { x: 1, in: { a: 'p', b: null }, y: null },
      l: [{ k: 1, j: null }],
      m: new Map([['m', { v: 1, w: null }]]),
    },
    { id: 2, s: null, l: null, m: null },
    { id: 3, s: { x: null, in: null, y: null }, l: [null, { k: null, j: null }], m: new Map([['m', null]]) },
    {
      id: 4,
      s: { x: null, in: { a: 'q', b: true }, y: 2 },
      l: [{ k: 3, j: 2 }],
      m: new Map([['n', { v: null, w: 2 }]]),
    },
  ]);
  expect((await (await loadSnapshot(writer)).files()).map(({ path }) => path)).toContain(first?.path);
  expect(await rowsBetween(writer, 0, 1)).toHaveLength(4);
});

it('widens numbers inside, and writes every file again', async () => {
  const writer = await table();
  const [first] = await (await loadSnapshot(writer)).files();
  await append(
    writer,
    `SELECT 4 AS id, {'x': 5000000000} AS s, [{'k': 1.5}] AS l, MAP {'m': {'v': 2::TINYINT}} AS m`,
  );
  const rows = await rowsOf(writer);
  expect(rows).toContainEqual({
    id: 1,
    s: { x: 1n, in: { a: 'p' } },
    l: [{ k: '1.0' }],
    m: new Map([['m', { v: 1 }]]),
  });
  expect(rows).toContainEqual({
    id: 4,
    s: { x: 5000000000n, in: null },
    l: [{ k: '1.5' }],
    m: new Map([['m', { v: 2 }]]),
  });
  expect(rows).toHaveLength(4);
  expect((await (await loadSnapshot(writer)).files()).map(({ path }) => path)).not.toContain(first?.path);
});

it('gives the new fields of mapped columns names and ids of their own', async () => {
  const writer = await table(`SELECT 1 AS id, {'a key': 1} AS "the s", [{'k': 1}] AS l`);
  await append(writer, `SELECT 2 AS id, {'a key': 2, 'b': 3} AS "the s", [{'k': 1, 'j j': 2}] AS l`);
  const snapshot = await loadSnapshot(writer);
  expect(snapshot.configuration['delta.columnMapping.maxColumnId']).toBe('7');
  expect(await rowsOf(writer)).toEqual([
    { id: 1, 'the s': { 'a key': 1, b: null }, l: [{ k: 1, 'j j': null }] },
    { id: 2, 'the s': { 'a key': 2, b: 3 }, l: [{ k: 1, 'j j': 2 }] },
  ]);
});

it('evolves inside of a merge, and tells the changed rows with the new fields', async () => {
  const writer = await table();
  const source = `SELECT 1 AS id, {'x': 1, 'in': {'a': 'p'}, 'y': true} AS s UNION ALL SELECT 9, NULL`;
  await new Merge(writer, () => loadSnapshot(writer), source, { on: ['id'], mergeSchema: true })
    .whenMatchedUpdateAll()
    .whenNotMatchedInsertAll()
    .execute();
  const changes = await rowsBetween(writer, 1, 1);
  expect(changes.map(({ id, s, _change_type: type }) => ({ id, s, type }))).toEqual(
    expect.arrayContaining([
      { id: 1, s: { x: 1, in: { a: 'p' }, y: null }, type: 'update_preimage' },
      { id: 1, s: { x: 1, in: { a: 'p' }, y: true }, type: 'update_postimage' },
      { id: 9, s: null, type: 'insert' },
    ]),
  );
  expect(changes).toHaveLength(3);
  expect(await rowsOf(writer)).toHaveLength(4);
});

it('names the field inside that goes with no other type', async () => {
  const writer = await table();
  for (const [rows, path] of [
    [`SELECT {'x': 'text'} AS s`, 's.x'],
    [`SELECT {'in': 5} AS s`, 's.in'],
    [`SELECT [{'k': [1]}] AS l`, 'l.element.k'],
    [`SELECT MAP {'m': {'v': 'w'}} AS m`, 'm.value.v'],
    [`SELECT MAP {1: {'v': 1}} AS m`, 'm.key'],
    [`SELECT [1] AS s`, 's'],
  ] as const) {
    await expect(append(writer, rows)).rejects.toMatchObject({
      code: 'DELTA_QUERY',
      message: expect.stringContaining(`the column ${path} is`),
    });
  }
  expect((await loadSnapshot(writer)).version).toBe(0);
});
