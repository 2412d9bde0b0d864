import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { IgarapeError } from '../../src/core/errors.ts';
import { openArchive } from '../../src/source/archive.ts';
import { type ArchiveLimits, defaultLimits, type Extraction } from '../../src/source/archive-port.ts';
import { type RawZipEntry, rawZipOf, tarGzOf, type TarEntry, tarOf, zipOf } from '../support/archives.ts';

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'igarape-hostile-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function opening(bytes: Buffer | string, limits: ArchiveLimits = defaultLimits): Promise<unknown> {
  const path = join(folder, 'archive');
  await writeFile(path, bytes);
  return await openArchive(path, { label: 'owner/slug', limits }).catch((error: unknown) => error);
}

async function extracting(
  bytes: Buffer,
  name: string,
  limits = defaultLimits,
): Promise<Extraction | undefined> {
  const path = join(folder, 'archive');
  await writeFile(path, bytes);
  const archive = await openArchive(path, { label: 'owner/slug', limits });
  const outcomes = await archive.extract([name], join(folder, 'out'), new AbortController().signal);
  return outcomes.get(name);
}

async function leftBehind(): Promise<string[]> {
  return await readdir(join(folder, 'out')).catch(() => []);
}

function told(error: unknown): { code: string; message: string; hint: boolean } {
  if (!(error instanceof IgarapeError)) throw error;
  return { code: error.code, message: error.message, hint: error.hint !== undefined };
}

function failure(outcome: Extraction | undefined): ReturnType<typeof told> {
  return told(outcome?.kind === 'failed' ? outcome.error : outcome);
}

const symlinkMode = 0o120777;
const unsafeZips: readonly (readonly [string, readonly RawZipEntry[], RegExp])[] = [
  ['a parent path', [{ name: '../evil.csv' }], /"\.\.\/evil\.csv" that leads out/],
  ['a parent path in the middle', [{ name: 'a/../../evil.csv' }], /leads out/],
  ['an absolute path', [{ name: '/etc/evil.csv' }], /"\/etc\/evil\.csv" that has an absolute path/],
  ['a drive letter', [{ name: 'C:evil.csv' }], /drive letter/],
  ['a backslash', [{ name: '..\\evil.csv' }], /backslash/],
  ['a NUL', [{ name: 'a\u0000.csv' }], /control character/],
  [
    'a symbolic link',
    [{ name: 'a.csv', content: '/etc/passwd', mode: symlinkMode }],
    /"a\.csv" that is a link/,
  ],
  [
    'a name twice',
    [
      { name: 'a.csv', content: '1' },
      { name: './a.csv', content: '2' },
    ],
    /two entries named "a\.csv"/,
  ],
  [
    'entries that overlap',
    [
      { name: 'a.csv', content: 'x' },
      { name: 'b.csv', content: 'x', sharesLocal: 0 },
    ],
    /overlap/,
  ],
];

describe('a zip is refused as a whole for', () => {
  test.each(unsafeZips)('%s', async (_case, entries, message) => {
    const error = told(
      await opening(
        rawZipOf(
          [{ name: 'clientes.csv', content: 'id\n1\n' }, ...entries].toSpliced(
            0,
            entries.some(({ sharesLocal }) => sharesLocal === 0) ? 1 : 0,
          ),
        ),
      ),
    );
    expect(error).toMatchObject({ code: 'SOURCE_UNSAFE_ARCHIVE', hint: true });
    expect(error.message).toMatch(message);
    expect(error.message).toContain('owner/slug');
  });

  test('more entries than are read', async () => {
    const bytes = await zipOf({ a: '', b: '', c: '' });
    const error = told(await opening(bytes, { ...defaultLimits, maxEntries: 2 }));
    expect(error).toMatchObject({ code: 'SOURCE_UNSAFE_ARCHIVE' });
  });
});

const unsafeTars: readonly (readonly [string, TarEntry, RegExp])[] = [
  ['a parent path', { name: '../evil.csv' }, /leads out/],
  ['an absolute path', { name: '/etc/evil.csv' }, /absolute/],
  ['a backslash', { name: 'a\\b.csv' }, /backslash/],
  ['a symbolic link', { name: 'a.csv', type: 'symlink', linkname: '/etc/passwd' }, /"a\.csv" that is a link/],
  ['a hard link', { name: 'a.csv', type: 'link', linkname: '../../x' }, /link/],
  ['a device', { name: 'a.csv', type: 'character-device' }, /device/],
  ['a pipe', { name: 'a.csv', type: 'fifo' }, /device/],
  ['a name twice', { name: './clientes.csv' }, /two entries named "clientes\.csv"/],
];

