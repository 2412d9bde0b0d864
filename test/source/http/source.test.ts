import { createHash } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openHttpSource } from '../../../src/source/http/http.ts';
import type {
  SeenFile,
  Source,
  SourceContext,
  SourceSnapshot,
  TableRequest,
} from '../../../src/source/port.ts';
import { rawZipOf, tarGzOf, zipOf } from '../../support/archives.ts';
import { fetchFile } from '../../support/source-context.ts';
import { useTempDir } from '../../support/tmp.ts';
import { WebServer } from '../../support/web-server.ts';
import { failureOf, impatience, type Lines, lines, outcomes, remembered } from '../kaggle/fixture.ts';

const dir = useTempDir();
let server: WebServer;
let waits: number[] = [];
let log: Lines = lines();

beforeEach(async () => {
  server = await WebServer.start();
  waits = [];
  log = lines();
});

afterEach(async () => {
  await server.close();
});

function source(path: string, env: Record<string, string> = {}): Source {
  const url = path.startsWith('http') ? path : `${server.origin}${path}`;
  return openHttpSource({ url }, { env, patience: impatience(waits), idleTimeoutMs: 1000 });
}

function context(overrides: Partial<SourceContext> = {}): SourceContext {
  const { signal } = new AbortController();
  return {
    workDir: join(dir(), 'work'),
    runDir: join(dir(), 'run'),
    log,
    onProgress: () => undefined,
    signal,
    skipDownload: false,
    ...overrides,
  };
}

function table(name: string, seen?: SeenFile): TableRequest {
  return { name, pattern: `**/${name}.{csv,csv.gz,parquet,jsonl}`, seen };
}

const lastModified = 'Sat, 04 Oct 2025 12:00:00 GMT';
const csv = Buffer.from('id\n1\n');

describe('an archive behind a URL', () => {
  test.each([
    ['zip', zipOf],
    ['tar.gz', tarGzOf],
  ] as const)('(%s) gives all its tables for one download', async (_format, make) => {
    server.serve(await make({ 'a/clientes.csv': 'id\n1\n', 'produtos.csv': 'id\n7\n' }), {
      etag: '"v1"',
      lastModified,
    });
    const snapshot = await source('/dados').open(
      [table('clientes'), table('produtos'), table('x')],
      context(),
    );
    expect(snapshot.version).toEqual({ label: 'v1', timeMicros: 1759579200000000n });
    expect(await outcomes(snapshot)).toEqual({ clientes: 'id\n1\n', produtos: 'id\n7\n', x: 'missing' });
    expect(server.requests).toHaveLength(1);
  });

  test('that is really a sign-in page is told as such', async () => {
    server.serve(Buffer.from('<!doctype html><html>Sign in</html>'));
    for (const path of ['/dados.zip', '/dados']) {
      const error = await failureOf(source(path).open([table('clientes')], context()));
      expect(error.code).toBe('SOURCE_CORRUPT');
      expect(error.message).toContain('it looks like an HTML page');
    }
  });

  test('with a damaged file fails for that table alone', async () => {
    server.serve(
      rawZipOf([
        { name: 'clientes.csv', content: 'id\n', statedCrc: 1 },
        { name: 'produtos.csv', content: 'id\n7\n' },
      ]),
    );
    const snapshot = await source('/dados.zip').open([table('clientes'), table('produtos')], context());
    const state = snapshot.tables.get('clientes');
    if (state?.kind !== 'present') throw new Error('not there');
    expect(await failureOf(state.fetch())).toMatchObject({ code: 'SOURCE_CORRUPT' });
    const others = { version: snapshot.version, tables: new Map([...snapshot.tables].slice(1)) };
    expect(await outcomes(others)).toEqual({ produtos: 'id\n7\n' });
  });

  test('that leads out of its folder is refused', async () => {
    server.serve(rawZipOf([{ name: '../clientes.csv', content: 'id\n' }]));
    const error = await failureOf(source('/dados.zip').open([table('clientes')], context()));
    expect(error).toMatchObject({ code: 'SOURCE_UNSAFE_ARCHIVE' });
    expect((await readdir(dir())).toSorted()).toEqual(['run', 'work']);
  });
});

