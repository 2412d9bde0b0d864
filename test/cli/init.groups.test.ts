import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { init, type InitResult } from '../../src/cli/init/init.ts';
import { openScenario } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';
import { writeFileAt } from '../support/write-file.ts';

const dir = useTempDir();

const written = z.object({ tables: z.array(z.record(z.string(), z.unknown())) });

/** What `init --yes` makes of the files of `source`, and what a first run then makes of that. */
async function propose(files: Record<string, string>): Promise<{
  tables: Record<string, unknown>[];
  result: InitResult;
  rows: Record<string, number>;
}> {
  for (const [name, content] of Object.entries(files)) {
    await writeFileAt(join(dir(), 'data', name), content);
  }
  const result = await init({ yes: true, directory: dir() });
  const { tables } = written.parse(JSON.parse(await readFile(join(dir(), 'igarape.json'), 'utf8')));
  const scenario = openScenario(dir(), { source: { type: 'files', path: './data' }, tables });
  const { report } = await scenario.run();
  const rows = Object.entries(report.tables).map(([name, { inserted }]) => [name, inserted] as const);
  return { tables, result, rows: Object.fromEntries(rows) };
}

const rows = (...ids: number[]): string => `id,v\n${ids.map((id) => `${id},x${id}`).join('\n')}\n`;

test.each<[string, Record<string, string>, Record<string, unknown>, number]>([
  [
    'parts by number',
    { 'vendas_1.csv': rows(1, 2), 'vendas_2.csv': rows(3), 'vendas_10.csv': rows(4) },
    { name: 'vendas', file: 'vendas_*.csv', pk: 'id' },
    4,
  ],
  [
    'parts beside a file of another kind',
    { 'vendas_1.csv': rows(1), 'vendas_2.csv': rows(2), 'vendas_total.csv': 'total\n3\n4\n' },
    { name: 'vendas', file: 'vendas_[0-9]*.csv', pk: 'id' },
    2,
  ],
  [
    'parts in a folder that has the name',
    { 'vendas/part-0.csv': rows(1), 'vendas/part-1.csv': rows(2) },
    { name: 'vendas', file: 'vendas/part-*.csv', pk: 'id' },
    2,
  ],
  [
    'parts by words, of one key',
    { 'vendas_norte.csv': rows(1, 2), 'vendas_sul.csv': rows(3) },
    { name: 'vendas', file: 'vendas_*.csv', pk: 'id' },
    3,
  ],
  [
    'folders that hold a column',
    { 'vendas/dt=2024-01-01/a.csv': rows(1, 2), 'vendas/dt=2024-01-02/b.csv': rows(1) },
    { name: 'vendas', file: 'vendas/dt=*/*.csv', pk: ['id', 'dt'] },
    3,
  ],
  [
    'snapshots by month, whose keys come again',
    { 'vendas_2024-01.csv': rows(1, 2), 'vendas_2024-02.csv': rows(1, 2, 3) },
    { name: 'vendas', file: 'vendas_{date}.csv', pk: 'id' },
    3,
  ],
  [
    'snapshots in folders by day',
    { '2024-01-30/lojas.csv': rows(1, 2), '2024-01-31/lojas.csv': rows(2) },
    { name: 'lojas', file: '{date}/lojas.csv', pk: 'id' },
    1,
  ],
  [
    'snapshots in folders by year and month',
    { '2024/01/lojas.csv': rows(1, 2), '2024/02/lojas.csv': rows(1, 2, 3), '2024/02/total.csv': 'a\n1\n' },
    { name: 'lojas', file: '{date}/lojas.csv', pk: 'id' },
    3,
  ],
  [
    'snapshots in folders by year, month and day, with the date in their names once more',
    { 'x/2024/01/30/lojas_2024-01-30.csv': rows(1, 2), 'x/2024/01/31/lojas_2024-01-31.csv': rows(2) },
    { name: 'lojas', file: 'x/{date}/lojas_{date}.csv', pk: 'id' },
    1,
  ],
  [
    'parts of snapshots, in folders by month',
    {
      '2024/01/part-000.csv': rows(1, 2),
      '2024/01/part-001.csv': rows(3),
      '2024/02/part-000.csv': rows(1),
      '2024/02/part-001.csv': rows(3, 4),
      '2024/02/part-002.csv': rows(5),
    },
    { name: 'part', file: '{date}/part-*.csv', pk: 'id' },
    4,
  ],
  [
    'parts with rows of their own, in folders by month',
    {
      'vendas/2024/01/0001.csv': rows(1, 2),
      'vendas/2024/01/0002.csv': rows(3),
      'vendas/2024/02/0001.csv': rows(4),
      'vendas/2024/02/0002.csv': rows(5),
    },
    { name: 'vendas', file: 'vendas/*/*/*.csv', pk: 'id' },
    5,
  ],
  [
    'snapshots in parts whose names are of one run each',
    {
      'vendas/2024-01/part-00000-0c7e6a1e-9f4b-4c1d-8a55-0242ac120002-c000.csv': rows(1, 2),
      'vendas/2024-02/part-00000-5d1f00aa-31f7-45c2-b1f9-0242ac120002-c000.csv': rows(1, 2),
      'vendas/2024-02/part-00001-5d1f00aa-31f7-45c2-b1f9-0242ac120002-c000.csv': rows(3),
    },
    { name: 'vendas', file: 'vendas/{date}/part-*.csv', pk: 'id' },
    3,
  ],
  [
    'snapshots in parts by words, of one key',
    {
      '2024-01/vendas_norte.csv': rows(1, 2),
      '2024-01/vendas_sul.csv': rows(3),
      '2024-02/vendas_norte.csv': rows(1),
      '2024-02/vendas_sul.csv': rows(3, 4),
    },
    { name: 'vendas', file: '{date}/vendas_*.csv', pk: 'id' },
    3,
  ],
  [
    'snapshots in parts, with the date in their names',
    {
      'vendas_202401_1.csv': rows(1, 2),
      'vendas_202401_2.csv': rows(3),
      'vendas_202402_1.csv': rows(1),
      'vendas_202402_2.csv': rows(3),
    },
    { name: 'vendas', file: 'vendas_{date}_*.csv', pk: 'id' },
    2,
  ],
  [
    'snapshots in folders by months of one digit',
    { '2024/9/vendas.csv': rows(1, 2), '2024/10/vendas.csv': rows(1, 2, 3) },
    { name: 'vendas', file: '{date}/vendas.csv', pk: 'id' },
    3,
  ],
  [
    'snapshots by months of one digit',
    { 'vendas_2024-9.csv': rows(1, 2), 'vendas_2024-10.csv': rows(1, 2, 3) },
    { name: 'vendas', file: 'vendas_{date}.csv', pk: 'id' },
    3,
  ],
  [
    'parts that Spark wrote',
    {
      'vendas/part-00000-0c7e6a1e-9f4b-4c1d-8a55-0242ac120002-c000.csv': rows(1, 2),
      'vendas/part-00001-0c7e6a1e-9f4b-4c1d-8a55-0242ac120002-c000.csv': rows(3),
      'vendas/_SUCCESS': '',
    },
    { name: 'vendas', file: 'vendas/part-*.csv', pk: 'id' },
    3,
  ],
  [
    'parts in the source itself, whose names say nothing',
    { 'part-0.csv': rows(1, 2), 'part-1.csv': rows(3) },
    { name: 'part', file: 'part-*.csv', pk: 'id' },
    3,
  ],
  [
    'files by month in folders by year, with rows of their own',
    { 'log/2023/12.csv': rows(1, 2), 'log/2024/01.csv': rows(3), 'log/2024/02.csv': rows(4) },
    { name: 'log', file: 'log/*/*.csv', pk: 'id' },
    4,
  ],
  [
    'files by day with rows of their own',
    { 'log_20240130.csv': rows(1, 2), 'log_20240131.csv': rows(3) },
    { name: 'log', file: 'log_*.csv', pk: 'id' },
    3,
  ],
  [
    'parts with identifiers that come again',
    { 'vendas/part-0.csv': rows(1, 2), 'vendas/part-1.csv': rows(1) },
    { name: 'vendas', file: 'vendas/part-*.csv', pk: 'row' },
    3,
  ],
  [
    'rows in quotes of their own kind',
    { 'v.csv': "'id'||'v'\n'1'||'it''s'\n'2'||'b||c'\n" },
    { name: 'v', sep: '||', quote: "'", pk: 'id' },
    2,
  ],
  ['rows that nothing tells apart', { 'v.csv': 'a,b\n1,1\n1,1\n2,1\n' }, { name: 'v', pk: 'row' }, 3],
])('%s are one table', async (_what, files, table, inserted) => {
  const proposed = await propose(files);
  expect(proposed.tables).toContainEqual(table);
  expect(proposed.rows[String(table['name'])]).toBe(inserted);
  const told = 'file' in table ? String(table['file']) : table['pk'] === 'row' ? '"pk": "row"' : '';
  expect(proposed.result.notes.join('\n')).toContain(told);
});

