import { rm } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { failureOf, outcomes, remembered, useKaggle } from './fixture.ts';

const { kaggle, source, context, table, dir, log } = useKaggle();

const day1 = { 'clientes.csv': 'id\n1\n', 'sub/produtos.csv': 'id\n7\n' };
const day2 = { ...day1, 'clientes.csv': 'id\n1\n2\n' };

async function readFirst(): Promise<Awaited<ReturnType<typeof remembered>>> {
  const tables = [table('clientes'), table('produtos')];
  return await remembered(await source().open(tables, context()));
}

test('a first look downloads the archive once for all tables, pinned to the version', async () => {
  await kaggle().publish(3, day1);
  const snapshot = await source().open([table('clientes'), table('produtos')], context());
  expect(snapshot.version).toEqual({ label: '3', timeMicros: 1759492800123456n });
  expect(await outcomes(snapshot)).toEqual({ clientes: 'id\n1\n', produtos: 'id\n7\n' });
  expect(kaggle().calls('storage')).toHaveLength(1);
  const download = kaggle().requests.find(({ path }) => path.includes('DownloadDataset'));
  expect(JSON.parse(download?.body ?? '')).toEqual({
    ownerSlug: 'dono',
    datasetSlug: 'loja',
    datasetVersionNumber: 3,
  });
});

test('what is remembered names version, file, size and hashes', async () => {
  await kaggle().publish(3, day1);
  const seen = await readFirst();
  expect(seen.get('produtos')).toEqual({
    version: '3',
    name: 'sub/produtos.csv',
    sizeBytes: 5,
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    marks: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/), archive: expect.stringMatching(/^md5=/) },
  });
});

test('an unchanged version costs one request, also without the work folder', async () => {
  await kaggle().publish(3, day1);
  const seen = await readFirst();
  await rm(dir(), { recursive: true });
  kaggle().requests.length = 0;
  const snapshot = await source().open(
    [table('clientes', seen.get('clientes')), table('produtos', seen.get('produtos'))],
    context(),
  );
  expect(await outcomes(snapshot)).toEqual({ clientes: 'unchanged', produtos: 'unchanged' });
  expect(kaggle().requests).toHaveLength(1);
});

test('a new version with another archive is read; a file with the same bytes is unchanged, with the new version', async () => {
  await kaggle().publish(3, day1);
  const seen = await readFirst();
  await kaggle().publish(4, day2);
  const tables = [table('clientes', seen.get('clientes')), table('produtos', seen.get('produtos'))];
  const snapshot = await source().open(tables, context());
  expect(await outcomes(snapshot)).toEqual({ clientes: 'id\n1\n2\n', produtos: 'unchanged after fetch' });
  const next = await remembered(snapshot, tables);
  expect([...next.values()].map(({ version }) => version)).toEqual(['4', '4']);
  expect(log().lines.join('\n')).toContain('"resized":["clientes"]');
});

test.each(['md5', 'crc32c', 'both', 'repeated'] as const)(
  'a new version whose storage states the same digest (%s) drops the connection',
  async (hash) => {
    const big = { 'clientes.csv': 'id\n', 'x.bin': crypto.getRandomValues(Buffer.alloc(60_000)) };
    await kaggle().publish(3, big, { hash });
    const first = await source().open([table('clientes')], context());
    const seen = (await remembered(first)).get('clientes');
    await kaggle().publish(4, big, { hash });
    await rm(dir(), { recursive: true });
    const snapshot = await source().open([table('clientes', seen)], context());
    expect(snapshot.tables.get('clientes')).toMatchObject({ kind: 'unchanged', seen: { version: '4' } });
    expect(kaggle().calls('storage')).toHaveLength(2);
  },
);

test('without a digest, the same archive is noticed by its SHA-256 once it is there', async () => {
  await kaggle().publish(3, day1, { hash: 'none' });
  const seen = await readFirst();
  await kaggle().publish(4, day1, { hash: 'none' });
  const snapshot = await source().open([table('clientes', seen.get('clientes'))], context());
  expect(snapshot.tables.get('clientes')).toMatchObject({ kind: 'unchanged', seen: { version: '4' } });
});

