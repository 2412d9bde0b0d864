import type { Databricks } from '../../config/databricks.ts';
import { IgarapeError } from '../../core/errors.ts';
import * as z from 'zod';
import type { Logger } from '../../core/log.ts';
import type { HttpAnswer, HttpClient, HttpRequest } from '../../source/http/client.ts';
import { BusyError, parseRetryAfter, type Patience, withRetries } from '../../source/http/retry.ts';

export interface ApiEdge {
  readonly client: HttpClient;
  readonly patience: Patience;
  readonly signal: AbortSignal;
  readonly log: Logger;
}

interface ApiRequest {
  readonly method?: HttpRequest['method'];
  /** An absolute path of the workspace. */
  readonly path: string;
  readonly body?: object;
  /** Other than the edge's. */
  readonly signal?: AbortSignal;
  /** True for what must not be sent again where it is unknown whether it has arrived. */
  readonly isOnce?: boolean;
}

const token = z.object({ access_token: z.string().min(1), expires_in: z.number().default(3600) });
const refusal = z.object({
  error_code: z.string().optional(),
  message: z.string().optional(),
  error: z.string().optional(),
  error_description: z.string().optional(),
});

/** A token is renewed when so much of its time is over. */
const USED_PART = 0.8;
const MOST_CHARACTERS = 500;

/** A workspace of Databricks as its REST API. */
export class WorkspaceApi {
  /** For messages. */
  readonly server: string;
  readonly #databricks: Databricks;
  readonly #edge: ApiEdge;
  #issued: { readonly token: string; readonly renewMs: number } | undefined;

  constructor(databricks: Databricks, edge: ApiEdge) {
    this.#databricks = databricks;
    this.#edge = edge;
    this.server = new URL(databricks.host).host;
  }

