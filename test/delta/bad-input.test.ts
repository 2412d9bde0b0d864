import { existsSync } from 'node:fs';
import { readFile, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../src/core/errors.ts';
import { DeltaTable } from '../../src/delta/table.ts';
import { openMemoryStorage } from '../../src/storage/memory.ts';
import { useTempDir } from '../support/tmp.ts';
import { openTable } from './disk.ts';
import { HandMade, metaData } from './hand-made.ts';

const dir = useTempDir();

async function rowsOf(folder: string): Promise<unknown> {
  const table = await openTable(folder);
  return (await table.read()).toArray();
}

/** The error that reading ends with. */
async function refusal(reading: Promise<unknown>): Promise<unknown> {
  return reading.then(
    () => 'nothing was refused',
    (error: unknown) => error,
  );
}

/** An error with this code, in whose message these parts stand in this order. */
function refused(code: ErrorCode, ...parts: readonly string[]): unknown {
  const pattern = parts.map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)).join('.*');
  return expect.objectContaining({ code, message: expect.stringMatching(pattern) });
}

describe('a table is refused, with the file and the reason,', () => {
  it('whose commit is no JSON', async () => {
    const made = new HandMade(dir());
    await made.create({ a: 'long' });
    await made.write('_delta_log/00000000000000000001.json', '{"add":{"path":"a.parquet"');
    expect(await refusal(rowsOf(dir()))).toEqual(
      refused('DELTA_CORRUPT', '00000000000000000001.json:1', 'it is not JSON'),
    );
  });

  it('whose add is damaged behind its path', async () => {
    const made = new HandMade(dir());
    await made.create({ a: 'long' });
    await made.write('_delta_log/00000000000000000001.json', '{"add":{"path":"a.parquet","size":oops}}\n');
    expect(await refusal(rowsOf(dir()))).toEqual(
      refused('DELTA_CORRUPT', '00000000000000000001.json:1', 'it is not JSON'),
    );
  });

  it('whose data file is missing', async () => {
    const made = new HandMade(dir());
    await made.create({ a: 'long' });
    await made.commit(1, [
      {
        add: {
          path: 'gone%20away.parquet',
          partitionValues: {},
          size: 1,
          modificationTime: 1,
          dataChange: true,
        },
      },
    ]);
    expect(await refusal(rowsOf(dir()))).toEqual(
      refused('DELTA_MISSING', 'gone away.parquet', 'it is missing'),
    );
  });

  it('whose data file is cut short', async () => {
    const made = new HandMade(dir());
    await made.create({ a: 'long' });
    await made.commit(1, [{ add: await made.data('a.parquet', 'SELECT range AS a FROM range(1000)') }]);
    await truncate(join(dir(), 'a.parquet'), 100);
    expect(await refusal(rowsOf(dir()))).toEqual(refused('DELTA_CORRUPT', 'a.parquet'));
  });

  it('whose data files are cut short, by whatever reads them', async () => {
    const made = new HandMade(dir());
    await made.create({ a: 'long' });
    const names = ['a.parquet', 'b.parquet'];
    const adds = names.map((name) => made.data(name, 'SELECT range AS a FROM range(1000)'));
    await made.commit(
      1,
      (await Promise.all(adds)).map((add) => ({ add })),
    );
    for (const name of names) await truncate(join(dir(), name), 100);
    const table = await DeltaTable.open(dir());
    for (const call of [
      () => table.count({ where: 'a > 5' }),
      () => table.delete('a = 5'),
      () => table.update({ set: { a: '0' }, where: 'a = 5' }),
      () =>
        table
          .merge('SELECT 5 AS a', { on: ['a'] })
          .whenMatchedDelete()
          .execute(),
      () => table.overwrite('SELECT 5 AS a', { where: 'a = 5' }),
      () => table.optimize(),
      () => table.layOut({ partitionColumns: ['a'] }),
      () => table.addConstraint('counted', 'a >= 0'),
    ])
      expect(await refusal(call())).toEqual(refused('DELTA_CORRUPT', 'cannot be read', '.parquet'));
    expect((await table.snapshot()).version).toBe(1);
    await table.close();
  });

  it('whose data file is not of the schema', async () => {
    const made = new HandMade(dir());
    await made.create({ a: 'long' });
    await made.commit(1, [{ add: await made.data('a.parquet', `SELECT 'word' AS a`) }]);
    expect(await refusal(rowsOf(dir()))).toEqual(refused('DELTA_CORRUPT', 'cannot be read', 'word'));
  });

  it('whose checkpoint is cut short, and the commits before it gone', async () => {
    const made = new HandMade(dir());
    await made.create({ a: 'long' });
    await made.commit(1, [{ commitInfo: {} }]);
    await made.data('_delta_log/00000000000000000001.checkpoint.parquet', `SELECT {'path': 'a'} AS add`);
    const checkpoint = join(dir(), '_delta_log/00000000000000000001.checkpoint.parquet');
    await truncate(checkpoint, (await readFile(checkpoint)).length - 10);
    await rm(join(dir(), '_delta_log/00000000000000000000.json'));
    expect(await refusal(rowsOf(dir()))).toEqual(
      refused('DELTA_CORRUPT', '00000000000000000001.checkpoint.parquet', 'it cannot be read'),
    );
  });

  it('whose checkpoint names a sidecar that is not there', async () => {
    const made = new HandMade(dir());
    await made.create({ a: 'long' });
    const id = '3a0d65cd-4056-49b8-937b-95f9e3ee90e5';
    const sidecar = { path: 'gone.parquet', sizeInBytes: 1, modificationTime: 1 };
    await made.write(
      `_delta_log/00000000000000000000.checkpoint.${id}.json`,
      [{ checkpointMetadata: { version: 0 } }, { sidecar }]
        .map((action) => JSON.stringify(action))
        .join('\n'),
    );
    await rm(join(dir(), '_delta_log/00000000000000000000.json'));
    expect(await refusal(rowsOf(dir()))).toEqual(refused('DELTA_CORRUPT', '_sidecars/gone.parquet'));
  });

  it.each(['../outside.parquet', 'a/%2E%2E/%2E%2E/outside.parquet', 'a//b.parquet', 'a%00b', '100%.parquet'])(
    'whose log names the impossible file %s',
    async (path) => {
      const made = new HandMade(dir());
      await made.create({ a: 'long' });
      await made.commit(1, [
        { add: { path, partitionValues: {}, size: 1, modificationTime: 1, dataChange: true } },
      ]);
      expect(await refusal(rowsOf(dir()))).toEqual(refused('DELTA_CORRUPT', 'its log names the'));
    },
  );

  it('whose partition value is not of its type', async () => {
    const made = new HandMade(dir());
    await made.create({ a: 'long', p: 'date' }, { partitionColumns: ['p'] });
    const add = await made.data('a.parquet', 'SELECT 1 AS a');
    await made.commit(1, [{ add: { ...add, partitionValues: { p: 'yesterday' } } }]);
    expect(await refusal(rowsOf(dir()))).toEqual(refused('DELTA_CORRUPT', 'yesterday'));
  });

  it('whose schema has a type that cannot be read, or one column twice', async () => {
    const made = new HandMade(dir());
    await made.create({ a: 'long', v: 'geometry' });
    expect(await refusal(rowsOf(dir()))).toEqual(
      refused('DELTA_UNSUPPORTED', 'the column v has the type geometry'),
    );
    await made.create({ a: 'long', A: 'string' });
    expect(await refusal(rowsOf(dir()))).toEqual(refused('DELTA_CORRUPT', 'the column A stands twice'));
  });

  it('that demands a reader feature that is not known, by its name', async () => {
    const made = new HandMade(dir());
    const features = ['deletionVectors', 'timeTravelBackwards'];
    const protocol = {
      minReaderVersion: 3,
      minWriterVersion: 7,
      readerFeatures: features,
      writerFeatures: features,
    };
    await made.create({ a: 'long' }, { protocol });
    expect(await refusal(rowsOf(dir()))).toEqual(
      refused('DELTA_UNSUPPORTED', 'takes timeTravelBackwards, which is not supported'),
    );
  });

  it('whose protocol contradicts itself', async () => {
    const made = new HandMade(dir());
    await made.create(
      { a: 'long' },
      { protocol: { minReaderVersion: 3, minWriterVersion: 7, writerFeatures: [] } },
    );
    expect(await refusal(rowsOf(dir()))).toEqual(refused('DELTA_CORRUPT', 'lists no reader features'));
  });
});

