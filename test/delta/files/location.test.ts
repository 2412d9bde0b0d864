import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { tableUri } from '../../../src/delta/files/location.ts';
import { DeltaTable } from '../../../src/delta/table.ts';
import { useTempDir } from '../../support/tmp.ts';

const dir = useTempDir();

describe('the address of a table', () => {
  it.each([
    ['sales', resolve('sales')],
    ['./a:b/sales', resolve('a:b/sales')],
    ['a:b', resolve('a:b')],
    ['./gs:bucket', resolve('gs:bucket')],
    ['/lake/São Paulo', '/lake/São Paulo'],
    ['file:///lake/sales', '/lake/sales'],
    ['file:/lake/sales/', '/lake/sales'],
    ['file://localhost/lake/S%C3%A3o%20Paulo', '/lake/São Paulo'],
    ['FILE:///lake/a b#1?', '/lake/a b#1?'],
    ['s3://bucket/lake/sales/', 's3://bucket/lake/sales'],
    ['s3a://bucket/lake', 's3://bucket/lake'],
    ['s3n://bucket', 's3://bucket'],
    ['S3://Bucket/Lake', 's3://Bucket/Lake'],
  ])('%s is understood', (location, uri) => {
    expect(tableUri(location)).toBe(uri);
  });

  it.each([
    'gs://bucket/sales',
    'abfss://container@account.dfs.core.windows.net/sales',
    'wasbs://x@y/z',
    'adl://x/y',
    'hdfs://node/sales',
    'dbfs:/mnt/sales',
    'https://bucket.s3.amazonaws.com/sales',
    'oss://b/x',
    'r2://b/x',
    'unity://catalog/x',
    'file://another-host/sales',
    'file:///bad%zz',
    's3://',
    's3a:///',
    's3:bucket',
    's3a:bucket/sales',
    'gs:bucket/sales',
    'file:sales',
    'file:',
  ])('%s is refused by its name, and no folder is made of it', async (location) => {
    const error = { code: 'DELTA_UNSUPPORTED', message: expect.stringContaining(location) };
    await expect(DeltaTable.open(location)).rejects.toMatchObject(error);
    await expect(DeltaTable.create(location, { rows: 'SELECT 1 AS id' })).rejects.toMatchObject(error);
    expect(existsSync(location.split('/')[0] ?? '')).toBe(false);
  });

  it.each(['', ' ', '\t'])(
    'is refused where it is empty, and not taken for this folder: "%s"',
    async (location) => {
      await expect(DeltaTable.create(location, { rows: 'SELECT 1 AS id' })).rejects.toMatchObject({
        code: 'DELTA_UNSUPPORTED',
        message: "No table can be reached at '': it is empty",
      });
      expect(existsSync('_delta_log')).toBe(false);
    },
  );

  it('of a file URL is where the table is made', async () => {
    const table = await DeltaTable.create(pathToFileURL(join(dir(), 'São Paulo')).href, {
      rows: 'SELECT 1 AS id',
    });
    await table.close();
    expect(await readdir(dir())).toEqual(['São Paulo']);
    expect(await readdir(join(dir(), 'São Paulo'))).toContain('_delta_log');
  });
});
