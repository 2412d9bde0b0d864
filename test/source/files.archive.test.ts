import { mkdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openFilesSource } from '../../src/source/files.ts';
import type { SeenFile, SourceSnapshot } from '../../src/source/port.ts';
import { tarGzOf, zipOf } from '../support/archives.ts';
import { fetchFile, fetchTable, request, testContext } from '../support/source-context.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();

type SeenByTable = Readonly<Record<string, SeenFile | undefined>>;

async function open(name: string, seen: SeenByTable = {}): Promise<SourceSnapshot> {
  const source = openFilesSource({ type: 'files', path: join(dir(), name), name });
  const asked = ['clientes', 'produtos'].map((table) => request(table, { seen: seen[table] }));
  return await source.open(asked, testContext(join(dir(), 'work')));
}

const FILES = { 'd/clientes.csv': 'id\n1\n', 'produtos.csv': 'id\n9\n', '__MACOSX/clientes.csv': 'x' };

describe.each([
  { name: 'dump.zip', pack: zipOf },
  { name: 'dump.tar.gz', pack: tarGzOf },
])('an archive $name as a source', ({ name, pack }) => {
  const write = async (files: Record<string, string>): Promise<void> =>
    await writeFile(join(dir(), name), await pack(files));

  it('gives each table its file', async () => {
    await write(FILES);
    const snapshot = await open(name);
    const clientes = await fetchFile(snapshot, 'clientes');
    const produtos = await fetchFile(snapshot, 'produtos');
    expect(clientes.name).toBe('d/clientes.csv');
    expect(await readFile(clientes.path, 'utf8')).toBe('id\n1\n');
    expect(await readFile(produtos.path, 'utf8')).toBe('id\n9\n');
  });

  it('is not opened while it has its size and times', async () => {
    await write(FILES);
    const snapshot = await open(name);
    const seen: SeenByTable = {
      clientes: await (await fetchFile(snapshot, 'clientes')).hash(),
      produtos: await (await fetchFile(snapshot, 'produtos')).hash(),
    };
    const again = await open(name, seen);
    expect([...again.tables.values()]).toEqual([{ kind: 'unchanged' }, { kind: 'unchanged' }]);
  });

  it('tells the files that changed in it from those that did not', async () => {
    await write(FILES);
    const snapshot = await open(name);
    const seen: SeenByTable = {
      clientes: await (await fetchFile(snapshot, 'clientes')).hash(),
      produtos: await (await fetchFile(snapshot, 'produtos')).hash(),
    };
    await write({ ...FILES, 'produtos.csv': 'id\n8\n' });
    await utimes(join(dir(), name), 1, 1);
    const again = await open(name, seen);
    expect(again.version.label).not.toBe(snapshot.version.label);
    expect(await fetchTable(again, 'clientes')).toMatchObject({
      kind: 'unchanged',
      seen: { version: again.version.label },
    });
    expect(await readFile((await fetchFile(again, 'produtos')).path, 'utf8')).toBe('id\n8\n');
  });

  it('is refused when it was replaced after it was listed', async () => {
    await write(FILES);
    const snapshot = await open(name);
    await write({ ...FILES, 'more.csv': 'id\n' });
    const failure = fetchFile(snapshot, 'clientes').then((file) => file.confirm());
    await expect(failure).rejects.toMatchObject({ retryable: true });
  });

  it('is damaged when it is cut', async () => {
    await write(FILES);
    const whole = await readFile(join(dir(), name));
    await writeFile(join(dir(), name), whole.subarray(0, whole.length - 12));
    const failure = open(name).then((snapshot) => fetchFile(snapshot, 'clientes'));
    await expect(failure).rejects.toMatchObject({ code: 'SOURCE_CORRUPT' });
  });
});

describe('a single file as a source', () => {
  it('is a table when its name matches', async () => {
    await mkdir(join(dir(), '.hidden'));
    await writeFile(join(dir(), '.hidden', 'clientes.csv'), 'id\n1\n');
    const snapshot = await open('.hidden/clientes.csv');
    expect((await fetchFile(snapshot, 'clientes')).name).toBe('clientes.csv');
    expect(snapshot.tables.get('produtos')?.kind).toBe('missing');
  });

  it('is the table, whatever its name, when there is one table only', async () => {
    const path = join(dir(), 'export 2025.csv');
    await writeFile(path, 'id\n1\n');
    const source = openFilesSource({ type: 'files', path, name: 'x' });
    const snapshot = await source.open([request('clientes')], testContext(join(dir(), 'work')));
    expect((await fetchFile(snapshot, 'clientes')).path).toBe(path);
    expect((await open('export 2025.csv')).tables.get('clientes')?.kind).toBe('missing');
  });

  it('is an error when it is called an archive and is none', async () => {
    await writeFile(join(dir(), 'dump.zip'), 'id\n1\n');
    await expect(open('dump.zip')).rejects.toMatchObject({ code: 'SOURCE_CORRUPT' });
  });
});
