import { createServer as createHttpServer } from 'node:http';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { proxyFor } from '../../../src/core/proxy.ts';
import { createHttpClient } from '../../../src/source/http/client.ts';
import { openHttpSource } from '../../../src/source/http/http.ts';
import { useProxies } from '../../support/proxies.ts';
import { request as tableRequest, testContext } from '../../support/source-context.ts';
import { useTempDir } from '../../support/tmp.ts';

const dir = useTempDir();
const { sockets, listen, openProxy } = useProxies();

const faults: readonly (readonly [string, (socket: Socket) => void, RegExp])[] = [
  ['closes the connection', (socket) => socket.destroy(), /the proxy closed the connection/],
  ['ends the connection', (socket) => socket.end(), /the proxy closed the connection/],
  [
    'resets the connection',
    (socket) => socket.resetAndDestroy(),
    /connection was lost|closed the connection/,
  ],
  ['keeps silent', () => undefined, /the proxy did not answer in time|did not answer in time/],
  [
    'wants a password',
    (socket) => socket.end('HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n'),
    /user and a password/,
  ],
  [
    'answers 502',
    (socket) => socket.end('HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n'),
    /answered HTTP 502/,
  ],
  ['speaks no HTTP', (socket) => socket.end('SSH-2.0-x\r\n'), /cannot be reached/],
  [
    'opens a way to nothing',
    (socket) => socket.write('HTTP/1.1 200 OK\r\n\r\n', () => socket.write('no TLS')),
    /cannot be reached/,
  ],
];

describe('a proxy that', () => {
  test.each(faults)(
    '%s is told by its name, without its password, after the tries that were meant',
    async (_what, fault, words) => {
      const proxy = await openProxy(fault);
      const env = { HTTPS_PROXY: `http://ana:hunter22@127.0.0.1:${proxy.port}` };
      const client = createHttpClient({ env, userAgent: 'test', connectTimeoutMs: 400, idleTimeoutMs: 400 });
      const request = { url: new URL('https://data.example/t.csv'), signal: AbortSignal.timeout(20_000) };
      const error: unknown = await client(request).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'SOURCE_UNREACHABLE', message: expect.stringMatching(words) });
      expect(String(error)).toContain(`through the proxy http://127.0.0.1:${proxy.port}`);
      expect(JSON.stringify(error) + String(error)).not.toContain('hunter22');
      expect(proxy.count()).toBeLessThanOrEqual(2);
    },
  );

  test('is not there', async () => {
    const server = createServer();
    const port = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    const client = createHttpClient({ env: { https_proxy: `127.0.0.1:${port}` }, userAgent: 'test' });
    await expect(
      client({ url: new URL('https://data.example/t.csv'), signal: AbortSignal.timeout(20_000) }),
    ).rejects.toMatchObject({
      message: expect.stringMatching(/proxy http:\/\/127.0.0.1:\d+: the connection was refused/),
    });
  });

  test('closes each connection is tried as often as patience says, and no more', async () => {
    const proxy = await openProxy((socket) => socket.destroy());
    const patience = {
      retries: 3,
      baseMs: 1,
      capMs: 1,
      sleep: async () => undefined,
      random: () => 0,
      now: Date.now,
    };
    const source = openHttpSource(
      { url: 'https://data.example/t.csv' },
      { env: { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` }, patience },
    );
    const tables = [tableRequest('t')];
    await expect(source.open(tables, testContext(join(dir(), 'work')))).rejects.toMatchObject({
      code: 'SOURCE_UNREACHABLE',
    });
    expect(proxy.count()).toBe(4);
  });

  test('works lets requests through, by CONNECT or as they are', async () => {
    const target = createHttpServer((_request, response) => response.end('here'));
    const targetPort = await listen(target);
    const proxy = await openProxy((socket, head) => {
      const upstream = connect(targetPort, '127.0.0.1', () => {
        sockets.add(upstream);
        if (head.startsWith('CONNECT')) socket.write('HTTP/1.1 200 OK\r\n\r\n');
        else upstream.write(head);
        socket.pipe(upstream).pipe(socket);
      });
      upstream.on('error', () => undefined);
    });
    const client = createHttpClient({ env: { HTTP_PROXY: `127.0.0.1:${proxy.port}` }, userAgent: 'test' });
    const answer = await client({
      url: new URL('http://data.example/t.csv'),
      signal: AbortSignal.timeout(5000),
    });
    expect(await answer.text()).toBe('here');
    expect(proxy.count()).toBe(1);
  });
});

describe('which proxy', () => {
  const proxyOf = (url: string, env: Record<string, string>): string | undefined =>
    proxyFor(new URL(url), env)?.href;

  test.each([
    ['https://a.example', { HTTPS_PROXY: 'p:3128' }, 'http://p:3128/'],
    ['https://a.example', { https_proxy: 'http://p:1', HTTPS_PROXY: 'http://q:2' }, 'http://p:1/'],
    ['http://a.example', { HTTPS_PROXY: 'p:3128' }, undefined],
    ['http://a.example', { HTTP_PROXY: 'https://p' }, 'https://p/'],
    ['https://a.example', { HTTPS_PROXY: 'p:1', NO_PROXY: 'example' }, undefined],
    ['https://a.example', { HTTPS_PROXY: 'p:1', NO_PROXY: 'x, .a.example' }, undefined],
    ['https://a.example', { HTTPS_PROXY: 'p:1', no_proxy: '*.example' }, undefined],
    ['https://ba.example', { HTTPS_PROXY: 'p:1', NO_PROXY: 'a.example' }, 'http://p:1/'],
    ['https://a.example', { HTTPS_PROXY: 'p:1', NO_PROXY: 'a.example:8443' }, 'http://p:1/'],
    ['https://a.example:8443', { HTTPS_PROXY: 'p:1', NO_PROXY: 'a.example:8443' }, undefined],
    ['https://[::1]:9000', { HTTPS_PROXY: 'p:1', NO_PROXY: '[::1]' }, undefined],
    ['https://a.example', { HTTPS_PROXY: 'p:1', NO_PROXY: '*' }, undefined],
    ['https://a.example', { HTTPS_PROXY: '' }, undefined],
  ] as const)('%s with %j is %s', (url, env, expected) => {
    expect(proxyOf(url, env)).toBe(expected);
  });

  test.each(['http://', 'ftp://p', 'http://p:99999', '::'])('%j is refused as a configuration', (value) => {
    expect(() => proxyOf('https://a.example', { HTTPS_PROXY: value })).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining('HTTPS_PROXY') }),
    );
  });
});
