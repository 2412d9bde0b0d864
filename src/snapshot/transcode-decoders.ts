import type { Told } from '../core/language/sentence.ts';
import { isUtf8 } from 'node:buffer';
import { encodingName } from '../config/encoding-name.ts';
import { IgarapeError } from '../core/errors.ts';

/** Turns the bytes of a text, cut anywhere, into UTF-8. Each throws a {@link BadText}. */
export interface Decoder {
  /** The part of the text that is complete with these bytes. */
  push(chunk: Buffer): Buffer | string;
  /** To be called at the end of the text. */
  end(): void;
}

/** Bytes that are not text in the encoding that they are said to be in. */
export class BadText extends Error {
  override readonly name = 'BadText';
  /** Where the bytes are, or where those begin that they are among. */
  readonly offset: number;

  constructor(offset: number, found: Told) {
    super(found);
    this.offset = offset;
  }
}

/** As {@link encodingName}. Throws `CONFIG_INVALID` for an encoding that is not known. */
export function requireEncoding(label: string): string {
  const name = encodingName(label);
  if (name !== undefined) return name;
  throw new IgarapeError('CONFIG_INVALID', `The encoding ${JSON.stringify(label)} is not known`, {
    hint: 'Known are utf-8, latin-1, windows-1252, cp850, cp860, cp437, utf-16le, utf-16be and the other labels of the WHATWG encoding standard.',
  });
}

/** A decoder for an encoding's one name; the text's byte order mark was taken off, `offset` bytes long. */
export function openDecoder(encoding: string, offset: number): Decoder {
  switch (encoding) {
    case 'utf-8':
      return utf8Decoder(offset);
    case 'utf-16le':
    case 'utf-16be':
      return utf16Decoder(encoding, offset);
    case 'latin-1':
      return { push: (chunk) => chunk.toString('latin1'), end: () => undefined };
    case 'windows-1252':
      return byteDecoder(C1, WINDOWS_1252);
    case 'cp850':
      return byteDecoder(HIGH, CP850);
    case 'cp437':
      return byteDecoder(HIGH, CP437);
    case 'cp860':
      return byteDecoder(HIGH, CP860);
    default:
      return anyDecoder(encoding, offset);
  }
}

/** Passes bytes on as they are, once they are known to be UTF-8. */
function utf8Decoder(start: number): Decoder {
  let offset = start;
  let carried: Buffer = Buffer.alloc(0);
  return {
    push: (chunk) => {
      const bytes = carried.length === 0 ? chunk : Buffer.concat([carried, chunk]);
      const whole = bytes.subarray(0, bytes.length - cutCharacterBytes(bytes));
      if (!isUtf8(whole)) throw new BadText(offset + validPrefix(whole), 'bytes that are not UTF-8');
      offset += whole.length;
      carried = Buffer.from(bytes.subarray(whole.length));
      return whole;
    },
    end: () => {
      if (carried.length > 0) throw new BadText(offset, 'a character that is cut off at the end');
    },
  };
}

/** How many bytes at the end begin a character whose other bytes are still to come. */
function cutCharacterBytes(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return 0;
    if (byte < 0xc0) continue;
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return back < needed ? back : 0;
  }
  return 0;
}

/** How many bytes at the beginning are whole characters in UTF-8. */
function validPrefix(bytes: Buffer): number {
  let good = 0;
  let bad = bytes.length;
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    const part = bytes.subarray(0, middle);
    if (isUtf8(part.subarray(0, part.length - cutCharacterBytes(part)))) good = middle;
    else bad = middle;
  }
  return good - cutCharacterBytes(bytes.subarray(0, good));
}

function utf16Decoder(encoding: 'utf-16le' | 'utf-16be', start: number): Decoder {
  let offset = start;
  let carried: Buffer = Buffer.alloc(0);
  return {
    push: (chunk) => {
      const bytes = Buffer.concat([carried, chunk]);
      let size = bytes.length - (bytes.length % 2);
      const units = Buffer.from(bytes.subarray(0, size));
      if (encoding === 'utf-16be') units.swap16();
      if (size > 0 && isHighSurrogate(units.readUInt16LE(size - 2))) size -= 2;
      const text = units.toString('utf16le', 0, size);
      // The second search finds lone ones only, and takes long.
      const lone = /[\ud800-\udfff]/.test(text) ? text.search(/\p{Surrogate}/u) : -1;
      if (lone !== -1) throw new BadText(offset + lone * 2, 'half of a character (an unpaired surrogate)');
      offset += size;
      carried = bytes.subarray(size);
      return text;
    },
    end: () => {
      if (carried.length % 2 === 1)
        throw new BadText(offset, 'an odd number of bytes, where each character has two');
      if (carried.length > 0)
        throw new BadText(offset, 'half of a character (an unpaired surrogate) at the end');
    },
  };
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function anyDecoder(encoding: string, start: number): Decoder {
  const decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
  const isRotated = new TextDecoder(encoding).decode(Uint8Array.of(0x1a)) !== '\u001A';
  let offset = start;
  const attempt = (decode: () => string): string => {
    try {
      return decode();
    } catch {
      throw new BadText(offset, `bytes that are not ${encoding}`);
    }
  };
  return {
    push: (chunk) => {
      const text = attempt(() => decoder.decode(chunk, { stream: true }));
      offset += chunk.length;
      return isRotated ? text.replaceAll(ROTATED, unrotated) : text;
    },
    end: () => {
      attempt(() => decoder.decode());
    },
  };
}

/** Three control characters, each of which Node's tables of IBM have in the place of the next one. */
const ROTATION = '\u001A\u007F\u001C';
// oxlint-disable-next-line no-control-regex -- as above
const ROTATED = /[\u001A\u001C\u007F]/g;

function unrotated(character: string): string {
  return ROTATION.charAt((ROTATION.indexOf(character) + 1) % ROTATION.length);
}

/** Of an encoding that is Latin-1 but for some bytes, each of which is found in the table from 0x80 on. */
function byteDecoder(bytes: RegExp, table: string): Decoder {
  const inTable = (byte: string): string => table.charAt(byte.charCodeAt(0) - 0x80);
  return { push: (chunk) => chunk.toString('latin1').replaceAll(bytes, inTable), end: () => undefined };
}

// oxlint-disable-next-line no-control-regex -- these are the code points in which the two encodings differ
const C1 = /[\u0080-\u009f]/g;
// oxlint-disable-next-line no-control-regex -- as above
const HIGH = /[\u0080-\u00ff]/g;

/** What windows-1252 has at 0x80 to 0x9f; five of them it leaves as they are. */
const WINDOWS_1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

/** What MS-DOS has at 0x80 to 0xff in Western Europe and in Brazil, in the United States, and in Portugal. */
const CP850 =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u00AD±‗¾¶§÷¸°¨·¹³²■\u00A0';
const CP437 =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00A0';
const CP860 =
  'ÇüéâãàÁçêÊèÍÔìÃÂÉÀÈôõòÚùÌÕÜ¢£Ù₧ÓáíóúñÑªº¿Ò¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00A0';
