import { join } from 'node:path';
import { utimes } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { Engine } from '../../src/engine/engine.ts';
import { openManyFiles } from '../../src/snapshot/many-files.ts';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';
import { tellsAllInPortuguese } from '../support/portuguese.ts';

tellsAllInPortuguese();

const dir = useTempDir();

function openTable(written: object = {}): Scenario {
  return openScenario(dir(), {
    tables: [{ name: 't', pk: 'id', file: 't_*.csv', max_delete_ratio: 1, ...written }],
  });
}

/** Writes Parquet files of the source, each the rows of a SELECT. */
async function writeParquet(files: Readonly<Record<string, string>>): Promise<void> {
  const engine = Engine.open({ memoryLimit: '1GB', spillDir: dir() });
  try {
    for (const [name, select] of Object.entries(files)) {
      await engine.run(`COPY (${select}) TO '${join(dir(), 'source', name)}' (FORMAT parquet)`);
    }
  } finally {
    engine.close();
  }
}

test('a file that is added, removed or changed is a new version; files that are the same are not read', async () => {
  const lake = openTable();
  await lake.write('t_1.csv', 'id,v\n1,a\n');
  await lake.write('t_2.csv', 'id,v\n2,b\n');
  expect(await lake.runTable('t')).toMatchObject({ operation: 'full-load', inserted: 2 });
  await lake.write('t_3.csv', 'id,v\n3,c\n');
  expect(await lake.runTable('t')).toMatchObject({ inserted: 1, updated: 0, deleted: 0, unchanged: 2 });
  await lake.write('t_2.csv', 'id,v\n2,x\n');
  expect(await lake.runTable('t')).toMatchObject({ inserted: 0, updated: 1, deleted: 0 });
  await lake.remove('t_1.csv');
  expect(await lake.runTable('t')).toMatchObject({ inserted: 0, updated: 0, deleted: 1 });
  await utimes(join(dir(), 'source/t_2.csv'), 1, 1);
  expect((await lake.run()).report).toMatchObject({ run: null, tables: { t: { operation: 'unchanged' } } });
  const { seen } = (await lake.ledger()).at(-1)?.tables['t'] ?? {};
  expect(seen).toMatchObject({ name: 't_*.csv', files: 2, sizeBytes: 18 });
  expect((await lake.verify()).ok).toBe(true);
});

test('what is remembered of many files is no longer than of one', async () => {
  const lake = openTable();
  for (let file = 0; file < 60; file += 1) await lake.write(`t_${file}.csv`, `id,v\n${file},x\n`);
  expect(await lake.runTable('t')).toMatchObject({ inserted: 60 });
  const { seen } = (await lake.ledger()).at(-1)?.tables['t'] ?? {};
  expect(JSON.stringify(seen).length).toBeLessThan(400);
});

test('files of equal columns and dialect are read as one list, each of the others by itself', async () => {
  const lake = openTable();
  const [table] = lake.config.tables;
  if (table === undefined) throw new Error('There is a table.');
  const contents = [
    ...Array.from({ length: 20 }, (_, id) => [`t_${id}.csv`, `id,v\n${id},a\n`] as const),
    ...Array.from({ length: 20 }, (_, id) => [`t_${id}.tsv`, `id\tv\n${id + 20}\tb\n`] as const),
    ['t_other.csv', 'v,id\nc,40\n'],
    ['t_more.csv', 'id,v,w\n41,d,e\n'],
  ] as const;
  for (const [name, content] of contents) await lake.write(name, content);
  const files = contents.map(([name]) => ({ name, path: join(dir(), 'source', name) }));
  const engine = Engine.open({ memoryLimit: '1GB', spillDir: dir() });
  try {
    const { signal } = new AbortController();
    const raw = await openManyFiles(engine, { name: 't', files }, table, join(dir(), 'work'), signal);
    expect(raw.relation.match(/read_csv/g)).toHaveLength(4);
    const rows = await engine.rows(`SELECT id, v, w FROM ${raw.relation} ORDER BY CAST(id AS INTEGER)`);
    expect(rows.map(({ id, v, w }) => [id, v, w].join(' '))).toEqual(
      Array.from({ length: 42 }, (_, id) =>
        id < 20 ? `${id} a ` : id < 40 ? `${id} b ` : id === 40 ? '40 c ' : '41 d e',
      ),
    );
  } finally {
    engine.close();
  }
});

test('one file today and several tomorrow are one table under one pattern', async () => {
  const lake = openTable();
  await lake.write('t_1.csv', 'id,v\n1,a\n');
  await lake.run();
  await lake.write('t_2.csv', 'id,v\n2,b\n');
  expect(await lake.runTable('t')).toMatchObject({ inserted: 1, deleted: 0 });
});

test('a pattern that is made wider is read anew though no file has changed', async () => {
  const narrow = openTable();
  await narrow.write('t_1.csv', 'id,v\n1,a\n');
  await narrow.write('u_1.csv', 'id,v\n2,b\n');
  await narrow.run();
  const wide = openTable({ file: '*_*.csv' });
  expect(await wide.runTable('t')).toMatchObject({ inserted: 1, deleted: 0 });
});

test.each([
  ['**/t.csv', 'find it in any folder'],
  ['{a,b}/t.csv', 'one of two places'],
  [undefined, 'the default'],
])('two matches of %s (%s) are refused, with the way to a table of many files', async (file, _what) => {
  const lake = openTable({ file });
  await lake.write('a/t.csv', 'id\n1\n');
  await lake.write('b/t.csv', 'id\n2\n');
  const report = await lake.runTable('t');
  expect(report.operation).toBe('failed');
  expect(report.reason).toMatch(/a\/t\.csv, b\/t\.csv.*as "t_\*\.csv" or "\*\/t\.csv" does/);
});

