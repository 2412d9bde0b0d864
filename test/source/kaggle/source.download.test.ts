import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { failureOf, outcomes, useKaggle } from './fixture.ts';

const { kaggle, source, context, table, dir, log, waits } = useKaggle();

const noise = crypto.getRandomValues(Buffer.alloc(60_000));
const files = { 'clientes.csv': 'id\n1\n', 'foto.bin': noise };
const read = { clientes: 'id\n1\n' };
const secret = 'Bearer token-that-nobody-may-see';

async function open(overrides: Parameters<typeof context>[0] = {}): Promise<Record<string, string>> {
  return await outcomes(await source().open([table('clientes')], context(overrides)));
}

function ranges(): (string | undefined)[] {
  return kaggle()
    .requests.filter(({ server }) => server === 'storage')
    .map(({ headers }) => headers.range);
}

async function everyFile(folder: string): Promise<string> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const texts = names
    .filter((entry) => entry.isFile())
    .map((entry) => readFile(join(entry.parentPath, entry.name), 'latin1'));
  return (await Promise.all(texts)).join('\n');
}

describe('credentials', () => {
  test('go to the API, and never to the storage on another port', async () => {
    await kaggle().publish(1, files);
    kaggle().authorization = secret;
    await source({}, { KAGGLE_API_TOKEN: 'token-that-nobody-may-see' }).open([table('clientes')], context());
    const api = kaggle().requests.filter(({ server }) => server === 'api');
    const storage = kaggle().requests.filter(({ server }) => server === 'storage');
    expect(api.every(({ headers }) => headers.authorization === secret)).toBe(true);
    expect(storage).toHaveLength(1);
    expect(storage.every(({ headers }) => headers.authorization === undefined)).toBe(true);
  });

  test('and the signature of the storage’s address are in no log and no file', async () => {
    await kaggle().publish(1, files);
    kaggle().failStorage({ kind: 'cut', afterBytes: 20_000 }, { kind: 'answer', status: 500 });
    await source({}, { KAGGLE_API_TOKEN: 'token-that-nobody-may-see' }).open([table('clientes')], context());
    const everything = `${log().lines.join('\n')}${await everyFile(dir())}`;
    expect(everything).toContain('trying again in');
    expect(everything).not.toMatch(/token-that-nobody|secret-signature|X-Goog/);
  });
});

