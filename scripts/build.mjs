// Builds dist/ from src/ beside the old one and then puts it in its place: so a file removed from src/ does not live
// on, a failed build changes nothing, and a program that runs meanwhile finds its modules.
import { execFileSync } from 'node:child_process';
import { renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const [dist, next, last] = ['dist', `.dist-next-${process.pid}`, `.dist-last-${process.pid}`].map((name) =>
  join(root, name),
);
const tsc = createRequire(import.meta.url)
  .resolve('typescript/package.json')
  .replace(/package\.json$/, 'bin/tsc');
try {
  execFileSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.json'), '--outDir', next], {
    stdio: 'inherit',
  });
  try {
    renameSync(dist, last);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  renameSync(next, dist);
} catch (error) {
  if (error.status === undefined) throw error;
  process.exitCode = 1;
} finally {
  for (const folder of [next, last]) rmSync(folder, { recursive: true, force: true });
}