describe('a single file behind a URL', () => {
  test('is the one table’s, whatever its name', async () => {
    server.serve(csv);
    const snapshot = await source('/export.php?id=7').open([table('clientes')], context());
    expect(await outcomes(snapshot)).toEqual({ clientes: 'id\n1\n' });
    expect((await remembered(snapshot)).get('clientes')?.name).toBe('export.php');
  });

  test('is, of several tables, that of those whose pattern matches', async () => {
    server.serve(csv);
    const snapshot = await source('/v1/clientes.csv').open([table('clientes'), table('produtos')], context());
    expect(await outcomes(snapshot)).toEqual({ clientes: 'id\n1\n', produtos: 'missing' });
  });

  test('may be gzipped, and stays so', async () => {
    const packed = gzipSync(csv);
    server.serve(packed);
    const { tables } = await source('/clientes.csv.gz').open([table('clientes')], context());
    const state = tables.get('clientes');
    const file = state?.kind === 'present' ? await state.fetch() : undefined;
    if (file?.kind !== 'file') throw new Error('not there');
    expect(file.name).toBe('clientes.csv.gz');
    expect(await readFile(file.path)).toEqual(packed);
  });
});

describe('nothing changed', () => {
  const cases = [
    ['by ETag', { etag: '"v1"' }],
    ['by a weak ETag', { etag: 'W/"v1"' }],
    ['by Last-Modified', { lastModified }],
    ['by ETag, from a server that ignores conditions', { etag: '"v1"', ignoresConditions: true }],
    ['by time and length, from a server that ignores conditions', { lastModified, ignoresConditions: true }],
  ] as const;

  test.each(cases)('%s costs one request, with and without the work folder', async (_case, marks) => {
    server.serve(await zipOf({ 'clientes.csv': 'id\n1\n' }), marks);
    const first = await source('/dados.zip').open([table('clientes')], context());
    const seen = (await remembered(first)).get('clientes');
    for (const keeps of [true, false]) {
      if (!keeps) await rm(join(dir(), 'work'), { recursive: true });
      server.requests.length = 0;
      const next = await source('/dados.zip').open([table('clientes', seen)], context());
      expect(next.version.label).toBe(first.version.label);
      expect(await outcomes(next)).toEqual({ clientes: 'unchanged' });
      expect(server.requests).toHaveLength(1);
    }
  });

  test('is noticed by the hash where the server states nothing', async () => {
    server.serve(csv);
    const first = await source('/clientes.csv').open([table('clientes')], context());
    const seen = (await remembered(first)).get('clientes');
    expect(seen?.version).toBe(seen?.sha256);
    const next = await source('/clientes.csv').open([table('clientes', seen)], context());
    expect(next.tables.get('clientes')).toEqual({ kind: 'unchanged' });
  });

  test('in one file of an archive that changed is noticed after unpacking', async () => {
    server.serve(await zipOf({ 'clientes.csv': 'id\n1\n', 'produtos.csv': '1' }), { etag: '"v1"' });
    const first = await source('/dados.zip').open([table('clientes')], context());
    const seen = (await remembered(first)).get('clientes');
    server.serve(await zipOf({ 'clientes.csv': 'id\n1\n', 'produtos.csv': '2' }), { etag: '"v2"' });
    const next = await source('/dados.zip').open([table('clientes', seen)], context());
    expect(next.version.label).toBe('v2');
    expect(await outcomes(next)).toEqual({ clientes: 'unchanged after fetch' });
  });

  test('but a table that is read for the first time: it comes from what was downloaded', async () => {
    server.serve(await zipOf({ 'clientes.csv': 'id\n1\n', 'produtos.csv': 'id\n7\n' }), { etag: '"v1"' });
    const first = await source('/dados.zip').open([table('clientes')], context());
    const seen = (await remembered(first)).get('clientes');
    const next = await source('/dados.zip').open([table('clientes', seen), table('produtos')], context());
    expect(await outcomes(next)).toEqual({ clientes: 'unchanged', produtos: 'id\n7\n' });
  });
});

