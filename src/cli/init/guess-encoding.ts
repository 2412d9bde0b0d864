import { isAscii } from 'node:buffer';
import { type EncodingDoubt, EncodingEvidence } from '../../snapshot/encoding-evidence.ts';
import { openDecoder } from '../../snapshot/transcode-decoders.ts';
import { formatOf, HEAD_BYTES } from '../../source/archive-format.ts';

export interface GuessedEncoding {
  /** Undefined where nothing tells it, for the text is of ASCII alone. */
  readonly encoding?: string;
  readonly doubt?: EncodingDoubt;
}

/** Of a file's beginning, or of all of it: UTF-16 by its byte order mark or its zeros; `utf-8` where the bytes are; else what most words are words in. */
export function guessEncoding(bytes: Buffer, isWhole: boolean): GuessedEncoding {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return { encoding: 'utf-16le' };
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return { encoding: 'utf-16be' };
  const format = formatOf(bytes.subarray(0, HEAD_BYTES));
  if (format === 'utf-16le' || format === 'utf-16be') return { encoding: format };
  if (isAscii(bytes)) return {};
  if (isUtf8(bytes, isWhole)) return { encoding: 'utf-8' };
  const evidence = new EncodingEvidence();
  evidence.add(bytes);
  return evidence.tell() ?? { encoding: 'windows-1252' };
}

/** The text of a file's beginning, or of all of it; what is no text in the encoding becomes U+FFFD. */
export function decoded(bytes: Buffer, encoding: string, isWhole: boolean): string {
  return encoding.startsWith('utf-')
    ? new TextDecoder(encoding).decode(bytes, { stream: !isWhole })
    : String(openDecoder(encoding, 0).push(bytes));
}

function isUtf8(bytes: Buffer, isWhole: boolean): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: !isWhole });
    return true;
  } catch {
    return false;
  }
}
