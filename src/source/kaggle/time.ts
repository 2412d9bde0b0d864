/**
 * A time as Kaggle writes it (ISO 8601, up to 9 digits of a second's fraction, UTC where no zone is given) in
 * microseconds since 1970, cut, not rounded; undefined for anything else.
 */
export function parseKaggleTime(text: string | undefined): bigint | undefined {
  const match = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)?$/i.exec(text ?? '');
  if (!match) return undefined;
  const [, date, time, fraction = '', zone = 'Z'] = match;
  const ms = Date.parse(`${date}T${time}${zone.toUpperCase()}`);
  if (Number.isNaN(ms)) return undefined;
  return BigInt(ms) * 1000n + BigInt(fraction.slice(0, 6).padEnd(6, '0'));
}
