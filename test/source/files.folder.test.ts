import { createHash } from 'node:crypto';
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openFilesSource } from '../../src/source/files.ts';
import { sourceError } from '../../src/source/files-state.ts';
import type { FetchedFile, Source, SourceSnapshot } from '../../src/source/port.ts';
import { fetchFile, request, testContext } from '../support/source-context.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();

const at = (...parts: string[]): string => join(dir(), 'in', ...parts);

async function put(name: string, content: string): Promise<void> {
  await mkdir(join(at(name), '..'), { recursive: true });
  await writeFile(at(name), content);
}

const source = (): Source => openFilesSource({ type: 'files', path: at(), name: './in' });
const context = (): ReturnType<typeof testContext> => testContext(join(dir(), 'work'));

const open = (): Promise<SourceSnapshot> => source().open([request('clientes')], context());
const openClientes = async (): Promise<FetchedFile> => await fetchFile(await open(), 'clientes');
const versionLabel = async (): Promise<string> => (await open()).version.label;

const refusal = (code: string): unknown => Object.assign(new Error(code), { code });

describe('a folder as a source', () => {
  it('is named as the configuration writes it', () => {
    expect(source().id).toBe('files:./in');
  });

  it('gives files where they are, with what to remember of them', async () => {
    await put('2025/clientes.csv', 'id\n1\n');
    const snapshot = await source().open([request('clientes')], context());
    const file = await fetchFile(snapshot, 'clientes');
    expect(file).toMatchObject({ path: at('2025/clientes.csv'), name: '2025/clientes.csv' });
    const sha256 = createHash('sha256').update('id\n1\n').digest('hex');
    expect(await file.hash()).toMatchObject({ name: '2025/clientes.csv', sizeBytes: 5, sha256 });
    expect(snapshot.version.timeMicros).toBeUndefined();
    await file.confirm();
  });

  it('says which table is missing and which file names are too many for one', async () => {
    await put('a/clientes.csv', 'id\n');
    await put('b/clientes.parquet', 'id\n');
    const { tables } = await source().open([request('clientes'), request('produtos')], context());
    expect(tables.get('clientes')).toMatchObject({
      kind: 'ambiguous',
      names: ['a/clientes.csv', 'b/clientes.parquet'],
    });
    expect(tables.get('produtos')).toEqual({
      kind: 'missing',
      pattern: '**/produtos.{csv,csv.gz,parquet,jsonl}',
      names: ['a/clientes.csv', 'b/clientes.parquet'],
    });
  });

  it('follows links to files, but enters no linked folder and no loop', async () => {
    await put('real/vendas.csv', 'id\n');
    await put('clientes-2025.csv', 'id\n');
    await symlink(at('clientes-2025.csv'), at('clientes.csv'));
    await symlink(at(), at('loop'));
    await symlink(at('real'), at('latest'));
    await symlink(at('gone'), at('produtos.csv'));
    const asked = ['clientes', 'vendas', 'produtos'].map((name) => request(name));
    const { tables } = await source().open(asked, context());
    expect([...tables.values()].map((state) => state.kind)).toEqual(['present', 'present', 'missing']);
  });

  it('ignores files that are being written, dot files, and a lake that lies inside it', async () => {
    await put('clientes.csv', 'id\n');
    await put('clientes.csv.part', 'id\n');
    await put('clientes.csv~', 'id\n');
    await put('.old/clientes.csv', 'id\n');
    await put('lake/full-load/clientes.parquet', 'PAR1');
    await put('lake/_igarape/ledger/00000000000000000000.json', '{}');
    const { tables } = await source().open([request('clientes', { pattern: '**/clientes*' })], context());
    expect(tables.get('clientes')).toMatchObject({ kind: 'present' });
  });

  it('has another version when a file that is asked for changes, and the same while none does', async () => {
    await put('clientes.csv', 'id\n1\n');
    const first = await versionLabel();
    await put('unrelated.csv', 'x');
    expect(await versionLabel()).toBe(first);
    await put('clientes.csv', 'id\n2\n3\n');
    expect(await versionLabel()).not.toBe(first);
  });

  it('says that it does not exist, and where', async () => {
    await expect(source().open([request('clientes')], context())).rejects.toMatchObject({
      code: 'SOURCE_NOT_FOUND',
      message: expect.stringContaining(at()),
      hint: expect.stringContaining('source.path'),
    });
  });

  it('tells a refused access from a disk that does not answer', () => {
    expect(sourceError(refusal('EACCES'), '/in')).toMatchObject({ code: 'SOURCE_FORBIDDEN' });
    expect(sourceError(refusal('EIO'), '/in')).toMatchObject({ code: 'SOURCE_UNREACHABLE', retryable: true });
  });
});

describe('a file that does not stand still', () => {
  const changed = {
    code: 'TABLE_UNREADABLE',
    retryable: true,
    message: expect.stringContaining('clientes.csv'),
  };

  it('is refused when it grew while it was hashed', async () => {
    await put('clientes.csv', 'id\n1\n');
    const file = await openClientes();
    await put('clientes.csv', 'id\n1\n2\n');
    await expect(file.hash()).rejects.toMatchObject(changed);
  });

  it('is refused when it was replaced or removed after it was hashed', async () => {
    await put('clientes.csv', 'id\n1\n');
    const replaced = await openClientes();
    await replaced.hash();
    await put('new.csv', 'id\n2\n');
    await rename(at('new.csv'), at('clientes.csv'));
    await expect(replaced.confirm()).rejects.toMatchObject(changed);
    const removed = await openClientes();
    await removed.hash();
    await rm(at('clientes.csv'));
    await expect(removed.confirm()).rejects.toMatchObject(changed);
  });

  it('is refused when it is gone before it is fetched', async () => {
    await put('clientes.csv', 'id\n1\n');
    const snapshot = await source().open([request('clientes')], context());
    await rm(at('clientes.csv'));
    await expect(fetchFile(snapshot, 'clientes')).rejects.toMatchObject(changed);
  });
});
