import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openLocalStorage } from '../../src/storage/local.ts';
import { openMemoryStorage } from '../../src/storage/memory.ts';
import { openOverlay } from '../../src/storage/overlay.ts';
import { useTempDir } from '../support/tmp.ts';
import { itIsAStorage } from './conformance.ts';

const dir = useTempDir();
let opened = 0;

const text = (body: string): Uint8Array => Buffer.from(body);

describe('over a storage of which all was removed', () => {
  itIsAStorage({
    open: async () => {
      const below = openMemoryStorage();
      const keys = ['a', 'a/b.json', 'race', 'copy', 'b/c'];
      for (const key of keys) await below.putIfAbsent(key, text('below'));
      const folder = join(dir(), `overlay-${(opened += 1)}`);
      const overlay = openOverlay(below, openLocalStorage(join(folder, 'above')), join(folder, 'copies'));
      await overlay.delete(keys);
      return overlay;
    },
    dir,
  });
});

test('what is below is read and listed, and stays as it is whatever is written', async () => {
  const lake = openLocalStorage(join(dir(), 'lake'));
  for (const key of ['t/1', 't/2', 't/4']) await lake.putIfAbsent(key, text(`below ${key}`));
  const overlay = openOverlay(lake, openLocalStorage(join(dir(), 'above')), join(dir(), 'copies'));
  expect(await overlay.putIfAbsent('t/1', text('another'))).toBe(false);
  expect(await overlay.putIfAbsent('t/3', text('new'))).toBe(true);
  await overlay.copy('t/2', 't/5');
  await overlay.copy('t/2', 't/4');
  await overlay.delete(['t/2']);
  const read = async (key: string): Promise<string | undefined> =>
    (await overlay.read(key).then((body) => body && Buffer.from(body).toString())) ?? undefined;
  const found: (string | undefined)[] = [];
  for await (const { key } of overlay.list('t/', 't/1')) found.push(`${key}: ${await read(key)}`);
  expect(found).toEqual(['t/3: new', 't/4: below t/4', 't/5: below t/2']);
  expect([await read('t/2'), await overlay.stat('t/2')]).toEqual([undefined, undefined]);
  await expect(overlay.localFile('t/2', join(dir(), 'file'))).rejects.toMatchObject({
    code: 'LAKE_NOT_FOUND',
  });
  const below: string[] = [];
  for await (const { key } of lake.list(''))
    below.push(`${key}: ${Buffer.from((await lake.read(key)) ?? []).toString()}`);
  expect(below).toEqual(['t/1: below t/1', 't/2: below t/2', 't/4: below t/4']);
});
