import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DeltaTable } from '../../../src/delta/table.ts';
import { openMemoryStorage } from '../../../src/storage/memory.ts';
import { useTempDir } from '../../support/tmp.ts';
import { openTable } from '../disk.ts';
import { HandMade } from '../hand-made.ts';

const dir = useTempDir();

const COLUMNS = {
  n: 'integer',
  s: 'string',
  d: 'double',
  t: 'timestamp',
  day: 'date',
  m: 'decimal(10,2)',
  p: 'string',
};

/** Three files of ten rows each, n from 0, 100 and 200 on, whose statistics are as a careful writer's. */
async function threeFiles(): Promise<void> {
  const made = new HandMade(dir());
  await made.create(COLUMNS, { partitionColumns: ['p'] });
  const adds: object[] = [];
  for (const [index, from] of [0, 100, 200].entries()) {
    const add = await made.data(
      `f${index}.parquet`,
      `SELECT (${from} + range)::INTEGER AS n, 'word ' || (${from} + range) AS s, (${from} + range)::DOUBLE AS d,
        TIMESTAMPTZ '2024-01-01 00:00:00.000999+00' + INTERVAL (${from} + range) HOUR AS t,
        DATE '2024-01-01' + (${from} + range)::INTEGER AS day, (${from} + range)::DECIMAL(10,2) AS m FROM range(10)`,
    );
    const instant = (hour: number): string => new Date(Date.UTC(2024, 0, 1, hour)).toISOString();
    const stats = {
      numRecords: 10,
      minValues: {
        n: from,
        s: `word ${from}`,
        d: from,
        t: instant(from),
        day: instant(from * 24).slice(0, 10),
        m: from,
      },
      // The greatest instant is cut to milliseconds, as Spark cuts it.
      maxValues: {
        n: from + 9,
        s: `word ${from + 9}\u007F`,
        d: from + 9,
        t: instant(from + 9),
        day: instant((from + 9) * 24).slice(0, 10),
        m: from + 9,
      },
      nullCount: { n: 0, s: 0, d: 0, t: 0, day: 0, m: 0 },
    };
    adds.push({
      add: { ...add, partitionValues: { p: index === 2 ? null : `p${index}` }, stats: JSON.stringify(stats) },
    });
  }
  await made.commit(1, adds);
}

async function count(where: string): Promise<number> {
  const table = await openTable(dir());
  return (await (await table.read({ where })).toArray()).length;
}

describe('a file that cannot hold a matching row', () => {
  it.each([
    ['n < 50', 10],
    ['n >= 0 AND n <= 9', 10],
    ['50 > n', 10],
    ['n = 5', 1],
    ['n IN (3, 4)', 2],
    ['n BETWEEN 1 AND 3', 3],
    [`s = 'word 7'`, 1],
    ['d < 9.5e1', 10],
    [`t < '2024-01-02 00:00:00'`, 10],
    [`day = DATE '2024-01-04'`, 1],
    ['m <= 1.50', 2],
    [`p = 'p0'`, 10],
    [`p = 'p0' OR n = 8`, 10],
    [`p LIKE 'p0%' AND n < 4`, 4],
    [`(p = 'p0') IS TRUE`, 10],
    ['n < 50 AND s IS NOT NULL', 10],
  ])('is not opened: %s', async (where, rows) => {
    await threeFiles();
    // Whoever opened them would notice.
    await rm(join(dir(), 'f1.parquet'));
    await rm(join(dir(), 'f2.parquet'));
    expect(await count(where)).toBe(rows);
  });

  it.each([
    ['n IS NULL', 0],
    [`p = 'p7'`, 0],
    ['n > 300', 0],
  ])('is not opened, even where none is left: %s', async (where, rows) => {
    await threeFiles();
    for (const name of ['f0', 'f1', 'f2']) await rm(join(dir(), `${name}.parquet`));
    expect(await count(where)).toBe(rows);
  });
});

describe('a file that may hold a matching row', () => {
  it.each([
    // NaN would be greater than every number, and is left out of statistics.
    ['d > 205', 4],
    [`t = TIMESTAMPTZ '2024-01-01 09:00:00.000999+00'`, 1],
    ['p IS NULL', 10],
    ['length(s) = 6', 10],
    ['n + 0 = 105', 1],
    ['NOT (n = 105)', 29],
    ['n <> 105', 29],
    ['n IS DISTINCT FROM 105', 29],
    [`s > 'word 20'`, 17],
    ['n = d', 30],
    [`CAST(n AS VARCHAR) = '105'`, 1],
    [`coalesce(p, 'none') = 'none'`, 10],
  ])('is read: %s', async (where, rows) => {
    await threeFiles();
    expect(await count(where)).toBe(rows);
  });

  it('is read where NaN, which is greater than every number, may be in it', async () => {
    const made = new HandMade(dir());
    await made.create({ d: 'double' });
    const add = await made.data('a.parquet', `SELECT unnest([1.0, 'NaN'::DOUBLE]) AS d`);
    const stats = JSON.stringify({
      numRecords: 2,
      minValues: { d: 1 },
      maxValues: { d: 1 },
      nullCount: { d: 0 },
    });
    await made.commit(1, [{ add: { ...add, stats } }]);
    expect(await count('d > 1000')).toBe(1);
    expect(await count('d < 1')).toBe(0);
  });

  it('is read where its statistics are missing, damaged, or of another type', async () => {
    const made = new HandMade(dir());
    await made.create({ n: 'long' });
    const add = await made.data('a.parquet', 'SELECT 7::BIGINT AS n');
    for (const [index, stats] of [
      undefined,
      'torn {',
      '[]',
      '{"minValues":{"n":"x"},"maxValues":{"n":null}}',
    ].entries()) {
      await made.commit(index + 1, [{ add: { ...add, ...(stats === undefined ? {} : { stats }) } }]);
      expect(await count('n = 7')).toBe(1);
    }
  });
});

