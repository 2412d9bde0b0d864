import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { Peer } from './external.ts';

const ROOT = join(import.meta.dirname, '../..');
const exec = promisify(execFile);
const packedSchema = z.array(
  z.object({ filename: z.string(), files: z.array(z.object({ path: z.string() })) }),
);

export interface Packed {
  /** The archive's path. */
  readonly path: string;
  /** The names inside it. */
  readonly files: readonly string[];
}

/** What `npm pack` makes of the repository, as it is built, in a folder of its own. */
export async function packInto(folder: string): Promise<Packed> {
  // The scripts would build again, under the feet of tests that run the program.
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  const { stdout } = await exec('npm', args, { cwd: ROOT, maxBuffer: 16 * 1024 * 1024 });
  const packed = packedSchema.parse(JSON.parse(stdout))[0];
  if (packed === undefined) throw new Error('`npm pack` has packed nothing.');
  return { path: join(folder, packed.filename), files: packed.files.map(({ path }) => path) };
}

/** A project elsewhere with the package installed as a user would; the caller removes the folder. */
export async function installElsewhere(): Promise<Peer<string>> {
  const folder = await mkdtemp(join(tmpdir(), 'igarape-package-'));
  const { path } = await packInto(folder);
  await writeFile(
    join(folder, 'package.json'),
    '{ "name": "somebody", "private": true, "type": "module" }\n',
  );
  try {
    await exec('npm', ['install', path, '--prefer-offline', '--no-audit', '--no-fund'], { cwd: folder });
    return { here: true, value: folder };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    const complaint = error instanceof Error ? error.message : String(error);
    // Anything but an unreachable registry is a fault of the package.
    if (!/EAI_AGAIN|ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ENOTCACHED/.test(complaint))
      throw error;
    return { here: false, reason: 'the npm registry cannot be reached, so the package cannot be installed' };
  }
}

/** The version that package.json states. */
export async function statedVersion(): Promise<string> {
  const text = await readFile(join(ROOT, 'package.json'), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}
