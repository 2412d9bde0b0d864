import { expect, test } from 'vitest';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';

/** `"duplicates": "last by DtAtualizacao"`: which row stays where a key has several. */
const dir = useTempDir();

const open = (duplicates?: string): Scenario =>
  openScenario(dir(), {
    tables: [{ name: 't', pk: 'id', ...(duplicates === undefined ? {} : { duplicates }) }],
  });
const published = async (scenario: Scenario, key: string | null): Promise<unknown> =>
  (await scenario.rows(key ?? '')).map(({ id, v, n }) => [id, v, n].join(' ')).toSorted();

test.each([
  ['last by n', ['1 b 10', '2 c 1', '3 e 5']],
  ['first by n', ['1 a 9', '2 c 1', '3 e 5']],
])('%s, by its value and not its text; a row without one is never before another', async (rule, rows) => {
  const scenario = open(rule);
  await scenario.write('t.csv', 'id,v,n\n1,a,9\n1,b,10\n2,c,1\n3,d,\n3,e,5\n');
  expect(await scenario.runTable('t')).toMatchObject({ operation: 'full-load', inserted: 3 });
  expect(await published(scenario, 'full-load/t.parquet')).toEqual(rows);
  expect(await scenario.verify()).toMatchObject({ ok: true });
});

test('it holds in every later version, too', async () => {
  const scenario = open('last by n');
  await scenario.write('t.csv', 'id,v,n\n1,a,1\n2,b,1\n3,c,1\n4,d,1\n');
  await scenario.run();
  await scenario.write('t.csv', 'id,v,n\n1,a,1\n2,b,1\n2,x,3\n2,y,2\n3,c,1\n4,d,1\n5,e,1\n5,f,2\n');
  const first = await scenario.runTable('t');
  expect(first).toMatchObject({ inserted: 1, updated: 1, deleted: 0, unchanged: 3 });
  expect(await published(scenario, first.file)).toEqual(['2 x 3', '5 f 2']);
  await scenario.write('t.csv', 'id,v,n\n1,a,1\n2,b,1\n2,x,3\n3,c,1\n4,d,1\n5,f,2\n');
  expect(await scenario.runTable('t')).toMatchObject({ operation: 'unchanged', unchanged: 5 });
  expect(await scenario.verify()).toMatchObject({ ok: true });
});

test('without the rule they are refused, and so are rows that it cannot tell apart, unless they are alike', async () => {
  const rows = 'id,v,n\n1,a,1\n1,b,1\n2,c,1\n2,c,1\n';
  const without = open();
  await without.write('t.csv', rows);
  expect((await without.runTable('t')).reason).toContain('The key "id" is not unique: id = 1 (2 rows)');
  const scenario = open('last by n');
  await scenario.write('t.csv', rows);
  expect((await scenario.runTable('t')).reason).toContain(
    '"duplicates" leaves open which row it is of id = 1 (2 rows): they have the same n (1), and differ.',
  );
  await scenario.write('t.csv', 'id,v,n\n1,b,1\n2,c,1\n2,c,1\n');
  expect(await scenario.runTable('t')).toMatchObject({ inserted: 2 });
});

test('a column of text tells no order, unless "types" says that it is text', async () => {
  const rows = 'id,v,n\n1,a,05/10/2024\n1,b,31/12/2023\n';
  const scenario = open('last by n');
  await scenario.write('t.csv', rows);
  const { reason } = await scenario.runTable('t');
  expect(reason).toContain('"duplicates" goes by n, which is text');
  expect(reason).toContain('If these are dates, set "date_format"');
  for (const [more, row] of [
    [{ date_format: '%d/%m/%Y' }, '1 a 2024-10-05'],
    [{ types: { N: 'text' } }, '1 b 31/12/2023'],
  ] as const) {
    const told = openScenario(dir(), {
      lake: `./lake ${row.slice(2, 3)}`,
      tables: [{ name: 't', pk: 'id', duplicates: 'last by n', ...more }],
    });
    await told.runTable('t');
    expect(await published(told, 'full-load/t.parquet')).toEqual([row]);
  }
});

test('a column that is not there, and another way to write it, are refused', async () => {
  const scenario = open('last by when');
  await scenario.write('t.csv', 'id,v\n1,a\n');
  expect((await scenario.runTable('t')).reason).toContain('the column "when" of "duplicates" is not there');
  expect(() => open('newest')).toThrow(/last by <column>/);
});
