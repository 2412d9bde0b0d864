import { existsSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { openSource } from '../../src/source/open.ts';
import type { SeenFile, SourceSnapshot } from '../../src/source/port.ts';
import type { StorageLocation } from '../../src/storage/location.ts';
import { tarGzOf, zipOf } from '../support/archives.ts';
import { describeWith } from '../support/external.ts';
import { S3_START_TIMEOUT_MS, type S3Server, seaweedfs } from '../support/s3-server.ts';
import { fetchFile, fetchMany, fetchTable, request, testContext } from '../support/source-context.ts';
import { useTempDir } from '../support/tmp.ts';

interface Opening {
  readonly seen?: SeenFile | undefined;
  readonly tables?: readonly string[];
  readonly skipDownload?: boolean;
}

async function seenOf(snapshot: SourceSnapshot): Promise<SeenFile> {
  return await (await fetchFile(snapshot, 'clientes')).hash();
}

describeWith(await seaweedfs(), 'a bucket as a source', ({ start }) => {
  const dir = useTempDir();
  let server: S3Server;
  let bucket: StorageLocation;
  let prefix = '';
  let prefixes = 0;
  beforeAll(async () => {
    server = await start();
    bucket = await server.bucket('source');
  }, S3_START_TIMEOUT_MS);
  afterAll(() => server.stop());
  beforeEach(() => {
    prefixes += 1;
    prefix = `dados ção/${prefixes}`;
  });

  const Bucket = 'source';
  const workDir = (): string => join(dir(), 'work');

  async function put(key: string, body: string | Buffer): Promise<void> {
    await server.client.send(new PutObjectCommand({ Bucket, Key: `${prefix}/${key}`, Body: body }));
  }

  async function remove(key: string): Promise<void> {
    await server.client.send(new DeleteObjectCommand({ Bucket, Key: `${prefix}/${key}` }));
  }

  async function open(
    key = '',
    { seen, tables = ['clientes'], ...over }: Opening = {},
  ): Promise<SourceSnapshot> {
    const uri = `s3://${Bucket}/${prefix}${key}`;
    const source = await openSource({ type: 's3', uri, s3: bucket.s3 }, { env: server.env });
    const asked = tables.map((name) => request(name, { seen: seen?.name.includes(name) ? seen : undefined }));
    return await source.open(asked, testContext(workDir(), over));
  }

  it('refuses a database with rows in a file beside it, and reads one beside an empty file', async () => {
    await put('clientes.parquet', 'a database');
    await put('clientes.parquet-wal', 'its last rows');
    await expect(fetchFile(await open(), 'clientes')).rejects.toMatchObject({
      code: 'TABLE_UNREADABLE',
      message: expect.stringContaining('there is a clientes.parquet-wal beside it'),
    });
    await put('clientes.parquet-wal', '');
    expect(await fetchFile(await open(), 'clientes')).toMatchObject({ name: 'clientes.parquet' });
  });

  it('gives the files of a prefix, with the time of the newest of them', async () => {
    await put('a/clientes.csv', 'id\n1\n');
    await put('produtos.csv', 'id\n2\n');
    await put('lake/full-load/clientes.parquet', 'PAR1');
    await put('lake/_igarape/ledger/0.json', '{}');
    const snapshot = await open('/', { tables: ['clientes', 'produtos', 'vendas'] });
    const file = await fetchFile(snapshot, 'clientes');
    expect(await readFile(file.path, 'utf8')).toBe('id\n1\n');
    expect(await file.hash()).toMatchObject({ name: 'a/clientes.csv', sizeBytes: 5 });
    expect(snapshot.tables.get('vendas')?.kind).toBe('missing');
    expect(Number(snapshot.version.timeMicros) / 1000).toBeGreaterThan(Date.UTC(2020));
  });

  it('is unchanged by its ETag, and downloads nothing then', async () => {
    await put('clientes.csv', 'id\n1\n');
    const first = await open();
    const seen = await seenOf(first);
    await rm(workDir(), { recursive: true });
    const again = await open('', { seen: { ...seen, sha256: 'f'.repeat(64) } });
    expect(again.tables.get('clientes')).toEqual({ kind: 'unchanged' });
    expect(again.version).toEqual(first.version);
  });

  it('downloads an object that was replaced, and keeps no older copy', async () => {
    await put('clientes.csv', 'id\n1\n');
    const seen = await seenOf(await open());
    await put('clientes.csv', 'id\n2\n');
    const file = await fetchFile(await open('', { seen }), 'clientes');
    expect(await readFile(file.path, 'utf8')).toBe('id\n2\n');
    expect(await readdir(join(workDir(), 'objects'))).toHaveLength(1);
  });

  it('uses a copy that is there already when the table could not be read from it', async () => {
    await put('clientes.csv', 'id\n1\n');
    await fetchFile(await open(), 'clientes');
    const again = await open();
    await remove('clientes.csv');
    expect(await readFile((await fetchFile(again, 'clientes')).path, 'utf8')).toBe('id\n1\n');
  });

  it('tells where an object lies and how it ends, until it is another one', async () => {
    await put('clientes.csv', 'id\n1\n');
    const state = (await open()).tables.get('clientes');
    const there = state?.kind === 'present' ? state.there : undefined;
    expect(there?.uri).toBe(`s3://source/${prefix}/clientes.csv`);
    expect(String(await there?.end(2))).toBe('1\n');
    expect(String(await there?.end(100))).toBe('id\n1\n');
    expect(there?.seen).toMatchObject({ name: 'clientes.csv', sizeBytes: 5, sha256: '' });
    expect((await open('', { seen: there?.seen })).tables.get('clientes')).toEqual({ kind: 'unchanged' });
    await there?.confirm();
    await put('clientes.csv', 'id\n2\n');
    const replaced = { code: 'TABLE_UNREADABLE', retryable: true };
    await expect(there?.end(2)).rejects.toMatchObject(replaced);
    await expect(there?.confirm()).rejects.toMatchObject(replaced);
    await remove('clientes.csv');
    await expect(there?.end(2)).rejects.toMatchObject(replaced);
    await expect(there?.confirm()).rejects.toMatchObject(replaced);
  });

  it('refuses an object that was replaced after it was listed', async () => {
    await put('clientes.csv', 'id\n1\n');
    const snapshot = await open();
    await put('clientes.csv', 'id\n1\n2\n');
    await expect(fetchFile(snapshot, 'clientes')).rejects.toMatchObject({
      code: 'TABLE_UNREADABLE',
      retryable: true,
    });
  });

  it('uses what was downloaded when it must not ask the network', async () => {
    await put('clientes.csv', 'id\n1\n');
    const online = await open();
    await fetchFile(online, 'clientes');
    await remove('clientes.csv');
    const offline = await open('', { skipDownload: true });
    expect(await readFile((await fetchFile(offline, 'clientes')).path, 'utf8')).toBe('id\n1\n');
    expect(offline.version).toEqual(online.version);
  });

  it('makes a table of many objects, and downloads none while they are the same', async () => {
    const openMany = async (
      over: { seen?: SeenFile; skipDownload?: boolean } = {},
    ): Promise<SourceSnapshot> => {
      const uri = `s3://${Bucket}/${prefix}`;
      const source = await openSource({ type: 's3', uri, s3: bucket.s3 }, { env: server.env });
      const { seen, ...context } = over;
      return await source.open([{ name: 't', pattern: 'p/*.csv', seen }], testContext(workDir(), context));
    };
    await put('p/1.csv', 'id\n1\n');
    await put('p/2.csv', 'id\n2\n');
    const seen = await (await fetchMany(await openMany(), 't')).hash();
    expect(seen).toMatchObject({ name: 'p/*.csv', files: 2, sizeBytes: 10 });
    await rm(workDir(), { recursive: true });
    expect((await openMany({ seen })).tables.get('t')).toEqual({ kind: 'unchanged' });
    await fetchMany(await openMany(), 't');
    await put('p/2.csv', 'id\n3\n');
    const { files } = await fetchMany(await openMany({ seen }), 't');
    expect(await readFile(files[1]?.path ?? '', 'utf8')).toBe('id\n3\n');
    expect(await readdir(join(workDir(), 'objects'))).toHaveLength(2);
    await remove('p/1.csv');
    const offline = await openMany({ skipDownload: true });
    await expect(fetchMany(offline, 't')).rejects.toMatchObject({ code: 'SOURCE_NOT_FOUND' });
    expect((await openMany({ seen, skipDownload: true })).tables.get('t')).toEqual({ kind: 'unchanged' });
    expect((await fetchMany(await openMany({ seen }), 't')).files).toHaveLength(1);
  });

  it.each([
    { name: 'dump.zip', pack: zipOf },
    { name: 'dump.tar.gz', pack: tarGzOf },
  ])('unpacks one object $name, and asks only for its ETag the next time', async ({ name, pack }) => {
    await put(name, await pack({ 'a/clientes.csv': 'id\n1\n' }));
    const seen = await seenOf(await open(`/${name}`));
    await rm(workDir(), { recursive: true });
    const again = await open(`/${name}`, { seen });
    expect(again.tables.get('clientes')).toEqual({ kind: 'unchanged' });
    expect(existsSync(workDir())).toBe(false);
    await put(name, await pack({ 'a/clientes.csv': 'id\n1\n', 'b.csv': '' }));
    expect(await fetchTable(await open(`/${name}`, { seen }), 'clientes')).toMatchObject({
      kind: 'unchanged',
    });
  });

  it('reads one object that is a table, with or without an ending', async () => {
    await put('export.csv', 'id\n1\n');
    await put('export', 'id\n2\n');
    expect(await readFile((await fetchFile(await open('/export.csv'), 'clientes')).path, 'utf8')).toBe(
      'id\n1\n',
    );
    expect(await readFile((await fetchFile(await open('/export'), 'clientes')).path, 'utf8')).toBe('id\n2\n');
  });

  it('reports each download as it goes on', async () => {
    await put('clientes.csv', 'id\n1\n');
    const uri = `s3://${Bucket}/${prefix}`;
    const source = await openSource({ type: 's3', uri, s3: bucket.s3 }, { env: server.env });
    const steps: object[] = [];
    const context = testContext(workDir(), { onProgress: (progress) => steps.push(progress) });
    await fetchFile(await source.open([request('clientes')], context), 'clientes');
    expect(steps.at(-1)).toEqual({ step: 'download', table: 'clientes', done: 5, total: 5 });
  });

  it('says where nothing is, which bucket is missing, and that a key is not known', async () => {
    await expect(open('/nothing')).rejects.toMatchObject({ code: 'SOURCE_NOT_FOUND' });
    const other = { type: 's3', uri: 's3://no-such-bucket/x', s3: bucket.s3 } as const;
    const gone = (await openSource(other, { env: server.env })).open([request('a')], testContext(workDir()));
    await expect(gone).rejects.toMatchObject({ code: 'SOURCE_NOT_FOUND' });
    const env = { ...server.env, AWS_ACCESS_KEY_ID: 'nobody' };
    const source = await openSource({ type: 's3', uri: `s3://${Bucket}/x`, s3: bucket.s3 }, { env });
    await expect(source.open([request('a')], testContext(workDir()))).rejects.toMatchObject({
      code: 'SOURCE_FORBIDDEN',
    });
  });

  it('stops when the run is stopped', async () => {
    await put('clientes.csv', 'id\n1\n');
    const signal = AbortSignal.abort(new Error('stop'));
    const source = await openSource(
      { type: 's3', uri: `s3://${Bucket}/${prefix}`, s3: bucket.s3 },
      { env: server.env },
    );
    const opening = source.open([request('clientes')], testContext(workDir(), { signal }));
    await expect(opening).rejects.toThrow('stop');
  });
});
