import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ForeignFiles, openForeignFiles } from '../../../src/medallion/bronze/foreign-files.ts';
import { openStorage } from '../../../src/storage/open.ts';
import { describeWith } from '../../support/external.ts';
import { S3_START_TIMEOUT_MS, type S3Server, seaweedfs } from '../../support/s3-server.ts';
import { useTempDir } from '../../support/tmp.ts';
import { writeFileAt } from '../../support/write-file.ts';

const dir = useTempDir();

async function put(...names: readonly string[]): Promise<void> {
  for (const name of names) {
    await writeFileAt(join(dir(), name), name);
  }
}

async function namesOf(files: ForeignFiles): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of files.list()) names.push(name);
  return names.toSorted();
}

test('a pattern finds files by name, and names them from the folder that it begins with', async () => {
  await put(
    'cdc/clientes_1.parquet',
    'cdc/clientes_2.parquet',
    'cdc/produtos_1.parquet',
    'cdc/.clientes_3.parquet',
  );
  await put('cdc/deep/clientes_4.parquet', 'other/clientes_5.parquet');
  const files = await openForeignFiles([join(dir(), 'cdc/clientes_*.parquet')]);
  expect(await namesOf(files)).toEqual(['clientes_1.parquet', 'clientes_2.parquet']);
  expect(await namesOf(await openForeignFiles([join(dir(), '**/clientes_[45].parquet')]))).toEqual([
    'cdc/deep/clientes_4.parquet',
    'other/clientes_5.parquet',
  ]);
});

test('several patterns name files from the folder that they have in common, each file once', async () => {
  await put('old/full-load/clientes.parquet', 'old/cdc/clientes/1.parquet', 'old/cdc/clientes/2.parquet');
  const files = await openForeignFiles(
    ['full-load/clientes.parquet', 'cdc/clientes/*.parquet', 'cdc/**/1.parquet'].map((pattern) =>
      join(dir(), 'old', pattern),
    ),
  );
  expect(await namesOf(files)).toEqual([
    'cdc/clientes/1.parquet',
    'cdc/clientes/2.parquet',
    'full-load/clientes.parquet',
  ]);
});

test('a folder that is there is taken by its name, whatever signs it has; one that is not there is empty', async () => {
  await put('a [1] (x)/cdc/1.parquet', 'a 1 x/cdc/2.parquet');
  expect(await namesOf(await openForeignFiles([join(dir(), 'a [1] (x)/cdc/*.parquet')]))).toEqual([
    '1.parquet',
  ]);
  expect(await namesOf(await openForeignFiles([join(dir(), 'nowhere/*.parquet')]))).toEqual([]);
});

test('a file that is gone since it was listed has no local file', async () => {
  await put('1.parquet');
  const files = await openForeignFiles([join(dir(), '*.parquet')]);
  expect(await namesOf(files)).toEqual(['1.parquet']);
  const there = { name: '1.parquet', sizeBytes: 9, modifiedMs: 0 };
  expect(await files.localFile(there, join(dir(), 'copy'))).toBe(join(dir(), '1.parquet'));
  expect(await files.localFile({ ...there, name: '2.parquet' }, join(dir(), 'copy'))).toBeUndefined();
});

describeWith(await seaweedfs(), 'files in a bucket', (program) => {
  let server: S3Server;
  beforeAll(async () => {
    server = await program.start();
  }, S3_START_TIMEOUT_MS);
  afterAll(() => server.stop());

  test('are found by a pattern, and downloaded', async () => {
    const { uri, s3 } = await server.bucket('old', 'system');
    const storage = await openStorage({ uri, s3 }, server.env);
    for (const key of ['cdc/clientes_1.parquet', 'cdc/clientes_2.parquet', 'cdc/produtos_1.parquet'])
      await storage.putIfAbsent(key, Buffer.from(key));
    const files = await openForeignFiles([`${uri}/cdc/clientes_*.parquet`], s3, server.env);
    expect(await namesOf(files)).toEqual(['clientes_1.parquet', 'clientes_2.parquet']);
    const file = { name: 'clientes_2.parquet', sizeBytes: 22, modifiedMs: 0 };
    const path = join(dir(), 'down', 'it.parquet');
    expect(await files.localFile(file, path)).toBe(path);
    await storage.delete(['cdc/clientes_2.parquet']);
    expect(await files.localFile(file, join(dir(), 'down', 'again.parquet'))).toBeUndefined();
  });
});
