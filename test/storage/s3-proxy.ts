import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type ServerResponse,
} from 'node:http';
import type { StorageLocation } from '../../src/storage/location.ts';

/** A request as it came over the wire. */
export interface SeenRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface WireAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** What becomes of a request. */
export type Treatment =
  | 'pass'
  /** The server gets it and carries it out; its answer is lost. */
  | 'lose-answer'
  /** The server gets it and carries it out; its answer is lost, and the proxy sends it again by itself. */
  | 'repeat'
  /** The server never gets it. */
  | 'lose-request'
  /** The server gets it; half of its answer's body arrives. */
  | 'cut-answer'
  /** Nobody ever answers. */
  | 'ignore'
  | WireAnswer;

export interface Proxy {
  readonly endpoint: string;
  /** Every request so far, in order. */
  readonly seen: readonly SeenRequest[];
  /** The same place, by way of the proxy. */
  through(location: StorageLocation): StorageLocation;
  stop(): Promise<void>;
}

/** A real socket between the client and an S3 server, or in place of one, that treats each request as `treat` says. */
export async function startProxy(
  upstream: string | undefined,
  treat: (seen: SeenRequest, index: number) => Treatment,
): Promise<Proxy> {
  const seen: SeenRequest[] = [];
  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = 'GET', url = '/', headers } = incoming;
    const current = { method, url, headers, body: await bytesOf(incoming) };
    seen.push(current);
    const treatment = treat(current, seen.length - 1);
    if (treatment === 'ignore') return;
    if (treatment === 'lose-request') {
      response.destroy();
    } else if (typeof treatment === 'object') {
      response
        .writeHead(treatment.status, { 'x-amz-request-id': 'R1', ...treatment.headers })
        .end(treatment.body);
    } else {
      await forward(upstream, current, response, treatment);
    }
  };
  const server = createServer((incoming, response) => {
    handle(incoming, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  const endpoint = `http://127.0.0.1:${address.port}`;
  return {
    endpoint,
    seen,
    through: (location) => ({ ...location, s3: { ...location.s3, endpoint } }),
    stop: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** S3's form of an error. */
export function s3Refusal(
  status: number,
  code: string,
  message = 'No.',
  rest: { readonly xml?: string; readonly headers?: Readonly<Record<string, string>> } = {},
): WireAnswer {
  const xml = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${message}</Message>${rest.xml ?? ''}<RequestId>R1</RequestId></Error>`;
  return { status, headers: { 'content-type': 'application/xml', ...rest.headers }, body: xml };
}

/** The `Host` of the client goes on unchanged, for it is signed. */
async function forward(
  upstream: string | undefined,
  seen: SeenRequest,
  response: ServerResponse,
  treatment: 'pass' | 'lose-answer' | 'cut-answer' | 'repeat',
): Promise<void> {
  if (upstream === undefined) throw new Error('there is no server behind this proxy');
  if (treatment === 'repeat') await send(upstream, seen);
  const { answer, bytes } = await send(upstream, seen);
  if (treatment === 'lose-answer') {
    response.destroy();
    return;
  }
  response.writeHead(answer.statusCode ?? 500, answer.headers);
  if (treatment === 'cut-answer')
    response.write(bytes.subarray(0, bytes.byteLength / 2), () => response.destroy());
  else response.end(bytes);
}

async function send(
  upstream: string,
  seen: SeenRequest,
): Promise<{ answer: IncomingMessage; bytes: Buffer }> {
  const { method, url, body } = seen;
  const { expect: _, ...headers } = seen.headers;
  const outgoing = request(`${upstream}${url}`, { method, headers, agent: false });
  outgoing.end(body);
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.once('response', resolve).once('error', reject);
  });
  return { answer, bytes: await bytesOf(answer) };
}

async function bytesOf(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}
