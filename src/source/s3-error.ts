import { type ErrorCode, IgarapeError } from '../core/errors.ts';

const CODES: ReadonlyMap<ErrorCode, ErrorCode> = new Map<ErrorCode, ErrorCode>([
  ['LAKE_FORBIDDEN', 'SOURCE_FORBIDDEN'],
  ['LAKE_NOT_FOUND', 'SOURCE_NOT_FOUND'],
  ['LAKE_UNREACHABLE', 'SOURCE_UNREACHABLE'],
  ['LAKE_CORRUPT', 'SOURCE_UNREACHABLE'],
]);

/** What the store refused, as trouble of the source; a source needs fewer rights than a lake. */
export function asSourceError(error: unknown): unknown {
  if (!(error instanceof IgarapeError)) return error;
  const code = CODES.get(error.code);
  if (code === undefined) return error;
  const { hint, retryable, cause } = error;
  const needsRights = hint?.includes('s3:PutObject') === true;
  return new IgarapeError(
    code,
    { quoted: error.message },
    {
      ...(hint === undefined ? {} : { hint: needsRights ? RIGHTS : { quoted: hint } }),
      retryable,
      cause,
    },
  );
}

const RIGHTS =
  'Allow s3:ListBucket on the bucket and s3:GetObject on the objects under the prefix, and kms:Decrypt where they are encrypted with a key.';
