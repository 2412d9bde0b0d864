import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { runCli } from '../support/cli.ts';
import { joinedIn } from '../support/joined.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();
const DIST = pathToFileURL(join(import.meta.dirname, '../../dist/')).href;

/** Has every module that the program loads written to a file. */
const HOOKS = `data:text/javascript,${encodeURIComponent(`
  import { appendFileSync } from 'node:fs';
  export async function load(url, context, next) {
    appendFileSync(process.env.LOADED, url + '\\n');
    return next(url, context);
  }`)}`;
const PRELOAD = `data:text/javascript,${encodeURIComponent(`import { register } from 'node:module'; register(${JSON.stringify(HOOKS)});`)}`;

/** The modules that the program loads; of what the build has joined, those that were. */
async function loadedBy(args: readonly string[]): Promise<string[]> {
  const loaded = join(dir(), 'loaded');
  const { exitCode } = await runCli(args, {
    cwd: dir(),
    env: { LOADED: loaded },
    nodeOptions: ['--import', PRELOAD],
  });
  expect(exitCode).toBe(0);
  const urls = (await readFile(loaded, 'utf8')).trim().split('\n');
  return urls.flatMap((url) => (url.startsWith(DIST) ? joinedIn(fileURLToPath(url)) : [url]));
}

test.each([['--version'], ['--help'], ['run', '--help']])(
  '%s %s loads none of the heavy libraries',
  async (...args) => {
    const urls = await loadedBy(args);
    expect(urls.some((url) => url.includes('/commander/'))).toBe(true);
    expect(urls.some((url) => url.endsWith('/cli/main.ts'))).toBe(true);
    const heavy = ['duckdb', '@aws-sdk', '@smithy', '/pino', '@clack', '/zod', 'undici'];
    expect(urls.filter((url) => heavy.some((name) => url.includes(name)))).toEqual([]);
  },
);

test('a run from folder to folder loads nothing for layers, buckets or the network', async () => {
  await mkdir(join(dir(), 'source'));
  await writeFile(join(dir(), 'source', 't.csv'), 'id\n1\n');
  const config = { source: { type: 'files', path: './source' }, tables: [{ name: 't', pk: 'id' }] };
  await writeFile(join(dir(), 'igarape.json'), JSON.stringify(config));
  const urls = await loadedBy(['run']);
  expect(urls.some((url) => url.endsWith('/pipeline/run.ts'))).toBe(true);
  const others = ['/src/delta/', '/src/medallion/build/', '@aws-sdk', 'undici', '@clack'];
  expect(urls.filter((url) => others.some((name) => url.includes(name)))).toEqual([]);
});
