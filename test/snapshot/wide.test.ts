import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Engine } from '../../src/engine/engine.ts';
import { quotePath } from '../../src/engine/quote.ts';
import { openParquet } from '../../src/snapshot/parquet.ts';
import { openScenario } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';

/** Tables of very many columns: what a statement costs grows with their number, and not with its square. */
const dir = useTempDir();

/** What the column of an index holds, in its rows. */
const KINDS: readonly ((row: number) => string)[] = [
  (row) => String(row * 7),
  (row) => `${row}.25`,
  (row) => `2024-01-${String((row % 28) + 1).padStart(2, '0')}`,
  (row) => `2024-01-02 10:00:${String(row % 60).padStart(2, '0')}`,
  (row) => `text ${row}`,
  (row) => (row % 2 === 0 ? 'true' : 'false'),
  (row) => `${row}.${'1'.repeat(20)}`,
  () => '',
];
const TYPES = ['BIGINT', 'DOUBLE', 'DATE', 'TIMESTAMP', 'VARCHAR', 'BOOLEAN', 'DECIMAL(23,20)', 'VARCHAR'];
const ROWS = 130;

function valueOf(column: number, row: number): string {
  return KINDS[column % KINDS.length]?.(row) ?? '';
}

function names(columns: number): string[] {
  return Array.from({ length: columns }, (_, column) => `c${column}`);
}

const csv = (columns: number, rows: readonly (readonly string[])[]): string =>
  `${[['id', ...names(columns)], ...rows].map((row) => row.join(',')).join('\n')}\n`;
/** To be read, compared and proven 10,000 take a minute of one processor. */
const WIDEST = Number(process.env['IGARAPE_WIDE_COLUMNS'] ?? 1000);

test.each([1, 100, WIDEST])('a table of %i columns is read, compared and proven', async (columns) => {
  const scenario = openScenario(dir(), { tables: [{ name: 't', pk: 'id' }] });
  const rows = Array.from({ length: ROWS }, (_, row) => [
    String(row),
    ...names(columns).map((_, column) => valueOf(column, row)),
  ]);
  const publish = async (): Promise<unknown> => {
    await scenario.write('t.csv', csv(columns, rows));
    const { inserted, updated, deleted, unchanged, file } = await scenario.runTable('t');
    return { counts: [inserted, updated, deleted, unchanged], file };
  };
  expect(await publish()).toEqual({ counts: [ROWS, 0, 0, 0], file: 'full-load/t.parquet' });
  const types = Object.values(await scenario.columns('full-load/t.parquet')).slice(1);
  expect(types).toEqual(names(columns).map((_, index) => TYPES[index % TYPES.length]));

  rows.splice(3, 1);
  rows.push(['1000', ...names(columns).map((_, column) => valueOf(column, 1000))]);
  rows[5] = rows[5]?.with(columns, valueOf(columns - 1, 77)) ?? [];
  expect(await publish()).toMatchObject({
    counts: [1, columns % KINDS.length === 0 ? 0 : 1, 1, expect.any(Number)],
  });
  expect(await scenario.verify()).toMatchObject({ ok: true });
});

test.each([
  { columns: 3, bytes: 65_000, rows: 1000, memory: 150 },
  { columns: 300, bytes: 1000, rows: 700, memory: 150 },
  { columns: 600, bytes: 20, rows: 2100, memory: 280 },
])(
  '$rows rows of $columns texts of $bytes bytes fit in $memory MB, and so does their change',
  async (shape) => {
    const scenario = openScenario(dir(), {
      memory_limit: `${shape.memory}MB`,
      tables: [{ name: 't', pk: 'id' }],
    });
    const rows = Array.from({ length: shape.rows }, (_, row) => [
      String(row),
      ...names(shape.columns).map((name) => `${row} ${name} `.padEnd(shape.bytes, 'text ')),
    ]);
    await scenario.write('t.csv', csv(shape.columns, rows));
    expect(await scenario.runTable('t')).toMatchObject({ operation: 'full-load', inserted: shape.rows });
    rows.pop();
    rows[5] = rows[5]?.with(shape.columns, 'another text') ?? [];
    await scenario.write('t.csv', csv(shape.columns, rows));
    expect(await scenario.runTable('t')).toMatchObject({
      operation: 'cdc',
      inserted: 0,
      updated: 1,
      deleted: 1,
      unchanged: shape.rows - 2,
    });
  },
);

