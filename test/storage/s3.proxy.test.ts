import { createServer as createHttpServer } from 'node:http';
import { connect, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { openS3Storage } from '../../src/storage/s3/storage.ts';
import type { Storage } from '../../src/storage/port.ts';
import { useProxies } from '../support/proxies.ts';

const { sockets, listen, openProxy } = useProxies();

function urlOf({ port }: { readonly port: number }): string {
  return `ana:hunter22@127.0.0.1:${port}`;
}

const TRIES = 3;

function storeBehind(proxy: string, endpoint: string, more: Record<string, string> = {}): Storage {
  const env = {
    AWS_ACCESS_KEY_ID: 'key',
    AWS_SECRET_ACCESS_KEY: 'secret',
    HTTP_PROXY: proxy,
    HTTPS_PROXY: proxy,
    ...more,
  };
  return openS3Storage('s3://b/p', { endpoint, forcePathStyle: true, region: 'us-east-1' }, env, {
    tries: TRIES,
    connectTimeoutMs: 300,
    idleTimeoutMs: 300,
    backoffMs: 1,
  });
}

test.each<[string, (socket: Socket) => void]>([
  ['closes the connection', (socket) => socket.destroy()],
  ['keeps silent', () => undefined],
  [
    'wants a password',
    (socket) => socket.end('HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n'),
  ],
  ['answers 502', (socket) => socket.end('HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n')],
  ['speaks no HTTP', (socket) => socket.end('SSH-2.0-x\r\n')],
])(
  'a proxy before a bucket that %s is told after the tries that were meant, without its password',
  async (_what, fault) => {
    const proxy = await openProxy(fault);
    const error: unknown = await storeBehind(urlOf(proxy), 'https://store.example')
      .read('key')
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'LAKE_UNREACHABLE',
      message: expect.stringMatching(/proxy|HTTP 502/),
    });
    expect(String(error)).not.toContain('hunter22');
    expect(proxy.count()).toBeGreaterThan(0);
    expect(proxy.count()).toBeLessThanOrEqual(2 * TRIES);
  },
);

test('a bucket is reached through a proxy, and without it where NO_PROXY says so', async () => {
  const store = createHttpServer((_request, response) => response.end('bytes'));
  const port = await listen(store);
  const proxy = await openProxy((socket) => {
    const upstream = connect(port, '127.0.0.1', () => {
      sockets.add(upstream);
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.pipe(upstream).pipe(socket);
    });
    upstream.on('error', () => undefined);
  });
  const through = storeBehind(urlOf(proxy), 'http://store.example');
  expect(Buffer.from((await through.read('key')) ?? []).toString()).toBe('bytes');
  expect(proxy.count()).toBe(1);
  const past = storeBehind(urlOf(proxy), `http://127.0.0.1:${port}`, { NO_PROXY: '127.0.0.1' });
  expect(Buffer.from((await past.read('key')) ?? []).toString()).toBe('bytes');
  expect(proxy.count()).toBe(1);
});
