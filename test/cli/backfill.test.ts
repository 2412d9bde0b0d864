import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { callCli } from '../support/call-cli.ts';
import { type CliEnd, runCli } from '../support/cli.ts';
import { FakeKaggle } from '../support/fake-kaggle.ts';
import { useTempDir } from '../support/tmp.ts';
import { writeFileAt } from '../support/write-file.ts';
import { backfillReport, documentOf, errorReport, runReport, verifyReport } from './report-shapes.ts';
import { openShop, publish } from './shop.ts';

const dir = useTempDir();

/** A data set on Kaggle, each version with these clients, by number and name. */
async function openDataset(
  ...versions: readonly (Readonly<Record<number, string>> | Buffer)[]
): Promise<FakeKaggle> {
  const kaggle = await FakeKaggle.start();
  onTestFinished(async () => kaggle.close());
  for (const [index, clients] of versions.entries()) {
    const rows = Buffer.isBuffer(clients)
      ? []
      : Object.entries(clients).map(([id, name]) => `${id},${name}\n`);
    const files = { 'clients.csv': Buffer.from(`id,name\n${rows.join('')}`) };
    await kaggle.publish(index + 1, files, Buffer.isBuffer(clients) ? { bytes: clients } : {});
  }
  await openShop(dir(), { source: { type: 'kaggle', dataset: 'dono/loja', endpoint: kaggle.endpoint } });
  return kaggle;
}

const igarape = async (...args: string[]): Promise<CliEnd> => callCli([...args, '--json'], dir());
const backfill = async (...args: string[]): Promise<CliEnd> => igarape('backfill', ...args);
const errorCode = ({ stdout }: CliEnd): string => documentOf(stdout, errorReport).error.code;

const ABC = { 1: 'Ana', 2: 'Bia', 3: 'Caio', 4: 'Duda' };

test('past versions become one run each, in order, and a later run goes on from there', async () => {
  const kaggle = await openDataset(ABC, { ...ABC, 5: 'Eva' }, { ...ABC, 5: 'Eva', 1: 'Anna' });
  const end = await backfill('--from', '2');
  expect(end.exitCode).toBe(0);
  expect(documentOf(end.stdout, backfillReport)).toMatchObject({
    from: '2',
    resumedAfter: null,
    versions: [
      { version: '2', run: 0, tables: { clients: { operation: 'full-load', inserted: 5 } } },
      { version: '3', run: 1, tables: { clients: { operation: 'cdc', updated: 1 } } },
    ],
  });
  await kaggle.publish(4, { 'clients.csv': Buffer.from('id,name\n1,Anna\n2,Bia\n3,Caio\n4,Duda\n') });
  expect(documentOf((await igarape('run')).stdout, runReport)).toMatchObject({
    run: 2,
    tables: { clients: { deleted: 1 } },
  });
  expect(documentOf((await igarape('verify')).stdout, verifyReport)).toMatchObject({ ok: true, runs: 3 });
});

test('each version is told of as it is done', async () => {
  await openDataset(ABC, { ...ABC, 5: 'Eva' });
  const { stdout, exitCode } = await runCli(['backfill', '--from', '1', '--log-level', 'silent'], {
    cwd: dir(),
  });
  expect(exitCode).toBe(0);
  expect(stdout.split('\n')).toEqual([
    'version 1  run 0  clients 4 rows',
    'version 2  run 1  clients +1 ~0 -0',
    'backfill from version 1: 2 versions walked, 2 runs committed',
    '',
  ]);
});

test('a version whose table is held does not stop the walk, and is told by the exit code', async () => {
  await openDataset(ABC, { 1: 'Ana' }, { ...ABC, 5: 'Eva' });
  const end = await backfill('--from', '1');
  expect(end.exitCode).toBe(4);
  expect(documentOf(end.stdout, backfillReport).versions).toMatchObject([
    { version: '1', run: 0 },
    { version: '2', run: null, tables: { clients: { operation: 'held' } } },
    { version: '3', run: 1, tables: { clients: { operation: 'cdc', inserted: 1, deleted: 0 } } },
  ]);
});