  /**
   * What a bearer says. A service principal's is asked for, and renewed before it expires.
   *
   * @throws IgarapeError SPARK_FORBIDDEN, SPARK_UNREACHABLE
   */
  async token(): Promise<string> {
    const { credentials } = this.#databricks;
    if (credentials === undefined) throw this.#forbidden('the environment has no credentials');
    if (credentials.kind === 'token') return credentials.token;
    const now = this.#edge.patience.now();
    if (this.#issued !== undefined && now < this.#issued.renewMs) return this.#issued.token;
    const basic = Buffer.from(`${credentials.id}:${credentials.secret}`).toString('base64');
    const { signal } = this.#edge;
    const answer = await this.#retried(signal, false, async () => ({
      method: 'POST',
      url: new URL('/oidc/v1/token', this.#databricks.host),
      headers: { authorization: `Basic ${basic}`, 'content-type': 'application/x-www-form-urlencoded' },
      body: 'grant_type=client_credentials&scope=all-apis',
      signal,
    }));
    const found = token.safeParse(answer);
    if (!found.success) throw this.#failed('its answer holds no token');
    const { access_token: issued, expires_in: seconds } = found.data;
    this.#issued = { token: issued, renewMs: now + seconds * 1000 * USED_PART };
    return issued;
  }

  /** The JSON that is answered. @throws IgarapeError SPARK_… */
  async send({
    method = 'GET',
    path,
    body,
    signal = this.#edge.signal,
    isOnce = false,
  }: ApiRequest): Promise<unknown> {
    return this.#retried(signal, isOnce, async () => ({
      method,
      url: new URL(path, this.#databricks.host),
      headers: { authorization: `Bearer ${await this.token()}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal,
    }));
  }

  /** The JSON behind a link to a store, which is a secret and gets none; undefined where the store refuses it. */
  async fetchLink(link: string, headers: Readonly<Record<string, string>>): Promise<unknown> {
    const { client, signal } = this.#edge;
    const answer = await this.#reached(() => client({ url: new URL(link), headers, signal }));
    if (answer.status !== 200) {
      answer.discard();
      return undefined;
    }
    const parts: Uint8Array[] = [];
    for await (const part of answer.bytes()) parts.push(part);
    return JSON.parse(Buffer.concat(parts).toString('utf8'));
  }

  async #retried(
    signal: AbortSignal,
    isOnce: boolean,
    request: () => Promise<HttpRequest>,
  ): Promise<unknown> {
    const { client, patience, log } = this.#edge;
    const attempt = async (): Promise<unknown> => {
      const asked = await request();
      const answer = await this.#reached(() => client(asked), isOnce);
      const text = await answer.text();
      if (answer.status < 200 || answer.status >= 300) throw this.#refused(answer, text, isOnce);
      return text === '' ? {} : JSON.parse(text);
    };
    return withRetries(attempt, { patience, log, signal });
  }

  async #reached(call: () => Promise<HttpAnswer>, isOnce = false): Promise<HttpAnswer> {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof IgarapeError) || error.code !== 'SOURCE_UNREACHABLE') throw error;
      throw new IgarapeError(
        'SPARK_UNREACHABLE',
        `Databricks at ${this.server} does not answer: ${this.#clean(error.message)}`,
        {
          hint: 'Is "engine"."host" (or DATABRICKS_HOST) the workspace? Nothing was committed: run again, or with `run --engine duckdb`.',
          retryable: error.retryable && !isOnce,
          cause: error,
        },
      );
    }
  }

  #refused(answer: HttpAnswer, text: string, isOnce: boolean): IgarapeError {
    const { status } = answer;
    const told = this.#told(text);
    if (status === 401 || status === 403) return this.#forbidden(told);
    // Of these two it is known that nothing was begun.
    if (status === 429 || status === 503 || (status >= 500 && !isOnce))
      return new BusyError(
        'SPARK_UNREACHABLE',
        `Databricks at ${this.server} is busy (HTTP ${status}): ${told}`,
        { hint: 'Nothing was committed: run again later.' },
        parseRetryAfter(answer.header('retry-after'), this.#edge.patience.now()),
      );
    if (status === 404)
      return new IgarapeError(
        'SPARK_UNSUITABLE',
        `Databricks at ${this.server} does not have that: ${told}`,
        {
          hint: 'Is "engine"."warehouse_id" the id of one of its SQL warehouses?',
        },
      );
    return this.#failed(`HTTP ${status}: ${told}`);
  }

  #told(text: string): string {
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      return this.#clean(text);
    }
    const {
      error_code: code,
      message,
      error,
      error_description: description,
    } = refusal.safeParse(json).data ?? {};
    return this.#clean(
      [code ?? error, message ?? description].filter((part) => part !== undefined).join(': '),
    );
  }

  /** One line, not long, without what the server should not have repeated. */
  #clean(text: string): string {
    const { credentials } = this.#databricks;
    const secrets = [
      this.#issued?.token,
      ...(credentials === undefined
        ? []
        : [credentials.kind === 'token' ? credentials.token : credentials.secret]),
    ];
    let [line = ''] = text.trim().split('\n');
    for (const secret of secrets) if (secret !== undefined) line = line.replaceAll(secret, '…');
    return line.length > MOST_CHARACTERS ? `${line.slice(0, MOST_CHARACTERS)}…` : line;
  }

  #forbidden(told: string): IgarapeError {
    return new IgarapeError('SPARK_FORBIDDEN', `Databricks at ${this.server} refuses this user: ${told}`, {
      hint: 'Set DATABRICKS_TOKEN, or DATABRICKS_CLIENT_ID and DATABRICKS_CLIENT_SECRET of a service principal, in the environment or .env; it needs the right to use what computes.',
    });
  }

  #failed(told: string): IgarapeError {
    return new IgarapeError('SPARK_FAILED', `Databricks at ${this.server}: ${told}`, {
      hint: 'Nothing was committed. `run --engine duckdb` does without Databricks.',
    });
  }
}
