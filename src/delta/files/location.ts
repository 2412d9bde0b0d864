import type { Told } from '../../core/language/sentence.ts';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { IgarapeError } from '../../core/errors.ts';

/**
 * Where a table is, from what users and other programs write: a folder, `file://…`, `s3://…`, and `s3a://` and `s3n://`,
 * as Spark calls the same buckets. Resolves relative folders from the working directory.
 *
 * @throws IgarapeError DELTA_UNSUPPORTED for an address of another kind, which would pass for a folder's name.
 */
export function tableUri(location: string): string {
  // A letter alone is a drive.
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(location)?.[1]?.toLowerCase();
  if (scheme === undefined) {
    if (location.trim() === '') throw unknownAddress("''", 'it is empty');
    return resolve(location);
  }
  const rest = location.slice(scheme.length + 1);
  const place = rest.startsWith('/') ? rest.replaceAll(/^\/+|\/+$/g, '') : '';
  if (/^s3[an]?$/.test(scheme)) {
    if (place === '') throw unknownAddress(location, 'it names no bucket');
    return `s3://${place}`;
  }
  if (scheme === 'file' && rest.startsWith('/')) return folderOf(location);
  if (scheme === 'file') throw unknownAddress(location, 'it names no folder of this machine');
  throw unknownAddress(location, `addresses that begin with ${scheme}:// are not known`);
}

function folderOf(location: string): string {
  // Spark leaves these as they are in a path, where a URL gives them a meaning.
  const url = location.replaceAll('#', '%23').replaceAll('?', '%3F');
  try {
    return resolve(fileURLToPath(url));
  } catch {
    throw unknownAddress(location, 'it names no folder of this machine');
  }
}

function unknownAddress(location: string, reason: Told): IgarapeError {
  return new IgarapeError('DELTA_UNSUPPORTED', `No table can be reached at ${location}: ${reason}`, {
    hint: 'Name a folder, file:///folder, or s3://bucket/prefix.',
  });
}
