import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** By their URLs: the built scripts of this test file. */
const built = new Map<string, Promise<string>>();

/** Starts a TypeScript file as a process, with a JSON document as its argument. */
export async function startScript(script: URL, order: unknown): Promise<ChildProcessWithoutNullStreams> {
  const known = built.get(script.href) ?? buildScript(script);
  built.set(script.href, known);
  return spawn(process.execPath, ['--no-warnings', await known, JSON.stringify(order)]);
}

/**
 * Runs a TypeScript file as a process, with a JSON document as its argument; resolves the signal that it died by, null
 * where it came to its end.
 */
export async function runScript(script: URL, order: unknown): Promise<NodeJS.Signals | null> {
  const child = await startScript(script, order);
  child.stdout.resume();
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (signal === null && code !== 0) reject(new Error(`the process ended with ${code}: ${complaint}`));
      else resolve(signal);
    });
  });
}

/** Packages of so many files that to find and read each takes a killed run half of its time. */
const JOINED = /^(?:zod|@aws-sdk\/[^/]+)$/;

/**
 * Joins a script and all that is ours of what it imports: to translate each as it starts takes twice its run. What is
 * imported when it is wanted stays in parts of its own, so that a run on a local disk does not load the SDK of AWS.
 */
async function buildScript(script: URL): Promise<string> {
  const outdir = await mkdtemp(join(tmpdir(), 'igarape-script-'));
  const name = basename(script.pathname, '.ts');
  await build({
    entryPoints: { [name]: fileURLToPath(script) },
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: true,
    sourcesContent: false,
    logLevel: 'warning',
    // What the SDK requires are Node's own modules.
    banner: {
      js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
    },
    plugins: [
      {
        name: 'packages where they are installed',
        setup: (bundler) =>
          bundler.onResolve({ filter: /^[^./]/ }, ({ path, importer, kind }) =>
            kind === 'entry-point' || JOINED.test(path) || importer.includes('node_modules')
              ? undefined
              : { path: import.meta.resolve(path), external: true },
          ),
      },
    ],
  });
  return join(outdir, `${name}.mjs`);
}
