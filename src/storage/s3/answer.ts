import { systemErrorCode } from '../../core/errors.ts';

/** What is told of a failed S3 request: never the request, which carries credentials. */
export interface Answer {
  /** S3's or the SDK's name of the error, e.g. `NoSuchBucket`, `TimeoutError`. */
  readonly name: string;
  readonly message: string;
  /** The HTTP status; undefined where no answer arrived. */
  readonly status: number | undefined;
  readonly requestId: string | undefined;
  /** Where the bucket is, if S3 said so. */
  readonly region: string | undefined;
}

/** A failed S3 request, read from what the SDK threw. */
export function readAnswer(error: unknown): Answer {
  const metadata = field(error, '$metadata');
  const status = field(metadata, 'httpStatusCode');
  const headers = field(field(error, '$response'), 'headers');
  const name = text(field(error, 'name')) ?? 'Error';
  return {
    name: name === 'Error' || name === 'Unknown' ? (systemErrorCode(error) ?? name) : name,
    message: masked(text(field(error, 'message')) ?? ''),
    status: typeof status === 'number' ? status : undefined,
    requestId: text(field(metadata, 'requestId')),
    region: text(field(headers, 'x-amz-bucket-region')) ?? text(field(error, 'Region')),
  };
}

/** How a failed request may have ended on the other side. */
export type Fate =
  /** It was refused, and the same request will be again. */
  | 'refused'
  /** It was not carried out, and may be the next time. */
  | 'not-done'
  /** Nobody knows: no answer, or one that S3 may also give after the fact. */
  | 'unknown';

const NOT_DONE = new Set([
  'ConditionalRequestConflict',
  'OperationAborted',
  'RequestTimeTooSkewed',
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

const UNKNOWN = new Set([
  'RequestTimeout',
  'RequestTimeoutException',
  'TimeoutError',
  'IncompleteBody',
  'InternalError',
  'ServiceUnavailable',
  'SlowDown',
  // What some stores say to the second try of a completion that got through.
  'NoSuchUpload',
]);

/** How Node.js and the SDK, which have no names for it, tell of bytes that did not arrive as they were sent. */
const LOST_ON_THE_WAY = /^aborted$|^socket hang up$|^Checksum mismatch|XML parse error/m;

const SYSTEM_ERROR = /^E[A-Z]+$/;

/** Tells from the answer whether the request is worth another try, and whether this one may have been carried out. */
export function fateOf(answer: Answer): Fate {
  if (NOT_DONE.has(answer.name)) return 'not-done';
  if (UNKNOWN.has(answer.name) || LOST_ON_THE_WAY.test(answer.message)) return 'unknown';
  // Whatever status came before it: the connection was lost in the middle of the answer.
  if (SYSTEM_ERROR.test(answer.name)) return 'unknown';
  if (answer.status === undefined) return 'refused';
  if (answer.status === 429) return 'not-done';
  if (answer.status === 501) return 'refused';
  return answer.status >= 500 || answer.status < 300 ? 'unknown' : 'refused';
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function masked(message: string): string {
  return message.replaceAll(/\b(?:AKIA|ASIA)[A-Z0-9]{8,}\b/g, '[access key]');
}
