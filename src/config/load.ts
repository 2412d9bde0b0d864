import type { Told } from '../core/language/sentence.ts';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve as resolvePath } from 'node:path';
import { parseEnv } from 'node:util';
import { IgarapeError, systemErrorCode, systemReason } from '../core/errors.ts';
import type { Config } from './config.ts';
import { applyEnvironment, type Environment } from './environment.ts';
import { type ParsedJson, parseJson } from './json.ts';
import { type Problem, showPath } from './problem.ts';
import { resolveConfig } from './resolve.ts';

export interface LoadOptions {
  /** The configuration file, relative to `cwd`; else `igarape.json`, then `config.json` in `cwd`. */
  readonly file?: string;
  readonly cwd: string;
  readonly env: Environment;
}

export interface LoadedConfig {
  readonly config: Config;
  /** The file that was read, absolute. */
  readonly path: string;
  /** The environment, and what the `.env` beside the file adds to it. Holds secrets. */
  readonly env: Environment;
}

/** The names under which a configuration is looked for, in this order. */
export const DEFAULT_FILES = ['igarape.json', 'config.json'] as const;

/**
 * Reads and checks the configuration and the `.env` beside it, and touches nothing else. Throws `CONFIG_NOT_FOUND`,
 * or one `CONFIG_INVALID` that lists every problem.
 */
export async function loadConfig(options: LoadOptions): Promise<LoadedConfig> {
  const { path, text } = await readConfigFile(options);
  const folder = dirname(path);
  const { value, locate } = parseJson(text, basename(path));
  const resolved = resolveConfig(value, folder);
  if (resolved.kind === 'invalid') throw invalid(basename(path), resolved.problems, locate);
  const env = await readEnvironment(folder, options.env);
  return { config: applyEnvironment(resolved.config, env), path, env };
}

async function readConfigFile({ file, cwd }: LoadOptions): Promise<{ path: string; text: string }> {
  for (const name of file === undefined ? DEFAULT_FILES : [file]) {
    const path = resolvePath(cwd, name);
    const text = await readText(path);
    if (text !== undefined) return { path, text };
  }
  const looked = file ?? DEFAULT_FILES.join(' nor ');
  throw new IgarapeError('CONFIG_NOT_FOUND', `There is no ${looked} in ${cwd}`, {
    hint: 'Write one with `igarape init`, or name it with --config. `igarape demo` needs none.',
  });
}

async function readEnvironment(folder: string, env: Environment): Promise<Environment> {
  const text = await readText(join(folder, '.env'));
  if (text === undefined) return env;
  const given = Object.entries(env).filter(([, value]) => value !== undefined);
  return { ...parseEnv(text), ...Object.fromEntries(given) };
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path));
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    const reason =
      code === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? 'it is not UTF-8 text' : systemReason(error);
    throw new IgarapeError('CONFIG_INVALID', `Cannot read ${path}: ${reason}`, {
      hint: 'Make it a file that can be read, in UTF-8.',
      cause: error,
    });
  }
}

function invalid(name: string, problems: readonly Problem[], locate: ParsedJson['locate']): IgarapeError {
  const lines = problems
    .map((problem) => ({ ...problem, ...locate(problem.path) }))
    .toSorted((a, b) => a.line - b.line || a.column - b.column)
    .map(({ path, message, line, column }) => {
      const key = path.length === 0 ? 'the configuration' : showPath(path);
      return `  ${key}: ${message} (line ${line}, column ${column})`;
    });
  const head: Told =
    problems.length === 1 ? `${name} has a problem:` : `${name} has ${problems.length} problems:`;
  return new IgarapeError(
    'CONFIG_INVALID',
    { quoted: [head, ...lines].join('\n') },
    {
      hint: 'Nothing was read or written. docs/configuration.md describes every key.',
    },
  );
}
