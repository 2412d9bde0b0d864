// Builds dist/ from src/ beside the old one and then puts it in its place: so a file removed from src/ does not live
// on, a failed build changes nothing, and a program that runs meanwhile finds its modules.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
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
  await joinPackage(join(next, 'engine', 'duckdb.js'), '@duckdb/node-api', '@duckdb/node-bindings');
  await joinPackage(join(next, 'core', 'zod.js'), 'zod');
  await buildPage(join(root, 'web'), join(next, 'web'));
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

/**
 * Puts a package of many files into the one module that loads it, with its licence.
 *
 * @param native A package that it loads and that cannot be put anywhere else.
 */
async function joinPackage(module, name, native) {
  const { build } = await import('esbuild');
  const licence = readFileSync(join(root, 'node_modules', name, 'LICENSE'), 'utf8');
  const find =
    native === undefined
      ? ''
      : `import { createRequire } from 'node:module';
const require = createRequire(createRequire(import.meta.url).resolve('${name}'));`;
  await build({
    entryPoints: [module],
    outfile: module,
    allowOverwrite: true,
    bundle: true,
    sourcemap: true,
    minifyWhitespace: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: native === undefined ? [] : [native],
    banner: { js: `/*! ${name}: ${licence.trim()} */\n${find}` },
    logLevel: 'warning',
  });
}

/** The page, with all that it needs: it asks no other host. */
async function buildPage(from, to) {
  const { build } = await import('esbuild');
  mkdirSync(to, { recursive: true });
  await build({
    entryPoints: [join(from, 'main.tsx'), join(from, 'style.css')],
    outdir: to,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    logLevel: 'warning',
    splitting: true,
    chunkNames: 'part-[hash]',
  });
  for (const name of ['index.html', 'icon.svg']) copyFileSync(join(from, name), join(to, name));
}
