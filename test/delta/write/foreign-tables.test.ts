import { describe, expect, it } from 'vitest';
import { DeltaTable } from '../../../src/delta/table.ts';
import type { Action, Protocol } from '../../../src/delta/protocol/actions.ts';
import { encodeActions } from '../../../src/delta/protocol/action-codec.ts';
import { deleteRows } from '../../../src/delta/operations/delete-rows.ts';
import type { JsonObject } from '../../../src/delta/protocol/json.ts';
import { commitKey } from '../../../src/delta/log/path.ts';
import { Merge } from '../../../src/delta/merge/merge.ts';
import { formatSchema, type StructField } from '../../../src/delta/schema/schema.ts';
import { loadSnapshot } from '../../../src/delta/log/snapshot.ts';
import { appendRows } from '../../../src/delta/operations/write-table.ts';
import type { Writer } from '../../../src/delta/files/disk.ts';
import { openWriter, rowsBetween, tableRows, optionsOf } from './table.ts';

/** An empty table as another writer would have made it. */
async function foreign(
  protocol: Protocol,
  fields: readonly StructField[],
  configuration: Readonly<Record<string, string>>,
  partitionColumns: readonly string[] = [],
): Promise<Writer> {
  const writer = await openWriter();
  const actions: Action[] = [
    { protocol },
    {
      metaData: {
        id: '00000000-0000-4000-8000-000000000000',
        format: { provider: 'parquet', options: {} },
        schemaString: formatSchema({ type: 'struct', fields }),
        partitionColumns,
        configuration,
        rest: { unknown: 'kept' },
      },
    },
  ];
  await writer.storage.putIfAbsent(commitKey(0), encodeActions(actions));
  return writer;
}

function field(name: string, type: StructField['type'], metadata: JsonObject = {}): StructField {
  return { name, type, nullable: true, metadata };
}

function mapped(name: string, type: StructField['type'], id: number): StructField {
  return field(name, type, {
    'delta.columnMapping.id': id,
    'delta.columnMapping.physicalName': `col-${id}`,
  });
}

it.for(['name', 'id'])('writes a table whose columns are mapped by %s', async (mode) => {
  const inner = { type: 'struct' as const, fields: [mapped('x', 'long', 4)] };
  const writer = await foreign(
    { minReaderVersion: 2, minWriterVersion: 5 },
    [mapped('key', 'long', 1), mapped('part', 'string', 2), mapped('at', inner, 3)],
    {
      'delta.columnMapping.mode': mode,
      'delta.columnMapping.maxColumnId': '4',
      'delta.enableChangeDataFeed': 'true',
      other: 'kept',
    },
    ['part'],
  );
  await appendRows(
    writer,
    await loadSnapshot(writer),
    `SELECT 1 AS key, 'a' AS part, {'x': 5} AS at UNION ALL SELECT 2, 'b', NULL`,
  );
  await appendRows(writer, await loadSnapshot(writer), `SELECT 3 AS key, 'a' AS part, 'z' AS more`, {
    mergeSchema: true,
  });
  await new Merge(writer, () => loadSnapshot(writer), `SELECT 1 AS key, {'x': 7} AS at`, { on: ['key'] })
    .whenMatchedUpdateAll()
    .execute();
  const snapshot = await loadSnapshot(writer);
  expect(await tableRows(writer, snapshot)).toEqual([
    { key: 1n, part: 'a', at: { x: 7n }, more: null },
    { key: 2n, part: 'b', at: null, more: null },
    { key: 3n, part: 'a', at: null, more: 'z' },
  ]);
  expect(snapshot.metadata).toMatchObject({
    configuration: { other: 'kept', 'delta.columnMapping.maxColumnId': '5' },
    rest: { unknown: 'kept' },
  });
  for (const file of await snapshot.files()) {
    expect(Object.keys(file.partitionValues)).toEqual(['col-2']);
    expect(file.stats).toContain('"col-1":');
  }
  const changes = await rowsBetween(writer, 3, 3);
  expect(changes).toHaveLength(2);
  expect(changes.map(({ at, _change_type }) => [_change_type, at])).toEqual(
    expect.arrayContaining([
      ['update_preimage', { x: 5n }],
      ['update_postimage', { x: 7n }],
    ]),
  );
});

