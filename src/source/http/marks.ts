import * as z from 'zod';
import { parseGoogHash } from './checksums.ts';
import type { HttpAnswer } from './client.ts';

/** What a server says of a file, by which to know it again. */
export const marksSchema: z.ZodObject<{
  etag: z.ZodOptional<z.ZodString>;
  lastModified: z.ZodOptional<z.ZodString>;
  md5: z.ZodOptional<z.ZodString>;
  crc32c: z.ZodOptional<z.ZodString>;
  totalBytes: z.ZodOptional<z.ZodNumber>;
}> = z.object({
  etag: z.string().optional(),
  lastModified: z.string().optional(),
  md5: z.string().optional(),
  crc32c: z.string().optional(),
  totalBytes: z.number().optional(),
});

export type Marks = z.infer<typeof marksSchema>;

/** The marks of a whole answer (200), or of the whole file that a partial one (206) is of. */
export function marksOf(answer: HttpAnswer): Marks {
  const etag = answer.header('etag');
  const lastModified = answer.header('last-modified');
  const total = answer.status === 206 ? parseContentRange(answer)?.totalBytes : contentLength(answer);
  return {
    ...(etag ? { etag } : {}),
    ...(lastModified ? { lastModified } : {}),
    ...parseGoogHash(answer.header('x-goog-hash')),
    ...(total === undefined ? {} : { totalBytes: total }),
  };
}

/** Whether two sets of marks prove the same bytes: nothing differs, and a digest or a strong ETag is among them. */
export function areSameBytes(one: Marks, other: Marks): boolean {
  const keys = ['etag', 'lastModified', 'md5', 'crc32c', 'totalBytes'] as const;
  if (keys.some((key) => one[key] !== other[key])) return false;
  return one.md5 !== undefined || one.crc32c !== undefined || isStrong(one.etag);
}

/** The digest that names the bytes whatever else the server says of them; undefined where it states none. */
export function digestMark(marks: Marks): string | undefined {
  if (marks.md5 !== undefined) return `md5=${marks.md5}`;
  // A CRC of 32 bits alone is too short to tell files apart; with the length it is as good as a change test gets.
  if (marks.crc32c === undefined || marks.totalBytes === undefined) return undefined;
  return `crc32c=${marks.crc32c};bytes=${marks.totalBytes}`;
}

export function parseContentRange(answer: HttpAnswer): { from: number; totalBytes: number } | undefined {
  const match = /^bytes (\d+)-\d+\/(\d+)$/.exec(answer.header('content-range') ?? '');
  return match ? { from: Number(match[1]), totalBytes: Number(match[2]) } : undefined;
}

function contentLength(answer: HttpAnswer): number | undefined {
  const text = answer.header('content-length');
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

function isStrong(etag: string | undefined): boolean {
  return etag !== undefined && !etag.startsWith('W/');
}