describe('a download that is cut off', () => {
  test('is continued where it stopped, at the same address', async () => {
    await kaggle().publish(1, files);
    kaggle().failStorage({ kind: 'cut', afterBytes: 30_000 });
    expect(await open()).toEqual(read);
    expect(ranges()).toEqual([undefined, 'bytes=30000-']);
    expect(
      kaggle()
        .calls('api')
        .filter((call) => call.includes('Download')),
    ).toHaveLength(1);
  });

  test('is continued by the next run', async () => {
    await kaggle().publish(1, files);
    kaggle().failStorage(...Array.from({ length: 6 }, () => ({ kind: 'cut', afterBytes: 5000 }) as const));
    const error = await failureOf(open());
    expect(error).toMatchObject({ code: 'SOURCE_UNREACHABLE', retryable: true });
    expect(await open()).toEqual(read);
    expect(ranges().at(-1)).toBe('bytes=30000-');
  });

  test('and then answered with all bytes is begun again, not appended to', async () => {
    await kaggle().publish(1, files);
    kaggle().failStorage({ kind: 'cut', afterBytes: 30_000 }, { kind: 'ignores-range' });
    expect(await open()).toEqual(read);
    expect(ranges()).toEqual([undefined, 'bytes=30000-']);
  });

  test('and then answered with another range than asked for is begun again', async () => {
    await kaggle().publish(1, files);
    kaggle().failStorage({ kind: 'cut', afterBytes: 30_000 }, { kind: 'shifts-range' });
    expect(await open()).toEqual(read);
    expect(ranges()).toEqual([undefined, 'bytes=30000-', undefined]);
    expect(log().lines.join()).not.toContain('damaged');
  });

  test('and then answered with 416 is begun again', async () => {
    await kaggle().publish(1, files);
    kaggle().failStorage({ kind: 'cut', afterBytes: 30_000 }, { kind: 'answer', status: 416 });
    expect(await open()).toEqual(read);
    expect(ranges()).toEqual([undefined, 'bytes=30000-', undefined]);
  });

  test.each([400, 403])('and then refused with %d gets a fresh address', async (status) => {
    await kaggle().publish(1, files);
    kaggle().failStorage({ kind: 'cut', afterBytes: 30_000 }, { kind: 'answer', status });
    expect(await open()).toEqual(read);
    expect(ranges()).toEqual([undefined, 'bytes=30000-', 'bytes=30000-']);
    expect(
      kaggle()
        .calls('api')
        .filter((call) => call.includes('Download')),
    ).toHaveLength(2);
  });

  test('of a storage that takes no ranges is begun again', async () => {
    await kaggle().publish(1, files, { acceptsRanges: false });
    kaggle().failStorage({ kind: 'cut', afterBytes: 30_000 });
    expect(await open()).toEqual(read);
    expect(ranges()).toEqual([undefined, undefined]);
  });

  test('of a storage that states no digest is begun again, for the file may be another', async () => {
    await kaggle().publish(1, files, { hash: 'none' });
    kaggle().failStorage({ kind: 'cut', afterBytes: 30_000 });
    expect(await open()).toEqual(read);
    expect(ranges()).toEqual([undefined, 'bytes=30000-', undefined]);
  });

  test('whose version was replaced meanwhile is begun again', async () => {
    await kaggle().publish(1, files);
    kaggle().failStorage(...Array.from({ length: 6 }, () => ({ kind: 'cut', afterBytes: 5000 }) as const));
    await failureOf(open());
    await kaggle().publish(1, { ...files, 'clientes.csv': 'id\n2\n' });
    expect(await open()).toEqual({ clientes: 'id\n2\n' });
    expect(ranges().slice(-2)).toEqual(['bytes=30000-', undefined]);
  });

  test('of version 1 is not continued with version 2', async () => {
    await kaggle().publish(1, files);
    kaggle().failStorage(...Array.from({ length: 6 }, () => ({ kind: 'cut', afterBytes: 5000 }) as const));
    await failureOf(open());
    await kaggle().publish(2, { ...files, 'clientes.csv': 'id\n2\n' });
    expect(await open()).toEqual({ clientes: 'id\n2\n' });
    expect(ranges().at(-1)).toBeUndefined();
  });

  test('because the server fell silent is continued', async () => {
    await kaggle().publish(1, files);
    kaggle().failStorage({ kind: 'silent', afterBytes: 30_000 });
    expect(await open()).toEqual(read);
    expect(ranges()).toEqual([undefined, 'bytes=30000-']);
  });
});

describe('a partial file that has all bytes already', () => {
  test('is still checked: a stale one is begun again', async () => {
    await kaggle().publish(1, files);
    kaggle().failStorage(...Array.from({ length: 6 }, () => ({ kind: 'cut', afterBytes: 5000 }) as const));
    await failureOf(open());
    const part = join(dir(), 'work', 'incoming.part');
    const sidecar: unknown = JSON.parse(await readFile(`${part}.json`, 'utf8'));
    expect(sidecar).toMatchObject({ key: 'kaggle:dono/loja@1', acceptsRanges: true });
    const total = Number(/"totalBytes":(\d+)/.exec(JSON.stringify(sidecar))?.[1]);
    await writeFile(part, Buffer.alloc(total));
    expect(await open()).toEqual(read);
    expect(ranges().slice(-2)).toEqual([`bytes=${total - 1}-`, undefined]);
  });
});

describe('a download whose digest is not the stated one', () => {
  test('is begun again once, and then an error', async () => {
    await kaggle().publish(1, files, { hash: 'wrong' });
    const error = await failureOf(open());
    expect(error).toMatchObject({ code: 'SOURCE_CORRUPT', exitCode: 3 });
    expect(error.message).toContain('md5');
    expect(ranges()).toEqual([undefined, undefined]);
    expect((await readdir(join(dir(), 'work'))).filter((name) => !name.includes('lock'))).toEqual([]);
  });

  test('is noticed by CRC-32C alone, too', async () => {
    await kaggle().publish(1, files, { hash: 'crc32c' });
    kaggle().failStorage(...Array.from({ length: 6 }, () => ({ kind: 'cut', afterBytes: 5000 }) as const));
    await failureOf(open());
    const part = join(dir(), 'work', 'incoming.part');
    const bytes = await readFile(part);
    bytes.writeUInt8((bytes[100] ?? 0) ^ 1, 100);
    await writeFile(part, bytes);
    expect(await open()).toEqual(read);
    expect(ranges().slice(-2)).toEqual(['bytes=30000-', undefined]);
  });
});