test('a table of 10,000 columns is read, each with its type', async () => {
  const scenario = openScenario(dir(), { tables: [{ name: 't', pk: 'id' }] });
  const columns = 10_000;
  const rows = [1, 101].map((row) => [
    String(row),
    ...names(columns).map((_, column) => valueOf(column, row)),
  ]);
  await scenario.write('t.csv', csv(columns, rows));
  expect(await scenario.runTable('t')).toMatchObject({ operation: 'full-load', inserted: 2 });
  const types = await scenario.columns('full-load/t.parquet');
  expect(names(columns).map((name) => types[name])).toEqual(
    names(columns).map((_, index) => TYPES[index % TYPES.length]),
  );
});

test('a Parquet file of thousands of columns has each column’s own type, whenever it is opened', async () => {
  const kinds = { BIGINT: 'bigint', VARCHAR: 'text', DATE: 'date' };
  const of = names(5000).map((name, index) => ({ name, type: Object.keys(kinds)[index % 3] }));
  const path = join(dir(), 't.parquet');
  const engine = Engine.open({ memoryLimit: '1GB', spillDir: dir() });
  try {
    const nulls = of.map(({ name, type }) => `CAST(NULL AS ${type}) AS ${name}`);
    await engine.run(`COPY (SELECT ${nulls.join(', ')}) TO ${quotePath(path)} (FORMAT parquet)`);
    for (let time = 0; time < 6; time += 1) {
      const { columns } = await openParquet(engine, path, 't.parquet');
      expect(columns.map(({ typed }) => typed?.type)).toEqual(
        of.map((_, index) => Object.values(kinds)[index % 3]),
      );
    }
  } finally {
    engine.close();
  }
});

test('a thousand columns of JSON in few rows fit in a small memory_limit', async () => {
  const scenario = openScenario(dir(), { memory_limit: '256MB', tables: [{ name: 't', pk: 'c0' }] });
  const rows = Array.from({ length: 10 }, (_, row) => {
    const values = [String(row), ...names(1000).map((_name, column) => valueOf(column, row))];
    return JSON.stringify(Object.fromEntries(values.map((value, at) => [`c${at}`, value])));
  });
  await scenario.write('t.json', rows.join('\n'));
  expect(await scenario.runTable('t')).toMatchObject({ inserted: 10 });
  await scenario.write('t.json', rows.join('\n').replace('text 9', 'another'));
  expect(await scenario.runTable('t')).toMatchObject({ updated: 1 });
});

test.each(
  [...KINDS.entries()].flatMap(([kind, value]) => [
    { kind: TYPES[kind], values: 'of their own', value },
    { kind: TYPES[kind], values: 'that repeat', value: () => value(1) },
  ]),
)(
  'five hundred columns of $kind with values $values fit in a small memory_limit, and so does their change',
  async ({ value }) => {
    const scenario = openScenario(dir(), { memory_limit: '128MB', tables: [{ name: 't', pk: 'id' }] });
    const rows = Array.from({ length: 5 }, (_, row) => [String(row), ...names(500).map(() => value(row))]);
    await scenario.write('t.csv', csv(500, rows));
    expect(await scenario.runTable('t')).toMatchObject({ operation: 'full-load', inserted: 5 });
    await scenario.write('t.csv', csv(500, rows.slice(1)));
    expect(await scenario.runTable('t')).toMatchObject({ deleted: 1, unchanged: 4 });
    expect(await scenario.verify()).toMatchObject({ ok: true });
  },
);

test('a value that asks for another type is found among thousands of columns, wherever it is', async () => {
  const scenario = openScenario(dir(), { tables: [{ name: 't', pk: 'id' }] });
  const columns = 1200;
  const rows = Array.from({ length: ROWS }, (_, row) => [
    String(row),
    ...names(columns).map(() => String(row)),
  ]);
  for (const [row, column, value] of [
    [ROWS - 1, 1, '1.5'],
    [ROWS - 2, 700, 'n/a'],
    [ROWS - 3, 1200, '2024-01-02'],
  ] as const)
    rows[row] = rows[row]?.with(column, value) ?? [];
  await scenario.write('t.csv', csv(columns, rows));
  expect(await scenario.runTable('t')).toMatchObject({ inserted: ROWS });
  const types = await scenario.columns('full-load/t.parquet');
  expect(Object.entries(types).filter(([, type]) => type !== 'BIGINT')).toEqual([
    ['c0', 'DOUBLE'],
    ['c699', 'VARCHAR'],
    ['c1199', 'VARCHAR'],
  ]);
});
