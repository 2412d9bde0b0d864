import { confirmReadable, confirmState, type FileState, sourceError, stateMarks } from './files-state.ts';
import type { HashCache } from './files-hash-cache.ts';
import { sha256File } from './hash.ts';
import { sameMarks } from './marks.ts';
import type { FetchedFile, TableRequest, TableState, Unchanged } from './port.ts';

export interface LocalFile {
  readonly path: string;
  readonly name: string;
  /** The label of the source version that it was listed for. */
  readonly version: string;
  readonly state: FileState;
}

/** A table whose file lies in the local file system: equal size and times mean no reading, equal size alone a hash. */
export function filesTable(
  table: TableRequest,
  file: LocalFile,
  hashes: HashCache,
  signal: AbortSignal,
): TableState {
  const { seen } = table;
  const { path, name, version, state } = file;
  const marks = stateMarks(state);
  // Another name can mean another format, so the same bytes under another name are read again.
  const isAlike = seen?.name === name && seen.sizeBytes === state.sizeBytes;
  if (isAlike && (sameMarks(seen.marks, marks) || hashes.get(path, state) === seen.sha256)) {
    return { kind: 'unchanged' };
  }

  let hash: Promise<string> | undefined;
  const hashOnce = (): Promise<string> => {
    hash ??= hashStable(file, signal);
    return hash;
  };
  const fetch = async (): Promise<FetchedFile | Unchanged> => {
    await confirmReadable(path, name);
    if (isAlike && (await hashOnce()) === seen.sha256) {
      await hashes.set(path, state, seen.sha256);
      return { kind: 'unchanged' };
    }
    return {
      kind: 'file',
      path,
      name,
      hash: async () => ({ version, name, sizeBytes: state.sizeBytes, sha256: await hashOnce(), marks }),
      confirm: () => confirmState(path, name, state),
    };
  };
  return { kind: 'present', name, fetch };
}

async function hashStable({ path, name, state }: LocalFile, signal: AbortSignal): Promise<string> {
  try {
    const sha256 = await sha256File(path, signal);
    await confirmState(path, name, state);
    return sha256;
  } catch (error) {
    signal.throwIfAborted();
    throw sourceError(error, path);
  }
}