test('a version whose archive is broken for good is skipped, and is told by the exit code', async () => {
  await openDataset(ABC, Buffer.from('<html>this is no archive</html>'), { ...ABC, 5: 'Eva' });
  const end = await backfill('--from', '1');
  expect(end.exitCode).toBe(3);
  expect(documentOf(end.stdout, backfillReport).versions).toMatchObject([
    { version: '1', run: 0 },
    { version: '2', error: { code: 'SOURCE_CORRUPT' } },
    { version: '3', run: 1, tables: { clients: { inserted: 1 } } },
  ]);
});

test('one that was interrupted goes on after its last committed version, and once done has nothing left to do', async () => {
  await openDataset(ABC, { ...ABC, 5: 'Eva' }, { ...ABC, 6: 'Fabio' });
  await backfill('--from', '1', '--to', '2');
  const resumed = documentOf((await backfill('--from', '1')).stdout, backfillReport);
  expect(resumed.resumedAfter).toBe('2');
  expect(resumed.versions).toMatchObject([{ version: '3', run: 2 }]);
  const again = await backfill('--from', '1');
  expect(again.exitCode).toBe(0);
  expect(documentOf(again.stdout, backfillReport)).toEqual({ from: '1', resumedAfter: '3', versions: [] });
});

test('a lake that has other runs is refused', async () => {
  await openDataset(ABC, { ...ABC, 5: 'Eva' });
  await igarape('run');
  const end = await backfill('--from', '1');
  expect([end.exitCode, errorCode(end)]).toEqual([5, 'LAKE_NOT_EMPTY']);
});

test('a lake that another backfill began is refused, with the way to go on', async () => {
  await openDataset(ABC, { ...ABC, 5: 'Eva' });
  await backfill('--from', '1', '--to', '1');
  const end = await backfill('--from', '2');
  expect([end.exitCode, errorCode(end)]).toEqual([5, 'LAKE_NOT_EMPTY']);
  expect(end.stdout).toContain('igarape backfill --from 1');
});

test.each([
  ['a version that is not there', ['--from', '9'], 'no version 9'],
  ['an end before the beginning', ['--from', '2', '--to', '1'], 'comes before'],
])('%s is refused', async (_what, args, message) => {
  await openDataset(ABC, { ...ABC, 5: 'Eva' });
  const end = await backfill(...args);
  expect([end.exitCode, errorCode(end)]).toEqual([2, 'USAGE']);
  expect(end.stdout).toContain(message);
});

test('a source without past versions is refused', async () => {
  await openShop(dir());
  await publish(dir(), 'clients', [{ id: 1 }]);
  const end = await backfill('--from', '1');
  expect([end.exitCode, errorCode(end)]).toEqual([2, 'USAGE']);
  expect(end.stdout).toContain('keeps no past versions');
});

test.each([
  [['--from', '2024-13-01'], '"2024-13-01" is no date.'],
  [['--from', '2024-12-01'], 'The dates of a gold table need an end.'],
])('of the dates of a gold table, %j', async (args, message) => {
  await openShop(dir(), { layers: ['bronze', 'silver', 'gold'] });
  await publish(dir(), 'clients', [{ id: 1, day: '2024-12-01' }]);
  await writeFileAt(join(dir(), 'models/silver/clients.sql'), '-- key: id\nSELECT * FROM bronze.clients');
  const daily =
    '-- key: dt_ref, id\n-- dt_ref: clients.day\nSELECT $dt_ref AS dt_ref, id FROM silver.clients WHERE day <= $dt_ref';
  await writeFileAt(join(dir(), 'models/gold/daily.sql'), daily);
  await igarape('run');
  const { exitCode, stdout } = await backfill('gold.daily', ...args);
  expect(exitCode).toBe(2);
  expect(documentOf(stdout, errorReport).error.message).toBe(message);
});
