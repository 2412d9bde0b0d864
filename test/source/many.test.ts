import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openFilesSource } from '../../src/source/files.ts';
import { openHttpSource } from '../../src/source/http/http.ts';
import { meansMany } from '../../src/source/match.ts';
import type { FetchedFiles, SeenFile, Source, SourceSnapshot } from '../../src/source/port.ts';
import { tarGzOf, zipOf } from '../support/archives.ts';
import { fetchAny, fetchMany, testContext } from '../support/source-context.ts';
import { useTempDir } from '../support/tmp.ts';
import { WebServer } from '../support/web-server.ts';
import { writeFileAt } from '../support/write-file.ts';

const dir = useTempDir();
const FILES = {
  'v/p_2.csv': 'id\n2\n',
  'v/p_1.csv': 'id\n1\n',
  'v/q.csv': 'id\n9\n',
  '__MACOSX/v/p_3.csv': 'x',
};

let server: WebServer;
beforeEach(async () => {
  server = await WebServer.start();
});
afterEach(() => server.close());

const files = (name: string): Source => openFilesSource({ type: 'files', path: join(dir(), name), name });

const KINDS: {
  kind: string;
  source: () => Source;
  publish: (files: Readonly<Record<string, string>>) => Promise<void>;
}[] = [
  {
    kind: 'folder',
    source: () => files('in'),
    publish: async (published) => {
      await rm(join(dir(), 'in'), { recursive: true, force: true });
      for (const [name, content] of Object.entries(published)) {
        await writeFileAt(join(dir(), 'in', name), content);
      }
    },
  },
  {
    kind: 'zip',
    source: () => files('in.zip'),
    publish: async (published) => writeFile(join(dir(), 'in.zip'), await zipOf(published)),
  },
  {
    kind: 'tar.gz behind a URL',
    source: () => openHttpSource({ url: `${server.origin}/in.tar.gz` }, { env: {} }),
    publish: async (published) => server.serve(await tarGzOf(published)),
  },
];

describe.each(KINDS)('a table of many files of a $kind', ({ source, publish }) => {
  const open = async (seen?: SeenFile, pattern = '*/p_*.csv'): Promise<SourceSnapshot> =>
    await source().open([{ name: 't', pattern, seen }], testContext(join(dir(), 'work')));
  const contents = async (fetched: FetchedFiles): Promise<Record<string, string>> =>
    Object.fromEntries(
      await Promise.all(
        fetched.files.map(async ({ name, path }) => [name, await readFile(path, 'utf8')] as const),
      ),
    );

  it('is all files that match, in the order of their names', async () => {
    await publish(FILES);
    const fetched = await fetchMany(await open(), 't');
    expect(Object.entries(await contents(fetched))).toEqual([
      ['v/p_1.csv', 'id\n1\n'],
      ['v/p_2.csv', 'id\n2\n'],
    ]);
    expect(await fetched.hash()).toMatchObject({ name: '*/p_*.csv', files: 2, sizeBytes: 10 });
    await fetched.confirm();
  });

  it('is unchanged while they are the same, and another version when one comes, goes, changes or is renamed', async () => {
    await publish(FILES);
    const seen = await (await fetchMany(await open(), 't')).hash();
    expect((await open(seen)).tables.get('t')?.kind).toBe('unchanged');
    const { 'v/p_1.csv': one, ...others } = FILES;
    const states = [
      { ...FILES, 'v/p_3.csv': 'id\n3\n' },
      others,
      { ...FILES, 'v/p_1.csv': 'id\n7\n' },
      { ...others, 'v/p_0.csv': one },
    ];
    for (const state of states) {
      await publish(state);
      expect((await fetchAny(await open(seen), 't')).kind, Object.keys(state).join()).toBe('files');
    }
    await publish({ ...FILES, 'v/q.csv': 'another' });
    const state = (await open(seen)).tables.get('t');
    expect(state?.kind === 'present' ? (await state.fetch()).kind : state?.kind).toBe('unchanged');
  });

  it('is asked for anew by another pattern, though that is made of the same letters', async () => {
    await publish(FILES);
    const seen = await (await fetchMany(await open(), 't')).hash();
    expect((await fetchMany(await open(seen, '*/*.csv'), 't')).files).toHaveLength(3);
    expect((await fetchMany(await open({ ...seen, name: 'v/p_1.csv' }), 't')).files).toHaveLength(2);
  });
});

it.each([
  ['*.csv', true],
  ['**/*.csv', true],
  ['dt=*/part-0.parquet', true],
  ['v_20??.csv', true],
  ['v_[0-9].csv', true],
  ['data/**', true],
  ['**/clientes.{csv,csv.gz,parquet,jsonl}', false],
  ['a/**/clientes.csv', false],
  ['clientes.csv', false],
  [String.raw`a\*b\(1\).csv`, false],
])('the pattern %s means many files: %s', (pattern, expected) => {
  expect(meansMany(pattern)).toBe(expected);
});
