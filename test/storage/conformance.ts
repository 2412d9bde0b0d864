import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { compareKeys } from '../../src/storage/key.ts';
import type { Storage, StoredObject } from '../../src/storage/port.ts';

export interface StorageUnderTest {
  /** An empty storage, another one with every call. */
  readonly open: () => Promise<Storage>;
  /** An empty folder for the files of a test. */
  readonly dir: () => string;
}

/** What every {@link Storage} promises, whatever is behind it. */
export function itIsAStorage({ open, dir }: StorageUnderTest): void {
  it('has nothing at first', async () => {
    const storage = await open();
    expect(await storage.read('a')).toBeUndefined();
    expect(await storage.stat('a')).toBeUndefined();
    expect(await listed(storage, '')).toEqual([]);
    await storage.delete(['a', 'b/c']);
  });

  it('creates an object once, and keeps what the first wrote', async () => {
    const storage = await open();
    expect(await storage.putIfAbsent('a/b.json', text('one'))).toBe(true);
    expect(await storage.putIfAbsent('a/b.json', text('two'))).toBe(false);
    expect(await contents(storage, 'a/b.json')).toBe('one');
    expect(await storage.stat('a/b.json')).toMatchObject({ key: 'a/b.json', sizeBytes: 3 });
  });

  it('lets exactly one of many concurrent creators win, and keeps the bytes of that one', async () => {
    const storage = await open();
    const bodies = Array.from({ length: 20 }, (_, index) => `writer ${index}`);
    const results = await Promise.all(bodies.map((body) => storage.putIfAbsent('race', text(body))));
    expect(results.filter(Boolean)).toHaveLength(1);
    expect(await contents(storage, 'race')).toBe(bodies[results.indexOf(true)]);
  });

  it('stores and gives back any bytes, none at all too', async () => {
    const storage = await open();
    const bytes = randomBytes(100_000);
    await storage.putIfAbsent('empty', new Uint8Array());
    await storage.putIfAbsent('bytes', bytes);
    expect(await storage.read('empty')).toHaveLength(0);
    expect(bytes.equals((await storage.read('bytes')) ?? new Uint8Array())).toBe(true);
  });

  it('uploads a file, and replaces what was there', async () => {
    const storage = await open();
    await storage.upload(await file('first'), 'x/file');
    await storage.upload(await file('second one'), 'x/file');
    expect(await contents(storage, 'x/file')).toBe('second one');
    expect(await storage.stat('x/file')).toMatchObject({ sizeBytes: 10 });
    expect(await keysOf(storage, '')).toEqual(['x/file']);
  });

  it('uploads the same file twice without a trace', async () => {
    const storage = await open();
    const path = await file('same');
    await storage.upload(path, 'x/file');
    await storage.upload(path, 'x/file');
    expect(await contents(storage, 'x/file')).toBe('same');
    expect(await keysOf(storage, '')).toEqual(['x/file']);
  });

  it('copies an object, which stays when its source goes', async () => {
    const storage = await open();
    await storage.upload(await file('copied'), 'staging/1/file');
    await storage.copy('staging/1/file', 'cdc/file');
    await storage.delete(['staging/1/file']);
    expect(await contents(storage, 'cdc/file')).toBe('copied');
    expect(await keysOf(storage, '')).toEqual(['cdc/file']);
  });

  it('changes nothing when it copies to what exists, even from what does not', async () => {
    const storage = await open();
    await storage.putIfAbsent('to', text('there before'));
    await storage.putIfAbsent('from', text('new'));
    await storage.copy('from', 'to');
    await storage.copy('missing', 'to');
    expect(await contents(storage, 'to')).toBe('there before');
  });

  it('lets many copy to one name at once', async () => {
    const storage = await open();
    await storage.upload(await file('copied'), 'from');
    await Promise.all(Array.from({ length: 8 }, () => storage.copy('from', 'deep/er/to')));
    expect(await contents(storage, 'deep/er/to')).toBe('copied');
    expect(await keysOf(storage, '')).toEqual(['deep/er/to', 'from']);
  });

  it('says which object is missing when it has to be there', async () => {
    const storage = await open();
    const path = join(dir(), 'download');
    await expect(storage.copy('gone', 'to')).rejects.toMatchObject({ code: 'LAKE_NOT_FOUND' });
    await expect(storage.localFile('gone', path)).rejects.toMatchObject({
      code: 'LAKE_NOT_FOUND',
      message: expect.stringContaining('gone'),
    });
    expect(await storage.stat('to')).toBeUndefined();
  });

  it('gives a local file with the object’s bytes', async () => {
    const storage = await open();
    const bytes = randomBytes(300_000);
    const source = join(dir(), 'large');
    await writeFile(source, bytes);
    await storage.upload(source, 'large');
    const path = await storage.localFile('large', join(dir(), 'new/folder/download'));
    expect(bytes.equals(await readFile(path))).toBe(true);
    const many = await Promise.all(
      [1, 2, 3, 4].map(() => storage.localFile('large', join(dir(), 'at once'))),
    );
    for (const each of many) expect(bytes.equals(await readFile(each))).toBe(true);
  });

  it('takes names with spaces, accents, signs and emoji', async () => {
    const storage = await open();
    const keys = ['with space/a b', 'ação/coração', "signs/#?&=+%'()!*~:@,;$", 'emoji/🐊', 'per%20cent/%2F'];
    for (const key of keys) {
      await storage.upload(await file(key), key);
      await storage.copy(key, `copies/${key}`);
      expect(await contents(storage, key)).toBe(key);
      expect(await contents(storage, `copies/${key}`)).toBe(key);
    }
    expect((await keysOf(storage, '')).toSorted(compareKeys)).toEqual(
      keys.flatMap((key) => [key, `copies/${key}`]).toSorted(compareKeys),
    );
    await storage.delete(keys);
    expect(await keysOf(storage, '')).toHaveLength(keys.length);
  });

  it('lists the keys that start with a prefix, folder or not', async () => {
    const storage = await withKeys(await open(), ['a/1', 'a/2', 'ab/1', 'b']);
    expect(await keysOf(storage, 'a/')).toEqual(['a/1', 'a/2']);
    expect(await keysOf(storage, 'a')).toEqual(['a/1', 'a/2', 'ab/1']);
    expect(await keysOf(storage, 'a/2')).toEqual(['a/2']);
    expect(await keysOf(storage, 'c/')).toEqual([]);
    expect(await keysOf(storage, 'a/1/')).toEqual([]);
  });

  it('names the folders in a folder, and nothing that lies in these', async () => {
    const storage = await withKeys(await open(), [
      'n/a/1',
      'n/a/b/1',
      'n/a/b/c/1',
      'n/a-/1',
      'n/ç d/1',
      'n/z',
    ]);
    expect(await storage.foldersIn('n/')).toEqual(['a', 'a-', 'ç d']);
    expect(await storage.foldersIn('n/a/')).toEqual(['b']);
    expect(await storage.foldersIn('n/a/b/c/')).toEqual([]);
    expect(await storage.foldersIn('none/')).toEqual([]);
    expect(await storage.foldersIn('')).toContain('n');
    await expect(storage.foldersIn('../')).rejects.toMatchObject({ code: 'DEFECT' });
  });

  it('lists a folder in the order of UTF-8 bytes, after a given key', async () => {
    // U+FF21 comes before U+1F40A in UTF-8, and after it in UTF-16.
    const names = ['-', '.b', '0', 'A', 'a', 'aa', 'ab', 'b', 'ç', 'Ａ', '🐊'].map((name) => `f/${name}`);
    const storage = await withKeys(await open(), names.toReversed());
    expect(await keysOf(storage, 'f/')).toEqual(names);
    for (const after of ['f/a', 'f/a1', 'f/🐊', 'f/', 'f/Ａ']) {
      expect(await keysOf(storage, 'f/', after)).toEqual(names.filter((key) => compareKeys(key, after) > 0));
    }
  });

  it('deletes many objects at once, those too that do not exist', async () => {
    const keys = Array.from({ length: 30 }, (_, index) => `many/${String(index).padStart(4, '0')}`);
    const storage = await withKeys(await open(), keys);
    const absent = Array.from({ length: 1500 }, (_, index) => `absent/${index}`);
    await storage.delete([...keys.slice(0, 20), ...absent, ...keys.slice(20, 29)]);
    expect(await keysOf(storage, '')).toEqual(keys.slice(29));
  });

  it('creates an object again in a folder that was emptied', async () => {
    const storage = await open();
    for (const body of ['one', 'two']) {
      expect(await storage.putIfAbsent('f/g/h', text(body))).toBe(true);
      expect(await contents(storage, 'f/g/h')).toBe(body);
      await storage.delete(['f/g/h']);
      expect(await storage.read('f/g/h')).toBeUndefined();
    }
  });

  it('refuses what is no key, before anything happens', async () => {
    const storage = await open();
    const path = await file('x');
    const malformed = [
      '',
      '/a',
      'a/',
      'a//b',
      '.',
      '..',
      '../a',
      'a/../b',
      'a/./b',
      'a\\b',
      'a\0',
      'a\nb',
      '\ud800',
      '.tmp-1',
      'a/.tmp-1/b',
    ];
    for (const key of malformed) {
      const refusal = { code: 'DEFECT', message: expect.stringContaining('is not a storage key') };
      await expect(storage.read(key)).rejects.toMatchObject(refusal);
      await expect(storage.stat(key)).rejects.toMatchObject(refusal);
      await expect(storage.putIfAbsent(key, text('x'))).rejects.toMatchObject(refusal);
      await expect(storage.upload(path, key)).rejects.toMatchObject(refusal);
      await expect(storage.copy(key, 'to')).rejects.toMatchObject(refusal);
      await expect(storage.copy('from', key)).rejects.toMatchObject(refusal);
      await expect(storage.localFile(key, path)).rejects.toMatchObject(refusal);
      await expect(storage.delete(['ok', key])).rejects.toMatchObject(refusal);
    }
    await expect(listed(storage, '../')).rejects.toMatchObject({ code: 'DEFECT' });
    expect(await listed(storage, '')).toEqual([]);
  });

  it('reads what was written, whatever the order of calls', async () => {
    const keys = fc.constantFrom('k1', 'f/k1', 'f/k2', 'g/h/k1');
    const step = fc.oneof(
      fc.record({ kind: fc.constant('put' as const), key: keys, body: fc.string() }),
      fc.record({ kind: fc.constant('upload' as const), key: keys, body: fc.string() }),
      fc.record({ kind: fc.constant('copy' as const), key: keys, to: keys }),
      fc.record({ kind: fc.constant('delete' as const), key: keys }),
    );
    const sequences = fc.array(step, { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(sequences, async (steps) => {
        const storage = await open();
        const model = new Map<string, string>();
        for (const each of steps) expect(await apply(each, storage, model)).toBe(true);
        const keys = await keysOf(storage, '');
        const stored = keys.map(async (key) => [key, await contents(storage, key)] as const);
        expect(new Map(await Promise.all(stored))).toEqual(model);
      }),
      { numRuns: 10 },
    );
  });

  type Step =
    | { readonly kind: 'put'; readonly key: string; readonly body: string }
    | { readonly kind: 'upload'; readonly key: string; readonly body: string }
    | { readonly kind: 'copy'; readonly key: string; readonly to: string }
    | { readonly kind: 'delete'; readonly key: string };

  /** Takes the step on both sides; false where the answers differ. */
  async function apply(step: Step, storage: Storage, model: Map<string, string>): Promise<boolean> {
    const before = model.get(step.key);
    if (step.kind === 'put') {
      if (before === undefined) model.set(step.key, step.body);
      return (await storage.putIfAbsent(step.key, text(step.body))) === (before === undefined);
    }
    if (step.kind === 'upload') {
      model.set(step.key, step.body);
      await storage.upload(await file(step.body), step.key);
    } else if (step.kind === 'delete') {
      model.delete(step.key);
      await storage.delete([step.key]);
    } else if (before !== undefined) {
      if (!model.has(step.to)) model.set(step.to, before);
      await storage.copy(step.key, step.to);
    }
    return true;
  }

  async function file(body: string): Promise<string> {
    const path = join(dir(), `file-${randomBytes(6).toString('hex')}`);
    await writeFile(path, body);
    return path;
  }
}

/** What stores promise beside, but for those that list folder by folder, `a/1` before `a-b`. */
export function itListsAcrossFoldersInKeyOrder({ open }: StorageUnderTest): void {
  it('lists across folders in the order of whole keys', async () => {
    const names = ['a-b', 'a.b', 'a/1', 'a/b/c', 'a0', 'b/c', 'b0'];
    const storage = await withKeys(await open(), names.toReversed());
    expect(await keysOf(storage, '')).toEqual(names);
    for (const after of names) {
      expect(await keysOf(storage, '', after)).toEqual(names.slice(names.indexOf(after) + 1));
    }
    expect(await keysOf(storage, 'a', 'a/a')).toEqual(['a/b/c', 'a0']);
  });
}

async function withKeys(storage: Storage, keys: readonly string[]): Promise<Storage> {
  await Promise.all(keys.map((key) => storage.putIfAbsent(key, text(key))));
  return storage;
}

async function listed(storage: Storage, prefix: string, startAfter?: string): Promise<StoredObject[]> {
  const objects: StoredObject[] = [];
  for await (const object of storage.list(prefix, startAfter)) objects.push(object);
  return objects;
}

async function keysOf(storage: Storage, prefix: string, startAfter?: string): Promise<string[]> {
  return (await listed(storage, prefix, startAfter)).map(({ key }) => key);
}

async function contents(storage: Storage, key: string): Promise<string | undefined> {
  const bytes = await storage.read(key);
  return bytes === undefined ? undefined : Buffer.from(bytes).toString();
}

function text(body: string): Uint8Array {
  return Buffer.from(body);
}