it('a writer feature that is not known stops no reader', async () => {
  const made = new HandMade(dir());
  const protocol = { minReaderVersion: 1, minWriterVersion: 7, writerFeatures: ['tomorrowsWriting'] };
  await made.create({ a: 'long' }, { protocol });
  await made.commit(1, [{ add: await made.data('a.parquet', 'SELECT 1 AS a') }]);
  expect(await rowsOf(dir())).toEqual([{ a: 1n }]);
});

it('a table in a folder may name files by absolute path, as a clone does', async () => {
  const [origin, clone] = [new HandMade(join(dir(), 'origin')), new HandMade(join(dir(), 'clone'))];
  const add = await origin.data('a b.parquet', 'SELECT 1 AS a');
  await clone.create({ a: 'long' });
  await clone.commit(1, [{ add: { ...add, path: `file://${origin.folder}/a%20b.parquet` } }]);
  expect(await rowsOf(clone.folder)).toEqual([{ a: 1n }]);
});

it.each(['s3://other/secret.parquet', '/etc/secret.parquet', 's3://bucket/table/../secret.parquet'])(
  'a table in a store may not name files outside of it: %s',
  async (path) => {
    const storage = openMemoryStorage('s3://bucket/table');
    const add = { path, partitionValues: {}, size: 1, modificationTime: 1, dataChange: true };
    const actions = [
      { protocol: { minReaderVersion: 1, minWriterVersion: 2 } },
      metaData({ a: 'long' }),
      { add },
    ];
    const body = actions.map((action) => JSON.stringify(action)).join('\n');
    await storage.putIfAbsent('_delta_log/00000000000000000000.json', new TextEncoder().encode(body));
    const table = await openTable(storage);
    expect(await refusal(table.read())).toEqual(refused('DELTA_UNSUPPORTED', 'lies outside of the table'));
  },
);

it('a missing folder is no table, and stays missing', async () => {
  const opening = openTable(join(dir(), 'none'));
  expect(await refusal(opening)).toEqual(refused('DELTA_NOT_FOUND', 'is not a Delta table'));
  expect(existsSync(join(dir(), 'none'))).toBe(false);
});
