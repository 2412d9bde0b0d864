import type { Root } from 'protobufjs';
import * as z from 'zod';
import type { Relation } from '../port.ts';
import type { Packages } from './packages.ts';
import { SPARK_CONNECT_PROTO } from './proto.ts';

/** What is executed: rows that come back, or something that is done. */
export type Plan =
  | { readonly root: Relation }
  | {
      readonly command: {
        readonly write_operation: {
          readonly input: Relation;
          readonly source: string;
          readonly path: string;
          readonly mode: 'ERROR_IF_EXISTS';
          readonly options: Readonly<Record<string, string>>;
        };
      };
    };

interface Answer {
  readonly server_side_session_id: string;
}

export interface ExecuteAnswer extends Answer {
  readonly response_id: string;
  readonly arrow_batch?: { readonly data: Uint8Array } | undefined;
  readonly result_complete?: object | undefined;
  readonly execution_progress?: { readonly stages: readonly Stage[] } | undefined;
}

interface Stage {
  readonly num_tasks: number;
  readonly num_completed_tasks: number;
}

/** What is read of the answers, by method. */
export interface Answers {
  readonly ExecutePlan: ExecuteAnswer;
  readonly ReattachExecute: ExecuteAnswer;
  readonly ReleaseExecute: Answer;
  readonly Interrupt: Answer;
  readonly ReleaseSession: Answer;
  readonly Config: Answer & {
    readonly pairs: readonly { readonly key: string; readonly value?: string | undefined }[];
  };
  readonly AnalyzePlan: Answer & { readonly spark_version?: { readonly version: string } | undefined };
  readonly FetchErrorDetails: Answer & {
    readonly root_error_idx?: number | undefined;
    readonly errors: readonly {
      readonly message: string;
      readonly spark_throwable?:
        | { readonly error_class?: string | undefined; readonly sql_state?: string | undefined }
        | undefined;
    }[];
  };
}

export type Method = keyof Answers;

/** What a failed call tells of itself. */
export interface ErrorInfo {
  readonly metadata: Readonly<Record<string, string>>;
}

const serverSession = { server_side_session_id: z.string().default('') };
const bytes = z.instanceof(Uint8Array);
const counter = z.coerce.number().default(0);
const bare = z.object(serverSession);
const executed = z.object({
  ...serverSession,
  response_id: z.string().default(''),
  arrow_batch: z.object({ data: bytes.default(new Uint8Array()) }).optional(),
  result_complete: z.object({}).optional(),
  execution_progress: z
    .object({ stages: z.array(z.object({ num_tasks: counter, num_completed_tasks: counter })).default([]) })
    .optional(),
});

const ANSWERS: { readonly [M in Method]: z.ZodType<Answers[M]> } = {
  ExecutePlan: executed,
  ReattachExecute: executed,
  ReleaseExecute: bare,
  Interrupt: bare,
  ReleaseSession: bare,
  Config: z.object({
    ...serverSession,
    pairs: z.array(z.object({ key: z.string(), value: z.string().optional() })).default([]),
  }),
  AnalyzePlan: z.object({
    ...serverSession,
    spark_version: z.object({ version: z.string() }).optional(),
  }),
  FetchErrorDetails: z.object({
    ...serverSession,
    root_error_idx: z.number().optional(),
    errors: z
      .array(
        z.object({
          message: z.string().default(''),
          spark_throwable: z
            .object({ error_class: z.string().optional(), sql_state: z.string().optional() })
            .optional(),
        }),
      )
      .default([]),
  }),
};

const errorInfo = z.object({ metadata: z.record(z.string(), z.string()).default({}) });

/** Messages as bytes, and back. */
export class Messages {
  readonly #root: Root;

  private constructor(root: Root) {
    this.#root = root;
  }

  static of(protobuf: Packages['protobuf']): Messages {
    return new Messages(protobuf.parse(SPARK_CONNECT_PROTO, { keepCase: true }).root);
  }

  encode(method: Method, body: object): Buffer {
    const type = this.#root.lookupType(`spark.connect.${method}Request`);
    return Buffer.from(type.encode(type.fromObject(body)).finish());
  }

  decode<M extends Method>(method: M, message: Uint8Array): Answers[M] {
    const name = method === 'ReattachExecute' ? 'ExecutePlan' : method;
    return ANSWERS[method].parse(this.#plain(`${name}Response`, message));
  }

  /** Of the details of a status; undefined where they tell nothing. */
  errorInfo(status: Uint8Array): ErrorInfo | undefined {
    const { details } = z
      .object({ details: z.array(z.object({ type_url: z.string(), value: bytes })).default([]) })
      .parse(this.#plain('RpcStatus', status));
    const found = details.find(({ type_url: type }) => type.endsWith('google.rpc.ErrorInfo'));
    return found === undefined ? undefined : errorInfo.parse(this.#plain('RpcErrorInfo', found.value));
  }

  #plain(name: string, message: Uint8Array): unknown {
    const type = this.#root.lookupType(`spark.connect.${name}`);
    return type.toObject(type.decode(message), { longs: String, enums: String });
  }
}
