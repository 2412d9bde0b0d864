import { createHash } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Bom, detectBom, needsTranscoding, toUtf8 } from '../../src/snapshot/transcode.ts';
import { openDecoder } from '../../src/snapshot/transcode-decoders.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();
const { signal } = new AbortController();
const input = (): string => join(dir(), 'clientes.csv');

async function transcode(bytes: Buffer, encoding: string): Promise<string> {
  await writeFile(input(), bytes);
  const to = join(dir(), 'utf-8.txt');
  await toUtf8(input(), encoding, to, signal);
  return await readFile(to, 'utf8');
}

async function bomOf(bytes: Buffer): Promise<Bom | undefined> {
  await writeFile(input(), bytes);
  return await detectBom(input());
}

const utf16be = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();

const WINDOWS_ONLY = '€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ'.split('');
const WINDOWS_BYTES = '80 82 83 84 85 86 87 88 89 8a 8b 8c 8e 91 92 93 94 95 96 97 98 99 9a 9b 9c 9e 9f';
const windowsByte = new Map(
  WINDOWS_BYTES.split(' ').map((hex, at) => [WINDOWS_ONLY[at] ?? '', Number.parseInt(hex, 16)]),
);

/** How each encoding writes a text, independent of what is tested. */
const encoders: Readonly<Record<string, (text: string) => Buffer>> = {
  'utf-8': (text) => Buffer.from(text),
  'utf-16le': (text) => Buffer.from(text, 'utf16le'),
  'utf-16be': utf16be,
  'latin-1': (text) => Buffer.from(text, 'latin1'),
  'windows-1252': (text) =>
    Buffer.from(text.split('').map((each) => windowsByte.get(each) ?? each.charCodeAt(0))),
};

const anyText = fc.string({ unit: 'binary', maxLength: 200 });
const latin = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) });
const windows = fc.string({
  unit: fc.oneof(
    fc.constantFrom(...WINDOWS_ONLY),
    fc.integer({ min: 0xa0, max: 0xff }).map((code) => String.fromCharCode(code)),
    fc.integer({ min: 0, max: 0x7f }).map((code) => String.fromCharCode(code)),
  ),
});
const texts: Readonly<Record<string, fc.Arbitrary<string>>> = { 'latin-1': latin, 'windows-1252': windows };

