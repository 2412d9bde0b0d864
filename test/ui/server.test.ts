import { EventEmitter, once } from 'node:events';
import { rm } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { silentLogger } from '../../src/core/log.ts';
import { DeltaTable } from '../../src/delta/table.ts';
import type { Storage } from '../../src/storage/port.ts';
import { writeFileAt } from '../support/write-file.ts';
import { openSession, usePage, withPage } from './demo-page.ts';

const page = usePage();

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** A request as any program could send it: `fetch` would not let some of these headers be set. */
async function send(
  path: string,
  {
    method = 'GET',
    headers = {},
    body,
  }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const call = request(`${page().origin}${path}`, { method, headers, agent: false }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          text: Buffer.concat(chunks).toString(),
        }),
      );
    });
    call.on('error', reject);
    call.end(body);
  });
}

const JSON_TYPE = { 'content-type': 'application/json' };

async function cookie(): Promise<string> {
  const { headers } = await send('/api/session', {
    method: 'POST',
    headers: JSON_TYPE,
    body: JSON.stringify({ token: page().token }),
  });
  return String(headers['set-cookie']).split(';')[0] ?? '';
}

const own = async (more: Record<string, string> = {}): Promise<Record<string, string>> => ({
  cookie: await cookie(),
  ...more,
});

describe('who is not let in', () => {
  test.each<[string, Record<string, string>, number]>([
    ['another name for this server', { host: 'evil.example' }, 421],
    ['its name with another port', { host: '127.0.0.1:1' }, 421],
    ['a page of another site', { 'sec-fetch-site': 'cross-site' }, 403],
    ['a page of another port', { 'sec-fetch-site': 'same-site' }, 403],
    ['another origin', { origin: 'http://127.0.0.1:1' }, 403],
    ['no origin at all', { origin: 'null' }, 403],
  ])('%s, though it has the cookie', async (_who, headers, status) => {
    expect((await send('/api/overview', { headers: await own(headers) })).status).toBe(status);
    expect((await send('/', { headers })).status).toBe(status);
  });

  test('whoever has no cookie, or a wrong one', async () => {
    expect((await send('/api/overview')).status).toBe(401);
    const name = (await cookie()).split('=')[0];
    expect((await send('/api/overview', { headers: { cookie: `${name}=wrong` } })).status).toBe(401);
    expect((await send('/api/events')).status).toBe(401);
  });

  test('whoever has a wrong token', async () => {
    for (const token of ['', 'x', `${page().token}x`]) {
      const body = JSON.stringify({ token });
      expect((await send('/api/session', { method: 'POST', headers: JSON_TYPE, body })).status).toBe(401);
    }
  });

  test('a form, and a body that is too long', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const headers = await own(form);
    expect((await send('/api/sql', { method: 'POST', headers, body: 'sql=SELECT 1' })).status).toBe(415);
    expect((await send('/api/session', { method: 'POST', body: '{}' })).status).toBe(415);
    const body = JSON.stringify({ sql: 'x'.repeat(200_000) });
    expect((await send('/api/sql', { method: 'POST', headers: await own(JSON_TYPE), body })).status).toBe(
      413,
    );
    expect((await send('/api/overview', { method: 'DELETE', headers: await own() })).status).toBe(405);
  });

  test('paths beside the page', async () => {
    for (const path of [
      '/../package.json',
      '/%2e%2e/package.json',
      '/..%2fserver.js',
      '/main.js.map',
      '/api/__proto__',
      '/api/constructor',
    ])
      expect((await send(path, { headers: await own() })).status).toBe(404);
  });
});

test('the page itself has no data, and a visit from another site opens it', async () => {
  const { status, headers } = await send('/', {
    headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' },
  });
  expect(status).toBe(200);
  expect(headers['content-security-policy']).toContain(
    "default-src 'none'; script-src 'self'; style-src 'self'",
  );
  expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
  expect(headers).toMatchObject({
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  });
  expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
});

test('the cookie is for this server’s answers alone, and scripts do not see it', async () => {
  const { headers } = await send('/api/session', {
    method: 'POST',
    headers: JSON_TYPE,
    body: JSON.stringify({ token: page().token }),
  });
  expect(String(headers['set-cookie'])).toMatch(
    /^igarape_\d+=[\w-]{43}; Path=\/api\/; HttpOnly; SameSite=Strict$/,
  );
});

