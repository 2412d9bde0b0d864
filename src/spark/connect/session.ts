import { randomUUID } from 'node:crypto';
import pRetry from 'p-retry';
import { arrowColumns } from '../../delta/write/arrow-rows.ts';
import { CallError, Channel } from './channel.ts';
import { execute, isLoss } from './execution.ts';
import type { Answers, Plan } from './messages.ts';
import type { Remote } from '../../config/remote.ts';
import type { Relation, SparkPort, SparkProgress, SparkRow } from '../port.ts';
import { SparkError, sparkTrouble } from './spark-error.ts';

export interface SessionOptions {
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Stops what runs, on the server, too. */
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: SparkProgress) => void;
  /** Tells the bearer's token of each call; the remote's where it is left out. */
  readonly token?: () => Promise<string>;
  /** By which another session of the same id is this one; a new one where it is left out. */
  readonly sessionId?: string;
}

/** A session of a Spark Connect server. */
export class SparkSession implements SparkPort, AsyncDisposable {
  /** `host:port`. */
  readonly server: string;
  readonly #channel: Channel;
  readonly #options: SessionOptions;

  private constructor(channel: Channel, server: string, options: SessionOptions) {
    this.#channel = channel;
    this.server = server;
    this.#options = options;
  }

  /** @throws IgarapeError SPARK_UNSUITABLE where the packages that it takes are not installed */
  static async open(remote: Remote, options: SessionOptions): Promise<SparkSession> {
    const { clock, sessionId = randomUUID(), token = async () => remote.token } = options;
    const channel = await Channel.open({ remote, sessionId, clock, token });
    return new SparkSession(channel, `${remote.host}:${remote.port}`, options);
  }

  /** Spark's version, e.g. `4.2.0`. @throws IgarapeError SPARK_… */
  async version(): Promise<string> {
    const answer = await this.#ask('AnalyzePlan', { spark_version: {} });
    return answer.spark_version?.version ?? '';
  }

  /** Sets properties of the session, e.g. `spark.sql.session.timeZone`. @throws IgarapeError SPARK_… */
  async configure(properties: Readonly<Record<string, string>>): Promise<void> {
    const pairs = Object.entries(properties).map(([key, value]) => ({ key, value }));
    await this.#ask('Config', { operation: { set: { pairs } } });
  }

  /** A property; undefined where it is not set. @throws IgarapeError SPARK_… */
  async property(key: string): Promise<string | undefined> {
    const operation = { get_option: { keys: [key] } };
    const { pairs } = await this.#ask('Config', { operation });
    return pairs[0]?.value;
  }

  /** Rows, all at once: for few. @throws IgarapeError SPARK_… */
  async rows(relation: Relation): Promise<SparkRow[]> {
    const rows: SparkRow[] = [];
    await this.#execute({ root: relation }, async (stream) => {
      for await (const { columns, rows: count } of arrowColumns(stream))
        for (let row = 0; row < count; row += 1)
          rows.push(Object.fromEntries(columns.map(({ name, values }) => [name, values[row]])));
    });
    return rows;
  }

  /**
   * Writes rows to Parquet files in a folder that must not be there yet.
   *
   * @param options As of Spark's Parquet writer, e.g. `compression`.
   * @throws IgarapeError SPARK_…
   */
  async writeParquet(
    input: Relation,
    path: string,
    options: Readonly<Record<string, string>>,
  ): Promise<void> {
    const write = { input, source: 'parquet', path, mode: 'ERROR_IF_EXISTS', options } as const;
    await this.#execute({ command: { write_operation: write } }, async () => undefined);
  }

  /** Ends the session on the server, and the connection. */
  async close(): Promise<void> {
    // Whatever is left of it, the server ends after a while.
    await this.#channel.unary('ReleaseSession', {}, CLOSING).catch(() => undefined);
    this.#channel.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Asks what may be asked twice: again where the connection is lost. */
  #ask<M extends 'AnalyzePlan' | 'Config'>(method: M, body: object): Promise<Answers[M]> {
    const { signal } = this.#options;
    const ask = (): Promise<Answers[M]> => this.#channel.unary(method, body, this.#options);
    return this.#told(() => pRetry(ask, { ...RETRIES, signal, shouldRetry: ({ error }) => isLoss(error) }));
  }

  async #execute(plan: Plan, take: (arrow: Uint8Array) => Promise<void>): Promise<void> {
    await this.#told(async () => {
      for await (const arrow of execute(this.#channel, randomUUID(), plan, this.#options)) await take(arrow);
    });
  }

  async #told<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      throw sparkTrouble({ status: error.status, error: await this.#whole(error) }, this.server);
    }
  }

  /** The status of a failed call has little room: the server is asked for all of its message. */
  async #whole({ error, errorId }: CallError): Promise<SparkError> {
    if (errorId === undefined) return error;
    const found = await this.#channel
      .unary('FetchErrorDetails', { error_id: errorId }, CLOSING)
      .catch(() => undefined);
    const root = found?.errors[found.root_error_idx ?? 0];
    if (root === undefined) return error;
    const { error_class: errorClass = error.errorClass, sql_state: sqlState = error.sqlState } =
      root.spark_throwable ?? {};
    return new SparkError(root.message, { errorClass, sqlState });
  }
}

const RETRIES = { retries: 4, minTimeout: 150, factor: 2 };
const CLOSING = { timeoutMs: 5000 };
