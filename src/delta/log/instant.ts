import { IgarapeError } from '../../core/errors.ts';

/**
 * Milliseconds UTC of an instant as people write it: `2024-01-31`, `2024-01-31 12:00:00`, with a zone at its end or
 * else UTC.
 *
 * @throws IgarapeError DELTA_VERSION where it is none
 */
export function parseInstant(text: string): number {
  const match =
    /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)\s*(Z|[+-]\d{2}:?\d{2})?)?$/i.exec(
      text.trim(),
    );
  const zone = (match?.[3] ?? 'Z').replace(/^([+-]\d{2})(\d{2})$/, '$1:$2');
  const ms = match === null ? NaN : Date.parse(`${match[1]}T${match[2] ?? '00:00'}${zone.toUpperCase()}`);
  if (!Number.isNaN(ms)) return ms;
  throw new IgarapeError('DELTA_VERSION', `${JSON.stringify(text)} is neither a version nor a time`, {
    hint: 'Write a version as a number, a time as 2024-01-31T12:00:00Z.',
  });
}