test('it is there for this machine alone, by the one address', async () => {
  const elsewhere = page().origin.replace('127.0.0.1', '127.0.0.2');
  await expect(fetch(elsewhere)).rejects.toThrow('fetch failed');
});

test('what one server has given lets nobody into the next', async () => {
  const [, secret = ''] = (await cookie()).split('=');
  const { lake, token } = page();
  await withPage(lake, {}, async ({ server, origin }) => {
    const headers = { cookie: `igarape_${server.port}=${secret}` };
    expect((await fetch(`${origin}/api/overview`, { headers })).status).toBe(401);
    const body = JSON.stringify({ token });
    expect((await fetch(`${origin}/api/session`, { method: 'POST', headers: JSON_TYPE, body })).status).toBe(
      401,
    );
  });
});

test('an error tells no secret', async () => {
  const { text } = await send('/api/rows?table=silver.geheim', { headers: await own() });
  expect(text).toContain('silver.[redacted]');
});

test('a name that was given is let in', async () => {
  expect((await send('/', { headers: { host: 'codespace.example' } })).status).toBe(200);
});

test('a port that is taken is passed over', async () => {
  const { lake, server } = page();
  const port = await withPage(lake, { port: server.port }, async (other) => other.server.port);
  expect(port).toBeGreaterThan(server.port);
  expect(port).toBeLessThan(server.port + 20);
});

test.each(['run', 'verify', 'stop'])('nothing is done, unless that was allowed: %s', async (what) => {
  const answer = await send(`/api/do/${what}`, { method: 'POST', headers: await own(JSON_TYPE), body: '{}' });
  expect([answer.status, JSON.parse(answer.text).error.code]).toEqual([403, 'READ_ONLY']);
});

describe('the console', () => {
  const ask = async (sql: string): Promise<Reply> =>
    send('/api/sql', { method: 'POST', headers: await own(JSON_TYPE), body: JSON.stringify({ sql }) });

  test('answers over the tables that are named', async () => {
    const { text } = await ask('SELECT count(*) AS n FROM vendas');
    expect(JSON.parse(text)).toMatchObject({ rows: [['130']], truncated: false });
  });

  test('answers with ten thousand rows at most', async () => {
    const { rows, truncated } = JSON.parse((await ask('SELECT one.id FROM vendas one, vendas')).text);
    expect([rows.length, truncated]).toEqual([10_000, true]);
  });

  test.each([
    `SELECT * FROM read_text('/etc/passwd')`,
    `SELECT * FROM glob('/etc/*')`,
    `SELECT * FROM '/etc/passwd'`,
    `SELECT * FROM '../../igarape.json'`,
    `SELECT * FROM read_parquet('lake/../../*.parquet')`,
    `COPY (SELECT 1) TO '/tmp/igarape-console'`,
    `ATTACH '/tmp/igarape-console.db'`,
    `EXPORT DATABASE '/tmp/igarape-console'`,
    'INSTALL httpfs',
    'SELECT * FROM duckdb_secrets()',
    `SELECT getenv('HOME')`,
    `SELECT * FROM enable_profiling(save_location='/tmp/igarape-console', format='json')`,
    `SET enable_external_access = true`,
    'SELECT 1; SELECT 2',
  ])('refuses %s', async (sql) => {
    const { status, text } = await ask(sql);
    expect([status, JSON.parse(text).error.code]).toEqual([400, 'USAGE']);
  });
});

test('what is asked wrongly is told in a sentence', async () => {
  const headers = await own();
  const cases = [
    ['/api/changes?run=1&table=other', 'The lake has no table other of the source.'],
    ['/api/changes?run=9&table=vendas', 'Run 9 has published nothing of vendas.'],
    ['/api/rows?table=vendas&offset=-1', '"-1" is no whole number.'],
    ['/api/rows?table=silver.nothing', 'The lake has no table silver.nothing yet.'],
    ['/api/cube?table=gold.diario&measure=nrIds&by=other', 'gold.diario has no rows of nrIds by other alone'],
  ] as const;
  for (const [path, sentence] of cases) {
    const { text } = await send(path, { headers });
    expect(JSON.parse(text).error.message).toContain(sentence);
  }
});

