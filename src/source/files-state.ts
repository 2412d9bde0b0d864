import { didYouMean } from '../config/closest.ts';
import { access, constants, stat } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { IgarapeError, systemErrorCode } from '../core/errors.ts';

/** What the file system tells of a file or folder, without reading it. */
export interface FileState {
  readonly isFolder: boolean;
  readonly isFile: boolean;
  readonly sizeBytes: number;
  /** Times in nanoseconds, as text: to be compared only. */
  readonly mtime: string;
  readonly ctime: string;
  /** Which file it is on its disk. Times alone do not tell apart what is written and put in its place within one tick of the clock. */
  readonly inode: string;
}

/** The state of what is at `path`, links followed. Throws what the file system throws. */
export async function fileState(path: string): Promise<FileState> {
  const found = await stat(path, { bigint: true });
  return {
    isFolder: found.isDirectory(),
    isFile: found.isFile(),
    sizeBytes: Number(found.size),
    mtime: String(found.mtimeNs),
    ctime: String(found.ctimeNs),
    inode: String(found.ino),
  };
}

/**
 * What is remembered of a file beside its size. The time of the last change of its inode (ctime) notices what keeps
 * the modification time: `cp -p`, `touch -r`, a rename over it. It moves for harmless reasons too; then the file is
 * hashed once.
 */
export function stateMarks(state: FileState): { readonly mtime: string; readonly ctime: string } {
  return { mtime: state.mtime, ctime: state.ctime };
}

/** Throws a retryable `TABLE_UNREADABLE` where the file is not in the given state any more. */
export async function confirmState(path: string, name: string, before: FileState): Promise<void> {
  const now = await fileState(path).catch((error: unknown) => {
    throw changedMeanwhile(name, error);
  });
  if (!isDeepStrictEqual(now, before)) throw changedMeanwhile(name);
}

/** Throws where the file may not be read, so that no later reader has to explain it. */
export async function confirmReadable(path: string, name: string): Promise<void> {
  await access(path, constants.R_OK).catch((error: unknown) => {
    throw systemErrorCode(error) === 'ENOENT' ? changedMeanwhile(name, error) : sourceError(error, path);
  });
}

function changedMeanwhile(name: string, cause?: unknown): IgarapeError {
  return new IgarapeError('TABLE_UNREADABLE', `${name} was changed while it was read`, {
    hint: 'Run again once it is written to its end. Best write to another name, and rename it when it is whole.',
    retryable: true,
    cause,
  });
}

/** What the file system refused of a source's folder or file, as an error for the user; `near` is what a path that is not there may mean. */
export function sourceError(error: unknown, path: string, near?: string): IgarapeError {
  if (error instanceof IgarapeError) return error;
  const code = systemErrorCode(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new IgarapeError('SOURCE_NOT_FOUND', `The source ${path} does not exist`, {
      hint: didYouMean(
        near,
        'Check source.path in the configuration: it is relative to the configuration file. Where it is on a network share or another disk, check that it is mounted.',
      ),
      cause: error,
    });
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new IgarapeError('SOURCE_FORBIDDEN', `The source ${path} may not be read (${code})`, {
      hint: 'Give the user that runs igarape the right to read it and to list the folders that lead to it.',
      cause: error,
    });
  }
  return new IgarapeError(
    'SOURCE_UNREACHABLE',
    `The source ${path} could not be read (${code ?? String(error)})`,
    {
      hint: 'Check the disk or the network share that holds it, and run again.',
      retryable: true,
      cause: error,
    },
  );
}
