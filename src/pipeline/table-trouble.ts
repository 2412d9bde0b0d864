import { asIgarapeError, EngineError, IgarapeError, systemErrorCode } from '../core/errors.ts';
import { fileError } from '../storage/file-error.ts';

/**
 * What went wrong while one table was read or compared, as that table's own error. It is told by where it happened: what
 * the engine or the file system says while a table's file is read is about that file.
 */
export function readingTrouble(table: string, error: unknown): IgarapeError {
  if (error instanceof EngineError && !error.isInternal)
    return unreadable(table, withoutPaths(error.message.split('\n')[0] ?? ''), error);
  if (isFull(error) || !isOfFileSystem(error)) return stagingTrouble(error);
  return unreadable(table, error.message, error);
}

/** The engine names the file that it was given, which may be a copy of this run. */
function withoutPaths(message: string): string {
  return message.replaceAll(/(?: (?:in|of|from))?(?: file)? ?(["'])(?:[\\/]|[A-Za-z]:\\)[^"']*\1/gi, '');
}

/** True where the engine has failed behind an error. */
export function isOfEngine(error: unknown): boolean {
  if (error instanceof EngineError) return true;
  return error instanceof Error && isOfEngine(error.cause);
}

/** As {@link readingTrouble}, while what the table publishes was written. */
export function stagingTrouble(error: unknown): IgarapeError {
  if (!isOfFileSystem(error)) return asIgarapeError(error);
  return fileError(error, 'path' in error && typeof error.path === 'string' ? error.path : '?');
}

function isFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes(systemErrorCode(error) ?? '');
}

/** Codes of Node.js itself begin with ERR_, and tell of wrong calls. */
function isOfFileSystem(error: unknown): error is Error {
  const code = systemErrorCode(error);
  const isOne = !(error instanceof IgarapeError) && code !== undefined && /^E(?!RR_)[A-Z0-9]+$/.test(code);
  return isOne && error instanceof Error;
}

function unreadable(table: string, what: string, cause: unknown): IgarapeError {
  return new IgarapeError(
    'TABLE_UNREADABLE',
    `${table}: its file cannot be read: ${what.replace(/\.$/, '')}.`,
    {
      hint: 'Check the file and the disk that holds it, and fetch it again where it is damaged; the table keeps its last state.',
      cause,
    },
  );
}
