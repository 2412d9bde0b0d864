import { openLocalStorage } from './local.ts';
import type { StorageEnvironment, StorageLocation } from './location.ts';
import type { Storage } from './port.ts';

/**
 * The storage at a location; nothing is read or written yet. `env` is where AWS's access keys are looked for before the
 * SDK's own chain (process environment, profile, SSO, role). The S3 client loads only for `s3://`.
 */
export async function openStorage(location: StorageLocation, env: StorageEnvironment = {}): Promise<Storage> {
  if (!location.uri.startsWith('s3://')) return openLocalStorage(location.uri);
  const { openS3Storage } = await import('./s3/storage.ts');
  return openS3Storage(location.uri, location.s3, env);
}