describe('a tar is refused as a whole for', () => {
  test.each(unsafeTars)('%s', async (_case, entry, message) => {
    const bytes = await tarOf([{ name: 'clientes.csv', content: 'id\n' }, entry]);
    const error = told(await opening(gzipSync(bytes)));
    expect(error).toMatchObject({ code: 'SOURCE_UNSAFE_ARCHIVE', hint: true });
    expect(error.message).toMatch(message);
  });

  test('more entries than are read', async () => {
    const error = told(await opening(await tarGzOf({ a: '', b: '' }), { ...defaultLimits, maxEntries: 1 }));
    expect(error).toMatchObject({ code: 'SOURCE_UNSAFE_ARCHIVE' });
  });
});

const low: ArchiveLimits = { ...defaultLimits, ratioFreeBytes: 100_000 };

describe('a bomb', () => {
  test('in a zip that declares its size is not unpacked', async () => {
    const bytes = await zipOf({ 'a.csv': Buffer.alloc(1_000_000) });
    expect(failure(await extracting(bytes, 'a.csv', low))).toMatchObject({ code: 'SOURCE_UNSAFE_ARCHIVE' });
    expect(await leftBehind()).toEqual([]);
  });

  test('in a zip that hides its size is stopped at the declared size', async () => {
    const bytes = rawZipOf([{ name: 'a.csv', content: Buffer.alloc(1_000_000), statedSize: 10 }]);
    const error = failure(await extracting(bytes, 'a.csv'));
    expect(error.code).toBe('SOURCE_UNSAFE_ARCHIVE');
    expect(error.message).toMatch(/"a\.csv" that is larger than it declares/);
    expect(await leftBehind()).toEqual([]);
  });

  test('in a tar.gz is stopped while it is listed', async () => {
    const error = told(await opening(await tarGzOf({ 'a.csv': Buffer.alloc(2_000_000) }), low));
    expect(error.code).toBe('SOURCE_UNSAFE_ARCHIVE');
  });

  test('that needs more than the free disk is not begun', async () => {
    const bytes = rawZipOf([{ name: 'a.csv', content: 'x', statedSize: 0xffff_fffe }]);
    const path = join(folder, 'archive');
    await writeFile(path, bytes);
    const outcome = await extracting(bytes, 'a.csv', { ...defaultLimits, maxRatio: Number.MAX_SAFE_INTEGER });
    // On a disk with more than 4 GiB free, the size that is not there is found instead.
    expect(['DISK_FULL', 'SOURCE_CORRUPT']).toContain(failure(outcome).code);
    expect(await leftBehind()).toEqual([]);
  });
});

describe('a damaged zip', () => {
  test('with an entry smaller than declared fails for that entry', async () => {
    const bytes = rawZipOf([{ name: 'a.csv', content: 'abc', statedSize: 5 }]);
    const error = failure(await extracting(bytes, 'a.csv'));
    expect(error).toMatchObject({ code: 'SOURCE_CORRUPT', hint: true });
    expect(error.message).toContain('3 bytes instead of 5');
    expect(await leftBehind()).toEqual([]);
  });

  test('with a wrong CRC-32 fails for that entry and gives the others', async () => {
    const path = join(folder, 'archive');
    const bytes = rawZipOf([
      { name: 'a.csv', content: 'abc', method: 0, statedCrc: 1 },
      { name: 'b.csv', content: 'abc' },
    ]);
    await writeFile(path, bytes);
    const archive = await openArchive(path, { label: 'owner/slug' });
    const outcomes = await archive.extract(
      ['a.csv', 'b.csv'],
      join(folder, 'out'),
      new AbortController().signal,
    );
    expect(failure(outcomes.get('a.csv')).message).toMatch(/CRC-32 of "a\.csv"/);
    expect(outcomes.get('b.csv')?.kind).toBe('extracted');
    expect(await leftBehind()).toHaveLength(1);
  });

  test('with one flipped byte in the packed bytes fails for that entry', async () => {
    const bytes = await zipOf({ 'a.csv': 'id;v\n'.repeat(1000) });
    const at = 40;
    bytes.writeUInt8((bytes[at] ?? 0) ^ 0xff, at);
    expect(failure(await extracting(bytes, 'a.csv')).code).toBe('SOURCE_CORRUPT');
  });

  test('with an encrypted entry says so', async () => {
    const error = failure(await extracting(rawZipOf([{ name: 'a.csv', content: 'abc', flags: 1 }]), 'a.csv'));
    expect(error.code).toBe('SOURCE_CORRUPT');
    expect(error.message).toContain('encrypted entry "a.csv"');
  });

  test('with an unknown compression method says so', async () => {
    const error = failure(
      await extracting(rawZipOf([{ name: 'a.csv', content: 'abc', method: 9 }]), 'a.csv'),
    );
    expect(error.message).toContain('unknown compression method (9)');
  });

  test.each([0.25, 0.5, 0.9])('cut at %d of its length is refused', async (share) => {
    const bytes = await zipOf({ 'a.csv': 'id;v\n'.repeat(100), 'b.csv': 'x' });
    const error = told(await opening(bytes.subarray(0, Math.floor(bytes.length * share))));
    expect(error.code).toBe('SOURCE_CORRUPT');
    expect(error.message).toMatch(/no whole zip file/);
  });
});

