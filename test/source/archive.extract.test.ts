import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { array, assert, constantFrom, property, string } from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openArchive } from '../../src/source/archive.ts';
import { checkEntryName, safeFileName } from '../../src/source/archive-names.ts';
import { tarGzOf, tarOf, zipOf } from '../support/archives.ts';

const never = new AbortController().signal;
let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'igarape-archive-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const files = {
  'clientes.csv': 'id;v\n1;a\n',
  'sub/produtos.csv': 'id;v\n',
  'ler-me.txt': 'x'.repeat(100_000),
};

const formats = [
  ['zip', async (): Promise<Buffer> => await zipOf(files)],
  ['tar.gz', async (): Promise<Buffer> => await tarGzOf(files)],
  [
    'tar',
    async (): Promise<Buffer> =>
      await tarOf(Object.entries(files).map(([name, content]) => ({ name: `./${name}`, content }))),
  ],
] as const;

describe.each(formats)('a %s archive', (format, make) => {
  test('is told by its bytes, whatever it is called, and listed with sizes', async () => {
    const path = join(folder, 'download.bin');
    await writeFile(path, await make());
    const archive = await openArchive(path);
    expect(archive.format).toBe(format);
    expect(archive.entries).toEqual(
      Object.entries(files).map(([name, content]) => ({ name, sizeBytes: content.length })),
    );
  });

  test('gives the chosen entries, byte for byte, and leaves the others packed', async () => {
    const path = join(folder, 'a');
    await writeFile(path, await make());
    const archive = await openArchive(path);
    const target = join(folder, 'out');
    const outcomes = await archive.extract(['sub/produtos.csv', 'ler-me.txt'], target, never);
    expect([...outcomes.keys()].toSorted()).toEqual(['ler-me.txt', 'sub/produtos.csv']);
    for (const [name, outcome] of outcomes) {
      if (outcome.kind === 'failed') throw outcome.error;
      expect(await readFile(outcome.path, 'utf8')).toBe(
        Object.entries(files).find(([known]) => known === name)?.[1],
      );
      expect(dirname(outcome.path)).toBe(target);
      expect(outcome.path).toMatch(name.endsWith('.csv') ? /\.csv$/ : /\.txt$/);
      expect(outcome.sha256).toMatch(/^[0-9a-f]{64}$/);
    }
    expect(await readdir(target)).toHaveLength(2);
  });

  test('stops extracting when the run is given up, and leaves nothing half-written', async () => {
    const path = join(folder, 'a');
    await writeFile(path, await make());
    const archive = await openArchive(path);
    const target = join(folder, 'out');
    await expect(
      archive.extract(['clientes.csv'], target, AbortSignal.abort(new Error('stop'))),
    ).rejects.toThrow('stop');
    expect(await readdir(target).catch(() => [])).toEqual([]);
  });
});

test('an empty zip has no entries', async () => {
  const path = join(folder, 'a.zip');
  await writeFile(path, await zipOf({}));
  expect((await openArchive(path)).entries).toEqual([]);
});

test('entry names in UTF-8 are read as such', async () => {
  const path = join(folder, 'a.zip');
  await writeFile(path, await zipOf({ 'transações/março.csv': 'x' }));
  expect((await openArchive(path)).entries.map(({ name }) => name)).toEqual(['transações/março.csv']);
});

test('an archive inside an archive is a file like others', async () => {
  const path = join(folder, 'a.zip');
  const inner = await zipOf({ 'clientes.csv': 'id\n1\n' });
  await writeFile(path, await zipOf({ 'inner.zip': inner }));
  const archive = await openArchive(path);
  expect(archive.entries).toEqual([{ name: 'inner.zip', sizeBytes: inner.length }]);
});

test('whatever an entry is called, its file stays in the folder, and other names get other files', () => {
  assert(
    property(string({ unit: 'binary' }), string({ unit: 'binary' }), (one, other) => {
      const path = resolve('/out', safeFileName(one));
      expect(relative('/out', path)).toBe(safeFileName(one));
      expect(safeFileName(one)).toMatch(/^[\w.-]{17,97}$/);
      expect(safeFileName(one) === safeFileName(other)).toBe(one === other);
    }),
  );
});

test('a name that is taken as safe has only plain parts downwards', () => {
  const parts = array(constantFrom('..', '.', '', 'a', 'C:', 'b.csv', '\\', '\u0000'), {
    maxLength: 5,
  });
  assert(
    property(parts, (list) => {
      const checked = checkEntryName(list.join('/'));
      if (checked.kind === 'unsafe') return;
      expect(checked.name.split('/').every((part) => part === 'a' || part === 'b.csv' || part === 'C:')).toBe(
        true,
      );
      expect(checked.name).not.toMatch(/^C:/);
    }),
  );
});
