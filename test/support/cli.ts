import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { spawn as spawnOnTerminal } from '@lydell/node-pty';
import { onTestFinished } from 'vitest';
import { widthOf } from '../../src/cli/render/layout.ts';

/** The built program: `npm test` builds it first. */
const BIN = fileURLToPath(new URL('../../bin/igarape.js', import.meta.url));

export interface CliOptions {
  readonly cwd: string;
  /** Added to an environment without credentials, whose home is `cwd`. */
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Of a pseudo-terminal: how wide it is. */
  readonly columns?: number;
  /** Another start of the program than the built one's. */
  readonly bin?: string;
  /** Options of Node.js itself. */
  readonly nodeOptions?: readonly string[];
}

export interface CliEnd {
  /** Null where a signal ended the process. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliProcess {
  readonly pid: number;
  readonly ended: Promise<CliEnd>;
  stdout(): string;
  stderr(): string;
  kill(signal: NodeJS.Signals): void;
  /** Resolves once `holds` is true of what was written so far; rejects where the process ends before. */
  until(holds: (process: CliProcess) => boolean): Promise<void>;
}

/** Runs the program to its end, as a process of its own without a terminal. */
export async function runCli(args: readonly string[], options: CliOptions): Promise<CliEnd> {
  return startCli(args, options).ended;
}

/** Starts the program; it is killed when the test ends. */
export function startCli(
  args: readonly string[],
  { cwd, env = {}, input = '', nodeOptions = [] }: CliOptions,
): CliProcess {
  const child = spawn(process.execPath, [...nodeOptions, BIN, ...args], { cwd, env: environment(cwd, env) });
  onTestFinished(() => void child.kill('SIGKILL'));
  const written = { stdout: '', stderr: '' };
  const watchers = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      written[name] += text;
      for (const watcher of watchers) watcher();
    });
  }
  child.stdin.on('error', () => undefined).end(input);
  const ended = once(child, 'close').then((): CliEnd => ({ exitCode: child.exitCode, ...written }));
  const program: CliProcess = {
    pid: child.pid ?? 0,
    ended,
    stdout: () => written.stdout,
    stderr: () => written.stderr,
    kill: (signal) => void child.kill(signal),
    until: async (holds) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!holds(program)) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        void ended.then((end) => reject(new Error(`The program ended: ${JSON.stringify(end)}`)));
        look();
      }),
  };
  return program;
}

export interface TerminalEnd {
  readonly exitCode: number;
  /** Everything that the terminal got, with its control characters. */
  readonly raw: string;
  /** What is to be read in the end: without control characters, and without what was overwritten. */
  readonly text: string;
}

export interface Terminal {
  readonly ended: Promise<TerminalEnd>;
  write(keys: string): void;
  until(holds: (raw: string) => boolean): Promise<void>;
}

/** Starts the program on a pseudo-terminal. */
export function onTerminal(
  args: readonly string[],
  { cwd, env = {}, columns = 120, bin = BIN }: CliOptions,
): Terminal {
  const terminal = spawnOnTerminal(process.execPath, [bin, ...args], {
    cols: columns,
    rows: 40,
    cwd,
    env: { ...environment(cwd, env), TERM: 'xterm-256color' },
  });
  let raw = '';
  const watchers = new Set<() => void>();
  terminal.onData((text) => {
    raw += text;
    for (const watcher of watchers) watcher();
  });
  let isOver = false;
  const ended = new Promise<TerminalEnd>((resolve) => {
    terminal.onExit(({ exitCode }) => {
      isOver = true;
      resolve({ exitCode, raw, text: textOf(raw) });
    });
  });
  onTestFinished(() => {
    if (!isOver) terminal.kill('SIGKILL');
  });
  return {
    ended,
    write: (keys) => terminal.write(keys),
    until: async (holds) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!holds(raw)) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        void ended.then((end) => reject(new Error(`The program ended: ${JSON.stringify(end)}`)));
        look();
      }),
  };
}

/** What ended on a terminal of so many columns, with the lines that were wider. */
export function fits(end: TerminalEnd, columns: number): TerminalEnd & { readonly wider: readonly string[] } {
  const lines = stripVTControlCharacters(end.raw).split(/\r?\n|\r/);
  return { ...end, wider: lines.filter((line) => widthOf(line) > columns) };
}

/** Nothing of the machine that runs the test, but how to find programs and where temporary files go. */
export function environment(
  home: string,
  more: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '', TMPDIR: tmpdir(), HOME: home, USERPROFILE: home, ...more };
}

function textOf(raw: string): string {
  const lines = stripVTControlCharacters(raw).replaceAll('\r\n', '\n').split('\n');
  return lines.map((line) => line.slice(line.lastIndexOf('\r') + 1)).join('\n');
}
