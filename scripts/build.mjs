// Builds dist/ from src/ beside the old one and then puts it in its place: so a file removed from src/ does not live
// on, a failed build changes nothing, and a program that runs meanwhile finds its modules.
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '..');
const [dist, next, last] = ['dist', `.dist-next-${process.pid}`, `.dist-last-${process.pid}`].map((name) =>
  join(root, name),
);
const tsc = createRequire(import.meta.url)
  .resolve('typescript/package.json')
  .replace(/package\.json$/, 'bin/tsc');
/** DuckDB's API is of CommonJS: what it requires but its own files it gets as its package would. */
const REQUIRED_BY_DUCKDB = {
  name: 'required by DuckDB',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^[^.]/ }, ({ kind, path }) =>
      kind === 'require-call' ? { path, namespace: 'required' } : undefined,
    );
    onLoad({ filter: /./, namespace: 'required' }, ({ path }) => ({
      contents: `import { createRequire } from 'node:module';
export default createRequire(createRequire(import.meta.url).resolve('@duckdb/node-api'))('${path}');`,
      resolveDir: root,
    }));
  },
};

try {
  execFileSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.json'), '--outDir', next], {
    stdio: 'inherit',
  });
  keepDeclarations(next, ['index.d.ts', 'delta.d.ts']);
  await buildProgram(next);
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

/** Of the declarations of all modules, those that a user's program can come to. */
function keepDeclarations(folder, entries) {
  const kept = new Set(entries.map((name) => join(folder, name)));
  for (const file of kept) {
    for (const [, path] of readFileSync(file, 'utf8').matchAll(/\b(?:from |import\()["'](\.[^"']+)\.ts["']/g))
      kept.add(join(dirname(file), `${path}.d.ts`));
  }
  for (const file of readdirSync(folder, { recursive: true }).map((name) => join(folder, name)))
    if (file.endsWith('.d.ts') && !kept.has(file)) rmSync(file);
}

/**
 * The program and the libraries. Some 400 modules become parts, by what is loaded together: to find and read each module
 * by itself took a fifth of a short run. Two packages of many files go into the parts, with their licences.
 */
async function buildProgram(to) {
  const { build } = await import('esbuild');
  const { dependencies, peerDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const joined = ['@duckdb/node-api', 'zod'];
  const others = Object.keys({ ...dependencies, ...peerDependencies });
  await build({
    entryPoints: ['cli/main', 'index', 'delta'].map((name) => join(root, 'src', `${name}.ts`)),
    outdir: to,
    outbase: join(root, 'src'),
    chunkNames: 'parts/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: others.filter((name) => !joined.includes(name)),
    plugins: [REQUIRED_BY_DUCKDB],
    sourcemap: true,
    sourcesContent: false,
    logLevel: 'warning',
  });
  const licences = joined.map((name) => {
    const text = readFileSync(join(root, 'node_modules', name, 'LICENSE'), 'utf8');
    return `${name}\n\n${text.trim()}\n`;
  });
  writeFileSync(join(to, 'licences.txt'), licences.join('\n\n'));
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
