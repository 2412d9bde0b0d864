import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json, text } from 'node:stream/consumers';

export interface FakeResult {
  /** Names, and types as the API calls them: `LONG`. */
  readonly columns: readonly (readonly [name: string, type: string])[];
  readonly rows: readonly (readonly (string | null)[])[];
}

/** What a statement comes to, in place of a result. */
export interface FakeFailure {
  readonly state: 'FAILED' | 'CANCELED' | 'CLOSED';
  readonly error?: { readonly error_code: string; readonly message: string };
  readonly sql_state?: string;
}

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
}

interface Running {
  readonly sql: string;
  readonly isInline: boolean;
  polls: number;
  state: string;
  outcome: FakeResult | FakeFailure | undefined;
}

const LARGEST_INLINE = 26_214_400;
const TOO_LARGE = {
  state: 'FAILED',
  error: {
    error_code: 'BAD_REQUEST',
    message: `Inline byte limit exceeded. Statements executed with disposition=INLINE can have a result size of at most ${LARGEST_INLINE} bytes. Please execute the statement with disposition=EXTERNAL_LINKS if you want to download the full result.`,
  },
} as const satisfies FakeFailure;

/**
 * The token endpoint and the Statement Execution API of a workspace of Databricks, as they are documented, and the store
 * that links point to, on two ports of the loopback interface.
 */
export class FakeDatabricks {
  readonly origin: string;
  readonly requests: {
    readonly path: string;
    readonly authorization: string | undefined;
    readonly body: unknown;
  }[] = [];
  /** Computes a statement; replace it at any time. */
  compute: (sql: string) => Promise<FakeResult | FakeFailure> = async () => ({ columns: [], rows: [] });
  /** Tokens that are let in. */
  readonly tokens = new Set(['a-token']);
  /** Client ids with their secrets. */
  readonly clients = new Map([['a-client', 'a-secret']]);
  tokenSeconds = 3600;
  /** So many times a statement is looked at before it is done. */
  polls = 2;
  /** Whether who looks at a statement has the answer once it is computed, rather than look again and again. */
  isPatient = false;
  /** Rows in a chunk. */
  chunkRows = 1000;
  /** The bytes that an answer holds. */
  largestInline = LARGEST_INLINE;
  /** Answered in place of the truth, one after the other. */
  readonly faults: Answer[] = [];
  /** So many links have expired when they are followed. */
  expiredLinks = 0;
  readonly cancelled: string[] = [];
  /** Resolves once a statement is running. */
  running: () => void = () => undefined;
  readonly #statements = new Map<string, Running>();
  readonly #computed = new Map<string, Promise<void>>();
  readonly #links = new Map<string, string>();
  readonly #store: string;
  readonly #close: () => Promise<void>;

  private constructor(origin: string, store: string, close: () => Promise<void>) {
    this.origin = origin;
    this.#store = store;
    this.#close = close;
  }

  static async start(): Promise<FakeDatabricks> {
    let fake: FakeDatabricks | undefined;
    const servers = [
      createServer((request, response) => void fake?.handleApi(request, response)),
      createServer((request, response) => fake?.handleStore(request, response)),
    ];
    const origins: string[] = [];
    for (const server of servers) {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const address: AddressInfo | string | null = server.address();
      if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
      origins.push(`http://127.0.0.1:${address.port}`);
    }
    const [origin = '', store = ''] = origins;
    fake = new FakeDatabricks(origin, store, async () => {
      for (const server of servers) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    });
    return fake;
  }

  /** The statements that it was sent. */
  get statements(): string[] {
    return [...this.#statements.values()].map(({ sql }) => sql);
  }

  stop(): Promise<void> {
    return this.#close();
  }

  async handleApi(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '';
    const { authorization } = request.headers;
    const isToken = path === '/oidc/v1/token';
    const body: unknown =
      request.method !== 'POST' ? undefined : isToken ? await text(request) : await posted(request);
    this.requests.push({ path, authorization, body });
    if (this.isPatient) await this.#computed.get(path.split('/').at(-1) ?? '');
    const fault = isToken ? undefined : this.faults.shift();
    const {
      status,
      headers = {},
      body: answer = {},
    } = fault ?? (isToken ? this.#token(authorization) : this.#api(path, authorization, body));
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(answer));
  }

  handleStore(request: IncomingMessage, response: ServerResponse): void {
    const rows = this.#links.get(request.url ?? '');
    // A store takes the link's own signature, and nothing beside it.
    const isRefused =
      request.headers.authorization !== undefined || rows === undefined || this.expiredLinks-- > 0;
    response.writeHead(isRefused ? 403 : 200);
    response.end(isRefused ? '<Error><Code>AccessDenied</Code></Error>' : rows);
  }

  #token(authorization = ''): Answer {
    const [id = '', secret] = Buffer.from(authorization.replace('Basic ', ''), 'base64')
      .toString()
      .split(':');
    if (this.clients.get(id) !== secret)
      return {
        status: 401,
        body: { error: 'invalid_client', error_description: 'Client authentication failed' },
      };
    const token = `issued-${randomUUID()}`;
    this.tokens.add(token);
    return {
      status: 200,
      body: { access_token: token, token_type: 'Bearer', expires_in: this.tokenSeconds },
    };
  }

