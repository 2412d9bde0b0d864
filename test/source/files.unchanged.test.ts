import { appendFile, mkdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { openFilesSource } from '../../src/source/files.ts';
import type { SeenFile, SourceSnapshot } from '../../src/source/port.ts';
import { fetchFile, fetchTable, request, testContext } from '../support/source-context.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();
const file = (): string => join(dir(), 'in', 'clientes.csv');

async function open(seen: SeenFile | undefined, workDir = 'work'): Promise<SourceSnapshot> {
  const source = openFilesSource({ type: 'files', path: join(dir(), 'in'), name: 'in' });
  return await source.open([request('clientes', { seen })], testContext(join(dir(), workDir)));
}

async function firstSeen(): Promise<SeenFile> {
  return await (await fetchFile(await open(undefined), 'clientes')).hash();
}

/** A hash that no file has: what is found unchanged with it was not read. */
const unread = (seen: SeenFile): SeenFile => ({ ...seen, sha256: 'f'.repeat(64) });

describe('a file that was read before', () => {
  beforeEach(async () => {
    await mkdir(join(dir(), 'in'));
    await writeFile(file(), 'id\n1\n');
  });

  it('is not read again while its size and times are equal', async () => {
    const seen = await firstSeen();
    expect((await open(unread(seen))).tables.get('clientes')).toEqual({ kind: 'unchanged' });
  });

  it('is hashed when its times moved, and not reported while its bytes are the same', async () => {
    const seen = await firstSeen();
    await utimes(file(), 1, 1);
    expect(await fetchTable(await open(seen), 'clientes')).toEqual({ kind: 'unchanged' });
  });

  it('is hashed once for the times that moved, as long as the work folder is kept', async () => {
    const seen = await firstSeen();
    await utimes(file(), 1, 1);
    await fetchTable(await open(seen), 'clientes');
    expect((await open(seen)).tables.get('clientes')).toEqual({ kind: 'unchanged' });
    await rm(join(dir(), 'work'), { recursive: true });
    expect((await open(seen)).tables.get('clientes')?.kind).toBe('present');
  });

  it('is found changed when only one byte is, with size and modification time kept', async () => {
    await utimes(file(), 1, 1);
    const seen = await firstSeen();
    await writeFile(file(), 'id\n2\n');
    await utimes(file(), 1, 1);
    expect((await fetchTable(await open(seen), 'clientes')).kind).toBe('file');
  });

  it('is not hashed before it is handed out when its size shows the change', async () => {
    const seen = await firstSeen();
    await appendFile(file(), '2\n');
    const fetched = await fetchFile(await open(seen), 'clientes');
    await appendFile(file(), '3\n');
    await expect(fetched.hash()).rejects.toMatchObject({ code: 'TABLE_UNREADABLE' });
  });

  it('is read again under another name, which can mean another format', async () => {
    const seen = await firstSeen();
    await mkdir(join(dir(), 'in', 'day2'));
    await rename(file(), join(dir(), 'in', 'day2', 'clientes.csv'));
    expect((await fetchTable(await open(seen), 'clientes')).kind).toBe('file');
  });

  it('survives a damaged cache of hashes', async () => {
    const seen = await firstSeen();
    await mkdir(join(dir(), 'work'), { recursive: true });
    await writeFile(join(dir(), 'work', 'hashes.json'), '{"x":');
    await utimes(file(), 1, 1);
    expect(await fetchTable(await open(seen), 'clientes')).toEqual({ kind: 'unchanged' });
  });

  it('can be interrupted while it is hashed', async () => {
    const controller = new AbortController();
    const source = openFilesSource({ type: 'files', path: file(), name: 'in' });
    const context = testContext(join(dir(), 'work'), { signal: controller.signal });
    const fetched = await fetchFile(await source.open([request('clientes')], context), 'clientes');
    controller.abort(new Error('stop'));
    await expect(fetched.hash()).rejects.toThrow('stop');
  });
});
