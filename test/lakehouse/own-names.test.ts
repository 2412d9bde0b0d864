import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { openScenario } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();

/** Every name that the code gives something of its own, without the sign that those of columns begin with. */
async function ownNames(): Promise<string[]> {
  const names = new Set<string>();
  const root = fileURLToPath(new URL('../../src/', import.meta.url));
  for (const file of await readdir(root, { recursive: true })) {
    if (!file.endsWith('.ts')) continue;
    const text = await readFile(join(root, file), 'utf8');
    for (const [name] of text.matchAll(/(?<=(?<![\w$])_?)igarape_[a-z_]*[a-z]\b/g)) names.add(name);
  }
  return [...names].toSorted();
}

async function writeModel(name: string, sql: string): Promise<void> {
  const path = join(dir(), 'models', `${name}.sql`);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${sql}\n`);
}

type Rows = readonly (readonly [id: number, d: string, v: string])[];

const FIRST: Rows = [
  [1, '2024-01-01', 'a'],
  [2, '2024-01-02', 'b'],
  [3, '2024-01-03', 'c'],
];
const LAST: Rows = [
  [1, '2024-01-02', 'A'],
  [4, '2024-01-03', 'D'],
  [5, '2024-01-05', 'c'],
];
const DAYS: readonly Rows[] = [
  FIRST,
  [
    [1, '2024-01-01', 'A'],
    [3, '2024-01-03', 'c'],
    [4, '2024-01-03', 'd'],
  ],
  LAST,
];

test('columns of sources and of models may be called as anything of our own is, but for what that begins with', async () => {
  const names = await ownNames();
  expect(names.length).toBeGreaterThan(30);
  const list = names.map((name) => `"${name}"`).join(', ');
  const sums = `SELECT ${list}, count(*) AS n, sum(id) AS ids`;
  const dated = '-- dt_ref: s.d\n-- window: 2 days\n';
  await writeModel('silver/s', '-- key: id\nSELECT * FROM bronze.t');
  await writeModel('silver/sums', `-- key: ${list}\n${sums} FROM bronze.t GROUP BY ALL`);
  await writeModel(
    'silver/joined',
    `-- key: id\nSELECT a.id, b.* EXCLUDE (id) FROM bronze.t AS a JOIN bronze.h AS b ON a.id = b.id AND b.is_current`,
  );
  await writeModel('gold/rows', `-- key: dt_ref, id\n${dated}SELECT * FROM silver.s`);
  await writeModel(
    'gold/sums',
    `-- key: dt_ref, ${list}\n-- partition: month\n${dated}${sums} FROM silver.s GROUP BY ALL`,
  );
  const table = { file: 't.csv', pk: 'id', max_delete_ratio: 1 };
  const scenario = openScenario(dir(), {
    layers: ['bronze', 'silver', 'gold'],
    tables: [
      { name: 't', ...table },
      { name: 'h', ...table, history: 'scd2' },
    ],
  });
  for (const rows of DAYS) {
    const lines = rows.map(([id, d, v]) => [id, d, ...names.map(() => v)].join(','));
    await scenario.write('t.csv', [['id', 'd', ...names].join(','), ...lines, ''].join('\n'));
    const { report, exitCode } = await scenario.run();
    expect({ exitCode, layers: report.layers }).toMatchObject({ exitCode: 0 });
  }
  const wanted = LAST.map(([id, d, v]) => ({
    id: BigInt(id),
    d,
    ...Object.fromEntries(names.map((name) => [name, v])),
  }));
  for (const rows of ['bronze.t', 'bronze.h WHERE is_current', 'silver.s', 'silver.joined'])
    expect(
      await scenario.query(`SELECT id, CAST(d AS VARCHAR) AS d, ${list} FROM ${rows} ORDER BY id`),
    ).toEqual(wanted);
  const grouped = LAST.map(([id, , v]) => ({
    ids: String(id),
    n: 1n,
    ...Object.fromEntries(names.map((name) => [name, v])),
  }));
  expect(
    await scenario.query(`SELECT CAST(ids AS VARCHAR) AS ids, n, ${list} FROM silver.sums ORDER BY ids`),
  ).toEqual(grouped);
  const seen = await scenario.query(
    'SELECT CAST(dt_ref AS VARCHAR) AS d, id AS ids FROM gold.rows ORDER BY ALL',
  );
  expect(seen.map(({ d, ids }) => `${String(d)} ${String(ids)}`)).toEqual([
    '2024-01-02 1',
    '2024-01-03 1',
    '2024-01-03 4',
    '2024-01-04 4',
    '2024-01-05 5',
  ]);
  expect(
    await scenario.query(
      'SELECT CAST(dt_ref AS VARCHAR) AS d, CAST(ids AS BIGINT) AS ids FROM gold.sums ORDER BY ALL',
    ),
  ).toEqual(seen);
});
