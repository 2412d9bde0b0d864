import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { IgarapeError } from '../../src/core/errors.ts';
import type { Check, CheckName } from '../../src/pipeline/doctor/check.ts';
import { doctor, type DoctorReport, type OpenProject } from '../../src/pipeline/doctor/doctor.ts';
import { lookAtCredentials } from '../../src/pipeline/doctor/credentials.ts';
import { lookAtNode } from '../../src/pipeline/doctor/machine.ts';
import { openFilesSource } from '../../src/source/files.ts';
import type { Storage } from '../../src/storage/port.ts';
import { openScenario, type Scenario, testEdge } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';
import { wrapStorage } from '../support/wrapped-storage.ts';

const dir = useTempDir();
const ALL: CheckName[] = [
  'configuration',
  'node',
  'work folder',
  'credentials',
  'source',
  'lake access',
  'conditional create',
  'lake rights',
  'clock',
  'ledger',
  'tables',
];

async function openShop(tables: object[] = [{ name: 'clientes', pk: 'id' }]): Promise<Scenario> {
  const shop = openScenario(dir(), { tables });
  await shop.write('clientes.csv', 'id,nome\n1,Ana\n');
  return shop;
}

function examine({ config, storage }: Scenario, more: Partial<OpenProject> = {}): Promise<DoctorReport> {
  if (config.source?.type !== 'files') throw new Error('A scenario has a folder source.');
  const source = openFilesSource(config.source);
  const project = {
    config,
    storage,
    source,
    edge: testEdge(),
    credentials: { env: {}, home: dir() },
    ...more,
  };
  return doctor({ nodeVersion: 'v22.12.0', open: async () => project });
}

function named({ checks }: DoctorReport, name: CheckName): Check {
  const found = checks.find((each) => each.name === name);
  if (found === undefined) throw new Error(`There is no check of ${name}.`);
  return found;
}

describe('a project that is well', () => {
  test('passes every check, in their order, and an empty lake stays empty', async () => {
    const shop = await openShop();
    const report = await examine(shop);
    expect(report).toMatchObject({ ok: true, exitCode: 0 });
    expect(report.checks.map(({ name }) => name)).toEqual(ALL);
    expect(named(report, 'source').found).toMatch(
      /^files:\.\/source, version \w+: clientes is read from clientes\.csv$/,
    );
    expect(named(report, 'lake access').found).toContain('it is empty');
    const left: string[] = [];
    for await (const { key } of shop.storage.list('')) left.push(key);
    expect(left).toEqual([]);
    expect(await readdir(join(shop.config.workDir, 'runs'))).toEqual([]);
  });

  test('has a ledger that is told of, and is left as it was', async () => {
    const shop = await openShop([{ name: 'clientes', pk: 'id', date_field: 'dt' }]);
    await shop.run();
    const before = await keysOf(shop.storage);
    const report = await examine(shop);
    expect(report.ok).toBe(true);
    expect(named(report, 'source').found).toContain('clientes is read from clientes.csv, unchanged');
    expect(named(report, 'ledger').found).toMatch(/^the newest run is 0, committed at /);
    expect(named(report, 'tables')).toMatchObject({ found: 'clientes has no column dt, its "date_field"' });
    expect(await keysOf(shop.storage)).toEqual(before);
  });
});