test.each([
  [
    'another separator',
    'id;v\n2;b\n',
    /t_2\.csv: its header is a single column.*The file t_1\.csv of the same table/,
  ],
  ['no header', '2,b\n', /t_1\.csv has "id", "v"; t_2\.csv has "2", "b"/],
  ['without the key', 'v,w\nb,c\n', /column "id" of "pk": t_1\.csv has "id", "v"; t_2\.csv has "v", "w"/],
  [
    'a blank in a name',
    'id,v \n2,b\n',
    /contradict each other: t_1\.csv has "id", "v"; t_2\.csv has "id", "v "/,
  ],
  ['a no-break space in a name', 'id,\u00A0V\n2,b\n', /contradict each other/],
  ['a row that is too long', 'id,v\n2,b,c\n', /^t_2\.csv: line 2: 3 fields where the header has 2/],
  ['a key of another file', 'id,v\n1,b\n', /not unique: id = 1 \(2 rows\) in t_1\.csv and t_2\.csv/],
  ['a key twice', 'id,v\n2,b\n2,c\n', /not unique: id = 2 \(2 rows\) in t_2\.csv/],
])('a file with %s is refused by name, and the table keeps its state', async (_what, content, reason) => {
  const lake = openTable();
  await lake.write('t_1.csv', 'id,v\n1,a\n');
  await lake.run();
  await lake.write('t_2.csv', content);
  const report = await lake.runTable('t');
  expect(['failed', 'held']).toContain(report.operation);
  expect(report.reason).toMatch(reason);
  await lake.write('t_2.csv', 'id,v\n2,b\n');
  expect(await lake.runTable('t')).toMatchObject({ operation: 'cdc', inserted: 1 });
});

test('an accent that is encoded in another way is a contradiction, and one that is not there is another column', async () => {
  const lake = openTable();
  await lake.write('t_1.csv', 'id,ação\n1,a\n');
  await lake.write('t_2.csv', `id,${'ação'.normalize('NFD')}\n2,b\n`);
  expect((await lake.runTable('t')).reason).toMatch(/contradict each other/);
  await lake.write('t_2.csv', 'id,acao\n2,b\n');
  expect(await lake.runTable('t')).toMatchObject({ operation: 'full-load', inserted: 2 });
});

test('types that contradict are resolved as in one file: what keeps every value', async () => {
  const lake = openTable({ file: 't_*.parquet' });
  await lake.write('nothing', '');
  await writeParquet({
    't_1.parquet': `SELECT 1::INTEGER AS id, 5::INTEGER AS n, DATE '2024-01-01' AS d, 7 AS x, true AS only_here, 12.5::DECIMAL(9,2) AS p`,
    't_2.parquet': `SELECT 2::BIGINT AS id, 2.5::DOUBLE AS n, TIMESTAMP '2024-01-02 10:00:00' AS d, 'seven' AS x, 12.125::DECIMAL(9,3) AS p`,
  });
  const { file } = await lake.runTable('t');
  expect(await lake.columns(file ?? '')).toEqual({
    id: 'BIGINT',
    n: 'DOUBLE',
    d: 'TIMESTAMP',
    x: 'VARCHAR',
    only_here: 'BOOLEAN',
    p: 'DOUBLE',
  });
  expect(await lake.query('SELECT COLUMNS(*)::VARCHAR FROM t ORDER BY id')).toEqual([
    { id: '1', n: '5.0', d: '2024-01-01 00:00:00', x: '7', only_here: 'true', p: '12.5' },
    { id: '2', n: '2.5', d: '2024-01-02 10:00:00', x: 'seven', only_here: null, p: '12.125' },
  ]);
});

test('folders of a column give it a type, and must say what a column of that name in the file says', async () => {
  const lake = openTable({ file: '**/p*.csv', pk: ['id', 'dt'] });
  await lake.write('dt=2024-01-01/p0.csv', 'id,v\n1,a\n');
  await lake.write('dt=2024-01-02/p0.csv', 'id,v,dt\n1,b,2024-01-02\n');
  const { file } = await lake.runTable('t');
  expect(await lake.columns(file ?? '')).toEqual({ id: 'BIGINT', v: 'VARCHAR', dt: 'DATE' });
  await lake.write('dt=2024-01-02/p0.csv', 'id,v,dt\n1,b,2024-01-03\n');
  const report = await lake.runTable('t');
  expect(report.reason).toMatch(
    /its folder says that dt is "2024-01-02", and a row of the file that it is "2024-01-03"/,
  );
  await lake.remove('dt=2024-01-02/p0.csv');
  await lake.write('2024/p0.csv', 'id,v,dt\n1,b,2024-01-03\n');
  expect(await lake.runTable('t')).toMatchObject({ operation: 'failed' });
});

test.each([
  ['csv', 'id,dt\n1,x\n'],
  ['jsonl', '{"id":1,"dt":"x"}\n'],
])('the folders of a single %s file say nothing of its rows', async (format, content) => {
  const lake = openTable({ file: undefined });
  await lake.write(`dt=2024-01-01/a=1/t.${format}`, content);
  await lake.run();
  expect(await lake.query('SELECT * FROM t')).toEqual([{ id: 1n, dt: 'x' }]);
});
