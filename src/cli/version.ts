import { readFileSync } from 'node:fs';

/** What the ledger says of its writer. */
export function program(): string {
  return `igarape ${version()}`;
}

/** The package's version. */
export function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  if (typeof manifest === 'object' && manifest !== null && 'version' in manifest)
    return String(manifest.version);
  throw new RangeError('package.json has no version.');
}
