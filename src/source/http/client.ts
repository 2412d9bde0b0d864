import type { Told } from '../../core/language/sentence.ts';
import type { Readable } from 'node:stream';
import { Agent, type Dispatcher, request as send } from 'undici';
import { IgarapeError, systemErrorCode } from '../../core/errors.ts';
import { proxyFor, proxyName } from '../../core/proxy.ts';
import { proxyDispatcher, refusedBy } from './proxy-dispatcher.ts';
import { safeUrl } from './safe-url.ts';

export interface HttpRequest {
  readonly method?: 'GET' | 'HEAD' | 'POST';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

/** An answer whose body has not been read yet: read it, or discard it. */
export interface HttpAnswer {
  readonly status: number;
  /** The address that answered. */
  readonly url: URL;
  /** A header by its lower-case name; a repeated one as a comma list. */
  header(name: string): string | undefined;
  /** The body as it comes; a lost connection is thrown as `SOURCE_UNREACHABLE`. */
  bytes(): AsyncIterable<Uint8Array>;
  /** The start of the body as text, up to a megabyte. */
  text(): Promise<string>;
  /** Drops the connection. */
  discard(): void;
}

/**
 * Sends one request and follows no redirect. Throws `SOURCE_UNREACHABLE`, retryable but for certificates, where no
 * answer comes, or the signal's reason; an answer of any status is a value.
 */
export type HttpClient = (request: HttpRequest) => Promise<HttpAnswer>;

export interface HttpClientOptions {
  /** For `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`, in either letter case. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly userAgent: string;
  readonly connectTimeoutMs?: number;
  /** The longest silence that is waited for, before the answer and inside it. */
  readonly idleTimeoutMs?: number;
}

export function createHttpClient(options: HttpClientOptions): HttpClient {
  const { env, userAgent, connectTimeoutMs = 10_000, idleTimeoutMs = 60_000 } = options;
  const limits = { connectTimeoutMs, idleTimeoutMs };
  const direct = new Agent({
    connect: { timeout: connectTimeoutMs },
    headersTimeout: idleTimeoutMs,
    bodyTimeout: idleTimeoutMs,
  });
  const proxies = new Map<string, Dispatcher>();
  const through = (proxy: URL | undefined): Dispatcher => {
    if (proxy === undefined) return direct;
    const dispatcher = proxies.get(proxy.href) ?? proxyDispatcher(proxy, limits);
    proxies.set(proxy.href, dispatcher);
    return dispatcher;
  };
  return async ({ method = 'GET', url, headers = {}, body, signal }) => {
    signal.throwIfAborted();
    const address = new URL(url);
    address.username = '';
    address.password = '';
    address.hash = '';
    const proxy = proxyFor(address, env);
    try {
      const answer = await send(address, {
        dispatcher: through(proxy),
        method,
        headers: { 'user-agent': userAgent, 'accept-encoding': 'identity', ...headers },
        signal,
        ...(body === undefined ? {} : { body }),
      });
      if (proxy !== undefined && answer.statusCode === 407) {
        answer.body.destroy();
        throw refusedBy(407);
      }
      return openAnswer(answer.statusCode, address, answer.headers, answer.body, { signal, proxy });
    } catch (error) {
      signal.throwIfAborted();
      throw unreachable(address, error, proxy);
    }
  };
}

const MAX_TEXT_BYTES = 1 << 20;

function openAnswer(
  status: number,
  url: URL,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  body: Readable,
  { signal, proxy }: { readonly signal: AbortSignal; readonly proxy: URL | undefined },
): HttpAnswer {
  // A body that is dropped ends in an error that nobody waits for; whoever reads it gets it from the reading.
  body.on('error', () => undefined);
  async function* bytes(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of body) if (chunk instanceof Uint8Array) yield chunk;
    } catch (error) {
      signal.throwIfAborted();
      throw unreachable(url, error, proxy);
    }
  }
  return {
    status,
    url,
    header: (name) => {
      const value = headers[name];
      return Array.isArray(value) ? value.join(',') : value;
    },
    bytes,
    text: async () => {
      const chunks: Uint8Array[] = [];
      let size = 0;
      for await (const chunk of bytes()) {
        chunks.push(chunk);
        size += chunk.length;
        if (size >= MAX_TEXT_BYTES) break;
      }
      return Buffer.concat(chunks).toString('utf8');
    },
    discard: () => {
      body.destroy();
    },
  };
}

const MEANINGS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was lost',
  EPIPE: 'the connection was lost',
  ENOTFOUND: 'its name is not known',
  EAI_AGAIN: 'its name cannot be looked up now',
  ENETUNREACH: 'there is no network',
  EHOSTUNREACH: 'there is no way to it',
  ETIMEDOUT: 'it did not answer in time',
  UND_ERR_CONNECT_TIMEOUT: 'it did not answer in time',
  UND_ERR_HEADERS_TIMEOUT: 'it did not answer in time',
  UND_ERR_BODY_TIMEOUT: 'it fell silent in the middle of its answer',
  UND_ERR_SOCKET: 'the connection was lost',
  PROXY_CLOSED: 'the proxy closed the connection',
  PROXY_SILENT: 'the proxy did not answer in time',
  PROXY_407: 'the proxy wants a user and a password, or others',
};

function unreachable(url: URL, error: unknown, proxy: URL | undefined): IgarapeError {
  if (error instanceof IgarapeError) return error;
  const code = systemErrorCode(error) ?? 'unknown';
  const isCertificate = /CERT|SELF_SIGNED|TLS|SSL/.test(code);
  const isRefusal = code === 'PROXY_407';
  const [, status] = /^PROXY_(\d+)$/.exec(code) ?? [];
  const meaning =
    MEANINGS[code] ??
    (status === undefined
      ? isCertificate
        ? 'its certificate is not trusted'
        : 'the connection failed'
      : `the proxy answered HTTP ${status}`);
  const way = proxy === undefined ? '' : ` through the proxy ${proxyName(proxy)}`;
  return new IgarapeError(
    'SOURCE_UNREACHABLE',
    `${safeUrl(url)} cannot be reached${way}: ${meaning} (${code})`,
    {
      hint: hintOf(isCertificate, isRefusal),
      retryable: !isCertificate && !isRefusal,
      cause: error,
    },
  );
}

function hintOf(isCertificate: boolean, isRefusal: boolean): Told {
  if (isRefusal) return 'Put user and password into HTTPS_PROXY, as in http://user:password@host:3128.';
  return isCertificate
    ? 'Where a proxy or a company has its own certificate authority, name its file in NODE_EXTRA_CA_CERTS.'
    : 'Check the network, and HTTPS_PROXY where there is a proxy. What was downloaded so far is kept.';
}
