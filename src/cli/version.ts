import { readFileSync } from 'node:fs';
import { packageFile } from './package-file.ts';

/** What the ledger says of its writer. */
export function program(): string {
  return `igarape ${version()}`;
}

/** The package's version. */
export function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(packageFile('package.json'), 'utf8'));
  if (typeof manifest === 'object' && manifest !== null && 'version' in manifest)
    return String(manifest.version);
  throw new RangeError('package.json has no version.');
}
