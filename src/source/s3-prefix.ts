import { createHash } from 'node:crypto';
import { IgarapeError } from '../core/errors.ts';
import type { RemoteObject, S3Reader } from '../storage/s3/reader.ts';
import { fetched, fetchedFile } from './fetched.ts';
import { manyFiles } from './many.ts';
import { findTable, foundNames, isStillMeant, withDate } from './match.ts';
import type {
  FetchedFile,
  FileThere,
  SeenFile,
  SourceContext,
  SourceSnapshot,
  TableRequest,
  TableState,
  Unchanged,
} from './port.ts';
import { type OwnFile, ownFile } from './own-file.ts';
import { openObjectCopies, type ObjectCopies } from './s3-copies.ts';
import { asSourceError } from './s3-error.ts';
import { refuseUnclosed } from './unclosed.ts';
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
  const copyOf = async (table: TableRequest, object: RemoteObject): Promise<DownloadedObject> => {
    await refuseUnclosed(object.key, (other) => byName.get(other)?.sizeBytes);
    return copies.find(object) ?? download(reader, object, table.name, copies, context);
  };
  return snapshotOf(tables, names, byName, {
    one: (table, object, version) => {
      const { seen } = table;
      const isSame = seen?.name === object.key && seen.sizeBytes === object.sizeBytes;
      if (isSame && seen.marks?.['etag'] === etagOf(object)) return { kind: 'unchanged' };
      const fetch = async (): Promise<FetchedFile | Unchanged> =>
        fetchedOf(table, object, version, await copyOf(table, object), context);
      const there = thereOf(reader, object, version, context.signal);
      return { kind: 'present', name: object.key, sizeBytes: object.sizeBytes, fetch, there };
    },
    many: (table, objects, version) => {
      const parts = objects.map((object) => ({
        name: object.key,
        sizeBytes: object.sizeBytes,
        mark: etagOf(object),
        there: thereOf(reader, object, version, context.signal),
        fetch: async () => {
          const { file, path, confirm } = await ownOf(object, version, await copyOf(table, object), context);
          return fetchedFile(path, file, confirm);
        },
      }));
      return manyFiles(table, parts, { version });
    },
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
  const snapshot = snapshotOf(tables, byName.keys(), byName, {
    one: (table, object, version) => {
      const copy = copies.find(object);
      if (copy === undefined) return { kind: 'missing', pattern: table.pattern };
      return {
        kind: 'present',
        name: object.key,
        sizeBytes: object.sizeBytes,
        fetch: () => fetchedOf(table, object, version, copy, context),
      };
    },
    many: (table) => {
      // Copies do not tell whether they are all of the table's objects, nor whether one is gone by now.
      if (isStillMeant(table)) return { kind: 'unchanged' };
      const fetch = (): Promise<never> => Promise.reject(needsListing(table));
      return { kind: 'present', name: table.pattern, sizeBytes: 0, fetch };
    },
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
  states: {
    readonly one: (table: TableRequest, object: RemoteObject, version: string) => TableState;
    readonly many: (table: TableRequest, objects: readonly RemoteObject[], version: string) => TableState;
  },
): SourceSnapshot {
  const all = [...names];
  const found = tables.map((table) => {
    const match = findTable(table, all);
    return { table, match, own: foundNames(match).flatMap((name) => byName.get(name) ?? []) };
  });
  const objects = [...new Set(found.flatMap(({ own }) => own))];
  const label = fingerprint(objects);
  const stateOf = ({ table, match, own }: (typeof found)[number]): TableState => {
    const [object] = own;
    if (match.kind === 'many') return states.many(table, own, label);
    if (match.kind !== 'found') return match;
    if (object === undefined) return { kind: 'missing', pattern: table.pattern };
    return states.one(table, object, label);
  };
  const entries = found.map((one) => [one.table.name, withDate(one.match, stateOf(one))] as const);
  const newestMs = objects.reduce((newest, { modifiedMs }) => Math.max(newest, modifiedMs), -Infinity);
  const version = objects.length === 0 ? { label } : { label, timeMicros: microsOf(newestMs) };
  return { version, tables: new Map(entries) };
}

function needsListing({ name, pattern }: TableRequest): IgarapeError {
  return new IgarapeError(
    'SOURCE_NOT_FOUND',
    `Which objects match ${JSON.stringify(pattern)} is not known without asking the bucket`,
    { hint: `Run without --skip-download: the table ${name} is made of all of them.` },
  );
}

function thereOf(reader: S3Reader, object: RemoteObject, version: string, signal: AbortSignal): FileThere {
  const uri = `${reader.uri}/${object.key}`;
  const { key: name, sizeBytes } = object;
  return {
    uri,
    seen: { version, name, sizeBytes, sha256: '', marks: { etag: etagOf(object) } },
    end: async (bytes) => {
      const found = await reader.end(object, bytes, signal).catch((error: unknown) => {
        throw asSourceError(error);
      });
      if (found === undefined) throw changedWhileRead(uri);
      return found;
    },
    confirm: async () => {
      const now = await reader.stat(name, signal).catch((error: unknown) => {
        throw asSourceError(error);
      });
      if (now?.sizeBytes !== sizeBytes || etagOf(now) !== etagOf(object)) throw changedWhileRead(uri);
    },
  };
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
  copy: DownloadedObject,
  context: SourceContext,
): Promise<FetchedFile | Unchanged> {
  const { file, path, confirm } = await ownOf(object, version, copy, context);
  return fetched(path, file, seen, confirm);
}

/** A download as this run's own file, with what to remember of it. */
async function ownOf(
  object: RemoteObject,
  version: string,
  { path, sha256 }: DownloadedObject,
  { runDir, signal }: SourceContext,
): Promise<OwnFile & { readonly file: SeenFile }> {
  const { key: name, sizeBytes } = object;
  const own = await ownFile(path, { label: name, sha256 }, runDir, signal);
  return { ...own, file: { version, name, sizeBytes, sha256, marks: { etag: etagOf(object) } } };
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
