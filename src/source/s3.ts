import type { SourceConfig } from '../config/config.ts';
import { IgarapeError } from '../core/errors.ts';
import type { RemoteObject, S3Reader } from '../storage/s3/reader.ts';
import { requireCopy } from './http/local-copy.ts';
import type { Source, SourceContext, SourceSnapshot, TableRequest } from './port.ts';
import { asSourceError } from './s3-error.ts';
import { findObjectCopy, openObject, openObjectCopy } from './s3-object.ts';
import { openCopiedPrefix, openPrefix } from './s3-prefix.ts';

type S3Config = Extract<SourceConfig, { type: 's3' }>;

export interface S3SourceEdge {
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * A bucket's prefix, or one object (a table's file, or an archive of tables), as a source. Its version is a
 * fingerprint of the ETags, and its time that of the newest object that a table is read from.
 */
export function openS3Source(config: S3Config, { env }: S3SourceEdge): Source {
  const id = config.uri.replace(/\/+$/, '');
  const openReader = async (uri: string): Promise<S3Reader> => {
    const { openS3Reader } = await import('../storage/s3/reader.ts');
    return openS3Reader(uri, config.s3, env);
  };
  return {
    id,
    open: async (tables, context) => {
      try {
        return context.skipDownload
          ? await openDownloaded(id, tables, context)
          : await openNewest(config.uri, id, openReader, tables, context);
      } catch (error) {
        throw asSourceError(error);
      }
    },
  };
}

async function openNewest(
  uri: string,
  id: string,
  openReader: (uri: string) => Promise<S3Reader>,
  tables: readonly TableRequest[],
  context: SourceContext,
): Promise<SourceSnapshot> {
  const { signal } = context;
  const [, parent, name] = /^(s3:\/\/[^/]+(?:\/.*)?)\/([^/]+)$/s.exec(uri) ?? [];
  const openLone = async (): Promise<SourceSnapshot | undefined> => {
    if (parent === undefined || name === undefined) return undefined;
    const reader = await openReader(parent);
    const object = await reader.stat(name, signal);
    return object && (await openObject(reader, object, id, tables, context));
  };
  const looksLikeFile = name?.includes('.') === true;
  const lone = looksLikeFile ? await openLone() : undefined;
  if (lone) return lone;
  const reader = await openReader(uri);
  const objects: RemoteObject[] = [];
  for await (const object of reader.list(signal)) objects.push(object);
  if (objects.length > 0) return await openPrefix(reader, objects, id, tables, context);
  const unusual = looksLikeFile ? undefined : await openLone();
  if (unusual) return unusual;
  throw new IgarapeError('SOURCE_NOT_FOUND', `There is no object at or under ${id}`, {
    hint: 'Check bucket and prefix of the source; letter case counts.',
  });
}

async function openDownloaded(
  id: string,
  tables: readonly TableRequest[],
  context: SourceContext,
): Promise<SourceSnapshot> {
  const prefix = await openCopiedPrefix(id, tables, context);
  if (prefix) return prefix;
  const copy = requireCopy(await findObjectCopy(id, context.workDir), id);
  return await openObjectCopy(copy, id, tables, context);
}
