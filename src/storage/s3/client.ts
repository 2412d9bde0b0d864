import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { fromNodeProviderChain, fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import type { S3Access, StorageEnvironment } from '../location.ts';
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
  const credentials = findCredentials(access, env, region);
  return new S3Client({
    maxAttempts: tries,
    requestHandler: {
      connectionTimeout: settings.connectTimeoutMs,
      socketTimeout: settings.idleTimeoutMs,
    },
    ...(region === undefined ? {} : { region }),
    ...(access.endpoint === undefined ? {} : { endpoint: access.endpoint }),
    ...(access.forcePathStyle === undefined ? {} : { forcePathStyle: access.forcePathStyle }),
    ...(access.profile === undefined ? {} : { profile: access.profile }),
    ...(credentials === undefined ? {} : { credentials }),
  });
}

/** Undefined: the SDK's own chain. A profile that is named goes before keys, as in AWS's own tools. */
function findCredentials(
  access: S3Access,
  env: StorageEnvironment,
  region: string | undefined,
): Credentials | undefined {
  const base =
    access.profile === undefined ? keysIn(env) : fromNodeProviderChain({ profile: access.profile });
  if (access.roleArn === undefined) return base;
  return fromTemporaryCredentials({
    params: { RoleArn: access.roleArn, RoleSessionName: 'igarape' },
    ...(base === undefined ? {} : { masterCredentials: base }),
    ...(region === undefined ? {} : { clientConfig: { region } }),
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
