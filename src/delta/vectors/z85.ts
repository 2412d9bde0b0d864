/** Z85 (ZeroMQ RFC 32): four bytes, high one first, as five characters. */
const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#';

const VALUES: ReadonlyMap<string, number> = new Map(
  Array.from(ALPHABET, (character, value) => [character, value]),
);

/**
 * The bytes of Z85 text. A last group that begins with one to three `#` holds that many bytes fewer: no group of the
 * standard begins so, and a writer of Delta tables pads like this.
 *
 * @throws RangeError where the text is no Z85, or a group of it stands for more than four bytes hold
 */
export function decodeZ85(text: string): Uint8Array {
  if (text.length % 5 !== 0)
    throw new RangeError(`Z85 text has groups of five characters, and here ${text.length}`);
  const bytes = new Uint8Array((text.length / 5) * 4);
  const view = new DataView(bytes.buffer);
  const padding = /^#{0,3}/.exec(text.slice(-5))?.[0].length ?? 0;
  const start = text.length - 5;
  for (let at = 0; at < text.length; at += 5) {
    const pad = at === start ? padding : 0;
    const value = groupValue(text.slice(at + pad, at + 5));
    if (value >= 2 ** (32 - pad * 8))
      throw new RangeError('a group of Z85 text stands for more bytes than it has');
    view.setUint32((at / 5) * 4, value * 2 ** (pad * 8));
  }
  return bytes.subarray(0, bytes.length - padding);
}

function groupValue(text: string): number {
  let value = 0;
  for (const character of text) {
    const digit = VALUES.get(character);
    if (digit === undefined) throw new RangeError(`${JSON.stringify(character)} is no character of Z85`);
    value = value * 85 + digit;
  }
  return value;
}

/** The text of bytes, padded with zeros to a multiple of four. */
export function encodeZ85(bytes: Uint8Array): string {
  const padded = new Uint8Array(Math.ceil(bytes.length / 4) * 4);
  padded.set(bytes);
  const view = new DataView(padded.buffer);
  let text = '';
  for (let at = 0; at < padded.length; at += 4) {
    let value = view.getUint32(at);
    let group = '';
    for (let digit = 0; digit < 5; digit += 1) {
      group = (ALPHABET[value % 85] ?? '') + group;
      value = Math.floor(value / 85);
    }
    text += group;
  }
  return text;
}