it('skipping never changes the rows', async () => {
  await threeFiles();
  const table = await openTable(dir());
  const all = await table.read();
  const value = fc.oneof(fc.integer({ min: -5, max: 215 }).map(String), fc.constant('NULL'));
  const column = fc.constantFrom('n', 'd', 'm');
  const operator = fc.constantFrom(
    '=',
    '<',
    '>',
    '<=',
    '>=',
    '<>',
    'IS DISTINCT FROM',
    'IS NOT DISTINCT FROM',
  );
  const atom = fc.oneof(
    fc.tuple(column, operator, value).map((parts) => parts.join(' ')),
    fc.tuple(value, operator, column).map((parts) => parts.join(' ')),
    fc.tuple(column, value, value).map(([name, low, high]) => `${name} BETWEEN ${low} AND ${high}`),
    fc
      .tuple(column, fc.array(value, { minLength: 1, maxLength: 3 }))
      .map(([name, values]) => `${name} IN (${values.join(', ')})`),
    fc.constantFrom('p IS NULL', `p = 'p0'`, `p > 'p0'`, 'n IS NULL', 'n IS NOT NULL', 'true', 'NULL'),
  );
  const condition = fc.letrec<{ tree: string }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      atom,
      fc.tuple(tie('tree'), fc.constantFrom('AND', 'OR'), tie('tree')).map((parts) => `(${parts.join(' ')})`),
      tie('tree').map((inner) => `NOT (${inner})`),
    ),
  })).tree;
  await fc.assert(
    fc.asyncProperty(condition, async (where) => {
      const read = await table.read({ where });
      const [skipped] = await table.engine.rows(`SELECT count(*) AS rows, sum(n) AS sum FROM (${read.sql})`);
      const [filtered] = await table.engine.rows(
        `SELECT count(*) AS rows, sum(n) AS sum FROM (${all.sql}) WHERE ${where}`,
      );
      await read.close();
      expect(skipped).toEqual(filtered);
    }),
    { numRuns: 60 },
  );
});

describe('a condition or a column that does not fit', () => {
  it.each([
    ['n >', 'syntax error'],
    ['nothing = 1', 'nothing'],
    ['n = 1) LIMIT (1', 'not one expression'],
    ['n = 1); SELECT (1', 'not one expression'],
    ['n = 1) UNION SELECT (1', 'not one expression'],
    [`n = 'word'`, 'word'],
  ])('is refused: %s', async (where, reason) => {
    await threeFiles();
    await expect(count(where)).rejects.toMatchObject({
      code: 'DELTA_QUERY',
      message: expect.stringContaining(reason),
    });
  });

  it('is refused with the columns that there are', async () => {
    await threeFiles();
    const table = await openTable(dir());
    await expect(table.read({ columns: ['n', 'x'] })).rejects.toMatchObject({
      code: 'DELTA_QUERY',
      hint: 'Its columns are n, s, d, t, day, m, p.',
    });
    expect(
      (await (await table.read({ columns: ['M', 'n'] })).first(1)).map((row) => Object.keys(row)),
    ).toEqual([['m', 'n']]);
  });
});

it('a decimal of more digits than a double holds is found by its own bounds', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.bigInt({ min: -(10n ** 19n) + 1n, max: 10n ** 19n - 1n }),
      fc.nat({ max: 19 }),
      async (digits, scale) => {
        const sign = digits < 0n ? '-' : '';
        const text = String(digits < 0n ? -digits : digits).padStart(scale + 1, '0');
        const at = text.length - scale;
        const value = `CAST('${sign}${text.slice(0, at)}.${text.slice(at)}' AS DECIMAL(38,${scale}))`;
        const table = await DeltaTable.create(openMemoryStorage(), { rows: `SELECT ${value} AS m` });
        try {
          await using rows = await table.read({ where: `m = ${value}` });
          expect(await rows.toArray()).toHaveLength(1);
        } finally {
          await table.close();
        }
      },
    ),
    { numRuns: 30 },
  );
});
