import { IgarapeError } from '../../core/errors.ts';
import { knownTrouble } from '../known-trouble.ts';

/** What Spark says of a request, by the names that Spark's own documents have. */
export class SparkError extends Error {
  override readonly name = 'SparkError';
  /** E.g. `TABLE_OR_VIEW_NOT_FOUND`. */
  readonly errorClass: string | undefined;
  /** E.g. `42P01`. */
  readonly sqlState: string | undefined;

  constructor(message: string, told: { errorClass?: string | undefined; sqlState?: string | undefined }) {
    super(message);
    this.errorClass = told.errorClass;
    this.sqlState = told.sqlState;
  }
}

/** The numbers of gRPC's status codes that are told apart. */
export const STATUS = {
  CANCELLED: 1,
  DEADLINE_EXCEEDED: 4,
  PERMISSION_DENIED: 7,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  UNAUTHENTICATED: 16,
} as const;

/** A call that failed, as gRPC has it. */
export interface FailedCall {
  readonly status: number;
  readonly error: SparkError;
}

/**
 * A failed call as what users are told.
 *
 * @param server `host:port`.
 */
export function sparkTrouble({ status, error }: FailedCall, server: string): IgarapeError {
  if (error.errorClass === undefined)
    switch (status) {
      case STATUS.UNAVAILABLE:
      case STATUS.DEADLINE_EXCEEDED:
        return new IgarapeError('SPARK_UNREACHABLE', `Spark at ${server} does not answer: ${lineOf(error)}`, {
          hint: 'Is the Spark Connect server running, and "engine"."remote" (or SPARK_REMOTE) its address? `run --engine duckdb` does without.',
          retryable: true,
          cause: error,
        });
      case STATUS.UNAUTHENTICATED:
      case STATUS.PERMISSION_DENIED:
        return new IgarapeError('SPARK_FORBIDDEN', `Spark at ${server} refuses this user: ${lineOf(error)}`, {
          hint: 'Set SPARK_REMOTE to sc://host:port/;token=… with a token that is valid.',
          cause: error,
        });
      case STATUS.UNIMPLEMENTED:
        return new IgarapeError(
          'SPARK_UNSUITABLE',
          `What answers at ${server} is no Spark Connect server that is known here: ${lineOf(error)}`,
          { hint: `It takes Spark ${LEAST_VERSION} or later, with its Connect server.`, cause: error },
        );
      default:
    }
  if (isLost(error))
    return new IgarapeError(
      'SPARK_UNREACHABLE',
      `Spark at ${server} has lost the session: ${lineOf(error)}`,
      {
        hint: 'It was started anew, or ended the session. Nothing was committed: run again.',
        retryable: true,
        cause: error,
      },
    );
  const known = knownTrouble(error, server, describe(error));
  if (known !== undefined) return known;
  return new IgarapeError('SPARK_FAILED', `Spark at ${server}: ${describe(error)}`, {
    hint: 'Nothing was committed. The log of the run and that of Spark tell more; `run --engine duckdb` does without Spark.',
    cause: error,
  });
}

function isLost({ errorClass }: SparkError): boolean {
  return errorClass?.startsWith('INVALID_HANDLE') === true;
}

/** True where the server knows the session no more: another one may do what this one was to. */
export function isLostSession(error: unknown): boolean {
  const found = sparkErrorOf(error);
  return found !== undefined && isLost(found);
}

/** The oldest version of Spark that is worked with. */
export const LEAST_VERSION = '4.0';

const MOST_CHARACTERS = 500;

function lineOf({ message }: SparkError): string {
  // grpc-js ends some of its own with what it knows of the name, which may be nothing.
  const [line = ''] = message
    .replace(/ Resolution note: $/, '')
    .trim()
    .split('\n');
  return line.length > MOST_CHARACTERS ? `${line.slice(0, MOST_CHARACTERS)}…` : line;
}

/** What Spark advises would give other values than DuckDB, and is set for each session. */
const ADVICE =
  /(?: Use [`'"]?try_\w+[`'"]? to tolerate [^.]*\.)? If necessary set "?spark\.sql\.ansi\.enabled"? to "?false"? to bypass this error[^.]*\./;

/** One line, with the class and the SQLSTATE. */
function describe(error: SparkError): string {
  const { errorClass, sqlState } = error;
  const text = lineOf(error)
    .replace(/^\[[\w.]+\] */, '')
    .replace(/ ?SQLSTATE: \w+.*$/, '')
    .replace(ADVICE, '');
  const state = sqlState === undefined ? '' : ` (SQLSTATE ${sqlState})`;
  return `${errorClass === undefined ? '' : `[${errorClass}] `}${text}${state}`;
}

/** What Spark said, of trouble that users are told. */
export function sparkErrorOf(error: unknown): SparkError | undefined {
  return error instanceof IgarapeError && error.cause instanceof SparkError ? error.cause : undefined;
}
