import type { Said, Told } from './language/sentence.ts';

/** What each error code means for the caller of the program: the process's exit code. */
const EXIT_CODES = {
  DEFECT: 1,
  /** The engine failed inside, or at something that is no file of the source. */
  ENGINE: 1,
  USAGE: 2,
  /** This Node.js is older than the program needs: said before anything of it is loaded. */
  NODE_TOO_OLD: 2,
  /** A checkout without its packages, or not built. */
  NOT_INSTALLED: 2,
  CONFIG_INVALID: 2,
  CONFIG_NOT_FOUND: 2,
  MEMORY_LIMIT: 2,
  /** A query took longer than it may. */
  TIME_LIMIT: 2,
  SOURCE_CHANGED: 2,
  SOURCE_UNREACHABLE: 3,
  SOURCE_UNAUTHENTICATED: 3,
  SOURCE_FORBIDDEN: 3,
  SOURCE_NOT_FOUND: 3,
  SOURCE_NOT_READY: 3,
  SOURCE_RATE_LIMITED: 3,
  SOURCE_VERSION_WENT_BACK: 3,
  SOURCE_CORRUPT: 3,
  SOURCE_UNSAFE_ARCHIVE: 3,
  TABLE_MISSING: 4,
  TABLE_AMBIGUOUS: 3,
  TABLE_UNREADABLE: 3,
  TABLE_KEY: 4,
  GUARD: 4,
  LAKE_UNREACHABLE: 5,
  LAKE_NOT_FOUND: 5,
  LAKE_FORBIDDEN: 5,
  LAKE_CORRUPT: 5,
  LAKE_NEWER: 5,
  LAKE_NOT_EMPTY: 5,
  LAKE_UNCONDITIONAL: 5,
  LAKE_DIFFERS: 5,
  DISK_FULL: 5,
  /** No Delta table at that place. */
  DELTA_NOT_FOUND: 5,
  /** The table breaks the Delta protocol, or one of its files is missing or damaged. */
  DELTA_CORRUPT: 5,
  /** A file that the table's log names is gone, by vacuum or by somebody's hand. */
  DELTA_MISSING: 5,
  /** The table needs what this program does not have. */
  DELTA_UNSUPPORTED: 5,
  /** Another writer committed what cannot go together with this commit. */
  DELTA_CONFLICT: 5,
  /** What was asked for is no version of the table, or one that can no longer be read. */
  DELTA_VERSION: 2,
  /** Changes were asked for of versions that do not record them. */
  DELTA_CHANGE_FEED: 2,
  /** Columns or a condition that do not fit the table. */
  DELTA_QUERY: 2,
  /** Rows to be written break a rule of the table: NOT NULL, a constraint, append only. */
  DELTA_CONSTRAINT: 4,
  /** Several rows of a merge's source match one row of the table. */
  DELTA_AMBIGUOUS: 4,
  /** What cannot be worked with: too old, without Delta, without a way to the lake; or packages that are missing here. */
  SPARK_UNSUITABLE: 2,
  /** The server does not answer, or has lost the session. */
  SPARK_UNREACHABLE: 5,
  SPARK_FORBIDDEN: 5,
  /** A statement failed there. */
  SPARK_FAILED: 5,
  CONFLICT: 6,
  /** Told to stop by SIGINT, as the shell has it; SIGTERM makes it 143. */
  STOPPED: 130,
} as const;

export type ErrorCode = keyof typeof EXIT_CODES;

export type ExitCode = 0 | (typeof EXIT_CODES)[ErrorCode];

export interface ErrorDetails {
  /** What the user can do about it, as one or more sentences. */
  readonly hint?: Said;
  /** True where the same call may succeed later without anybody's help. */
  readonly retryable?: boolean;
  readonly cause?: unknown;
}

/** An error that is told to the user: a code for programs, a sentence for people, a hint, and a cause for the log. */
export class IgarapeError extends Error {
  override readonly name = 'IgarapeError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly retryable: boolean;

