import type { Told } from '../core/language/sentence.ts';
import { type ErrorCode, IgarapeError, isOfMkdir, systemErrorCode } from '../core/errors.ts';

interface Meaning {
  readonly code: ErrorCode;
  readonly says: (path: string) => Told;
  readonly hint: Told;
  readonly retryable?: boolean;
}

const FULL: Meaning = {
  code: 'DISK_FULL',
  says: (path) => `There is no space left for ${path}`,
  hint: 'Free some space on that disk, and run again: nothing was lost.',
};

const FORBIDDEN: Meaning = {
  code: 'LAKE_FORBIDDEN',
  says: (path) => `Access to ${path} was denied`,
  hint: 'Give the user that runs igarape the right to read and write there, and mount the disk writable.',
};

/** Of a file system like `/proc`, which takes no names and says that there is none. */
const UNMADE: Meaning = {
  code: 'LAKE_FORBIDDEN',
  says: (path) => `No folder can be created for ${path}`,
  hint: 'Let the configuration name a folder on a disk where files may be created.',
};

const MISPLACED: Meaning = {
  code: 'LAKE_CORRUPT',
  says: (path) => `${path} cannot be used: a file stands where a folder is expected, or the other way round`,
  hint: 'Let the configuration name a folder of its own, and move away what does not belong to it.',
};

const BROKEN: Meaning = {
  code: 'LAKE_UNREACHABLE',
  says: (path) => `${path} could not be read or written`,
  hint: 'Check the disk or the network share, and run again.',
};

const BUSY: Meaning = { ...BROKEN, retryable: true };

const MEANINGS: ReadonlyMap<string, Meaning> = new Map([
  ['ENOSPC', FULL],
  ['EDQUOT', FULL],
  ['EACCES', FORBIDDEN],
  ['EPERM', FORBIDDEN],
  ['EROFS', FORBIDDEN],
  ['ENOTDIR', MISPLACED],
  ['EISDIR', MISPLACED],
  ['EEXIST', MISPLACED],
  ['EMFILE', BUSY],
  ['ENFILE', BUSY],
  ['EBUSY', BUSY],
  ['EIO', BUSY],
  ['ESTALE', BUSY],
  ['ETIMEDOUT', BUSY],
]);

/** What the file system refused, as an error for the user; `path` is the file or folder it was asked for. */
export function fileError(error: unknown, path: string): IgarapeError {
  if (error instanceof IgarapeError) return error;
  const code = systemErrorCode(error);
  const isUnmade = code === 'ENOENT' && isOfMkdir(error);
  if (code === 'ENOENT' && !isUnmade) return missingFile(path, error);
  const meaning = isUnmade ? UNMADE : (MEANINGS.get(code ?? '') ?? BROKEN);
  return new IgarapeError(
    meaning.code,
    { quoted: `${meaning.says(path)} (${code ?? String(error)})` },
    {
      hint: meaning.hint,
      retryable: meaning.retryable ?? false,
      cause: error,
    },
  );
}

/** True for a failure of this machine's file system, where network failures can occur too. */
export function isFileError(error: unknown): boolean {
  const code = systemErrorCode(error);
  if (code === undefined || !(MEANINGS.has(code) || code === 'ENOENT')) return false;
  // A time-out is the network's, and a firewall refuses connections with EPERM.
  return (
    code !== 'ETIMEDOUT' && !(error instanceof Error && 'syscall' in error && error.syscall === 'connect')
  );
}

/** A file that has to be there is not. */
export function missingFile(path: string, cause?: unknown): IgarapeError {
  return new IgarapeError('LAKE_NOT_FOUND', `${path} does not exist`, {
    hint: 'Something else has removed it: run again, and check the lake with `igarape verify`.',
    cause,
  });
}