test('whoever leaves before an answer is there is no trouble in the log', async () => {
  const errors: unknown[] = [];
  const log = { ...silentLogger, error: (fields: object) => errors.push(fields) };
  let isHeld = false;
  const events = new EventEmitter();
  const { lake } = page();
  const storage = readLate(lake.storage, async () => {
    if (!isHeld) return;
    const released = once(events, 'released');
    events.emit('asked');
    await released;
  });
  await withPage({ ...lake, storage }, { log }, async (served) => {
    const get = await openSession(served);
    await get('/api/status');
    isHeld = true;
    const leave = new AbortController();
    const asked = once(events, 'asked');
    const query = { method: 'POST', body: JSON.stringify({ sql: 'SELECT count(*) FROM vendas' }) };
    const left = get('/api/sql', { ...query, signal: leave.signal }).catch(() => undefined);
    await asked;
    leave.abort();
    await left;
    // From here on the server knows.
    await get('/api/told');
    isHeld = false;
    events.emit('released');
    expect((await get('/api/sql', query)).status).toBe(200);
  });
  expect(errors).toEqual([]);
});

/** A store that waits before it reads. */
function readLate(storage: Storage, wait: () => Promise<void>): Storage {
  return new Proxy(storage, {
    get(target, name: keyof Storage) {
      const value = target[name];
      if (typeof value !== 'function') return value;
      const call = (...args: unknown[]): unknown => Reflect.apply(value, target, args);
      return name === 'read' ? async (...args: unknown[]) => wait().then(() => call(...args)) : call;
    },
  });
}

test('each screen’s answers are there', async () => {
  const headers = await own();
  for (const path of [
    '/api/overview',
    '/api/status',
    '/api/run?run=1',
    '/api/cycles',
    '/api/changes?run=1&table=vendas&before=1',
    '/api/columns?run=1&table=vendas',
    '/api/key?table=vendas&k.id=1',
    '/api/find?q=1',
    '/api/graph',
    '/api/rows?table=gold.diario',
    '/api/profile?table=silver.vendas',
    '/api/versions?table=silver.vendas',
    '/api/versions?table=vendas',
    '/api/diff?table=silver.vendas&from=0&to=1',
    '/api/tables',
    '/api/cubes',
    '/api/cube?table=gold.diario&measure=nrVendas&by=cliente',
  ])
    expect([path, (await send(path, { headers })).status]).toEqual([path, 200]);
});

test('what others commit after the first answers is told to whoever listens only then', async () => {
  const { lake, origin } = page();
  const headers = await own();
  expect((await send('/api/status', { headers })).status).toBe(200);
  await using bronze = await DeltaTable.open(join(lake.storage.uri, 'bronze', 'clientes'));
  await bronze.setProperties({ note: 'by others' });
  const stop = new AbortController();
  const events = eventsOf(await fetch(`${origin}/api/events`, { headers, signal: stop.signal }));
  expect(await events('revision')).toEqual({});
  stop.abort();
});

test('a run of another process is followed, and a commit of others to a table of the layers is told', async () => {
  const { lake, origin } = page();
  const stop = new AbortController();
  const answer = await fetch(`${origin}/api/events`, { headers: await own(), signal: stop.signal });
  const events = eventsOf(answer);
  expect(await events('running')).toEqual({ running: null });

  const path = join(lake.config.workDir, 'running', `${'0'.repeat(16)}.1.00000000.json`);
  const progress = { step: 'layer', table: 'gold.diario', done: 1, total: 4 };
  await writeFileAt(path, JSON.stringify({ startedAt: '2026-01-01T00:00:00Z', progress }));
  expect(await events('running')).toEqual({ running: 'elsewhere' });
  expect(await events('progress')).toEqual({ step: 'layer', table: 'gold.diario', share: 0.625 });
  await rm(path);
  expect(await events('running')).toEqual({ running: null });

  await using bronze = await DeltaTable.open(join(lake.storage.uri, 'bronze', 'vendas'));
  await bronze.setProperties({ note: 'by others' });
  expect(await events('revision')).toEqual({});
  stop.abort();
});

/** Waits for the next event of a name, and resolves what it says. */
function eventsOf({ body }: Response): (name: string) => Promise<unknown> {
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  return async (name) => {
    for (;;) {
      const [event, ...rest] = text.split('\n\n');
      if (rest.length > 0) {
        text = rest.join('\n\n');
        const data = /^data: (.*)$/m.exec(event ?? '')?.[1];
        if (event?.startsWith(`event: ${name}\n`) && data !== undefined) return JSON.parse(data);
        continue;
      }
      const { value, done } = (await reader?.read()) ?? { done: true };
      if (done) throw new Error(`No ${name} came.`);
      text += value ?? '';
    }
  };
}
