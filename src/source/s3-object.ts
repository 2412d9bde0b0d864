import type { RemoteObject, S3Reader } from '../storage/s3/reader.ts';
import { openCopy } from './http/copy-tables.ts';
import { findLocalCopy, incomingPaths, keepLocalCopy, type LocalCopy } from './http/local-copy.ts';
import { isStillMeant } from './match.ts';
import type { SourceContext, SourceSnapshot, TableRequest } from './port.ts';
import { changedWhileRead, etagOf, microsOf } from './s3-state.ts';

/** One object as a source. It is downloaded only where its ETag says that it is another than before. */
export async function openObject(
  reader: S3Reader,
  object: RemoteObject,
  id: string,
  tables: readonly TableRequest[],
  context: SourceContext,
): Promise<SourceSnapshot> {
  const { workDir, signal, onProgress } = context;
  const etag = etagOf(object);
  const own = await findObjectCopy(id, workDir);
  if (own?.marks.etag === etag) return await openObjectCopy(own, id, tables, context);

  const timeMicros = microsOf(object.modifiedMs);
  const version = etag.replaceAll('"', '');
  const isLone = tables.length === 1;
  const isKnown = (table: TableRequest): boolean =>
    table.seen?.marks?.['etag'] === etag &&
    (isStillMeant(table) || (isLone && table.seen.name === object.key));
  if (tables.every(isKnown)) {
    const states = tables.map(({ name }) => [name, { kind: 'unchanged' }] as const);
    return { version: { label: version, timeMicros }, tables: new Map(states) };
  }

  const { path } = incomingPaths(context);
  const onBytes = (done: number): void => onProgress({ step: 'download', done, total: object.sizeBytes });
  const sha256 = await reader.download(object, path, { signal, onBytes });
  if (sha256 === undefined) throw changedWhileRead(id);
  const copy = await keepLocalCopy(workDir, path, {
    key: id,
    name: object.key,
    version,
    timeMicros,
    sizeBytes: object.sizeBytes,
    sha256,
    marks: { etag },
  });
  return await openObjectCopy(copy, id, tables, context);
}

/** What was downloaded of this object, if it is still there. */
export async function findObjectCopy(id: string, workDir: string): Promise<LocalCopy | undefined> {
  const copy = await findLocalCopy(workDir);
  return copy?.key === id ? copy : undefined;
}

/** The tables of a downloaded object. */
export async function openObjectCopy(
  copy: LocalCopy,
  id: string,
  tables: readonly TableRequest[],
  context: SourceContext,
): Promise<SourceSnapshot> {
  const { etag = '' } = copy.marks;
  const options = { label: id, marks: { sha256: copy.sha256, etag }, takesAnyName: tables.length === 1 };
  return await openCopy(copy, tables, options, context);
}
