import { IgarapeError } from '../core/errors.ts';
import type { Config, S3Options, SourceConfig } from './config.ts';

/** Variables by name, as in `process.env`. May hold secrets. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What the environment adds: `KAGGLE_API_ENDPOINT` goes before `source.endpoint`; AWS's region, endpoint and profile
 * stand in where the configuration names none. Credentials stay in the environment. Throws `CONFIG_INVALID`.
 */
export function applyEnvironment(config: Config, env: Environment): Config {
  return {
    ...config,
    source: config.source === undefined ? undefined : withEndpoint(config.source, env),
    lake: { ...config.lake, s3: withAws(config.lake.s3, env) },
    foreignTables: config.foreignTables.map((table) => ({ ...table, s3: withAws(table.s3, env) })),
  };
}

/** How S3 is reached where there is no configuration, by AWS's own variables. Throws `CONFIG_INVALID`. */
export function s3Access(env: Environment): S3Options {
  return withAws({}, env);
}

function withEndpoint(source: SourceConfig, env: Environment): SourceConfig {
  if (source.type === 's3') return { ...source, s3: withAws(source.s3, env) };
  const endpoint = address(env, 'KAGGLE_API_ENDPOINT');
  return source.type === 'kaggle' && endpoint !== undefined ? { ...source, endpoint } : source;
}

function withAws(s3: S3Options, env: Environment): S3Options {
  const region = value(env, 'AWS_REGION') ?? value(env, 'AWS_DEFAULT_REGION');
  const endpoint = address(env, 'AWS_ENDPOINT_URL_S3') ?? address(env, 'AWS_ENDPOINT_URL');
  // As in AWS's own tools, keys in the environment go before a profile that is named there.
  const profile = value(env, 'AWS_ACCESS_KEY_ID') === undefined ? value(env, 'AWS_PROFILE') : undefined;
  return {
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(profile === undefined ? {} : { profile }),
    ...s3,
  };
}

function address(env: Environment, name: string): string | undefined {
  const text = value(env, name);
  if (text === undefined) return undefined;
  if (/^https?:\/\/[^/]/i.test(text) && URL.canParse(text)) return text.replace(/\/+$/, '');
  throw new IgarapeError('CONFIG_INVALID', `${name} in the environment is not an address`, {
    hint: `Set ${name} to an address that begins with http:// or https://, or unset it.`,
  });
}

/** A variable's value; one that is set to nothing counts as not set. */
function value(env: Environment, name: string): string | undefined {
  const text = env[name]?.trim();
  return text === '' ? undefined : text;
}
