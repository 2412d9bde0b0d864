import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inlineDeletionVector } from '../../../src/delta/vectors/deletion-vector.ts';
import { RowSet } from '../../../src/delta/vectors/row-set.ts';
import { useTempDir } from '../../support/tmp.ts';
import { openTable } from '../disk.ts';
import { HandMade, metaData } from '../hand-made.ts';

const dir = useTempDir();
const START = Date.parse('2024-01-31T00:00:00Z');
const HOUR_MS = 3_600_000;
const ON = { 'delta.enableChangeDataFeed': 'true' };

async function recording(columns: Readonly<Record<string, unknown>> = { a: 'long' }): Promise<HandMade> {
  const made = new HandMade(dir());
  await made.create(columns, { configuration: ON, timeMs: START });
  return made;
}

function removed(add: object, more: object = {}): object {
  return { ...add, deletionTimestamp: 1, extendedFileMetadata: true, ...more };
}

async function changesOf(from: number | string, to?: number | string): Promise<unknown[][]> {
  const table = await openTable(dir());
  const changes = await table.changes({ from, ...(to === undefined ? {} : { to }) });
  const rows = (await changes.toArray()).map((row) =>
    [row['_commit_version'], row['_change_type'], row['a']].map(String),
  );
  return rows.toSorted((left, right) => left.join(' ').localeCompare(right.join(' ')));
}

describe('the changes of a commit', () => {
  it('are what it recorded, and then nothing else of it', async () => {
    const made = await recording();
    const add = await made.data('a.parquet', 'SELECT unnest([1, 2])::BIGINT AS a');
    const cdc = await made.data(
      '_change_data/c.parquet',
      `SELECT 2::BIGINT AS a, 'update_postimage' AS _change_type`,
    );
    await made.commit(1, [{ add }, { cdc: { ...cdc, dataChange: false } }], START + HOUR_MS);
    expect(await changesOf(0)).toEqual([['1', 'update_postimage', '2']]);
  });

  it('are in the partition null of what a removed file has no value for, where it says that it tells all', async () => {
    const made = new HandMade(dir());
    const columns = { a: 'long', p: 'string', q: 'string' };
    await made.create(columns, { configuration: ON, partitionColumns: ['p', 'q'], timeMs: START });
    const add = {
      ...(await made.data('1.parquet', 'SELECT 1::BIGINT AS a')),
      partitionValues: { p: null, q: 'x' },
    };
    await made.commit(1, [{ add }], START + HOUR_MS);
    // Spark leaves nulls out of the values of removed files.
    await made.commit(2, [{ remove: removed(add, { partitionValues: { q: 'x' } }) }], START + 2 * HOUR_MS);
    const table = await openTable(dir());
    expect(await (await table.changes({ from: 2 })).toArray()).toMatchObject([
      { a: 1n, p: null, q: 'x', _change_type: 'delete' },
    ]);
    const unsure = removed(add, { partitionValues: { q: 'x' }, extendedFileMetadata: false });
    await made.commit(3, [{ add }], START + 3 * HOUR_MS);
    await made.commit(4, [{ remove: unsure }], START + 4 * HOUR_MS);
    await expect(table.changes({ from: 4 })).rejects.toMatchObject({ code: 'DELTA_CHANGE_FEED' });
  });

  it('are the rows of the files that came and went, but not of those that were only rearranged', async () => {
    const made = await recording();
    const [one, two] = [
      await made.data('1.parquet', 'SELECT 1::BIGINT AS a'),
      await made.data('2.parquet', 'SELECT 2::BIGINT AS a'),
    ];
    await made.commit(1, [{ add: one }], START + HOUR_MS);
    await made.commit(2, [{ remove: removed(one) }, { add: two }], START + 2 * HOUR_MS);
    await made.commit(
      3,
      [{ remove: removed(two, { dataChange: false }) }, { add: { ...one, dataChange: false } }],
      START + 3 * HOUR_MS,
    );
    expect(await changesOf(1)).toEqual([
      ['1', 'insert', '1'],
      ['2', 'delete', '1'],
      ['2', 'insert', '2'],
    ]);
  });

  it('are the rows by which a deletion vector differs from the one before, and whole files without theirs', async () => {
    const made = await recording();
    const log = ({ sizeBytes, ...vector }: ReturnType<typeof inlineDeletionVector>): object => ({
      ...vector,
      sizeInBytes: sizeBytes,
    });
    const add = await made.data('a.parquet', 'SELECT range AS a FROM range(5)');
    const [before, after] = [
      { deletionVector: log(inlineDeletionVector(RowSet.of([0, 1]))) },
      { deletionVector: log(inlineDeletionVector(RowSet.of([1, 2]))) },
    ];
    const protocol = {
      minReaderVersion: 3,
      minWriterVersion: 7,
      readerFeatures: ['deletionVectors'],
      writerFeatures: ['deletionVectors', 'changeDataFeed'],
    };
    await made.commit(1, [{ protocol }, { add: { ...add, ...before } }], START + HOUR_MS);
    await made.commit(
      2,
      [{ remove: removed(add, before) }, { add: { ...add, ...after } }],
      START + 2 * HOUR_MS,
    );
    await made.commit(3, [{ remove: removed(add, after) }], START + 3 * HOUR_MS);
    expect(await changesOf(1)).toEqual([
      ...['2', '3', '4'].map((a) => ['1', 'insert', a]),
      ['2', 'delete', '2'],
      ['2', 'insert', '0'],
      ...['0', '3', '4'].map((a) => ['3', 'delete', a]),
    ]);
  });

  it('are none where a merge of an older Spark says that it changed no row', async () => {
    const made = await recording();
    const add = await made.data('a.parquet', 'SELECT 1::BIGINT AS a');
    const operationMetrics = {
      numTargetRowsInserted: '0',
      numTargetRowsUpdated: '0',
      numTargetRowsDeleted: '0',
    };
    await made.commit(
      1,
      [{ commitInfo: { operation: 'MERGE', operationMetrics } }, { add }],
      START + HOUR_MS,
    );
    expect(await changesOf(1)).toEqual([]);
  });
});

