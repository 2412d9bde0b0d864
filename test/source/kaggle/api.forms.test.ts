import { expect, test } from 'vitest';
import { failureOf, outcomes, useKaggle } from './fixture.ts';
import { endpointsOf } from '../../../src/source/kaggle/wire.ts';

const { kaggle, source, context, table } = useKaggle();

const files = Object.fromEntries(Array.from({ length: 7 }, (_, at) => [`t${at}.csv`, `id\n${at}\n`]));
const read = { t3: 'id\n3\n' };

test.each(['both', 'rpc'] as const)(
  'a server that knows %s is spoken to in the present form',
  async (forms) => {
    await kaggle().publish(1, files);
    kaggle().forms = forms;
    kaggle().pageSize = 3;
    expect(await outcomes(await source().open([table('t3')], context()))).toEqual(read);
    const service = 'POST /api/v1/datasets.DatasetApiService';
    expect(kaggle().calls('api')).toEqual([
      `${service}/GetDataset`,
      `${service}/GetDatasetStatus`,
      ...Array.from({ length: 3 }, () => `${service}/ListDatasetFiles`),
      `${service}/DownloadDataset`,
    ]);
  },
);

test('a server that knows only the older form is spoken to in that, after one try', async () => {
  await kaggle().publish(1, files);
  kaggle().forms = 'rest';
  kaggle().pageSize = 3;
  expect(await outcomes(await source().open([table('t3')], context()))).toEqual(read);
  expect(kaggle().calls('api')).toEqual([
    'POST /api/v1/datasets.DatasetApiService/GetDataset',
    'GET /api/v1/datasets/view/dono/loja',
    'GET /api/v1/datasets/status/dono/loja',
    ...Array.from({ length: 3 }, () => 'GET /api/v1/datasets/list/dono/loja'),
    'GET /api/v1/datasets/download/dono/loja',
  ]);
  const download = kaggle().requests.findLast(({ server }) => server === 'api');
  expect(download?.path).toContain('datasetVersionNumber=1');
});

test.each([405, 501])(
  'the older form is taken, too, where the present one is answered with %d',
  async (status) => {
    await kaggle().publish(1, files);
    kaggle().failApi('GetDataset', { status, body: '' });
    expect(await outcomes(await source().open([table('t3')], context()))).toEqual(read);
    expect(kaggle().calls('api')[1]).toBe('GET /api/v1/datasets/view/dono/loja');
  },
);

test('a data set that does not exist is asked for in both forms, and told in Kaggle’s words', async () => {
  const error = await failureOf(source({ dataset: 'dono/nada' }).open([table('t3')], context()));
  expect(error.code).toBe('SOURCE_NOT_FOUND');
  expect(error.message).toContain('Not found');
  expect(kaggle().requests).toHaveLength(2);
});

test('the configured endpoint goes before KAGGLE_API_ENDPOINT, with or without /api/v1', async () => {
  await kaggle().publish(1, files);
  const env = { KAGGLE_API_ENDPOINT: 'http://127.0.0.1:1' };
  for (const endpoint of [kaggle().endpoint, `${kaggle().endpoint}/`, `${kaggle().endpoint}/api/v1/`]) {
    const snapshot = await source({ endpoint }, env).open([table('t3')], context());
    expect(await outcomes(snapshot)).toEqual(read);
  }
});

test('without an endpoint it is Kaggle itself', () => {
  expect(endpointsOf(undefined)).toEqual({
    rpc: 'https://api.kaggle.com/v1',
    rest: 'https://www.kaggle.com/api/v1',
  });
});

test.each(['loja', 'a/b/c', 'a/b/0', '../x', 'a/b?c', 'https://www.kaggle.com/datasets/a/b'])(
  '%s is no handle of a data set',
  (dataset) => {
    expect(() => source({ dataset })).toThrow(/names no Kaggle data set/);
  },
);