describe('text in another encoding', () => {
  it('keeps the characters of ASCII as they are, in whichever encoding has them', async () => {
    const ascii = Buffer.from(Array.from({ length: 128 }, (_, code) => code));
    const labels =
      'cp850 cp860 cp437 shift_jis euc-jp gbk gb18030 big5 euc-kr ibm866 koi8-r koi8-u macintosh x-mac-cyrillic windows-874';
    const numbered = [2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15].map((number) => `iso-8859-${number}`);
    const windows = [0, 1, 3, 4, 5, 6, 7, 8].map((number) => `windows-125${number}`);
    for (const encoding of [...labels.split(' '), ...numbered, ...windows])
      expect([encoding, await transcode(ascii, encoding)]).toEqual([encoding, ascii.toString('latin1')]);
  });

  it.each(Object.entries(encoders))('comes back from %s, wherever its bytes are cut', (encoding, encode) => {
    const cuts = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 80 });
    fc.assert(
      fc.property(texts[encoding] ?? anyText, cuts, (text, sizes) => {
        const bytes = encode(text);
        const decoder = openDecoder(encoding, 0);
        const parts: Buffer[] = [];
        let at = 0;
        for (const size of [...sizes, bytes.length]) {
          parts.push(Buffer.from(decoder.push(bytes.subarray(at, at + size))));
          at += size;
        }
        decoder.end();
        expect(Buffer.concat(parts).toString()).toBe(text);
      }),
      { numRuns: 500 },
    );
  });

  it.each(Object.entries(encoders))(
    'is read from a file in %s that is larger than a chunk',
    async (encoding, encode) => {
      const text = 'id;nome\n1;São João é aço\n'.repeat(40_000);
      expect((await transcode(encode(text), encoding)) === text).toBe(true);
    },
  );

  it('reads every label of the encoding standard, such as Shift_JIS and gb18030', async () => {
    const japanese = Buffer.from('93fa967b', 'hex');
    expect(await transcode(japanese, 'Shift_JIS')).toBe('日本');
    expect(await transcode(Buffer.from('d6d0', 'hex'), 'gb18030')).toBe('中');
    expect(await transcode(Buffer.from([0xb1]), 'iso-8859-2')).toBe('ą');
  });

  it.each([
    ['cp850', '4e721f6806dbbff270cf16c56a1dbdd658c17186e4fef4c534f905e7f979ea1b'],
    ['cp860', '74e0dd67eb4444db9e56502efe4bbbd8a3f3a75bccae8e379a8e0e3890f3d769'],
    ['cp437', '754c5bb3fea001ec959c555075130320962d3b98446117fb8cf28ae37eb06fc7'],
  ])('has in %s what others have', async (encoding, sha256) => {
    const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const text = await transcode(all, encoding);
    expect(createHash('sha256').update(text).digest('hex')).toBe(sha256);
    expect(await transcode(all, encoding.replace('cp', 'IBM'))).toBe(text);
  });

  it('keeps Latin-1 apart from windows-1252', async () => {
    expect(await transcode(Buffer.from([0x93, 0xe3]), 'windows-1252')).toBe('“ã');
    for (const label of ['latin-1', 'latin1', 'ISO-8859-1']) {
      expect(await transcode(Buffer.from([0x93, 0xe3]), label)).toBe('\u0093ã');
    }
  });

  it('takes the byte order mark off, and believes it more than the configuration', async () => {
    const marked = '\ufeffid;nome\n1;aço\n';
    const plain = marked.slice(1);
    expect(await transcode(Buffer.from(marked), 'utf-8')).toBe(plain);
    expect(await transcode(Buffer.from(marked, 'utf16le'), 'utf-16le')).toBe(plain);
    expect(await transcode(Buffer.from(marked, 'utf16le'), 'utf-8')).toBe(plain);
    expect(await transcode(utf16be(marked), 'utf-8')).toBe(plain);
    expect(await transcode(utf16be(marked), 'utf-16')).toBe(plain);
    expect(await transcode(Buffer.from(marked), 'windows-1252')).toBe(plain);
  });

  it('keeps a mark that is not at the beginning', async () => {
    expect(await transcode(Buffer.from('\ufeff\ufeffa\ufeff'), 'utf-8')).toBe('\ufeffa\ufeff');
  });

  it('tells which mark a file has, through gzip too, and whether it has to be rewritten', async () => {
    expect(await bomOf(Buffer.from('id\n'))).toBeUndefined();
    expect(await bomOf(Buffer.from(''))).toBeUndefined();
    expect(await bomOf(Buffer.from('\ufeffid\n'))).toBe('utf-8');
    expect(await bomOf(Buffer.from('\ufeffid\n', 'utf16le'))).toBe('utf-16le');
    expect(await bomOf(gzipSync(utf16be('\ufeffid\n')))).toBe('utf-16be');
    await expect(bomOf(Buffer.from('fffe000061000000', 'hex'))).rejects.toMatchObject({
      code: 'TABLE_UNREADABLE',
    });
    expect(needsTranscoding('UTF-8', undefined)).toBe(false);
    expect(needsTranscoding('utf-8', 'utf-16le')).toBe(true);
    expect(needsTranscoding('latin-1', undefined)).toBe(true);
  });

  it('unpacks gzip, of several members too', async () => {
    const packed = Buffer.concat([
      gzipSync(Buffer.from('ção\n', 'latin1')),
      gzipSync(Buffer.from('é\n', 'latin1')),
    ]);
    expect(await transcode(packed, 'latin-1')).toBe('ção\né\n');
  });

  it('makes an empty file of an empty one', async () => {
    expect(await transcode(Buffer.alloc(0), 'utf-16le')).toBe('');
    expect((await stat(join(dir(), 'utf-8.txt'))).size).toBe(0);
  });
});