describe('a range of changes', () => {
  it('may be given by times', async () => {
    const made = await recording();
    for (const version of [1, 2, 3]) {
      const add = await made.data(`${version}.parquet`, `SELECT ${version}::BIGINT AS a`);
      await made.commit(version, [{ add }], START + version * HOUR_MS);
    }
    expect(await changesOf('2024-01-31T01:30:00Z', '2024-01-31T02:30:00Z')).toEqual([['2', 'insert', '2']]);
    expect(await changesOf('2024-01-31T02:00:00Z')).toHaveLength(2);
    expect(await changesOf('2001-01-01', '2099-01-01')).toHaveLength(3);
    expect(await changesOf('2024-01-31T03:00:00.001Z')).toEqual([]);
  });

  it('has each change at its commit time', async () => {
    const made = await recording();
    await made.commit(1, [{ add: await made.data('a.parquet', 'SELECT 1::BIGINT AS a') }], START + HOUR_MS);
    const table = await openTable(dir());
    expect(await (await table.changes({ from: 1 })).toArray()).toEqual([
      { a: 1n, _change_type: 'insert', _commit_version: 1n, _commit_timestamp: '2024-01-31T01:00:00Z' },
    ]);
  });

  it('shows rows from before a column was added with null in it', async () => {
    const made = await recording();
    await made.commit(1, [{ add: await made.data('1.parquet', 'SELECT 1::BIGINT AS a') }]);
    await made.commit(2, [
      metaData({ a: 'long', b: 'string' }, [], ON),
      { add: await made.data('2.parquet', `SELECT 2::BIGINT AS a, 'x' AS b`) },
    ]);
    const table = await openTable(dir());
    const rows = await (await table.changes({ from: 1 })).toArray();
    expect(rows.map(({ a, b }) => [a, b])).toEqual(
      expect.arrayContaining([
        [1n, null],
        [2n, 'x'],
      ]),
    );
  });

  it.each([
    ['was dropped', { b: 'string' }, 'the column a was dropped or renamed'],
    ['changed its type', { a: 'string' }, 'the column a changed its type'],
  ])('is refused where a column %s inside of it', async (_what, columns, reason) => {
    const made = await recording();
    await made.commit(1, [metaData(columns, [], ON)]);
    await expect(changesOf(0)).rejects.toMatchObject({
      code: 'DELTA_CHANGE_FEED',
      message: expect.stringContaining(reason),
    });
    expect(await changesOf(1)).toEqual([]);
  });

  it('is refused where the table did not record throughout, or has a column of a reserved name', async () => {
    const made = await recording();
    await made.commit(1, [metaData({ a: 'long' })]);
    await made.commit(2, [metaData({ a: 'long' }, [], ON)]);
    await expect(changesOf(0)).rejects.toThrow(/does not record its changes at version 1/);
    await expect(changesOf(1)).rejects.toThrow(/does not record its changes at version 1/);
    expect(await changesOf(2)).toEqual([]);
    await made.commit(3, [metaData({ a: 'long', _commit_version: 'long' }, [], ON)]);
    await expect(changesOf(3)).rejects.toMatchObject({ code: 'DELTA_CHANGE_FEED' });
  });

  it('is refused by name where files were vacuumed', async () => {
    const made = await recording();
    const add = await made.data('a.parquet', 'SELECT 1::BIGINT AS a');
    await made.commit(1, [{ add }]);
    await made.commit(2, [{ remove: removed(add) }]);
    await rm(join(dir(), 'a.parquet'));
    await expect(changesOf(1)).rejects.toMatchObject({
      code: 'DELTA_MISSING',
      message: expect.stringContaining('a.parquet'),
    });
  });
});
