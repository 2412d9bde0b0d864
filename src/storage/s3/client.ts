import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { fromNodeProviderChain, fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import { proxyFor } from '../../core/proxy.ts';
import type { S3Access } from '../../core/s3-access.ts';
import type { StorageEnvironment } from '../location.ts';
import { ProxyWay } from './proxy-agent.ts';
import type { S3Settings } from './settings.ts';

type Credentials = NonNullable<S3ClientConfig['credentials']>;

/** An S3 client that tries each request `tries` times; nothing is sent, and no credentials are looked for, before use. */
export function createClient(
  access: S3Access,
  env: StorageEnvironment,
  settings: S3Settings,
  tries: number,
): S3Client {
  const region = access.region ?? (access.endpoint === undefined ? undefined : 'us-east-1');
  const proxy = proxyOf(access, env, region);
  const way = proxy === undefined ? undefined : new ProxyWay(proxy, settings.connectTimeoutMs);
  const handler = {
    // The way through a proxy has a limit of its own, which names the proxy.
    connectionTimeout: settings.connectTimeoutMs * (way === undefined ? 1 : 2),
    socketTimeout: settings.idleTimeoutMs,
    ...(way === undefined ? {} : { httpAgent: way, httpsAgent: way }),
  };
  const credentials = findCredentials(access, env, { region, handler });
  return new S3Client({
    maxAttempts: tries,
    requestHandler: handler,
    ...(region === undefined ? {} : { region }),
    ...(access.endpoint === undefined ? {} : { endpoint: access.endpoint }),
    ...(access.forcePathStyle === undefined ? {} : { forcePathStyle: access.forcePathStyle }),
    ...(access.profile === undefined ? {} : { profile: access.profile }),
    ...(credentials === undefined ? {} : { credentials }),
  });
}

/** AWS's own stores are of one domain each region; it is what NO_PROXY may name. */
function proxyOf(
  { endpoint }: S3Access,
  env: StorageEnvironment,
  region: string | undefined,
): URL | undefined {
  return proxyFor(new URL(endpoint ?? `https://s3.${region ?? 'us-east-1'}.amazonaws.com`), env);
}

interface Calling {
  readonly region: string | undefined;
  readonly handler: NonNullable<S3ClientConfig['requestHandler']>;
}

/** Undefined: the SDK's own chain. A profile that is named goes before keys, as in AWS's own tools. */
function findCredentials(
  access: S3Access,
  env: StorageEnvironment,
  { region, handler }: Calling,
): Credentials | undefined {
  const clientConfig = { requestHandler: handler, ...(region === undefined ? {} : { region }) };
  const base =
    access.profile === undefined
      ? keysIn(env)
      : fromNodeProviderChain({ profile: access.profile, clientConfig });
  if (access.roleArn === undefined) return base;
  return fromTemporaryCredentials({
    params: { RoleArn: access.roleArn, RoleSessionName: 'igarape' },
    ...(base === undefined ? {} : { masterCredentials: base }),
    clientConfig,
  });
}

function keysIn(env: StorageEnvironment): Exclude<Credentials, (...args: never[]) => unknown> | undefined {
  const accessKeyId = env['AWS_ACCESS_KEY_ID'];
  const secretAccessKey = env['AWS_SECRET_ACCESS_KEY'];
  const sessionToken = env['AWS_SESSION_TOKEN'];
  if (accessKeyId === undefined || accessKeyId === '') return undefined;
  if (secretAccessKey === undefined || secretAccessKey === '') return undefined;
  return sessionToken === undefined || sessionToken === ''
    ? { accessKeyId, secretAccessKey }
    : { accessKeyId, secretAccessKey, sessionToken };
}
