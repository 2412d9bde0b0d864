import { expect, test } from 'vitest';
import { openScenario } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();

const LETTERS = 'abcdefghijklmnopqrstuvwxyz'.split('');

test('columns of JSON are told from the tables of a query, whatever their names', async () => {
  const scenario = openScenario(dir(), { tables: [{ name: 't', pk: ['b', 'n', 's'] }] });
  const line = (row: number, v: number): string =>
    JSON.stringify({ ...Object.fromEntries(LETTERS.map((name) => [name, row])), v, nested: { k: v } });
  const publish = async (values: readonly number[]): Promise<unknown> => {
    await scenario.write('t.jsonl', values.map((v, row) => `${line(row, v)}\n`).join(''));
    const { inserted, updated, deleted, unchanged } = await scenario.runTable('t', { approve: ['t'] });
    expect((await scenario.verify()).tables['t']?.problems).toEqual([]);
    return [inserted, updated, deleted, unchanged];
  };
  const values = Array.from({ length: 40 }, () => 0);
  expect(await publish(values)).toEqual([40, 0, 0, 0]);
  expect(await publish(values.with(3, 1))).toEqual([0, 1, 0, 39]);
  expect(await publish([...values.with(3, 1), 0])).toEqual([1, 0, 0, 40]);
  expect(await publish(values.slice(5))).toEqual([0, 1, 6, 34]);
});