test.each<[string, Record<string, string>, string[]]>([
  [
    'of one name in folders',
    { '2024/fev/vendas.csv': rows(1, 2), '2024/jan/vendas.csv': rows(1) },
    ['*/*/vendas.csv'],
  ],
  ['of one key', { 'vendas_fev.csv': rows(1, 2), 'vendas_jan.csv': rows(1) }, ['vendas_*.csv']],
  [
    'of each date, whose keys come again in one',
    {
      '2024-01/loja_1.csv': rows(1, 2),
      '2024-01/loja_2.csv': rows(1, 2),
      '2024-02/loja_1.csv': rows(1),
      '2024-02/loja_2.csv': rows(1),
    },
    ['{date}/loja_1.csv', '{date}/loja_2.csv'],
  ],
  [
    'of numbers, whose identifiers come again',
    { 'vendas_1.csv': rows(1, 2), 'vendas_2.csv': rows(1, 2) },
    ['vendas_*.csv'],
  ],
  ['with other columns', { 'order_items.csv': rows(1), 'order_payments.csv': 'id,paid\n1,2\n' }, []],
])('files %s stay tables of their own, and that they may be one is told', async (_what, files, told) => {
  const { tables, result } = await propose(files);
  expect(tables).toHaveLength(2);
  expect(result.notes.map((note) => note.split(': ')[0])).toEqual(told);
});

test.each([
  ['with other columns', { 'order_items.csv': rows(1), 'order_payments.csv': 'id,paid\n1,2\n' }],
  ['that have the same keys', { 'vendas_norte.csv': rows(1), 'vendas_sul.csv': rows(1) }],
])('files %s stay tables of their own', async (_what, files) => {
  const { tables } = await propose(files);
  expect(tables.map(({ file }) => file)).toEqual([undefined, undefined]);
});