  constructor(code: ErrorCode, message: Said, details: ErrorDetails = {}) {
    super(textOf(message), details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.hint = details.hint === undefined ? undefined : textOf(details.hint);
    this.retryable = details.retryable ?? false;
  }

  get exitCode(): ExitCode {
    return exitCodeOf(this.code);
  }
}

export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(EXIT_CODES, code);
}

export function exitCodeOf(code: ErrorCode): ExitCode {
  return EXIT_CODES[code];
}

/** What the engine says of a statement. Whoever gave it the statement knows whose fault that is. */
export class EngineError extends Error {
  override readonly name = 'EngineError';

  /** True where the engine failed inside: nothing that it holds can be trusted afterwards. */
  get isInternal(): boolean {
    return /^(?:INTERNAL|FATAL) Error|database has been invalidated/i.test(this.message);
  }
}

/** Any thrown value as an {@link IgarapeError}: what is not one already, nor the engine's, is a defect of ours. */
export function asIgarapeError(error: unknown): IgarapeError {
  if (error instanceof IgarapeError) return error;
  if (error instanceof EngineError) return engineFailed(error);
  if (systemErrorCode(error) === 'EMFILE') return tooFewFiles(error);
  const message = error instanceof Error ? error.message : String(error);
  return new IgarapeError(
    'DEFECT',
    { quoted: message },
    {
      hint: 'This is a defect of igarape. Please report it with the log of the run.',
      cause: error,
    },
  );
}

function tooFewFiles(cause: unknown): IgarapeError {
  return new IgarapeError('USAGE', 'This process may open too few files at once (EMFILE).', {
    hint: 'Raise the limit, for example with `ulimit -n 1024`, and run again: nothing was lost.',
    retryable: true,
    cause,
  });
}

function engineFailed(error: EngineError): IgarapeError {
  return new IgarapeError('ENGINE', `The engine, DuckDB, failed: ${error.message.split('\n')[0]}`, {
    hint: error.isInternal
      ? 'This is a defect of the engine at this data. Please report it with the log of the run.'
      : 'Please report it with the log of the run.',
    cause: error,
  });
}

/** What is said, in English. */
export function textOf(said: Said): string {
  return typeof said === 'string' ? said : said.quoted;
}

/** The Node.js error code (`ENOENT`, `ENOSPC` …) of a thrown value, where it has one. */
export function systemErrorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

const SYSTEM_REASONS: Readonly<Record<string, Told>> = {
  ENOENT: 'it does not exist',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is a file',
  EEXIST: 'a file of this name stands in the way',
  EACCES: 'this user has no right to it',
  EPERM: 'this user has no right to it',
  EROFS: 'its disk is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk is full',
  ENAMETOOLONG: 'its name is too long',
};

const NO_FOLDER_THERE: Told = 'no folder can be created there';

/** Of a folder that is to be made, ENOENT says that its place takes no folders. */
export function isOfMkdir(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && error.syscall === 'mkdir';
}

/** Why the system refused a file, in words where they are known: of a code alone nobody knows what to do. */
export function systemReason(error: unknown): string {
  const code = systemErrorCode(error);
  if (code === 'ENOENT' && isOfMkdir(error)) return NO_FOLDER_THERE;
  return SYSTEM_REASONS[code ?? ''] ?? code ?? String(error);
}

const EXIT_CODE_PRECEDENCE = [1, 6, 5, 2, 3, 4] as const satisfies readonly ExitCode[];

/** Of several outcomes the one that the process ends with: the first of 1, 6, 5, 3, 4 that occurs, else 0. */
export function worstExitCode(codes: Iterable<ExitCode>): ExitCode {
  const seen = new Set(codes);
  return EXIT_CODE_PRECEDENCE.find((code) => seen.has(code)) ?? 0;
}
