import type { Told } from '../../core/language/sentence.ts';
import { type ErrorCode, IgarapeError } from '../../core/errors.ts';
import { type Answer, fateOf, readAnswer } from './answer.ts';
import type { Bucket } from './bucket.ts';

interface Meaning {
  readonly code: ErrorCode;
  readonly says: Told;
  readonly hint: Told;
}

const UNKNOWN_KEY: Meaning = {
  code: 'LAKE_FORBIDDEN',
  says: 'the store does not know the access key',
  hint: 'Check AWS_ACCESS_KEY_ID or the profile, and that the endpoint is the one that the key belongs to.',
};

const EXPIRED: Meaning = {
  code: 'LAKE_FORBIDDEN',
  says: 'the session token has expired',
  hint: 'Renew the credentials (for example with `aws sso login`) and run again: nothing was lost.',
};

const NO_BUCKET: Meaning = {
  code: 'LAKE_NOT_FOUND',
  says: 'the bucket does not exist',
  hint: 'Create the bucket, or correct its name, the region or the endpoint in the configuration.',
};

const NO_OBJECT: Meaning = {
  code: 'LAKE_NOT_FOUND',
  says: 'the object does not exist',
  hint: 'Something else has removed it: run again, and check the lake with `igarape verify`.',
};

const DENIED: Meaning = {
  code: 'LAKE_FORBIDDEN',
  says: 'access was denied',
  hint: 'Allow s3:GetObject, s3:PutObject and s3:DeleteObject on the objects under the prefix, s3:ListBucket on the bucket, and the key with SSE-KMS.',
};

const NO_CREDENTIALS: Meaning = {
  code: 'LAKE_FORBIDDEN',
  says: 'no usable AWS credentials were found',
  hint: 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile in the configuration; with SSO, log in first.',
};

const WRONG_REGION: Meaning = {
  code: 'LAKE_UNREACHABLE',
  says: 'the bucket is in another region, or behind another endpoint',
  hint: 'Set "region" in the configuration to the region of the bucket.',
};

const FULL: Meaning = {
  code: 'DISK_FULL',
  says: 'the store has no space left',
  hint: 'Free some space in the store, or raise the quota, and run again: nothing was lost.',
};

const BY_NAME: ReadonlyMap<string, Meaning> = new Map<string, Meaning>([
  ['NoSuchBucket', NO_BUCKET],
  ['NoSuchKey', NO_OBJECT],
  ['NotFound', NO_OBJECT],
  ['AccessDenied', DENIED],
  ['AllAccessDisabled', DENIED],
  ['InvalidAccessKeyId', UNKNOWN_KEY],
  ['XAdminUserNotFound', UNKNOWN_KEY],
  [
    'SignatureDoesNotMatch',
    {
      code: 'LAKE_FORBIDDEN',
      says: 'the signature is wrong: the secret access key does not belong to the access key',
      hint: 'Check AWS_SECRET_ACCESS_KEY (a cut or quoted value is the usual cause), and that no proxy rewrites requests.',
    },
  ],
  ['ExpiredToken', EXPIRED],
  ['ExpiredTokenException', EXPIRED],
  ['TokenRefreshRequired', EXPIRED],
  [
    'InvalidToken',
    {
      code: 'LAKE_FORBIDDEN',
      says: 'the session token is not valid',
      hint: 'Check AWS_SESSION_TOKEN: it belongs to one pair of keys, and long-lived keys have none.',
    },
  ],
  ['CredentialsProviderError', NO_CREDENTIALS],
  ['TokenProviderError', NO_CREDENTIALS],
  [
    'RequestTimeTooSkewed',
    {
      code: 'LAKE_UNREACHABLE',
      says: 'the clock of this machine differs too much from that of the store',
      hint: 'Set the clock (switch on time synchronisation) and run again.',
    },
  ],
  ['PermanentRedirect', WRONG_REGION],
  ['TemporaryRedirect', WRONG_REGION],
  ['AuthorizationHeaderMalformed', WRONG_REGION],
  ['IllegalLocationConstraintException', WRONG_REGION],
  ['XMinioStorageFull', FULL],
  ['QuotaExceeded', FULL],
  [
    'InvalidStorageClass',
    {
      code: 'CONFIG_INVALID',
      says: 'the store does not know the storage class',
      hint: 'Correct or remove "storage_class" in the configuration.',
    },
  ],
]);

const BY_STATUS: ReadonlyMap<number, Meaning> = new Map<number, Meaning>([
  [301, WRONG_REGION],
  [307, WRONG_REGION],
  [401, DENIED],
  [
    407,
    {
      code: 'LAKE_UNREACHABLE',
      says: 'the proxy wants a user and a password, or others',
      hint: 'Put them into HTTPS_PROXY, as in http://user:password@host:3128.',
    },
  ],
  [403, DENIED],
  [507, FULL],
]);

const NETWORK_HINT =
  'Check the network, the endpoint and the region, and run again: what was committed is safe, and the rest is done again.';

/** A failed request on an object (or, with key '', the bucket) as an error for the user, without anything secret. */
export function s3Error(error: unknown, bucket: Bucket, key: string): IgarapeError {
  if (error instanceof IgarapeError) return error;
  const answer = readAnswer(error);
  const place = bucket.uriOf(key);
  if (answer.message === 'Region is missing') {
    return new IgarapeError('CONFIG_INVALID', `The region of ${place} is not known`, {
      hint: 'Set "region" in the configuration, or AWS_REGION.',
    });
  }
  const meaning = BY_NAME.get(answer.name) ?? BY_STATUS.get(answer.status ?? 0);
  const cause = causeOf(answer);
  if (meaning === undefined) {
    const what = answer.status === undefined ? 'the request failed' : 'the store answered with an error';
    return new IgarapeError(
      'LAKE_UNREACHABLE',
      { quoted: `${place}: ${what} (${inWords(answer)})` },
      {
        hint: NETWORK_HINT,
        retryable: fateOf(answer) !== 'refused',
        cause,
      },
    );
  }
  const region = meaning === WRONG_REGION && answer.region !== undefined ? ` It is in ${answer.region}.` : '';
  return new IgarapeError(
    meaning.code,
    { quoted: `${place}: ${meaning.says} (${inWords(answer)})` },
    {
      hint: { quoted: meaning.hint + region },
      cause,
    },
  );
}

function inWords(answer: Answer): string {
  const status = answer.status === undefined ? [] : [`HTTP ${answer.status}`];
  const name = answer.name === 'Error' ? [] : [answer.name];
  const message =
    answer.message === '' || answer.message === answer.name ? [] : [answer.message.split('\n', 1)[0]];
  return [...status, ...name, ...message].join(', ');
}

/** A stand-in for the SDK's error, which holds the request with its signature and session token. */
function causeOf(answer: Answer): Error {
  const request = answer.requestId === undefined ? '' : `, request ${answer.requestId}`;
  return new Error(`${inWords(answer)}${request}`);
}
