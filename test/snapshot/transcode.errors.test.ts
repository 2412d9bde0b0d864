import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { needsTranscoding, toUtf8 } from '../../src/snapshot/transcode.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();

async function transcode(
  bytes: Buffer,
  encoding: string,
  signal = new AbortController().signal,
): Promise<void> {
  await writeFile(join(dir(), 'clientes.csv'), bytes);
  await toUtf8(join(dir(), 'clientes.csv'), encoding, join(dir(), 'utf-8.txt'), signal);
}

function unreadable(offset: number): object {
  return {
    code: 'TABLE_UNREADABLE',
    message: expect.stringMatching(new RegExp(`clientes\\.csv .* byte ${offset} `)),
    hint: expect.stringContaining('"encoding"'),
  };
}

describe('text that is not in its encoding', () => {
  it('is refused as UTF-8 with the place of the first wrong byte', async () => {
    const latin = Buffer.from(`${'id;nome\n1;Jose\n'.repeat(50_000)}2;José\n`, 'latin1');
    await expect(transcode(gzipSync(latin), 'utf-8')).rejects.toMatchObject(unreadable(latin.length - 2));
  });

  it('is refused as UTF-8 where a character is cut off at the end, or is a surrogate', async () => {
    const cut = Buffer.from('\ufeffid\nJosé').subarray(0, -1);
    await expect(transcode(cut, 'utf-8')).rejects.toMatchObject(unreadable(cut.length - 1));
    await expect(transcode(Buffer.from('\ufeffa\ud800b', 'utf16le'), 'utf-8')).rejects.toMatchObject(
      unreadable(4),
    );
    const surrogate = Buffer.from('efbbbf61eda08062', 'hex');
    await expect(transcode(surrogate, 'utf-8')).rejects.toMatchObject(unreadable(4));
  });

  it('is refused as UTF-16 where its bytes are odd', async () => {
    const odd = Buffer.from('id\n1\n', 'utf16le').subarray(0, -1);
    await expect(transcode(odd, 'utf-16le')).rejects.toMatchObject(unreadable(odd.length - 1));
  });

  it('is refused as UTF-16 where half a character stands alone, at the end too', async () => {
    await expect(transcode(Buffer.from('ab\udc00c', 'utf16le'), 'utf-16le')).rejects.toMatchObject(
      unreadable(4),
    );
    await expect(transcode(Buffer.from('ab\ud800', 'utf16le'), 'utf-16le')).rejects.toMatchObject(
      unreadable(4),
    );
  });

  it('is refused in every other encoding, at the end too', async () => {
    await expect(transcode(Buffer.from('61ff', 'hex'), 'shift_jis')).rejects.toMatchObject(unreadable(0));
    await expect(transcode(Buffer.from('6193', 'hex'), 'shift_jis')).rejects.toMatchObject(unreadable(2));
  });

  it('leaves nothing behind', async () => {
    await expect(transcode(Buffer.from('a\udc00', 'utf16le'), 'utf-16le')).rejects.toThrow('surrogate');
    expect(await readdir(dir())).toEqual(['clientes.csv']);
  });
});

describe('a file that cannot be transcoded', () => {
  it('names an encoding that does not exist', async () => {
    const invalid = { code: 'CONFIG_INVALID', message: expect.stringContaining('"utf-9"') };
    await expect(transcode(Buffer.from('a'), 'utf-9')).rejects.toMatchObject(invalid);
    expect(() => needsTranscoding('utf-9', undefined)).toThrow(expect.objectContaining(invalid));
  });

  it('is corrupt when it is gzip and cut off, or damaged', async () => {
    const packed = gzipSync(Buffer.from('id\n1\n'.repeat(1000)));
    await expect(transcode(packed.subarray(0, -9), 'utf-8')).rejects.toMatchObject({
      code: 'SOURCE_CORRUPT',
      message: expect.stringContaining('cut off'),
    });
    packed[packed.length - 6] = (packed.at(-6) ?? 0) ^ 1;
    await expect(transcode(packed, 'utf-8')).rejects.toMatchObject({ code: 'SOURCE_CORRUPT' });
  });

  it('says that it is not there', async () => {
    const { signal } = new AbortController();
    const gone = toUtf8(join(dir(), 'gone.csv'), 'utf-8', join(dir(), 'x'), signal);
    await expect(gone).rejects.toMatchObject({ code: 'TABLE_UNREADABLE' });
  });

  it('is left when the run is stopped', async () => {
    await expect(
      transcode(Buffer.from('a'), 'latin-1', AbortSignal.abort(new Error('stop'))),
    ).rejects.toThrow('stop');
    expect(await readdir(dir())).toEqual(['clientes.csv']);
  });
});
