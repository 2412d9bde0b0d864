import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DeltaTable } from '../../src/delta/table.ts';
import { openStorage } from '../../src/storage/open.ts';
import { storageWithin } from '../../src/storage/within.ts';
import { callCli } from '../support/call-cli.ts';
import { type CliEnd, runCli } from '../support/cli.ts';
import { describeWith } from '../support/external.ts';
import { S3_START_TIMEOUT_MS, type S3Server, seaweedfs } from '../support/s3-server.ts';
import { useTempDir } from '../support/tmp.ts';
import { documentOf, errorReport } from './report-shapes.ts';
import { openShop } from './shop.ts';

const dir = useTempDir();

async function delta(...args: readonly string[]): Promise<CliEnd> {
  return callCli(['delta', ...args], dir());
}

describe('a table by its name in the layers', () => {
  beforeEach(async () => {
    await openShop(dir());
    const table = await DeltaTable.create(join(dir(), 'lake', 'bronze', 'Clientes'), {
      rows: 'SELECT 1 AS id UNION ALL SELECT 2',
    });
    await table.delete('id = 1');
    await table.close();
  });

  it.each([
    [['describe', 'bronze.Clientes'], /^version +1$/m],
    [['history', 'bronze.clientes'], /^ *1 .* DELETE/m],
    [['read', 'BRONZE.clientes', '--format', 'csv'], /^id\n2\n$/],
    [['changes', 'bronze.Clientes', '--from', '1', '--format', 'csv'], /^1,delete,1,/m],
    [['optimize', 'bronze.clientes'], /Version 2/],
    [['vacuum', 'bronze.clientes', '--dry-run'], /0 files/],
    [['restore', 'bronze.clientes', '--version', '0'], /Version 2/],
  ])('%j', async (args, expected) => {
    const { exitCode, stdout, stderr } = await delta(...args);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(expected);
  });

  it('is found by the configuration that is named', async () => {
    await mkdir(join(dir(), 'elsewhere'));
    const { exitCode } = await runCli(
      ['--config', '../igarape.json', 'delta', 'describe', 'bronze.Clientes'],
      { cwd: join(dir(), 'elsewhere') },
    );
    expect(exitCode).toBe(0);
  });

  it('goes behind a folder of that name', async () => {
    const folder = await DeltaTable.create(join(dir(), 'bronze.Clientes'), { rows: 'SELECT 7 AS id' });
    await folder.close();
    const { stdout } = await delta('read', 'bronze.Clientes', '--format', 'csv');
    expect(stdout).toBe('id\n7\n');
  });

  it('that is neither folder nor table is told in both readings', async () => {
    const { exitCode, stdout } = await delta('read', 'silver.clientes', '--json');
    expect(exitCode).toBe(5);
    expect(documentOf(stdout, errorReport)).toMatchObject({
      error: {
        code: 'DELTA_NOT_FOUND',
        message: `There is no folder silver.clientes, and no table silver.clientes in the lake ${join(dir(), 'lake')}.`,
        hint: 'The layers of the lake have: bronze.Clientes.',
      },
    });
    await rm(join(dir(), 'igarape.json'));
    const without = await delta('read', 'silver.clientes', '--json');
    expect(documentOf(without.stdout, errorReport)).toMatchObject({
      error: {
        code: 'DELTA_NOT_FOUND',
        message: expect.stringMatching(/^There is no folder silver\.clientes, and .* no configuration: /),
        hint: expect.stringContaining('--config'),
      },
    });
  });
});

describeWith(await seaweedfs(), 'a table by its name in a lake on S3', ({ start }) => {
  let server: S3Server;
  beforeAll(async () => {
    server = await start();
  }, S3_START_TIMEOUT_MS);
  afterAll(() => server.stop());

  it('is reached by the configuration, with the keys of the .env beside it', async () => {
    const location = await server.bucket('delta-names', 'raw');
    const lake = await openStorage(location, server.env);
    const table = await DeltaTable.create(storageWithin(lake, 'silver/clientes/'), {
      rows: 'SELECT 5 AS id',
    });
    await table.close();
    const { endpoint, region } = server;
    await openShop(dir(), { lake: location.uri, s3: { endpoint, region, force_path_style: true } });
    const keys = Object.entries(server.env).map(([name, value]) => `${name}=${value}\n`);
    await writeFile(join(dir(), '.env'), keys.join(''));
    const { stdout, stderr } = await delta('read', 'silver.Clientes', '--format', 'csv');
    expect(stdout, stderr).toBe('id\n5\n');
    expect(table.uri).toBe(`${location.uri}/silver/clientes`);
  });
});