describe.each([
  { what: 'a generated column', metadata: { 'delta.generationExpression': 'id + 1' } },
  {
    what: 'an identity column that takes values',
    metadata: {
      'delta.identity.start': 1,
      'delta.identity.step': 1,
      'delta.identity.allowExplicitInsert': true,
    },
  },
  { what: 'a column with a default', metadata: { CURRENT_DEFAULT: '7' } },
])('a table with $what', ({ metadata }) => {
  const made = async (): Promise<DeltaTable> => {
    const writer = await foreign(
      { minReaderVersion: 1, minWriterVersion: 6 },
      [field('id', 'long'), field('next', 'long', metadata), field('note', 'string')],
      {},
    );
    const table = await DeltaTable.open(writer.storage, optionsOf(writer));
    await table.append(`SELECT range AS id, range + 1 AS next, 'a' AS note FROM range(3)`);
    await table.append(`SELECT 9 AS id, 10 AS next`);
    return table;
  };

  it('takes rows that give every value, and every write that makes none', async () => {
    const table = await made();
    await table.update({ set: { note: `'b'` }, where: 'id = 1' });
    await table.delete('id = 0');
    await table
      .merge('SELECT 2 AS id', { on: ['id'] })
      .whenMatchedDelete()
      .execute();
    await table
      .merge(`SELECT 1 AS id, 'c' AS note UNION ALL SELECT 3, 'd'`, { on: ['id'] })
      .whenMatchedUpdate({ note: 'source.note' })
      .whenNotMatchedInsert({ id: 'source.id', next: 'source.id + 1', note: 'source.note' })
      .execute();
    await table.overwrite('SELECT 9 AS id, 10 AS next', { where: 'id = 9' });
    await table.optimize();
    await table.checkpoint();
    await table.vacuum({ dryRun: true });
    const read = async (): Promise<unknown> => {
      const rows = await table.read();
      return table.engine.rows(`SELECT * FROM (${rows.sql}) ORDER BY id`);
    };
    const rows = [
      { id: 1n, next: 2n, note: 'c' },
      { id: 3n, next: 4n, note: 'd' },
      { id: 9n, next: 10n, note: null },
    ];
    expect(await read()).toEqual(rows);
    await table.delete();
    await table.restore((await table.snapshot()).version - 1);
    expect(await read()).toEqual(rows);
  });

  it('refuses, by its name, rows whose values would have to be made', async () => {
    const table = await made();
    const { version } = await table.snapshot();
    const source = `SELECT 70 AS id, 'x' AS note`;
    for (const write of [
      async () => table.append(source),
      async () => table.overwrite(source),
      async () => table.overwrite(source, { where: 'id = 70' }),
      async () =>
        table
          .merge(source, { on: ['id'] })
          .whenNotMatchedInsertAll()
          .execute(),
      async () =>
        table
          .merge(source, { on: ['id'] })
          .whenNotMatchedInsert({ id: '70' })
          .execute(),
    ]) {
      await expect(write()).rejects.toMatchObject({
        code: 'DELTA_UNSUPPORTED',
        message: expect.stringContaining('column next'),
      });
    }
    expect((await table.snapshot()).version).toBe(version);
  });
});

it('refuses values that a generated column would not have, and identities of others', async () => {
  const generated = await foreign(
    { minReaderVersion: 1, minWriterVersion: 6 },
    [field('a "b"', 'long'), field('c `d`', 'long', { 'delta.generationExpression': '`a "b"` + 1' })],
    {},
  );
  const rows = (next: string): string => `SELECT 1 AS "a ""b""", ${next} AS "c \`d\`"`;
  await appendRows(generated, await loadSnapshot(generated), rows('2'));
  for (const next of ['3', 'NULL::BIGINT']) {
    await expect(appendRows(generated, await loadSnapshot(generated), rows(next))).rejects.toMatchObject({
      code: 'DELTA_CONSTRAINT',
      message: expect.stringContaining('is generated as'),
    });
  }
  const identity = await foreign(
    { minReaderVersion: 1, minWriterVersion: 6 },
    [field('id', 'long', { 'delta.identity.start': 1, 'delta.identity.step': 1 })],
    {},
  );
  await expect(appendRows(identity, await loadSnapshot(identity), 'SELECT 1 AS id')).rejects.toMatchObject({
    code: 'DELTA_UNSUPPORTED',
    message: expect.stringContaining('column id'),
  });
});

