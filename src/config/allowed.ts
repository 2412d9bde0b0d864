/** What texts and numbers of a configuration may be. */
export const MILLISECONDS = { seconds: 1000, minutes: 60_000, hours: 3_600_000, days: 86_400_000 } as const;

const LONGEST_INTERVAL_MS = 366 * MILLISECONDS.days;
/** As S3 has it for buckets that are made today. */
const BUCKET = '[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]';
export const BUCKET_NAME: RegExp = new RegExp(`^${BUCKET}$`);
export const S3_URI: RegExp = new RegExp(`^s3://${BUCKET}(?:/.*)?$`);

export function isInterval(intervalMs: number): boolean {
  return intervalMs >= 1000 && intervalMs <= LONGEST_INTERVAL_MS;
}

export function isWebAddress(text: string): boolean {
  return /^https?:\/\/[^/]/i.test(text) && URL.canParse(text);
}

export function isLake(text: string): boolean {
  if (text.trim() === '') return false;
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(text) ? S3_URI.test(text) : true;
}

export function isFilePattern(text: string): boolean {
  return text.trim() !== '' && !text.startsWith('/') && !text.split('/').includes('..');
}

export function isSize(text: string): boolean {
  const size = /^(\d+(?:\.\d+)?)\s*(?:[KMGT]i?B)$/i.exec(text.trim());
  return size !== null && Number(size[1]) > 0;
}
