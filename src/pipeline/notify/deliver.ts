import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { HookConfig, WebhookConfig } from '../../config/config.ts';
import { ensureFolder } from '../../core/ensure-folder.ts';
import { systemErrorCode } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import type { HttpClient } from '../../source/http/client.ts';

/** Longer than this nobody waits for what is only told. */
const PATIENCE_MS = 5000;

/** Of a pipe that nobody reads this is an error, where others would wait for a reader. */
const ADD = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;

export interface Deliverer {
  /** How long one message may take, or several together. */
  patience(): AbortSignal;
  /** Sends a body to a webhook, or to a command's standard input. Never throws: what goes wrong is a warning. */
  send(what: string, to: HookConfig, body: string, how?: Sending): Promise<void>;
  /** Adds a line to a file. Never throws. */
  append(what: string, path: string, line: string): Promise<void>;
}

export interface Sending {
  /** What a command finds in its environment. */
  readonly facts?: Readonly<Record<string, string>>;
  /** Until when a webhook is waited for. */
  readonly until?: AbortSignal;
}

export interface DeliveryEdge {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Logger;
  readonly userAgent: string;
  readonly patienceMs?: number;
}

export function createDeliverer({ env, log, userAgent, patienceMs = PATIENCE_MS }: DeliveryEdge): Deliverer {
  let client: HttpClient | undefined;
  const guarded = async (what: string, work: () => Promise<string | undefined>): Promise<void> => {
    const trouble = await work().catch((error: unknown) => wordsOf(error));
    if (trouble !== undefined) log.warn({ what, trouble }, `${what} could not be told: ${trouble}`);
  };
  const patience = (): AbortSignal => AbortSignal.timeout(patienceMs);
  return {
    patience,
    send: (what, to, body, { facts = {}, until = patience() } = {}) =>
      guarded(what, async () => {
        if (to.kind === 'command') return runCommand(to.command, body, { ...env, ...facts }, patienceMs);
        // It loads only where somebody is to be called.
        const { createHttpClient } = await import('../../source/http/client.ts');
        client ??= createHttpClient({ env, userAgent });
        return post(client, to, body, env, until);
      }),
    append: (what, path, line) =>
      guarded(what, async () => {
        await ensureFolder(dirname(path));
        await appendFile(path, `${line}\n`, { flag: ADD });
        return undefined;
      }),
  };
}

/** Resolves what went wrong. */
async function post(
  client: HttpClient,
  { url, headers }: WebhookConfig,
  body: string,
  env: DeliveryEdge['env'],
  until: AbortSignal,
): Promise<string | undefined> {
  const values = [url, ...Object.values(headers)].flatMap((text) => variablesIn(text));
  const unset = values.find((name) => (env[name] ?? '') === '');
  if (unset !== undefined) return `the variable ${unset} is not set`;
  const filled = fill(url, env);
  if (!/^https?:\/\//i.test(filled) || !URL.canParse(filled)) return 'its address is none';
  const told = beginningOf(url);
  const address = new URL(filled);
  const credentials = credentialsOf(address);
  if (credentials === undefined)
    return `${told} has a name or a password before it in which % is no sign of two digits: write % as %25`;
  try {
    const answer = await client({
      method: 'POST',
      url: address,
      headers: {
        'content-type': 'application/json',
        ...credentials,
        ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, fill(value, env)])),
      },
      body,
      signal: until,
    });
    answer.discard();
    if (answer.status >= 200 && answer.status < 300) return undefined;
    const redirect = answer.status < 400 ? '; redirects are not followed' : '';
    return `${told} answered HTTP ${answer.status}${redirect}`;
  } catch (error) {
    return `${told} ${wordsOf(error)}`;
  }
}

/** What an address has before its host, as the header that it is short for; undefined where it cannot be read. */
function credentialsOf({ username, password }: URL): { authorization?: string } | undefined {
  if (username === '' && password === '') return {};
  try {
    const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
  } catch {
    return undefined;
  }
}

/** An address as it is written, up to its path, which may be a secret, as what stands for a variable in it may be. */
function beginningOf(url: string): string {
  const [, scheme = '', host = ''] = /^(https?:\/\/)?(?:[^/?#]*@)?([^/?#]*)/i.exec(url) ?? [];
  return `${scheme}${host}`;
}

const VARIABLE = /\$\{([A-Za-z_]\w*)\}/g;

function variablesIn(text: string): string[] {
  return [...text.matchAll(VARIABLE)].map(([, name = '']) => name);
}

function fill(text: string, env: DeliveryEdge['env']): string {
  return text.replaceAll(VARIABLE, (_, name: string) => env[name] ?? '');
}

function wordsOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  const isLate = cause instanceof Error && (cause.name === 'TimeoutError' || cause.name === 'AbortError');
  if (isLate) return 'took too long';
  return `failed (${systemErrorCode(cause) ?? (cause instanceof Error ? cause.name : String(cause))})`;
}

/** A command that is still running when patience is over is ended, with what it has started. */
async function runCommand(
  command: string,
  body: string,
  env: DeliveryEdge['env'],
  patienceMs: number,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(command, { shell: true, detached: true, env, stdio: ['pipe', 'ignore', 'ignore'] });
    const timer = setTimeout(() => {
      endGroup(child.pid);
      resolve(`the command took longer than ${patienceMs / 1000} s and was ended`);
    }, patienceMs);
    const end = (trouble: string | undefined): void => {
      clearTimeout(timer);
      resolve(trouble);
    };
    child.on('error', (error) => end(`the command ${wordsOf(error)}`));
    child.on('exit', (code, signal) =>
      end(code === 0 ? undefined : `the command ended with ${signal ?? `exit code ${code}`}`),
    );
    // A command need not read what it is given.
    child.stdin.on('error', () => undefined);
    child.stdin.end(body);
  });
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile; or there are no groups of processes here.
  }
}