  #api(path: string, authorization: string | undefined, body: unknown): Answer {
    if (!this.tokens.has(authorization?.replace('Bearer ', '') ?? ''))
      return {
        status: 401,
        body: { error_code: 'UNAUTHENTICATED', message: `Invalid token: ${authorization}` },
      };
    const [, id = '', rest = ''] = /^\/api\/2\.0\/sql\/statements\/([^/]*)(.*)$/.exec(path) ?? [];
    if (id === '') return this.#submit(body);
    const found = this.#statements.get(id);
    if (found === undefined)
      return {
        status: 404,
        body: { error_code: 'NOT_FOUND', message: `The statement ${id} was not found.` },
      };
    if (rest === '/cancel') {
      found.state = 'CANCELED';
      this.cancelled.push(found.sql);
      return { status: 200 };
    }
    const [, chunk] = /^\/result\/chunks\/(\d+)$/.exec(rest) ?? [];
    if (chunk !== undefined) return { status: 200, body: this.#chunk(id, found, Number(chunk)) };
    if (found.state === 'RUNNING' && found.outcome !== undefined && found.polls-- <= 0)
      found.state = 'state' in found.outcome ? found.outcome.state : 'SUCCEEDED';
    else if (found.state === 'PENDING') {
      found.state = 'RUNNING';
      this.running();
    }
    return { status: 200, body: this.#told(id, found) };
  }

  #submit(body: unknown): Answer {
    const asked = typeof body === 'object' && body !== null ? { ...body } : {};
    const {
      statement,
      warehouse_id: warehouse,
      disposition,
      wait_timeout: wait,
    }: Record<string, unknown> = asked;
    if (warehouse !== 'a-warehouse')
      return {
        status: 404,
        body: { error_code: 'NOT_FOUND', message: `SQL warehouse ${String(warehouse)} does not exist.` },
      };
    if (typeof statement !== 'string' || wait !== '0s')
      return {
        status: 400,
        body: { error_code: 'INVALID_PARAMETER_VALUE', message: 'a statement is missing' },
      };
    const id = randomUUID();
    const isInline = disposition !== 'EXTERNAL_LINKS';
    const running: Running = {
      sql: statement,
      isInline,
      polls: this.polls,
      state: 'PENDING',
      outcome: undefined,
    };
    this.#statements.set(id, running);
    this.#computed.set(id, this.#run(running));
    return { status: 200, body: this.#told(id, running) };
  }

  async #run(running: Running): Promise<void> {
    const outcome = await this.compute(running.sql).catch((error: unknown): FakeFailure => ({
      state: 'FAILED',
      error: { error_code: 'UNKNOWN', message: String(error) },
    }));
    const isLarge =
      running.isInline && 'rows' in outcome && JSON.stringify(outcome.rows).length > this.largestInline;
    running.outcome = isLarge ? TOO_LARGE : outcome;
  }

  #told(id: string, { state, outcome }: Running): object {
    const status =
      outcome !== undefined && 'state' in outcome && state === outcome.state ? outcome : { state };
    if (state !== 'SUCCEEDED' || outcome === undefined || !('rows' in outcome))
      return { statement_id: id, status };
    const columns = outcome.columns.map(([name, type], position) => ({ name, type_name: type, position }));
    const running = this.#statements.get(id);
    return {
      statement_id: id,
      status,
      manifest: { format: 'JSON_ARRAY', schema: { column_count: columns.length, columns } },
      ...(running === undefined ? {} : { result: this.#chunk(id, running, 0) }),
    };
  }

  #chunk(id: string, { isInline, outcome }: Running, index: number): object {
    const all = outcome !== undefined && 'rows' in outcome ? outcome.rows : [];
    const rows = all.slice(index * this.chunkRows, (index + 1) * this.chunkRows);
    const next = (index + 1) * this.chunkRows < all.length ? { next_chunk_index: index + 1 } : {};
    const place = { chunk_index: index, row_count: rows.length, row_offset: index * this.chunkRows };
    if (isInline) return { ...place, ...next, data_array: rows };
    const link = `/${id}/${index}?signature=${randomUUID()}`;
    this.#links.set(link, JSON.stringify(rows));
    const expiration = new Date(Date.now() + 900_000).toISOString();
    return { external_links: [{ ...place, ...next, external_link: `${this.#store}${link}`, expiration }] };
  }
}

async function posted(request: IncomingMessage): Promise<unknown> {
  return request.headers['content-length'] === '0' ? {} : json(request).catch(() => ({}));
}