test('a change is downloaded, and what was downloaded before is removed', async () => {
  server.serve(Buffer.from('id\n1\n'), { etag: '"v1"' });
  await source('/clientes.csv').open([table('clientes')], context());
  server.serve(Buffer.from('id\n2\n'), { etag: '"v2"' });
  const next = await source('/clientes.csv').open([table('clientes')], context());
  expect(await outcomes(next)).toEqual({ clientes: 'id\n2\n' });
  const kept = await readdir(join(dir(), 'work'));
  expect(kept.filter((name) => name.endsWith('clientes.csv'))).toHaveLength(1);
});

describe('two runs in one work folder', () => {
  test.each([
    ['an archive', (content: string) => zipOf({ 'clientes.csv': content })],
    ['a file', async (content: string) => Buffer.from(content)],
  ])('each read %s as they downloaded it, whoever comes in between', async (_, pack) => {
    const opened: [SourceSnapshot, string][] = [];
    for (const content of ['id\n1\n', 'id\n2\n', 'id\n3\n']) {
      server.serve(await pack(content), { etag: `"${opened.length}"` });
      const own = context({ runDir: join(dir(), `run-${opened.length}`) });
      opened.push([await source('/dados').open([table('clientes')], own), content]);
    }
    for (const [snapshot, content] of opened) {
      expect(await outcomes(snapshot)).toEqual({ clientes: content });
      await expectHashed(snapshot, content);
    }
  });

  test('notice a copy that is not what was downloaded, and download it again', async () => {
    server.serve(csv, { etag: '"v1"' });
    await source('/clientes.csv').open([table('clientes')], context());
    const work = join(dir(), 'work');
    const copy = (await readdir(work)).find((name) => name.endsWith('clientes.csv')) ?? '';
    await rm(join(work, copy));
    await writeFile(join(work, copy), 'id\n7\n');
    const error = await failureOf(source('/clientes.csv').open([table('clientes')], context()));
    expect(error).toMatchObject({ code: 'SOURCE_CORRUPT', retryable: true });
    const again = await source('/clientes.csv').open([table('clientes')], context());
    expect(await outcomes(again)).toEqual({ clientes: 'id\n1\n' });
  });

  test('notice bytes that change while they are read', async () => {
    server.serve(csv, { etag: '"v1"' });
    const snapshot = await source('/clientes.csv').open([table('clientes')], context());
    const file = await fetchFile(snapshot, 'clientes');
    await file.confirm();
    await writeFile(file.path, 'id\n7\n', { flag: 'r+' });
    expect(await failureOf(file.confirm())).toMatchObject({ code: 'SOURCE_CORRUPT', retryable: true });
  });
});

/** Fails where what is remembered of the file is not of the bytes that are read. */
async function expectHashed(snapshot: SourceSnapshot, content: string): Promise<void> {
  const file = await fetchFile(snapshot, 'clientes');
  const { sha256 } = await file.hash();
  expect(sha256).toBe(createHash('sha256').update(content).digest('hex'));
  await file.confirm();
}

test('what another address gave is not taken for this one', async () => {
  server.serve(csv, { etag: '"v1"' });
  await source('/clientes.csv?a=1').open([table('clientes')], context());
  server.serve(Buffer.from('id\n2\n'), { etag: '"v1"' });
  const other = await source('/clientes.csv?a=2').open([table('clientes')], context());
  expect(await outcomes(other)).toEqual({ clientes: 'id\n2\n' });
});

test('--skip-download uses what was downloaded, and says so where nothing was', async () => {
  const skip = context({ skipDownload: true });
  const error = await failureOf(source('/clientes.csv').open([table('clientes')], skip));
  expect(error).toMatchObject({ code: 'SOURCE_NOT_FOUND', hint: 'Run once without --skip-download.' });
  server.serve(csv);
  await source('/clientes.csv').open([table('clientes')], context());
  server.requests.length = 0;
  expect(await outcomes(await source('/clientes.csv').open([table('clientes')], skip))).toEqual({
    clientes: 'id\n1\n',
  });
  expect(server.requests).toEqual([]);
});

