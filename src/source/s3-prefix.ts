import { createHash } from 'node:crypto';
import type { RemoteObject, S3Reader } from '../storage/s3/reader.ts';
import { fetched } from './archive-tables.ts';
import { isStillMeant } from './http/copy-tables.ts';
import { findTable } from './match.ts';
import type {
  FetchedFile,
  SourceContext,
  SourceSnapshot,
  TableRequest,
  TableState,
  Unchanged,
} from './port.ts';
import { ownFile } from './own-file.ts';
import { openObjectCopies, type ObjectCopies } from './s3-copies.ts';
import { asSourceError } from './s3-error.ts';
import { changedWhileRead, etagOf, microsOf } from './s3-state.ts';

/** The tables of a prefix: each has an object of its own, which is downloaded only where its ETag has changed. */
export async function openPrefix(
  reader: S3Reader,
  objects: readonly RemoteObject[],
  id: string,
  tables: readonly TableRequest[],
  context: SourceContext,
): Promise<SourceSnapshot> {
  const copies = await openObjectCopies(context.workDir, id);
  const names = withoutLakes(objects.map(({ key }) => key));
  const byName = new Map(objects.map((object) => [object.key, object]));
  return snapshotOf(tables, names, byName, (table, object, version) => {
    const { seen } = table;
    const isSame = seen?.name === object.key && seen.sizeBytes === object.sizeBytes;
    if (isSame && seen.marks?.['etag'] === etagOf(object)) return { kind: 'unchanged' };
    const fetch = async (): Promise<FetchedFile | Unchanged> => {
      const copy = copies.find(object) ?? (await download(reader, object, table.name, copies, context));
      return fetchedOf(table, object, version, copy, context);
    };
    return { kind: 'present', name: object.key, fetch };
  });
}

/**
 * The same from what earlier runs have downloaded; undefined where that is nothing. Of an object that was not needed
 * by then, nothing newer is known than what the table was last read from.
 */
export async function openCopiedPrefix(
  id: string,
  tables: readonly TableRequest[],
  context: SourceContext,
): Promise<SourceSnapshot | undefined> {
  const copies = await openObjectCopies(context.workDir, id);
  const byName = new Map(copies.objects.map((object) => [object.key, object]));
  if (byName.size === 0) return undefined;
  const snapshot = snapshotOf(tables, byName.keys(), byName, (table, object, version) => {
    const copy = copies.find(object);
    if (copy === undefined) return { kind: 'missing', pattern: table.pattern };
    return {
      kind: 'present',
      name: object.key,
      fetch: () => fetchedOf(table, object, version, copy, context),
    };
  });
  const states = tables.map((table): [string, TableState] => {
    const state = snapshot.tables.get(table.name) ?? { kind: 'missing', pattern: table.pattern };
    return [table.name, state.kind === 'missing' && isStillMeant(table) ? { kind: 'unchanged' } : state];
  });
  return { version: snapshot.version, tables: new Map(states) };
}

function snapshotOf(
  tables: readonly TableRequest[],
  names: Iterable<string>,
  byName: ReadonlyMap<string, RemoteObject>,
  stateOf: (table: TableRequest, object: RemoteObject, version: string) => TableState,
): SourceSnapshot {
  const all = [...names];
  const found = tables.map((table) => {
    const match = findTable(table.pattern, all);
    return { table, match, object: match.kind === 'found' ? byName.get(match.name) : undefined };
  });
  const objects = [...new Set(found.flatMap(({ object }) => object ?? []))];
  const label = fingerprint(objects);
  const states = found.map(({ table, match, object }): [string, TableState] => {
    if (object) return [table.name, stateOf(table, object, label)];
    return [table.name, match.kind === 'found' ? { kind: 'missing', pattern: table.pattern } : match];
  });
  const times = objects.map(({ modifiedMs }) => modifiedMs);
  const version = times.length === 0 ? { label } : { label, timeMicros: microsOf(Math.max(...times)) };
  return { version, tables: new Map(states) };
}

async function download(
  reader: S3Reader,
  object: RemoteObject,
  table: string,
  copies: ObjectCopies,
  { signal, onProgress }: SourceContext,
): Promise<DownloadedObject> {
  const path = copies.pathFor(object);
  const onBytes = (done: number): void =>
    onProgress({ step: 'download', table, done, total: object.sizeBytes });
  const sha256 = await reader.download(object, path, { signal, onBytes }).catch((error: unknown) => {
    throw asSourceError(error);
  });
  if (sha256 === undefined) throw changedWhileRead(`${reader.uri}/${object.key}`);
  await copies.keep(object, sha256);
  return { path, sha256 };
}

interface DownloadedObject {
  readonly path: string;
  readonly sha256: string;
}

async function fetchedOf(
  { seen }: TableRequest,
  object: RemoteObject,
  version: string,
  { path, sha256 }: DownloadedObject,
  { runDir, signal }: SourceContext,
): Promise<FetchedFile | Unchanged> {
  const { key: name, sizeBytes } = object;
  const own = await ownFile(path, { label: name, sha256 }, runDir, signal);
  const file = { version, name, sizeBytes, sha256, marks: { etag: etagOf(object) } };
  return fetched(own.path, file, seen, own.confirm);
}

/** What igarape has written below the prefix is no source of what it reads. */
function withoutLakes(names: readonly string[]): string[] {
  const mark = '/_igarape/';
  const lakes = new Set(
    names.flatMap((name) => (name.includes(mark) ? [name.slice(0, name.indexOf(mark) + 1)] : [])),
  );
  return names.filter((name) => ![...lakes].some((lake) => name.startsWith(lake)));
}

function fingerprint(objects: readonly RemoteObject[]): string {
  const lines = objects.map((object) => JSON.stringify([object.key, object.sizeBytes, etagOf(object)]));
  return createHash('sha256').update(lines.toSorted().join('\n')).digest('hex').slice(0, 16);
}
