import type { Config } from '../../config/config.ts';
import type { S3Access } from '../../core/s3-access.ts';
import type { Logger } from '../../core/log.ts';
import type { Finding } from './check.ts';

export interface CredentialEdge {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly log: Logger;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/** Which credentials a run would use, by kind and place, never the secret itself. */
export async function lookAtCredentials({ source, lake }: Config, edge: CredentialEdge): Promise<Finding> {
  const needed: string[] = [];
  if (source?.type === 'kaggle') {
    const { findCredential } = await import('../../source/kaggle/auth.ts');
    const credential = await findCredential({ ...edge, now: edge.clock });
    needed.push(`Kaggle: ${credential.describe()}`);
  }
  if (source?.type === 's3') needed.push(`S3 source: ${describeAws(source.s3, edge.env)}`);
  if (lake.uri.startsWith('s3://')) needed.push(`S3 lake: ${describeAws(lake.s3, edge.env)}`);
  return { found: needed.length === 0 ? 'none are needed' : needed.join('; ') };
}

function describeAws({ profile, roleArn }: S3Access, env: CredentialEdge['env']): string {
  const role = roleArn === undefined ? '' : `, for the role ${roleArn}`;
  if (profile !== undefined) return `the profile ${profile}${role}`;
  const isSet = (name: string): boolean => (env[name] ?? '') !== '';
  if (isSet('AWS_ACCESS_KEY_ID') && isSet('AWS_SECRET_ACCESS_KEY')) {
    return `AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY${isSet('AWS_SESSION_TOKEN') ? ', with a session token' : ''}${role}`;
  }
  return `AWS's own search (environment, profile, SSO, role of the machine)${role}`;
}
