import { expect, test } from 'vitest';
import { failureOf, outcomes, remembered, useKaggle } from './fixture.ts';

const { kaggle, source, context, table } = useKaggle();

test('past versions come oldest first, with their times to the microsecond', async () => {
  await kaggle().publish(1, { 'clientes.csv': 'id\n' }, { creationDate: '2025-01-01T00:00:00Z' });
  await kaggle().publish(2, { 'clientes.csv': 'id\n' }, { creationDate: '2025-01-02T03:04:05.123456789Z' });
  await kaggle().publish(3, { 'clientes.csv': 'id\n' }, { creationDate: '2025-01-03T00:00:00.5' });
  expect(await source().versions?.(context())).toEqual([
    { label: '1', timeMicros: 1735689600000000n },
    { label: '2', timeMicros: 1735787045123456n },
    { label: '3', timeMicros: 1735862400500000n },
  ]);
});

test('where Kaggle lists none, every number that it does not answer with 404 is one', async () => {
  for (const number of [1, 2, 3, 4]) await kaggle().publish(number, { 'clientes.csv': 'id\n' });
  kaggle().remove(2);
  kaggle().listsVersions = false;
  const versions = await source().versions?.(context());
  expect(versions?.map(({ label }) => label)).toEqual(['1', '3', '4']);
});

test('a past version is opened as it was, also after a newer one was read, and whatever the status', async () => {
  await kaggle().publish(1, { 'clientes.csv': 'id\n1\n' });
  await kaggle().publish(2, { 'clientes.csv': 'id\n2\n' });
  const seen = (await remembered(await source().open([table('clientes')], context()))).get('clientes');
  kaggle().status = 'REPROCESSING';
  const snapshot = await source().openVersion?.('1', [table('clientes', seen)], context());
  expect(snapshot?.version).toEqual({ label: '1', timeMicros: 1759320000123456n });
  expect(snapshot && (await outcomes(snapshot))).toEqual({ clientes: 'id\n1\n' });
});

test('the same file in the next past version is unchanged', async () => {
  await kaggle().publish(1, { 'clientes.csv': 'id\n1\n', 'a.txt': 'a' });
  await kaggle().publish(2, { 'clientes.csv': 'id\n1\n', 'a.txt': 'b' });
  await kaggle().publish(3, { 'clientes.csv': 'id\n1\n', 'a.txt': 'c' });
  const first = await source().openVersion?.('1', [table('clientes')], context());
  const seen = first && (await remembered(first)).get('clientes');
  const second = await source().openVersion?.('2', [table('clientes', seen)], context());
  expect(second && (await outcomes(second))).toEqual({ clientes: 'unchanged after fetch' });
});

test('a past version that is gone is not found, at once', async () => {
  await kaggle().publish(1, { 'clientes.csv': 'id\n' });
  await kaggle().publish(2, { 'clientes.csv': 'id\n' });
  kaggle().remove(1);
  const opening = Promise.resolve(source().openVersion?.('1', [table('clientes')], context()));
  expect(await failureOf(opening)).toMatchObject({ code: 'SOURCE_NOT_FOUND', retryable: false });
});

test.each(['0', 'x', '1.5', '-1'])('%s is no version', async (label) => {
  await kaggle().publish(1, { 'clientes.csv': 'id\n' });
  const opening = Promise.resolve(source().openVersion?.(label, [table('clientes')], context()));
  expect(await failureOf(opening)).toMatchObject({ code: 'USAGE' });
});