describe('the archive may be', () => {
  test.each(['zip', 'tar.gz', 'zipped-file', 'file'] as const)('%s', async (format) => {
    await kaggle().publish(1, { 'clientes.csv': 'id\n1\n' }, { format });
    expect(await open()).toEqual(read);
  });

  test('served by the API itself', async () => {
    await kaggle().publish(1, files);
    kaggle().servesDirectly = true;
    expect(await open()).toEqual(read);
    expect(kaggle().calls('storage')).toEqual([]);
  });

  test('damaged, which is an error and no table', async () => {
    await kaggle().publish(1, files, { bytes: Buffer.from('<html>Sign in</html>') });
    const error = await failureOf(open());
    expect(error.code).toBe('SOURCE_CORRUPT');
    expect(error.message).toContain(
      'kaggle:dono/loja version 1 is neither zip nor tar: it looks like an HTML page',
    );
  });
});

test('the progress reaches the whole length', async () => {
  await kaggle().publish(1, files);
  const seen: (number | undefined)[][] = [];
  await open({ onProgress: ({ done, total }) => void seen.push([done, total]) });
  const [done, total] = seen.at(-1) ?? [];
  expect(done).toBe(total);
  expect(total).toBeGreaterThan(60_000);
});

test('a run that is given up stops waiting, and keeps what came', async () => {
  await kaggle().publish(1, files);
  kaggle().failStorage({ kind: 'silent', afterBytes: 30_000 });
  const stop = new AbortController();
  const opening = open({ signal: stop.signal, onProgress: () => undefined });
  const cut = setInterval(() => {
    void stat(join(dir(), 'work', 'incoming.part')).then(
      ({ size }) => size === 30_000 && stop.abort(new Error('given up')),
      () => undefined,
    );
  }, 5);
  await expect(opening).rejects.toThrow('given up');
  clearInterval(cut);
  expect(await open()).toEqual(read);
  expect(ranges()).toEqual([undefined, 'bytes=30000-']);
});

test('a storage that has trouble is asked again, with growing waits', async () => {
  await kaggle().publish(1, files);
  kaggle().failStorage(
    { kind: 'answer', status: 503 },
    { kind: 'answer', status: 500 },
    { kind: 'answer', status: 429, headers: { 'retry-after': '30' } },
  );
  expect(await open()).toEqual(read);
  expect(waits()).toEqual([1000, 2000, 30_000]);
});

test('a storage that refuses fresh addresses, too, is an error with what to check', async () => {
  await kaggle().publish(1, files);
  kaggle().failStorage({ kind: 'answer', status: 403 }, { kind: 'answer', status: 403 });
  const error = await failureOf(open());
  expect(error.code).toBe('SOURCE_FORBIDDEN');
  expect(error.hint).toContain('clock');
});

test('a version that was published just now and is not there yet is asked for again', async () => {
  await kaggle().publish(1, files);
  kaggle().failApi('DownloadDataset', { status: 404, body: { code: 404, message: 'Not found' } });
  expect(await open()).toEqual(read);
  expect(waits()).toEqual([1000]);
});

test('a newest version that stays away is not ready, and worth another run', async () => {
  await kaggle().publish(1, files);
  const gone = { status: 404, body: { code: 404, message: 'Not found' } };
  kaggle().failApi('DownloadDataset', ...Array.from({ length: 6 }, () => gone));
  expect(await failureOf(open())).toMatchObject({ code: 'SOURCE_NOT_READY', retryable: true });
});

test('a disk without room is told before anything is written', async () => {
  const huge = String(2 ** 50);
  await kaggle().publish(1, files);
  kaggle().failStorage({ kind: 'answer', status: 200, headers: { 'content-length': huge } });
  expect(await failureOf(open())).toMatchObject({ code: 'DISK_FULL' });
});
