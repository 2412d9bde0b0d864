import { IgarapeError } from '../core/errors.ts';
import type { S3Access } from '../core/s3-access.ts';
import type { Config, EngineConfig, SourceConfig } from './config.ts';
import { workspaceHost } from './databricks.ts';
import { parseRemote, REMOTE_RULE } from './remote.ts';

/** Variables by name, as in `process.env`. May hold secrets. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What the environment adds: `KAGGLE_API_ENDPOINT` goes before `source.endpoint`; AWS's region, endpoint and profile
 * stand in where the configuration names none; `SPARK_REMOTE` goes before `engine.remote`, `DATABRICKS_HOST` before
 * `engine.host`. Credentials of AWS and Kaggle stay in the environment. Throws `CONFIG_INVALID`.
 */
export function applyEnvironment(config: Config, env: Environment): Config {
  return {
    ...config,
    source: config.source === undefined ? undefined : withEndpoint(config.source, env),
    lake: { ...config.lake, s3: withAws(config.lake.s3, env) },
    engine: config.engine.type === 'duckdb' ? config.engine : sparkEngine(config.engine, env),
    foreignTables: config.foreignTables.map((table) => ({ ...table, s3: withAws(table.s3, env) })),
  };
}

/** How S3 is reached where there is no configuration, by AWS's own variables. Throws `CONFIG_INVALID`. */
export function s3Access(env: Environment): S3Access {
  return withAws({}, env);
}

/** Spark, or Databricks, at the address that the environment names, or else the configuration. Throws `CONFIG_INVALID`. */
export function sparkEngine(engine: EngineConfig, env: Environment): EngineConfig {
  if (engine.type === 'databricks') return databricksEngine(engine, env);
  const named = value(env, 'SPARK_REMOTE');
  const remote = named ?? (engine.type === 'spark' ? engine.remote : undefined);
  if (remote === undefined)
    throw new IgarapeError('CONFIG_INVALID', 'Spark is to compute, and nothing says where it is.', {
      hint: 'Set "engine": { "type": "spark", "remote": "sc://host:15002" }, or SPARK_REMOTE in the environment.',
    });
  if (parseRemote(remote) === undefined)
    throw new IgarapeError(
      'CONFIG_INVALID',
      'SPARK_REMOTE in the environment is no address of a Spark Connect server',
      {
        hint: `Allowed: ${REMOTE_RULE}.`,
      },
    );
  return { type: 'spark', remote };
}

function databricksEngine(
  engine: Extract<EngineConfig, { type: 'databricks' }>,
  env: Environment,
): EngineConfig {
  const named = value(env, 'DATABRICKS_HOST') ?? engine.host;
  const host = named === undefined ? undefined : workspaceHost(named);
  if (host === undefined)
    throw new IgarapeError(
      'CONFIG_INVALID',
      named === undefined
        ? 'Databricks is to compute, and nothing says which workspace.'
        : 'DATABRICKS_HOST in the environment is no address of a workspace',
      {
        hint: 'Set "engine"."host", or DATABRICKS_HOST, to https://… as the browser shows it, without a path.',
      },
    );
  const [token, id, secret] = ['TOKEN', 'CLIENT_ID', 'CLIENT_SECRET'].map((name) =>
    value(env, `DATABRICKS_${name}`),
  );
  if (token !== undefined) return { ...engine, host, credentials: { kind: 'token', token } };
  const isClient = id !== undefined && secret !== undefined;
  return { ...engine, host, credentials: isClient ? { kind: 'client', id, secret } : undefined };
}

function withEndpoint(source: SourceConfig, env: Environment): SourceConfig {
  if (source.type === 's3') return { ...source, s3: withAws(source.s3, env) };
  const endpoint = address(env, 'KAGGLE_API_ENDPOINT');
  return source.type === 'kaggle' && endpoint !== undefined ? { ...source, endpoint } : source;
}

function withAws(s3: S3Access, env: Environment): S3Access {
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
