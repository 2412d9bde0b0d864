import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCli } from '../support/cli.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();

/** Has every module that the program loads written to a file. */
const HOOKS = `data:text/javascript,${encodeURIComponent(`
  import { appendFileSync } from 'node:fs';
  export async function load(url, context, next) {
    appendFileSync(process.env.LOADED, url + '\\n');
    return next(url, context);
  }`)}`;
const PRELOAD = `data:text/javascript,${encodeURIComponent(`import { register } from 'node:module'; register(${JSON.stringify(HOOKS)});`)}`;

test.each([['--version'], ['--help'], ['run', '--help']])(
  '%s %s loads none of the heavy libraries',
  async (...args) => {
    const loaded = join(dir(), 'loaded');
    const { exitCode } = await runCli(args, {
      cwd: dir(),
      env: { LOADED: loaded },
      nodeOptions: ['--import', PRELOAD],
    });
    expect(exitCode).toBe(0);
    const urls = (await readFile(loaded, 'utf8')).trim().split('\n');
    expect(urls.some((url) => url.includes('/commander/'))).toBe(true);
    const heavy = ['@duckdb', '@aws-sdk', '@smithy', '/pino', 'cli-table3', '@clack', '/zod/', 'undici'];
    expect(urls.filter((url) => heavy.some((name) => url.includes(name)))).toEqual([]);
  },
);
