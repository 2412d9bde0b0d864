import { type buildConnector, type Dispatcher, Pool, ProxyAgent } from 'undici';
import { systemErrorCode } from '../../core/errors.ts';

export interface ProxyLimits {
  readonly connectTimeoutMs: number;
  readonly idleTimeoutMs: number;
}

/**
 * Sends requests through a proxy. Where the way through it cannot be opened, by whatever the proxy does or does not do,
 * the request fails, with a code that begins with PROXY_ where it is the proxy's own doing.
 */
export function proxyDispatcher(proxy: URL, { connectTimeoutMs, idleTimeoutMs }: ProxyLimits): Dispatcher {
  return new ProxyAgent({
    uri: proxy.href,
    headersTimeout: idleTimeoutMs,
    bodyTimeout: idleTimeoutMs,
    proxyTunnel: false,
    proxyTls: { timeout: connectTimeoutMs },
    factory: (origin, options) => new Pool(origin, bounded(options, connectTimeoutMs)),
  });
}

/** The error of a proxy that answers with a status of its own. */
export function refusedBy(status: number, cause?: unknown): Error {
  return withCode(`PROXY_${status}`, cause);
}

function bounded(options: object, limitMs: number): Pool.Options {
  if (!('connect' in options) || !isConnector(options.connect)) return options;
  const { connect } = options;
  return {
    ...options,
    connect: (request, callback) => {
      let isOver = false;
      const end = (error: Error): void => {
        if (!isOver) callback(error, null);
        isOver = true;
      };
      const timer = setTimeout(() => end(withCode('PROXY_SILENT')), limitMs);
      connect(request, (...[error, socket]) => {
        clearTimeout(timer);
        if (error !== null) return end(asProxyError(error));
        if (isOver) socket.destroy();
        else callback(null, socket);
        isOver = true;
      });
    },
  };
}

function isConnector(value: unknown): value is buildConnector.connector {
  return typeof value === 'function';
}

/** At the code of a closed socket, undici would connect again and again, without a pause or an end. */
function asProxyError(error: Error): Error {
  const [, status] = /Proxy response \((\d{3})\)/.exec(error.message) ?? [];
  if (status !== undefined) return refusedBy(Number(status), error);
  const code = systemErrorCode(error);
  if (code === 'UND_ERR_SOCKET' || code === 'UND_ERR_INFO') return withCode('PROXY_CLOSED', error);
  return code === undefined ? withCode('PROXY_CLOSED', error) : error;
}

function withCode(code: string, cause?: unknown): Error {
  return Object.assign(new Error(code, { cause }), { code });
}
