import type { Client, Metadata, ServiceError } from '@grpc/grpc-js';
import type { Answers, ErrorInfo, Method } from './messages.ts';
import { Messages } from './messages.ts';
import { loadPackages, type Packages } from './packages.ts';
import type { Remote } from '../../config/remote.ts';
import { type FailedCall, SparkError } from './spark-error.ts';

export interface ChannelOptions {
  readonly remote: Remote;
  readonly sessionId: string;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** What the bearer of each call says; a secret. */
  readonly token: () => Promise<string | undefined>;
}

export interface UnaryOptions {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** A call that failed. Callers tell users what it means: see `sparkTrouble`. */
export class CallError extends Error implements FailedCall {
  override readonly name = 'CallError';
  readonly status: number;
  readonly error: SparkError;
  /** By which the server tells more of it. */
  readonly errorId: string | undefined;

  constructor(status: number, error: SparkError, errorId?: string) {
    super(error.message, { cause: error });
    this.status = status;
    this.error = error;
    this.errorId = errorId;
  }
}

const SERVICE = '/spark.connect.SparkConnectService/';
const UNARY_TIMEOUT_MS = 120_000;
const LARGEST_MESSAGE = 128 * 1024 * 1024;
const KEEP_ALIVE_MS = 30_000;
/** Until it has passed, what is asked again fails at once. */
const FIRST_RECONNECT_MS = 100;

/** Calls of one session of a Spark Connect server. */
export class Channel {
  readonly #client: Client;
  readonly #messages: Messages;
  readonly #grpc: Packages['grpc'];
  readonly #options: ChannelOptions;
  /** The server's own id of the session: once it is known, a server that was started anew refuses what comes. */
  #serverSession = '';

  private constructor(grpc: Packages['grpc'], messages: Messages, options: ChannelOptions) {
    const { host, port, isSecure } = options.remote;
    const { credentials } = grpc;
    this.#grpc = grpc;
    this.#options = options;
    this.#messages = messages;
    this.#client = new grpc.Client(
      `${host}:${port}`,
      isSecure ? credentials.createSsl() : credentials.createInsecure(),
      {
        'grpc.max_receive_message_length': LARGEST_MESSAGE,
        'grpc.max_send_message_length': LARGEST_MESSAGE,
        'grpc.keepalive_time_ms': KEEP_ALIVE_MS,
        'grpc.initial_reconnect_backoff_ms': FIRST_RECONNECT_MS,
      },
    );
  }

  /** Does not connect yet. @throws IgarapeError SPARK_UNSUITABLE where the packages for it are not installed */
  static async open(options: ChannelOptions): Promise<Channel> {
    const { grpc, protobuf } = await loadPackages();
    return new Channel(grpc, Messages.of(protobuf), options);
  }

  /** @throws CallError; the signal's reason */
  async unary<M extends Method>(method: M, body: object, options: UnaryOptions = {}): Promise<Answers[M]> {
    const { timeoutMs = UNARY_TIMEOUT_MS, signal } = options;
    const headers = await this.#headers();
    return new Promise((resolve, reject) => {
      const call = this.#client.makeUnaryRequest(
        SERVICE + method,
        (message: object) => this.#messages.encode(method, message),
        (bytes) => this.#seen(this.#messages.decode(method, bytes)),
        this.#message(body),
        headers,
        { deadline: this.#options.clock() + timeoutMs },
        (error, answer) => {
          signal?.removeEventListener('abort', cancel);
          if (answer !== undefined) resolve(answer);
          else reject(signal?.aborted === true ? signal.reason : this.#failure(error));
        },
      );
      const cancel = (): void => call.cancel();
      signal?.addEventListener('abort', cancel, { once: true });
      if (signal?.aborted === true) cancel();
    });
  }

  /**
   * The answers to a call, until the server ends it, or `stop` is aborted, after which there are no more.
   *
   * @throws CallError
   */
  async *stream<M extends 'ExecutePlan' | 'ReattachExecute'>(
    method: M,
    body: object,
    stop: AbortSignal,
  ): AsyncGenerator<Answers[M]> {
    const headers = await this.#headers();
    const call = this.#client.makeServerStreamRequest(
      SERVICE + method,
      (message: object) => this.#messages.encode(method, message),
      (bytes) => this.#seen(this.#messages.decode(method, bytes)),
      this.#message(body),
      headers,
    );
    const cancel = (): void => call.cancel();
    stop.addEventListener('abort', cancel, { once: true });
    if (stop.aborted) cancel();
    try {
      const answers: AsyncIterable<Answers[M]> = call;
      for await (const answer of answers) yield answer;
    } catch (error) {
      throw this.#failure(error);
    } finally {
      stop.removeEventListener('abort', cancel);
      cancel();
    }
  }

  close(): void {
    this.#client.close();
  }

  #message(body: object): object {
    const { sessionId, remote } = this.#options;
    const user = { user_id: remote.userId, user_name: remote.userId };
    return {
      session_id: sessionId,
      user_context: user,
      client_type: 'igarape',
      ...(this.#serverSession === '' ? {} : { client_observed_server_side_session_id: this.#serverSession }),
      ...body,
    };
  }

  async #headers(): Promise<Metadata> {
    const { headers } = this.#options.remote;
    const token = await this.#options.token();
    const metadata = new this.#grpc.Metadata();
    if (token !== undefined) metadata.set('authorization', `Bearer ${token}`);
    for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
    return metadata;
  }

  #seen<T extends { readonly server_side_session_id: string }>(answer: T): T {
    if (this.#serverSession === '') this.#serverSession = answer.server_side_session_id;
    return answer;
  }

  #failure(error: unknown): unknown {
    if (!isServiceError(error)) return error;
    const [status] = error.metadata.get('grpc-status-details-bin');
    let info: ErrorInfo | undefined;
    if (status instanceof Uint8Array) info = this.#messages.errorInfo(status);
    const { errorClass, sqlState, errorId } = info?.metadata ?? {};
    return new CallError(error.code, new SparkError(error.details, { errorClass, sqlState }), errorId);
  }
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && 'details' in error && 'metadata' in error;
}
