import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Puts whatever the tests leave behind, killed processes above all, into one folder that goes when they have ended. */
export function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'igarape-tests-'));
  for (const name of ['TMPDIR', 'TEMP', 'TMP']) process.env[name] = folder;
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}
