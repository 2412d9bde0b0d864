import { openDecoder } from '../../snapshot/transcode-decoders.ts';
import { formatOf, HEAD_BYTES } from '../../source/archive-format.ts';

/** What MS-DOS writes in the West. */
export const OF_DOS = 'cp850';

/** `utf-8` where the bytes are; UTF-16 by its byte order mark or its zeros; else what MS-DOS or Windows writes in the West. */
export function guessEncoding(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  const format = formatOf(Buffer.from(bytes.subarray(0, HEAD_BYTES)));
  if (format === 'utf-16le' || format === 'utf-16be') return format;
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return 'utf-8';
  } catch {
    return isOfDos(Buffer.from(bytes)) ? OF_DOS : 'windows-1252';
  }
}

/** The text of a file's beginning, or of all of it; what is no text in the encoding becomes U+FFFD. */
export function decoded(bytes: Uint8Array, encoding: string, isWhole: boolean): string {
  if (encoding === OF_DOS) return String(openDecoder(OF_DOS, 0).push(Buffer.from(bytes)));
  return new TextDecoder(encoding).decode(bytes, { stream: !isWhole });
}

/** Bytes that are letters in cp850 and stand between letters in windows-1252, too: … ‘ ’ • – — and the no-break space. */
const EITHER = /[\u0085\u0091\u0092\u0095-\u0097\u00A0]/;
const LETTER_OF_DOS = /[ÇüéâäàçêëèîÉôöûùÜáíóúñÑÁÂÀãÃÊÈÍÎÓÔÒõÕÚ]/;
const LETTER_OF_WINDOWS = /[ŠŒŽšœžŸÀ-ÖØ-öø-ÿ]/;

/**
 * Whether the bytes within words are letters of Western languages in cp850, in the case of those beside them, and some are
 * none in windows-1252. Words that could be of both are taken for those of Windows.
 */
function isOfDos(bytes: Buffer): boolean {
  const raw = bytes.toString('latin1');
  const dos = decoded(bytes, OF_DOS, true);
  const windows = new TextDecoder('windows-1252').decode(bytes);
  let isProven = false;
  // oxlint-disable-next-line no-control-regex -- bytes
  for (const { index } of raw.matchAll(
    /(?<=[A-Za-z\u0080-\u00ff])[\u0080-\u00ff](?=[A-Za-z\u0080-\u00ff])/g,
  )) {
    if (!isLetter(dos, index, LETTER_OF_DOS)) return false;
    isProven ||= !EITHER.test(raw.charAt(index)) && !isLetter(windows, index, LETTER_OF_WINDOWS);
  }
  return isProven;
}

/** Whether a character is one of these letters, and not of another case than those around it. */
function isLetter(text: string, index: number, letters: RegExp): boolean {
  const letter = text.charAt(index);
  const isOf = (at: number, letterCase: RegExp): boolean => letterCase.test(text.charAt(at));
  const isOdd = /\p{Lu}/u.test(letter)
    ? isOf(index - 1, /\p{Ll}/u)
    : isOf(index - 1, /\p{Lu}/u) && isOf(index + 1, /\p{Lu}/u);
  return letters.test(letter) && !isOdd;
}
