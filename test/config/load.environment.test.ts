import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type LoadedConfig, loadConfig } from '../../src/config/load.ts';

let cwd = '';

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'igarape-env-'));
});

afterEach(() => rm(cwd, { recursive: true, force: true }));

async function load(
  keys: object,
  dotEnv: string | undefined,
  env: Record<string, string | undefined>,
): Promise<LoadedConfig> {
  const raw = { tables: [{ name: 't', pk: 'id' }], ...keys };
  await writeFile(join(cwd, 'config.json'), JSON.stringify(raw));
  if (dotEnv !== undefined) await writeFile(join(cwd, '.env'), dotEnv);
  return loadConfig({ cwd, env });
}

const LEGACY = { dataset_name: 'owner/slug', aws: { bucket: 'my-lake-raw', region: 'us-east-1' } };

test('the .env of the earlier pipeline is read beside its config.json', async () => {
  const { env, config } = await load(
    LEGACY,
    'KAGGLE_USERNAME=ana\nKAGGLE_KEY="k=1"\nAWS_ACCESS_KEY_ID=AKIA1\nAWS_SECRET_ACCESS_KEY=s # mine\nAWS_REGION=sa-east-1\n',
    {},
  );
  expect(env).toEqual({
    KAGGLE_USERNAME: 'ana',
    KAGGLE_KEY: 'k=1',
    AWS_ACCESS_KEY_ID: 'AKIA1',
    AWS_SECRET_ACCESS_KEY: 's',
    AWS_REGION: 'sa-east-1',
  });
  expect(config.lake.s3).toEqual({ region: 'us-east-1' });
});

test('the .env fills only what the environment lacks', async () => {
  const { env } = await load(LEGACY, 'KAGGLE_KEY=file\nKAGGLE_USERNAME=file', {
    KAGGLE_KEY: 'environment',
    KAGGLE_USERNAME: undefined,
  });
  expect(env).toEqual({ KAGGLE_KEY: 'environment', KAGGLE_USERNAME: 'file' });
});

test('region, endpoint and profile come from the environment where the configuration names none', async () => {
  const variables = 'AWS_DEFAULT_REGION=eu-west-1\nAWS_ENDPOINT_URL=http://127.0.0.1:9000/\nAWS_PROFILE=lake';
  const lake = { dataset_name: 'owner/slug', lake: 's3://bucket/prefix' };
  expect((await load(lake, variables, {})).config.lake.s3).toEqual({
    region: 'eu-west-1',
    endpoint: 'http://127.0.0.1:9000',
    profile: 'lake',
  });
  const own = { ...lake, s3: { region: 'r', endpoint: 'http://own', profile: 'own' } };
  expect((await load(own, variables, {})).config.lake.s3).toEqual(own.s3);
});

test('keys in the environment go before a profile in it', async () => {
  const lake = { dataset_name: 'owner/slug', lake: 's3://bucket/prefix' };
  const { config } = await load(lake, 'AWS_PROFILE=lake\nAWS_ACCESS_KEY_ID=AKIA1', {});
  expect(config.lake.s3).toEqual({});
});

test('KAGGLE_API_ENDPOINT goes before source.endpoint, and concerns Kaggle alone', async () => {
  const env = { KAGGLE_API_ENDPOINT: 'http://127.0.0.1:8080/' };
  const kaggle = { source: { type: 'kaggle', dataset: 'a/b', endpoint: 'https://other' } };
  expect((await load(kaggle, undefined, env)).config.source).toMatchObject({
    endpoint: 'http://127.0.0.1:8080',
  });
  expect((await load(kaggle, undefined, {})).config.source).toMatchObject({ endpoint: 'https://other' });
  const files = { source: { type: 'files', path: 'data' } };
  expect((await load(files, undefined, env)).config.source).not.toHaveProperty('endpoint');
});

test('an endpoint that is no address is refused by the name of its variable', async () => {
  await expect(load(LEGACY, undefined, { KAGGLE_API_ENDPOINT: 'localhost' })).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: 'KAGGLE_API_ENDPOINT in the environment is not an address',
  });
});