describe('what is wrong is told with what to do, and the exit code of a run that meets it', () => {
  test('a configuration that cannot be read ends the examination', async () => {
    const open = (): Promise<OpenProject> =>
      Promise.reject(
        new IgarapeError(
          'CONFIG_INVALID',
          { quoted: 'igarape.json has a problem' },
          { hint: { quoted: 'Correct it.' } },
        ),
      );
    expect(await doctor({ nodeVersion: 'v22.12.0', open })).toEqual({
      ok: false,
      exitCode: 2,
      checks: [
        {
          name: 'configuration',
          ok: false,
          found: 'igarape.json has a problem',
          hint: 'Correct it.',
          code: 'CONFIG_INVALID',
          exitCode: 2,
        },
        { name: 'node', ok: true, found: 'v22.12.0', hint: null, code: null, exitCode: 0 },
      ],
    });
  });

  test('a source that is not there', async () => {
    const shop = openScenario(dir(), { tables: [{ name: 'clientes', pk: 'id' }] });
    const report = await examine(shop);
    expect(report.exitCode).toBe(3);
    expect(named(report, 'source').ok).toBe(false);
    expect(named(report, 'ledger').ok).toBe(true);
  });

  test('a table without a file, or with two', async () => {
    const shop = await openShop([
      { name: 'clientes', pk: 'id' },
      { name: 'produtos', pk: 'id' },
    ]);
    expect(named(await examine(shop), 'source')).toMatchObject({
      exitCode: 4,
      found: expect.stringContaining('produtos has no file that matches'),
    });
    await shop.write('a/produtos.csv', 'id\n1\n');
    await shop.write('b/produtos.csv', 'id\n1\n');
    expect(named(await examine(shop), 'source')).toMatchObject({
      exitCode: 3,
      found: expect.stringContaining('produtos could be a/produtos.csv or b/produtos.csv'),
    });
  });

  test('a store that replaces what exists', async () => {
    const shop = await openShop();
    const careless: Storage = {
      ...wrapStorage(shop.storage, {}),
      putIfAbsent: async (key, body) => {
        await shop.storage.delete([key]);
        return shop.storage.putIfAbsent(key, body);
      },
    };
    const report = await examine(shop, { storage: careless });
    expect(report.exitCode).toBe(5);
    expect(named(report, 'conditional create')).toMatchObject({
      ok: false,
      found: expect.stringContaining('If-None-Match'),
    });
    expect(await keysOf(shop.storage)).toEqual([]);
  });

  test('a store that refuses to copy, after which nothing is left of the trial', async () => {
    const shop = await openShop();
    const storage = wrapStorage(shop.storage, {
      before: ({ call }) => {
        if (call === 'copy')
          throw new IgarapeError(
            'LAKE_FORBIDDEN',
            { quoted: 'Access was denied.' },
            { hint: { quoted: 'Allow it.' } },
          );
      },
    });
    const report = await examine(shop, { storage });
    expect(named(report, 'lake rights')).toEqual({
      name: 'lake rights',
      ok: false,
      found: 'Access was denied.',
      hint: 'Allow it.',
      code: 'LAKE_FORBIDDEN',
      exitCode: 5,
    });
    expect(await keysOf(shop.storage)).toEqual([]);
  });

  test('a lake that cannot be reached: nothing more is asked of it', async () => {
    const shop = await openShop();
    const storage: Storage = {
      ...wrapStorage(shop.storage, {}),
      // oxlint-disable-next-line require-yield
      list: async function* () {
        throw new IgarapeError('LAKE_UNREACHABLE', { quoted: 'No answer.' });
      },
    };
    const report = await examine(shop, { storage });
    expect(report.exitCode).toBe(5);
    expect(report.checks.map(({ name }) => name)).toEqual(ALL.slice(0, ALL.indexOf('lake access') + 1));
  });

  test.each([
    [10 * 60, 5, /^this clock is \d+ s ahead of/],
    [-10 * 60, 5, /^this clock is \d+ s behind/],
    [60, 0, /^this clock is \d+ s ahead of/],
    [2, 0, /agrees/],
  ])('a clock that is off by %d s', async (seconds, exitCode, words) => {
    const shop = await openShop();
    const edge = testEdge({ clock: () => Date.now() + seconds * 1000 });
    expect(named(await examine(shop, { edge }), 'clock')).toMatchObject({
      exitCode,
      found: expect.stringMatching(words),
    });
  });

  test('a lake that another source feeds, and one whose ledger has a gap', async () => {
    const shop = await openShop();
    await shop.run();
    await mkdir(join(dir(), 'elsewhere'));
    const source = { type: 'files', path: join(dir(), 'elsewhere'), name: './elsewhere' } as const;
    const foreign = await examine(shop, {
      source: openFilesSource(source),
      config: { ...shop.config, source },
    });
    expect(named(foreign, 'ledger')).toMatchObject({
      exitCode: 2,
      found: expect.stringContaining('./elsewhere'),
    });
    await shop.storage.putIfAbsent('_igarape/ledger/00000000000000000002.json', Buffer.from('{}'));
    const torn = await examine(shop);
    expect(torn.exitCode).toBe(5);
    expect(named(torn, 'ledger').found).toContain('00000000000000000001.json is missing');
    expect(torn.checks.map(({ name }) => name)).not.toContain('tables');
  });

  test('a work folder where a file stands', async () => {
    const shop = await openShop();
    await writeFile(shop.config.workDir, '');
    const report = await examine(shop);
    expect(named(report, 'work folder')).toMatchObject({
      ok: false,
      exitCode: 2,
      hint: expect.stringContaining('work_dir'),
    });
    expect(report.checks.map(({ name }) => name)).not.toContain('lake rights');
  });

  test('Node.js 20 is good, with what is to come', () => {
    expect(lookAtNode('v20.20.0').hint).toMatch(/Node\.js 22/);
    expect(lookAtNode('v22.12.0').hint).toBeUndefined();
  });

  test.each(['v20.19.0', 'v22.12.0', 'v24.0.0'])('Node.js %s is good', (version) => {
    expect(lookAtNode(version)).toMatchObject({ found: version });
  });

  test.each(['v18.20.0', 'v20.18.0', 'v21.7.0', 'v22.11.0'])('Node.js %s is not', (version) => {
    expect(() => lookAtNode(version)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });
});

describe('credentials are told by kind and place', () => {
  const secrets = ['AKIAVERYSECRET', 'kaggle-very-secret', 'session-very-secret'];
  const env = {
    AWS_ACCESS_KEY_ID: secrets[0],
    AWS_SECRET_ACCESS_KEY: secrets[0],
    AWS_SESSION_TOKEN: secrets[2],
    KAGGLE_API_TOKEN: secrets[1],
  };

  test.each([
    [{}, env, 'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, with a session token'],
    [{}, { ...env, AWS_ACCESS_KEY_ID: '' }, 'own search'],
    [
      { profile: 'lab', roleArn: 'arn:aws:iam::1:role/x' },
      env,
      'the profile lab, for the role arn:aws:iam::1:role/x',
    ],
  ])('of an S3 lake with %j', async (s3, env, words) => {
    const { config } = openScenario(dir(), { tables: [{ name: 't', pk: 'id' }] });
    const edge = { env, home: dir(), log: testEdge().log, clock: Date.now };
    const aws = await lookAtCredentials(
      { ...config, source: { type: 'kaggle', dataset: 'a/b' }, lake: { uri: 's3://b/p', s3 } },
      edge,
    );
    expect(aws.found).toContain(`S3 lake: `);
    expect(aws.found).toContain(words);
    expect(aws.found).toContain('Kaggle: the token in KAGGLE_API_TOKEN');
    for (const secret of secrets) expect(JSON.stringify(aws)).not.toContain(secret);
  });
});

async function keysOf(storage: Storage): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of storage.list('')) keys.push(key);
  return keys;
}
