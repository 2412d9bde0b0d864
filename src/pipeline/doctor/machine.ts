import { rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureFolder } from '../../core/ensure-folder.ts';
import { IgarapeError, systemReason } from '../../core/errors.ts';
import type { Finding } from './check.ts';

/** @throws IgarapeError USAGE where igarape is not made for this version of Node.js. */
export function lookAtNode(version: string): Finding {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  if (major === 20 && minor >= 19) return { found: version, hint: NODE_20 };
  if ((major === 22 && minor >= 12) || major > 22) return { found: version };
  throw new IgarapeError('USAGE', `Node.js ${version} is not one that igarape is tested with.`, {
    hint: 'Install Node.js 22 or later, or 20.19 or later within 20.',
  });
}

const NODE_20 =
  "AWS's client for S3 gets no more updates for Node.js 20 from January 2027 on: plan for Node.js 22 or later.";

const LITTLE_BYTES = 1_000_000_000;
const TOO_LITTLE_BYTES = 100_000_000;

/** @throws IgarapeError CONFIG_INVALID, DISK_FULL */
export async function lookAtWorkDir(workDir: string, id: string): Promise<Finding> {
  const path = join(workDir, `doctor-${id}.tmp`);
  try {
    await ensureFolder(workDir);
    await writeFile(path, 'igarape doctor\n', { flag: 'wx' });
    await rm(path);
  } catch (error) {
    throw new IgarapeError(
      'CONFIG_INVALID',
      `The work folder ${workDir} cannot be written to: ${systemReason(error)}.`,
      { hint: 'Set "work_dir" in the configuration to a folder that this user may write to.', cause: error },
    );
  }
  const { bavail, bsize } = await statfs(workDir);
  const freeBytes = bavail * bsize;
  const found = `${workDir}, ${(freeBytes / 1e9).toFixed(1)} GB free`;
  if (freeBytes < TOO_LITTLE_BYTES) {
    throw new IgarapeError('DISK_FULL', `The disk is as good as full: ${found}.`, {
      hint: 'Free some space, or set "work_dir" in the configuration to a folder on a larger disk.',
    });
  }
  if (freeBytes >= LITTLE_BYTES) return { found };
  return { found, hint: 'That is little: downloads, and work that does not fit in memory, go there.' };
}
