import { link, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { openLocalStorage } from '../../src/storage/local.ts';
import { removeStaleTemporaries } from '../../src/storage/local/files.ts';
import type { Storage } from '../../src/storage/port.ts';
import { useTempDir } from '../support/tmp.ts';

describe('a folder as a storage', () => {
  const dir = useTempDir();
  let lake: string;
  let storage: Storage;
  beforeEach(() => {
    lake = join(dir(), 'not/there/yet');
    storage = openLocalStorage(lake);
  });

  it('does not create its folder before the first write', async () => {
    await keysOf(storage);
    await storage.delete(['a']);
    expect(await readdir(dir())).toEqual([]);
  });

  it('keeps an object as a plain file under its key, and gives that file', async () => {
    await storage.putIfAbsent('cdc/a.parquet', Buffer.from('x'));
    expect(await readFile(join(lake, 'cdc/a.parquet'), 'utf8')).toBe('x');
    expect(await storage.localFile('cdc/a.parquet', join(dir(), 'unused'))).toBe(join(lake, 'cdc/a.parquet'));
  });

  it('leaves no temporary behind, whoever won', async () => {
    await Promise.all([1, 2, 3].map((n) => storage.putIfAbsent('f/a', Buffer.from(String(n)))));
    await storage.copy('f/a', 'f/b');
    expect(await readdir(join(lake, 'f'))).toEqual(['a', 'b']);
  });

  it('copies without a second copy of the bytes', async () => {
    await storage.putIfAbsent('a', Buffer.from('x'));
    await storage.copy('a', 'b');
    expect((await stat(join(lake, 'a'))).ino).toBe((await stat(join(lake, 'b'))).ino);
  });

  it('leaves the uploaded file where it is', async () => {
    const path = join(dir(), 'file');
    await writeFile(path, 'x');
    await storage.upload(path, 'a');
    expect(await readFile(path, 'utf8')).toBe('x');
  });

  it('removes the folders that a deletion leaves empty, and no other', async () => {
    for (const key of ['staging/1/a', 'staging/2/b']) await storage.putIfAbsent(key, Buffer.from('x'));
    await storage.delete(['staging/1/a']);
    expect(await readdir(join(lake, 'staging'))).toEqual(['2']);
    await storage.delete(['staging/2/b']);
    expect(await readdir(lake)).toEqual([]);
  });

  it('shows neither temporaries nor what links lead to', async () => {
    const outside = join(dir(), 'outside');
    await mkdir(outside);
    await writeFile(join(outside, 'secret'), 'x');
    await storage.putIfAbsent('f/a', Buffer.from('x'));
    await writeFile(join(lake, 'f', '.tmp-left-behind'), 'half');
    await symlink(outside, join(lake, 'out'));
    await symlink('..', join(lake, 'f', 'circle'));
    await symlink(join(outside, 'secret'), join(lake, 'f', 'linked'));
    expect(await keysOf(storage)).toEqual(['f/a']);
  });

  it('answers that there is nothing where a file stands in the way of a folder', async () => {
    await storage.putIfAbsent('a', Buffer.from('x'));
    expect(await storage.read('a/b')).toBeUndefined();
    expect(await storage.stat('a/b')).toBeUndefined();
    await expect(storage.putIfAbsent('a/b', Buffer.from('x'))).rejects.toMatchObject({
      code: 'LAKE_CORRUPT',
    });
  });

  it('says so when the lake itself is a file', async () => {
    const path = join(dir(), 'file');
    await writeFile(path, 'x');
    const wrong = openLocalStorage(path);
    const refusal = { code: 'LAKE_CORRUPT', message: expect.stringContaining(path) };
    await expect(wrong.read('a')).rejects.toMatchObject(refusal);
    await expect(keysOf(wrong)).rejects.toMatchObject(refusal);
    await expect(wrong.putIfAbsent('a', Buffer.from('x'))).rejects.toMatchObject(refusal);
  });

  it('removes the temporaries of killed processes once they are a day old', async () => {
    await mkdir(lake, { recursive: true });
    const paths = ['.tmp-old', '.tmp-young', 'kept'].map((name) => join(lake, name));
    await Promise.all(paths.map((path) => writeFile(path, 'x')));
    const hourMs = 60 * 60 * 1000;
    const { ctimeMs } = await stat(join(lake, '.tmp-young'));
    await removeStaleTemporaries(lake, ctimeMs + 23 * hourMs);
    expect(await readdir(lake)).toHaveLength(3);
    await removeStaleTemporaries(lake, ctimeMs + 25 * hourMs);
    expect(await readdir(lake)).toEqual(['kept']);
  });

  it('recognises its own link when the answer to making it was lost', async () => {
    const lossy = openLocalStorage(lake, async (from, to) => {
      await link(from, to);
      throw Object.assign(new Error('the share sent the request again'), { code: 'EEXIST' });
    });
    expect(await lossy.putIfAbsent('a', Buffer.from('ours'))).toBe(true);
    expect(await lossy.putIfAbsent('a', Buffer.from('theirs'))).toBe(false);
    expect(Buffer.from((await storage.read('a')) ?? []).toString()).toBe('ours');
  });

  it('tries again when the folder vanishes under it', async () => {
    let left = 3;
    const disturbed = openLocalStorage(lake, async (from, to) => {
      left -= 1;
      if (left > 0) await rm(join(lake, 'f'), { recursive: true });
      await link(from, to);
    });
    expect(await disturbed.putIfAbsent('f/a', Buffer.from('x'))).toBe(true);
    expect(await keysOf(storage)).toEqual(['f/a']);
  });

  it('writes on where folders that it has made are gone, up to its own', async () => {
    for (const gone of ['f/g', 'f', '']) {
      await storage.putIfAbsent('f/g/a', Buffer.from('x'));
      await storage.putIfAbsent('f/h/b', Buffer.from('x'));
      await rm(join(lake, gone), { recursive: true });
      expect(await storage.putIfAbsent('f/g/c', Buffer.from('x'))).toBe(true);
      await storage.copy('f/g/c', 'f/i/d');
      expect(await keysOf(storage, 'f/')).toEqual(expect.arrayContaining(['f/g/c', 'f/i/d']));
      await storage.delete(['f/g/c', 'f/i/d']);
    }
  });

  it.each([
    ['ENOSPC', 'DISK_FULL', false],
    ['EDQUOT', 'DISK_FULL', false],
    ['EROFS', 'LAKE_FORBIDDEN', false],
    ['EIO', 'LAKE_UNREACHABLE', true],
    ['ENAMETOOLONG', 'LAKE_UNREACHABLE', false],
  ])('tells %s as %s, with the path and what to do', async (system, code, retryable) => {
    const broken = openLocalStorage(lake, () =>
      Promise.reject(Object.assign(new Error(system), { code: system })),
    );
    await expect(broken.putIfAbsent('f/a', Buffer.from('x'))).rejects.toMatchObject({
      code,
      retryable,
      message: expect.stringContaining(join(lake, 'f/a')),
      hint: expect.stringMatching(/\./),
    });
    expect(await readdir(join(lake, 'f'))).toEqual([]);
  });

  it('lists the rest of a folder, be it long or short', async () => {
    const files = Array.from({ length: 300 }, (_, index) => `log/${String(index).padStart(3, '0')}`);
    const folders = ['log/100/x', 'log/298-a/x', 'log/298/x', 'log/2980/x', 'log/é/x'];
    const keys = [...files.filter((key) => key !== 'log/100' && key !== 'log/298'), ...folders].toSorted();
    for (const key of keys) {
      await mkdir(join(lake, key, '..'), { recursive: true });
      await writeFile(join(lake, key), '');
    }
    const some = keys.filter((_, index) => index % 15 === 0 || index > 296);
    for (const after of [...some, 'log/', 'log/298', 'log/298/', 'log/29', 'log', 'm']) {
      expect(await keysOf(storage, 'log/', after)).toEqual(keys.filter((key) => key > after));
    }
  });

  it('tells a name that is too long', async () => {
    await expect(storage.putIfAbsent('x'.repeat(300), Buffer.from('x'))).rejects.toMatchObject({
      code: 'LAKE_UNREACHABLE',
      message: expect.stringContaining('ENAMETOOLONG'),
    });
  });
});

async function keysOf(storage: Storage, prefix = '', startAfter?: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of storage.list(prefix, startAfter)) keys.push(key);
  return keys;
}
