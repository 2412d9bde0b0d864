import { silentLogger } from '../../src/core/log.ts';
import type {
  Fetched,
  FetchedFile,
  FetchedFiles,
  SourceContext,
  SourceSnapshot,
  TableRequest,
  Unchanged,
} from '../../src/source/port.ts';

/** What a source is opened with in tests: nothing is logged, and nothing stops it. */
export function testContext(workDir: string, over: Partial<SourceContext> = {}): SourceContext {
  const { signal } = new AbortController();
  return {
    workDir,
    runDir: `${workDir}-run`,
    log: silentLogger,
    onProgress: () => undefined,
    signal,
    skipDownload: false,
    ...over,
  };
}

/** A table that is asked for by the default pattern. */
export function request(name: string, over: Partial<TableRequest> = {}): TableRequest {
  return { name, pattern: `**/${name}.{csv,csv.gz,parquet,jsonl}`, seen: undefined, ...over };
}

export async function fetchTable(snapshot: SourceSnapshot, name: string): Promise<FetchedFile | Unchanged> {
  const fetched = await fetchAny(snapshot, name);
  if (fetched.kind === 'files') throw new Error(`${name} is many files`);
  return fetched;
}

export async function fetchMany(snapshot: SourceSnapshot, name: string): Promise<FetchedFiles> {
  const fetched = await fetchAny(snapshot, name);
  if (fetched.kind !== 'files') throw new Error(`${name} is ${fetched.kind}`);
  return fetched;
}

export async function fetchAny(snapshot: SourceSnapshot, name: string): Promise<Fetched | Unchanged> {
  const state = snapshot.tables.get(name);
  if (state?.kind !== 'present') throw new Error(`${name} is ${state?.kind}, not present`);
  return await state.fetch();
}

export async function fetchFile(snapshot: SourceSnapshot, name: string): Promise<FetchedFile> {
  const fetched = await fetchTable(snapshot, name);
  if (fetched.kind !== 'file') throw new Error(`${name} is unchanged`);
  return fetched;
}