describe('a damaged tar', () => {
  test('with a wrong header checksum is refused', async () => {
    const bytes = await tarOf([{ name: 'a.csv', content: 'x' }]);
    bytes.write('zz', 0, 'latin1');
    expect(told(await opening(bytes)).code).toBe('SOURCE_CORRUPT');
  });

  test.each([600, 1030])('of which %d bytes are there is refused', async (size) => {
    const bytes = await tarOf([
      { name: 'a.csv', content: 'x'.repeat(300) },
      { name: 'b.csv', content: 'y' },
    ]);
    expect(told(await opening(bytes.subarray(0, size))).code).toBe('SOURCE_CORRUPT');
  });

  test('cut between two entries, which leaves a tar without its end, is refused', async () => {
    const bytes = await tarOf([
      { name: 'a.csv', content: 'x'.repeat(512) },
      { name: 'b.csv', content: 'y' },
    ]);
    const error = told(await opening(bytes.subarray(0, 1024)));
    expect(error.message).toContain('cut off');
  });

  test('whose gzip is cut off is refused', async () => {
    const bytes = gzipSync(
      await tarOf([{ name: 'a.csv', content: crypto.getRandomValues(Buffer.alloc(60_000)) }]),
    );
    expect(told(await opening(bytes.subarray(0, bytes.length - 4))).code).toBe('SOURCE_CORRUPT');
    expect(told(await opening(bytes.subarray(0, 30_000))).code).toBe('SOURCE_CORRUPT');
  });

  test('whose gzip checksum is wrong gives no entry at all', async () => {
    const good = await tarGzOf({ 'a.csv': 'x', 'b.csv': 'y' });
    const path = join(folder, 'archive');
    await writeFile(path, good);
    const archive = await openArchive(path, { label: 'owner/slug' });
    const at = good.length - 8;
    good.writeUInt8((good[at] ?? 0) ^ 0xff, at);
    await writeFile(path, good);
    const outcomes = await archive.extract(
      ['a.csv', 'b.csv'],
      join(folder, 'out'),
      new AbortController().signal,
    );
    expect(failure(outcomes.get('a.csv')).code).toBe('SOURCE_CORRUPT');
    expect(failure(outcomes.get('b.csv')).code).toBe('SOURCE_CORRUPT');
    expect(await leftBehind()).toEqual([]);
  });
});

const noArchives: readonly (readonly [string, string | Buffer, string])[] = [
  ['an HTML page', '<!DOCTYPE html><html><body>Sign in</body></html>', 'an HTML page'],
  ['a JSON error', '{"code":404,"message":"Not found"}', 'a JSON document'],
  ['a CSV file', 'id;v\n1;2\n', 'plain text'],
  ['an empty file', '', 'an empty file'],
  ['a Parquet file', 'PAR1....PAR1', 'a Parquet file'],
  ['a 7-Zip archive', Buffer.from('377abcaf271c0004', 'hex'), 'a 7-Zip archive'],
  ['a gzipped CSV file', gzipSync('id;v\n1;2\n'), 'a single gzipped file'],
  ['other bytes', Buffer.from([1, 0, 2, 0]), 'binary data'],
];

test.each(noArchives)('%s in place of an archive is told as that', async (_case, bytes, looks) => {
  const error = told(await opening(bytes));
  expect(error).toMatchObject({ code: 'SOURCE_CORRUPT', hint: true });
  expect(error.message).toContain(`neither zip nor tar: it looks like ${looks}`);
});
