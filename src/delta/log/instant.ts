import { IgarapeError } from '../../core/errors.ts';

/**
 * Milliseconds UTC of an instant as people write it: `2024-01-31`, `2024-01-31 12:00:00`, with a zone at its end or
 * else UTC.
 *
 * @throws IgarapeError DELTA_VERSION where it is none
 */
export function parseInstant(at: unknown): number {
  const match =
    typeof at === 'string'
      ? /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)\s*(Z|[+-]\d{2}:?\d{2})?)?$/i.exec(
          at.trim(),
        )
      : null;
  const zone = (match?.[3] ?? 'Z').replace(/^([+-]\d{2})(\d{2})$/, '$1:$2');
  const ms = match === null ? NaN : Date.parse(`${match[1]}T${match[2] ?? '00:00'}${zone.toUpperCase()}`);
  if (!Number.isNaN(ms)) return ms;
  throw noMoment(at);
}

export function noMoment(at: unknown): IgarapeError {
  return new IgarapeError(
    'DELTA_VERSION',
    `${typeof at === 'string' ? JSON.stringify(at) : String(at)} is neither a version nor a time`,
    {
      hint: 'Write a version as a number, a time as 2024-01-31T12:00:00Z.',
    },
  );
}
