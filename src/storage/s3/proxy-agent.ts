import type { ClientRequest } from 'node:http';
import type { Socket } from 'node:net';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { systemErrorCode } from '../../core/errors.ts';
import { proxyName } from '../../core/proxy.ts';

/** Opens connections through a proxy, in a time that is bounded; what goes wrong on that way is told with its name. */
export class ProxyWay extends HttpsProxyAgent<string> {
  readonly #limitMs: number;

  constructor(proxy: URL, limitMs: number) {
    super(proxy, { keepAlive: true, maxSockets: MOST_SOCKETS });
    this.#limitMs = limitMs;
  }

  override async connect(
    request: ClientRequest,
    options: Parameters<HttpsProxyAgent<string>['connect']>[1],
  ): Promise<Socket> {
    let timer: NodeJS.Timeout | undefined;
    const opening = super.connect(request, options);
    const silence = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error('it did not answer in time')), this.#limitMs);
    });
    try {
      return await Promise.race([opening, silence]);
    } catch (error) {
      void opening.then(
        (socket) => socket.destroy(),
        () => undefined,
      );
      throw this.#named(error);
    } finally {
      clearTimeout(timer);
    }
  }

  #named(error: unknown): Error {
    const words = error instanceof Error ? error.message : String(error);
    const told = new Error(`the proxy ${proxyName(this.proxy)}: ${words}`, { cause: error });
    return Object.assign(told, { code: systemErrorCode(error) ?? 'EPROXY' });
  }
}

/** As many as the SDK's own agent has. */
const MOST_SOCKETS = 50;