it('refuses a writer feature that it lacks, before anything is written', async () => {
  const writer = await foreign(
    {
      minReaderVersion: 1,
      minWriterVersion: 7,
      writerFeatures: ['appendOnly', 'icebergCompatV2', 'ofTomorrow'],
    },
    [field('id', 'long')],
    {},
  );
  const snapshot = await loadSnapshot(writer);
  for (const write of [appendRows(writer, snapshot, 'SELECT 1 AS id'), deleteRows(writer, snapshot)]) {
    await expect(write).rejects.toMatchObject({
      code: 'DELTA_UNSUPPORTED',
      message: expect.stringMatching(/icebergCompatV2.*ofTomorrow/),
    });
  }
  const keys: string[] = [];
  for await (const { key } of writer.storage.list('')) keys.push(key);
  expect(keys).toEqual([commitKey(0)]);
});

it('keeps to append only, and to invariants, and refuses a rule that it cannot evaluate', async () => {
  const invariant = { 'delta.invariants': '{"expression":{"expression":"id < 10"}}' };
  const writer = await foreign(
    { minReaderVersion: 1, minWriterVersion: 3 },
    [field('id', 'long', invariant)],
    { 'delta.appendOnly': 'true' },
  );
  const snapshot = await loadSnapshot(writer);
  await appendRows(writer, snapshot, 'SELECT 1 AS id');
  await expect(appendRows(writer, snapshot, 'SELECT 10 AS id')).rejects.toMatchObject({
    code: 'DELTA_CONSTRAINT',
  });
  await expect(deleteRows(writer, await loadSnapshot(writer), { where: 'id = 1' })).rejects.toMatchObject({
    code: 'DELTA_CONSTRAINT',
    message: expect.stringContaining('append only'),
  });
  const strange = await foreign({ minReaderVersion: 1, minWriterVersion: 3 }, [field('id', 'long')], {
    'delta.constraints.odd': 'pmod(id, 2) = 1',
  });
  await expect(appendRows(strange, await loadSnapshot(strange), 'SELECT 1 AS id')).rejects.toMatchObject({
    code: 'DELTA_UNSUPPORTED',
    message: expect.stringContaining('odd'),
  });
});

it.each(['delta.constraints.few', 'delta.constraints.Few', 'Delta.Constraints.FEW', 'DELTA.CONSTRAINTS.few'])(
  'keeps to the constraint %s',
  async (property) => {
    const writer = await foreign({ minReaderVersion: 1, minWriterVersion: 3 }, [field('id', 'long')], {
      [property]: 'id < 10',
    });
    const snapshot = await loadSnapshot(writer);
    await expect(appendRows(writer, snapshot, 'SELECT 10 AS id')).rejects.toMatchObject({
      code: 'DELTA_CONSTRAINT',
    });
    await appendRows(writer, snapshot, 'SELECT 9 AS id');
  },
);

it.each(['', '{"expression":', 'null', '{"expression":{}}', 7, null])(
  'refuses to write where the invariant %j cannot be told',
  async (invariant) => {
    const writer = await foreign(
      { minReaderVersion: 1, minWriterVersion: 3 },
      [field('id', 'long', { 'delta.invariants': invariant })],
      {},
    );
    await expect(appendRows(writer, await loadSnapshot(writer), 'SELECT 1 AS id')).rejects.toMatchObject({
      code: 'DELTA_UNSUPPORTED',
      message: expect.stringContaining('the invariant of id'),
    });
  },
);