test('a table that is seen for the first time is read though the version is known', async () => {
  await kaggle().publish(3, day1);
  const seen = await readFirst();
  await rm(dir(), { recursive: true });
  const snapshot = await source().open(
    [table('clientes', seen.get('clientes')), table('produtos')],
    context(),
  );
  expect(await outcomes(snapshot)).toEqual({ clientes: 'unchanged', produtos: 'id\n7\n' });
});

test('a table whose pattern asks for another file now is read again', async () => {
  await kaggle().publish(3, { ...day1, 'novo/clientes2.csv': 'id\n9\n' });
  const seen = await readFirst();
  const asked = { ...table('clientes', seen.get('clientes')), pattern: 'novo/clientes2.csv' };
  expect(await outcomes(await source().open([asked], context()))).toEqual({ clientes: 'id\n9\n' });
});

test('what was downloaded for a version is used again without a second download', async () => {
  await kaggle().publish(3, day1);
  await source().open([table('clientes')], context());
  kaggle().requests.length = 0;
  expect(await outcomes(await source().open([table('clientes')], context()))).toEqual({
    clientes: 'id\n1\n',
  });
  expect(kaggle().requests).toHaveLength(1);
});

test('a missing and an ambiguous table are states, and the others are read', async () => {
  await kaggle().publish(3, { ...day1, 'copia/clientes.csv': 'id\n' });
  const snapshot = await source().open([table('clientes'), table('vendas'), table('produtos')], context());
  expect(await outcomes(snapshot)).toEqual({ clientes: 'ambiguous', vendas: 'missing', produtos: 'id\n7\n' });
});

test('a version that is not ready yet is told as such, and nothing is downloaded', async () => {
  await kaggle().publish(3, day1);
  for (const [status, shown] of [
    ['REPROCESSING', 'REPROCESSING'],
    [undefined, 'NOT_YET_PERSISTED'],
  ] as const) {
    kaggle().status = status;
    const error = await failureOf(source().open([table('clientes')], context()));
    expect(error).toMatchObject({ code: 'SOURCE_NOT_READY', retryable: true, exitCode: 3 });
    expect(error.message).toContain(shown);
  }
  expect(kaggle().calls('storage')).toEqual([]);
});

test('a status in small letters is ready, too', async () => {
  await kaggle().publish(3, day1);
  kaggle().status = 'ready';
  expect(await outcomes(await source().open([table('clientes')], context()))).toEqual({
    clientes: 'id\n1\n',
  });
});

test('a version number that fell is an error, and a pinned version is not', async () => {
  await kaggle().publish(2, day1);
  await kaggle().publish(3, day2);
  const seen = await readFirst();
  kaggle().current = 2;
  const tables = [table('clientes', seen.get('clientes'))];
  const error = await failureOf(source().open(tables, context()));
  expect(error).toMatchObject({ code: 'SOURCE_VERSION_WENT_BACK', exitCode: 3 });
  expect(error.message).toContain('version 2, but version 3');
  const pinned = await source({ version: 2 }).open(tables, context());
  expect(pinned.version.label).toBe('2');
  expect(await outcomes(pinned)).toEqual({ clientes: 'id\n1\n' });
});

test.each(['dono/loja/2', 'dono/loja/versions/2'])('the handle %s pins its version', async (dataset) => {
  await kaggle().publish(2, day1);
  await kaggle().publish(3, day2);
  const snapshot = await source({ dataset }).open([table('clientes')], context());
  expect(snapshot.version.label).toBe('2');
  expect(source({ dataset }).id).toBe('kaggle:dono/loja');
});

test('--skip-download uses what an earlier run downloaded, without any request', async () => {
  await kaggle().publish(3, day1);
  await source().open([table('clientes')], context());
  kaggle().requests.length = 0;
  const snapshot = await source().open([table('clientes')], context({ skipDownload: true }));
  expect(snapshot.version.label).toBe('3');
  expect(await outcomes(snapshot)).toEqual({ clientes: 'id\n1\n' });
  expect(kaggle().requests).toEqual([]);
});

test('--skip-download with nothing downloaded says so', async () => {
  const error = await failureOf(source().open([table('clientes')], context({ skipDownload: true })));
  expect(error).toMatchObject({ code: 'SOURCE_NOT_FOUND', hint: 'Run once without --skip-download.' });
});
