import { confirmReadable, confirmState, type FileState, sourceError, stateMarks } from './files-state.ts';
import type { HashCache } from './files-hash-cache.ts';
import { sha256File } from './hash.ts';
import { manyFiles } from './many.ts';
import { sameMarks } from './marks.ts';
import type { FetchedFile, Part, TableRequest, TableState, Unchanged } from './port.ts';

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
  const { path, name, state } = file;
  const marks = stateMarks(state);
  // Another name can mean another format, so the same bytes under another name are read again.
  const isAlike = seen?.name === name && seen.sizeBytes === state.sizeBytes;
  if (isAlike && (sameMarks(seen.marks, marks) || hashes.get(path, state) === seen.sha256)) {
    return { kind: 'unchanged' };
  }

  const hashOnce = once(() => hashStable(file, signal));
  const fetch = async (): Promise<FetchedFile | Unchanged> => {
    await confirmReadable(path, name);
    if (isAlike && (await hashOnce()) === seen.sha256) {
      await hashes.set([{ path, state, sha256: seen.sha256 }]);
      return { kind: 'unchanged' };
    }
    return fetchedLocal(file, hashOnce);
  };
  return { kind: 'present', name, sizeBytes: state.sizeBytes, fetch };
}

/** A table of many files that lie in the local file system. */
export function filesOfTable(
  table: TableRequest,
  files: readonly LocalFile[],
  version: string,
  hashes: HashCache,
  signal: AbortSignal,
): TableState {
  const parts = files.map((file): Part => {
    const { path, name, state } = file;
    const known = hashes.get(path, state);
    const hashOnce = once(() => (known === undefined ? hashStable(file, signal) : Promise.resolve(known)));
    const fetch = async (): Promise<FetchedFile> => {
      await confirmReadable(path, name);
      return fetchedLocal(file, hashOnce);
    };
    return { name, sizeBytes: state.sizeBytes, mark: `${state.mtime} ${state.ctime}`, fetch };
  });
  const onSame = (sha256s: readonly string[]): Promise<void> =>
    hashes.set(files.map(({ path, state }, index) => ({ path, state, sha256: sha256s[index] ?? '' })));
  return manyFiles(table, parts, { version, onSame });
}

function fetchedLocal(file: LocalFile, hashOnce: () => Promise<string>): FetchedFile {
  const { path, name, version, state } = file;
  const { sizeBytes } = state;
  return {
    kind: 'file',
    path,
    name,
    hash: async () => ({ version, name, sizeBytes, sha256: await hashOnce(), marks: stateMarks(state) }),
    confirm: () => confirmState(path, name, state),
  };
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => (result ??= work());
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
