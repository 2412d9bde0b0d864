import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { xxhash64 } from 'hash-wasm';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { unpackedChunks } from '../../src/source/packing.ts';
import { useTempDir } from '../support/tmp.ts';
import { zstdOf } from '../support/zstd.ts';

const dir = useTempDir();
const RUNS = Number(process.env['IGARAPE_PROPERTY_RUNS'] ?? 40);

const ROWS = Array.from({ length: 3000 }, (_, id) => `${id},${(id * 7919) % 1009}\n`).join('');
/** Sixty rows, by the usual program. */
const BZIP2 = Buffer.from(
  [
    'QlpoOTFBWSZTWbmVZE4AAD/YAAAQAAR/4DABGQCKfkTMihA0DQKn7UQfqiaq+834DvZuB5UM0qA5cICqF0qAulCr3uciSLWjkSRJ',
    'c0IBiMQBkMMgec4WGe2r1Lpe2jK2ldm+1z682OJIFnBIsUJARC3y40t8pDAosRPwkEBEg29tMH2aHZYiYEiDHH4x6Vz0aseVSEOE',
    'aEThoRMWcd8u457EZhwzBAwmTB+EZ5XnGnV5KQIQjwt+7u6rldusUFJyTGneyezq5Pw9J+IjyneyNq3qcEmCIX4u5IpwoSFzKsic',
  ].join(''),
  'base64',
);
const SKIPPED = Buffer.from('502a4d1803000000616263', 'hex');

async function unpack(bytes: Uint8Array): Promise<string> {
  const path = join(dir(), 'packed');
  await writeFile(path, bytes);
  const chunks: Buffer[] = [];
  for await (const chunk of unpackedChunks(path, 'p')) chunks.push(chunk);
  return Buffer.concat(chunks).toString('latin1');
}

async function withChecksum(plain: string): Promise<Buffer> {
  const frame = zstdOf(Buffer.from(plain));
  // The descriptor says that a checksum follows: the lower half of the hash, its lowest byte first.
  frame[4] = 4;
  return Buffer.concat([frame, Buffer.from((await xxhash64(plain)).slice(8), 'hex').toReversed()]);
}

test('frames one after the other are one file, with others between them passed over', async () => {
  const frames = [
    zstdOf(Buffer.from('a')),
    SKIPPED,
    await withChecksum(ROWS),
    zstdOf(Buffer.alloc(0)),
    SKIPPED,
  ];
  expect(await unpack(Buffer.concat(frames))).toBe(`a${ROWS}`);
});

test('a file may begin with frames that are passed over, and is none of Zstandard where nothing else follows', async () => {
  const big = Buffer.concat([Buffer.from('5f2a4d1870170000', 'hex'), Buffer.alloc(6000, 'x')]);
  expect(await unpack(Buffer.concat([SKIPPED, big, await withChecksum(ROWS), SKIPPED]))).toBe(ROWS);
  for (const text of [SKIPPED, Buffer.concat([SKIPPED, Buffer.from('id,v\n1,a\n')])])
    expect(await unpack(text)).toBe(text.toString('latin1'));
});

test('a packed file that is cut anywhere, or of which a bit is another, gives nothing else than it holds', async () => {
  const packed = [
    ['gzip', gzipSync(ROWS)],
    ['Zstandard', await withChecksum(ROWS)],
    ['bzip2', BZIP2],
  ] as const;
  const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...packed),
      place,
      fc.option(fc.nat({ max: 7 })),
      async ([packing, bytes], at, bit) => {
        const whole = await unpack(bytes);
        const index = 4 + Math.floor(at * (bytes.length - 4));
        const damaged =
          bit === null ? bytes.subarray(0, index) : bytes.with(index, (bytes[index] ?? 0) ^ (1 << bit));
        const found = await unpack(damaged).catch((error: unknown) => String(error));
        const fault = bit === null ? 'cut off' : '(?:cut off|damaged)';
        const refused = `^IgarapeError: The ${packing} file p is ${fault}$`;
        expect(found === whole ? 'whole' : found).toMatch(
          new RegExp(bit === null ? refused : `^whole$|${refused}`),
        );
      },
    ),
    { numRuns: RUNS },
  );
});