describe('secrets in the address', () => {
  test('are sent to its server, and are in no id, message, log or file', async () => {
    server.serve(csv, { etag: '"v1"' });
    const url = `${server.origin.replace('//', '//ana:s%40cret@')}/clientes.csv?sig=tOkEn`;
    const opened = source(url);
    const snapshot = await opened.open([table('clientes')], context());
    expect(server.requests[0]?.headers.authorization).toBe(
      `Basic ${Buffer.from('ana:s@cret').toString('base64')}`,
    );
    expect(server.requests[0]?.path).toBe('/clientes.csv?sig=tOkEn');
    server.answer = (_request, response) => response.writeHead(403).end();
    const error = await failureOf(source(url).open([table('clientes')], context()));
    const kept = await readFile(join(dir(), 'work', 'download.json'), 'utf8');
    const seen = JSON.stringify([...(await remembered(snapshot)).values()]);
    const shown = [opened.id, error.message, error.hint, kept, seen, ...log.lines].join('\n');
    expect(shown).not.toMatch(/ana|s@cret|s%40cret|tOkEn|sig=/);
    expect(opened.id).toBe(`${server.origin}/clientes.csv`);
  });

  test('are not sent on to another server', async () => {
    const other = await WebServer.start();
    other.serve(csv);
    server.answer = (request, response) => {
      const location = request.url === '/first' ? '/second' : `${other.origin}/clientes.csv`;
      response.writeHead(302, { location }).end();
    };
    const url = `${server.origin.replace('//', '//ana:secret@')}/first`;
    expect(await outcomes(await source(url).open([table('clientes')], context()))).toEqual({
      clientes: 'id\n1\n',
    });
    expect(server.requests.map(({ headers }) => headers.authorization !== undefined)).toEqual([true, true]);
    expect(other.requests.map(({ headers }) => headers.authorization)).toEqual([undefined]);
    await other.close();
  });
});

test.each([
  [401, 'SOURCE_UNAUTHENTICATED', 0],
  [403, 'SOURCE_FORBIDDEN', 0],
  [404, 'SOURCE_NOT_FOUND', 0],
  [410, 'SOURCE_NOT_FOUND', 0],
  [429, 'SOURCE_RATE_LIMITED', 5],
  [503, 'SOURCE_UNREACHABLE', 5],
  [400, 'SOURCE_UNREACHABLE', 0],
])('HTTP %d is told as %s, after %d more tries', async (status, code, tries) => {
  server.answer = (_request, response) => response.writeHead(status).end();
  expect(await failureOf(source('/clientes.csv').open([table('clientes')], context()))).toMatchObject({
    code,
  });
  expect(waits).toHaveLength(tries);
});

test('redirects in circles, and to nowhere, are errors', async () => {
  for (const location of ['/again', 'ftp://host/x', 'http://']) {
    server.answer = (_request, response) => response.writeHead(302, { location }).end();
    const error = await failureOf(source('/clientes.csv').open([table('clientes')], context()));
    expect(error).toMatchObject({ code: 'SOURCE_UNREACHABLE', retryable: false });
  }
});

test('a proxy named by the environment is used, but for hosts that NO_PROXY names', async () => {
  server.serve(csv);
  const env = { HTTP_PROXY: server.origin };
  const url = 'http://dados.invalid/clientes.csv';
  expect(await outcomes(await source(url, env).open([table('clientes')], context()))).toEqual({
    clientes: 'id\n1\n',
  });
  expect(server.requests[0]?.path).toBe(url);
  const error = await failureOf(
    source(url, { ...env, NO_PROXY: 'dados.invalid' }).open([table('clientes')], context()),
  );
  expect(error.code).toBe('SOURCE_UNREACHABLE');
});
