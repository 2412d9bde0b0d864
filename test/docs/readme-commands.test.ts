import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { fits, onTerminal } from '../support/cli.ts';
import { describeWith, type Peer } from '../support/external.ts';
import { fencesOf } from './fences.ts';
import { FENCE_TIMEOUT_MS, missingLines, runShell, stepsOf } from './run-fences.ts';

const ROOT = join(import.meta.dirname, '../..');
const README = fencesOf(readFileSync(join(ROOT, 'README.md'), 'utf8'));
const exec = promisify(execFile);

describe('README.pt-BR.md', () => {
  test('has the commands and the output of README.md', () => {
    const translated = fencesOf(readFileSync(join(ROOT, 'README.pt-BR.md'), 'utf8'));
    const tested = /^(?:sh|sh run|text output|ts)$/;
    expect(translated.filter(({ info }) => tested.test(info))).toEqual(
      README.filter(({ info }) => tested.test(info)),
    );
  });
});

describe('docs/lakehouse.md', () => {
  test('shows of the demo what README.md shows', () => {
    const page = fencesOf(readFileSync(join(ROOT, 'docs/lakehouse.md'), 'utf8'));
    const shown = page.find(({ info }) => info === 'text output of the demo')?.text ?? 'nothing';
    const lines = new Set(
      README.filter(({ info }) => info === 'text output').flatMap(({ text }) => text.split('\n')),
    );
    const missing = shown
      .trimEnd()
      .split('\n')
      .filter((line) => !lines.has(line));
    expect(missing).toEqual([]);
  });
});

describe('README.md', () => {
  test('begins with the demo and then the tests, which are what the scripts are', () => {
    const commands = README.filter(({ info }) => info.startsWith('sh')).map(({ text }) => text.trim());
    expect(commands.slice(0, 2)).toEqual(['npm ci && npm run demo', 'npm ci && npm test']);
    const ci = readFileSync(join(ROOT, '.ci/run'), 'utf8');
    for (const step of ['npm ci', 'npm test', 'npm run demo'])
      expect(ci).toMatch(new RegExp(`^step ${step}\\b`, 'm'));
  });
});

describeWith(await checkOut(), 'the commands of README.md, in a checkout of their own', (folder) => {
  afterAll(() => rm(folder, { recursive: true, force: true }));
  let here = join(folder, 'checkout');

  const steps = stepsOf(README).filter(({ info }) => info === 'sh run');
  test.each(steps)('do what is shown: $text', { timeout: FENCE_TIMEOUT_MS }, async (step) => {
    // What is installed by one step is not installed again, from nothing, by the next.
    const text = step === steps[0] ? step.text : step.text.replace(/^npm ci && /, '');
    const { lines, cwd } = await runShell(text, { cwd: here, env: environment(folder) });
    here = cwd;
    expect(missingLines(step, lines), lines.join('\n')).toEqual([]);
  });

  const calls = steps
    .flatMap(({ text }) => text.split('\n'))
    .flatMap((line) => /^igarape (?!init\b)(.*)/.exec(line)?.[1] ?? [])
    .map((call) => [...call.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? ''));
  test.each([
    { lang: 'en', columns: 120, last: /3 rows/ },
    { lang: 'pt-BR', columns: 80, last: /3 linhas/ },
  ])('fit a terminal of $columns columns, in $lang', { timeout: FENCE_TIMEOUT_MS }, async (terminal) => {
    const { lang, columns, last } = terminal;
    const bin = join(folder, 'global', 'bin', 'igarape');
    const ends = [];
    for (const call of calls) {
      const { ended } = onTerminal([...call, '--lang', lang], { cwd: here, columns, bin });
      ends.push({ call, ...fits(await ended, columns) });
    }
    expect(ends.length).toBeGreaterThan(4);
    for (const end of ends) expect(end).toMatchObject({ exitCode: 0, wider: [] });
    expect(ends.at(-1)?.text).toMatch(last);
  });
});

/** The files of the repository as they are now, without what is made from them. */
async function checkOut(): Promise<Peer<string>> {
  if (process.platform === 'win32') return { here: false, reason: 'the commands are for a POSIX shell' };
  try {
    await exec('npm', ['view', 'vitest', 'version', '--prefer-offline'], { cwd: ROOT });
  } catch {
    return { here: false, reason: 'the npm registry cannot be reached, which `npm ci` needs' };
  }
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'igarape-readme-')));
  const { stdout } = await exec('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: ROOT,
  });
  for (const name of stdout.split('\0').filter((path) => path !== '' && !path.startsWith('test/'))) {
    const to = join(folder, 'checkout', name);
    await mkdir(dirname(to), { recursive: true });
    await cp(join(ROOT, name), to).catch(() => undefined);
  }
  return { here: true, value: folder };
}

/** Global installs go into the folder; npm's own settings and cache stay as they are. */
function environment(folder: string): NodeJS.ProcessEnv {
  const prefix = join(folder, 'global');
  const path = `${join(prefix, 'bin')}:${process.env['PATH'] ?? ''}`;
  return {
    ...process.env,
    PATH: path,
    npm_config_prefix: prefix,
    npm_config_prefer_offline: 'true',
    npm_config_audit: 'false',
  };
}
