import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';

export interface WebRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

/** A web server on the loopback interface that keeps what it was asked. */
export class WebServer {
  readonly requests: WebRequest[] = [];
  readonly origin: string;
  /** Answers a request; replace it at any time. */
  answer: (request: IncomingMessage, response: ServerResponse) => void = (_request, response) => {
    response.writeHead(404);
    response.end();
  };
  readonly #server: Server;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.origin = `http://127.0.0.1:${port}`;
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      this.requests.push({ method: request.method ?? '', path: request.url ?? '', headers: request.headers });
      this.answer(request, response);
    });
  }

  static async start(): Promise<WebServer> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (typeof address !== 'object' || address === null) throw new Error('the server does not listen');
    return new WebServer(server, address.port);
  }

  /** Serves a file as a good server does: with ETag and Last-Modified, conditions and ranges. */
  serve(
    bytes: Buffer,
    marks: {
      readonly etag?: string;
      readonly lastModified?: string;
      readonly ignoresConditions?: boolean;
    } = {},
  ): void {
    const { etag, lastModified, ignoresConditions = false } = marks;
    this.answer = ({ headers }, response) => {
      const validators = {
        ...(etag === undefined ? {} : { etag }),
        ...(lastModified === undefined ? {} : { 'last-modified': lastModified }),
      };
      const isSame =
        headers['if-none-match'] === undefined
          ? lastModified !== undefined && headers['if-modified-since'] === lastModified
          : headers['if-none-match'] === etag;
      if (isSame && !ignoresConditions) {
        response.writeHead(304, validators);
        response.end();
        return;
      }
      const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
      response.writeHead(from > 0 ? 206 : 200, {
        ...validators,
        'accept-ranges': 'bytes',
        'content-length': bytes.length - from,
        ...(from > 0 ? { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` } : {}),
      });
      response.end(bytes.subarray(from));
    };
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}
