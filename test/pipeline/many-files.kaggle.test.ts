import { expect, onTestFinished, test } from 'vitest';
import { openAnySource } from '../../src/source/open.ts';
import type { Source } from '../../src/source/port.ts';
import { FakeKaggle } from '../support/fake-kaggle.ts';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();

const TABLES = [
  { name: 'vendas', pk: 'id', file: 'vendas_{date}.csv', max_delete_ratio: 1 },
  { name: 'lojas', pk: 'id', file: 'lojas_*.csv' },
  { name: 'log', mode: 'append', file: 'log/*.jsonl' },
  { name: 'fixa', pk: 'id' },
];

const FILES = {
  'vendas_2024-01.csv': 'id,v\n1,a\n',
  'lojas_n.csv': 'id,v\n1,a\n',
  'lojas_s.csv': 'id,v\n2,a\n',
  'log/1.jsonl': '{"v":"a"}\n',
  'fixa.csv': 'id,v\n1,a\n',
};

async function open(): Promise<{ kaggle: FakeKaggle; lake: Scenario; source: Source | undefined }> {
  const kaggle = await FakeKaggle.start();
  onTestFinished(() => kaggle.close());
  const lake = openScenario(dir(), { tables: TABLES });
  const config = { type: 'kaggle', dataset: 'dono/loja', endpoint: kaggle.endpoint } as const;
  return { kaggle, lake, source: await openAnySource(config, { env: {}, home: dir() }) };
}

const asBytes = (files: Readonly<Record<string, string>>): Record<string, Buffer> =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [name, Buffer.from(text)]));

test('every kind of table of many files of a data set costs one small request while its version is the same', async () => {
  const { kaggle, lake, source } = await open();
  await kaggle.publish(7, asBytes(FILES));
  const first = await lake.run({ source });
  expect(first.exitCode).toBe(0);
  expect(first.report.tables).toMatchObject({
    vendas: { inserted: 1 },
    lojas: { inserted: 2 },
    log: { inserted: 1 },
    fixa: { inserted: 1 },
  });
  kaggle.requests.length = 0;
  expect((await lake.run({ source })).report).toMatchObject({ run: null });
  expect(kaggle.requests).toHaveLength(1);
});

test('a new version brings all dates that have come, in order, and what has grown', async () => {
  const { kaggle, lake, source } = await open();
  await kaggle.publish(7, asBytes(FILES));
  await lake.run({ source });
  await kaggle.publish(
    8,
    asBytes({
      ...FILES,
      'vendas_2024-02.csv': 'id,v\n1,b\n',
      'vendas_2024-03.csv': 'id,v\n1,c\n2,c\n',
      'log/1.jsonl': '{"v":"a"}\n{"v":"b"}\n',
      'log/2.jsonl': '{"v":"c"}\n',
      'lojas_o.csv': 'id,v\n3,a\n',
      'fixa.csv': 'id,v\n1,b\n',
    }),
  );
  const { report, exitCode } = await lake.run({ source });
  expect(exitCode).toBe(0);
  expect(report.earlier?.map(({ source: at }) => at?.version)).toEqual(['2024-02-01']);
  expect(report).toMatchObject({
    source: { version: '2024-03-01' },
    tables: {
      vendas: { inserted: 1, updated: 1 },
      lojas: { inserted: 1 },
      log: { inserted: 2 },
      fixa: { updated: 1 },
    },
  });
  kaggle.requests.length = 0;
  expect((await lake.run({ source })).report).toMatchObject({ run: null });
  expect(kaggle.requests).toHaveLength(1);
  await kaggle.publish(9, asBytes({ 'log/1.jsonl': '{"v":"other"}\n', 'fixa.csv': 'id,v\n1,b\n' }));
  expect((await lake.run({ source })).report.tables).toMatchObject({
    vendas: { operation: 'held' },
    lojas: { operation: 'held' },
    log: { operation: 'held' },
    fixa: { operation: 'unchanged' },
  });
  expect((await lake.verify()).ok).toBe(true);
});
