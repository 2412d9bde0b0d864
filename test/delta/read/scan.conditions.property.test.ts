import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DeltaTable } from '../../../src/delta/table.ts';
import { Engine } from '../../../src/engine/engine.ts';
import { quoteText } from '../../../src/engine/quote.ts';
import { useTempDir } from '../../support/tmp.ts';
import { openTable } from '../disk.ts';
import { HandMade } from '../hand-made.ts';

const dir = useTempDir();
const RUNS = Number(process.env['IGARAPE_PROPERTY_RUNS'] ?? 40);

interface Pair {
  /** Of the table's schema. */
  readonly type: string;
  readonly sql: string;
  /** What files hold, narrower types than the table's among them. */
  readonly files: readonly string[];
  /** SQL of a value, by a number: some files can hold all of it, some a part. */
  readonly value: (number: number) => string;
}

const halves = (n: number): string => String(n / 2);
const halfDay = (n: number): string =>
  `TIMESTAMP '${new Date(Date.UTC(2024, 8, 9) + n * 43_200_000).toISOString().slice(0, 19)}'`;

/** Every widening that Delta knows, and timestamps as other writers store them. */
const PAIRS: readonly Pair[] = [
  {
    type: 'double',
    sql: 'DOUBLE',
    files: ['TINYINT', 'SMALLINT', 'INTEGER', 'FLOAT', 'DOUBLE'],
    value: halves,
  },
  { type: 'double', sql: 'DOUBLE', files: ['FLOAT', 'DOUBLE'], value: (n) => String(n / 10) },
  { type: 'float', sql: 'FLOAT', files: ['SMALLINT', 'FLOAT'], value: halves },
  {
    type: 'decimal(20,2)',
    sql: 'DECIMAL(20,2)',
    files: ['INTEGER', 'BIGINT', 'DECIMAL(5,1)', 'DECIMAL(20,2)'],
    value: halves,
  },
  {
    type: 'decimal(38,4)',
    sql: 'DECIMAL(38,4)',
    files: ['DECIMAL(4,1)', 'DECIMAL(10,2)'],
    value: (n) => `${n}.2512`,
  },
  {
    type: 'decimal(20,0)',
    sql: 'DECIMAL(20,0)',
    files: ['TINYINT', 'INTEGER', 'DECIMAL(3,0)'],
    value: (n) => String(n * 60),
  },
  { type: 'long', sql: 'BIGINT', files: ['TINYINT', 'INTEGER', 'BIGINT'], value: (n) => String(n * 60) },
  { type: 'integer', sql: 'INTEGER', files: ['TINYINT', 'SMALLINT'], value: (n) => String(n * 60) },
  { type: 'short', sql: 'SMALLINT', files: ['TINYINT', 'INTEGER'], value: (n) => String(n * 3) },
  { type: 'timestamp_ntz', sql: 'TIMESTAMP', files: ['DATE', 'TIMESTAMP_MS', 'TIMESTAMP'], value: halfDay },
  { type: 'timestamp', sql: 'TIMESTAMPTZ', files: ['DATE', 'TIMESTAMP_NS', 'TIMESTAMPTZ'], value: halfDay },
];

const number = fc.integer({ min: -6, max: 6 });
const drawn = fc.record({
  pair: fc.constantFrom(...PAIRS),
  files: fc.array(
    fc.record({ as: fc.nat(), numbers: fc.array(fc.option(number), { minLength: 1, maxLength: 6 }) }),
    {
      minLength: 1,
      maxLength: 3,
    },
  ),
  isNested: fc.boolean(),
  operators: fc.array(
    fc.tuple(fc.constantFrom('<', '<=', '=', '<>', '>=', '>', 'IS DISTINCT FROM'), number),
    {
      minLength: 3,
      maxLength: 6,
    },
  ),
  listed: fc.array(number, { minLength: 1, maxLength: 3 }),
});

describe('a condition', () => {
  it('finds the rows that it holds for, whatever types files have', async () => {
    const engine = Engine.open({ memoryLimit: '1GB', spillDir: join(dir(), 'spill') });
    try {
      await fc.assert(
        fc.asyncProperty(drawn, async ({ pair, files, isNested, operators, listed }) => {
          const folder = await mkdtemp(join(dir(), 'table-'));
          const type = isNested
            ? { type: 'struct', fields: [{ name: 'c', type: pair.type, nullable: true, metadata: {} }] }
            : pair.type;
          const made = new HandMade(folder);
          await made.create({ id: 'long', v: type });
          const adds: object[] = [];
          for (const [index, { as, numbers }] of files.entries()) {
            const own = pair.files[as % pair.files.length] ?? pair.sql;
            const values = numbers.map((n) => (n === null ? 'NULL' : pair.value(n)));
            const rows = values.map((value, row) => `(${row}, TRY_CAST(${value} AS ${own}))`).join(', ');
            const path = `f${index}.parquet`;
            await engine.run(
              `COPY (SELECT CAST(id AS BIGINT) AS id, ${isNested ? `{'c': c}` : 'c'} AS v FROM (VALUES ${rows}) AS t(id, c)) TO ${quoteText(join(folder, path))} (FORMAT parquet)`,
            );
            adds.push({ add: { path, partitionValues: {}, size: 1, modificationTime: 1, dataChange: true } });
          }
          await made.commit(1, adds);
          const value = isNested ? 'v.c' : 'v';
          const conditions = [
            ...operators.map(([operator, n]) => `${value} ${operator} ${pair.value(n)}`),
            `${value} IN (${listed.map((n) => pair.value(n)).join(', ')})`,
            `${value} BETWEEN ${pair.value(Math.min(...listed))} AND ${pair.value(Math.max(...listed))}`,
          ];
          const table = await DeltaTable.open(folder, { engine });
          const all = await table.read();
          await engine.run(`CREATE OR REPLACE TABLE whole AS ${all.sql}`);
          const found = async (sql: string): Promise<unknown> =>
            engine.rows(`SELECT CAST(r AS VARCHAR) AS r FROM (${sql}) AS r ORDER BY ALL`);
          for (const where of conditions) {
            const rows = await table.read({ where });
            expect(await found(rows.sql), where).toEqual(await found(`SELECT * FROM whole WHERE ${where}`));
          }
          const keys = `(VALUES ${listed.map((n) => `(CAST(${pair.value(n)} AS ${pair.sql}))`).join(', ')}) AS k(k)`;
          const joined = (rows: string): string =>
            `SELECT w.* FROM (${rows}) AS w JOIN ${keys} ON ${value.replace('v', 'w.v')} = k`;
          expect(await found(joined(all.sql))).toEqual(await found(joined('FROM whole')));
          const greatest = (rows: string): string =>
            `SELECT ${value} FROM (${rows}) ORDER BY ${value} DESC NULLS LAST LIMIT 1`;
          expect(await found(greatest(all.sql))).toEqual(await found(greatest('FROM whole')));
        }),
        { numRuns: RUNS },
      );
    } finally {
      engine.close();
    }
  });

  it('finds NaN, which is greater than every number, where the bounds of row groups leave it out', async () => {
    const made = new HandMade(dir());
    const struct = { type: 'struct', fields: [{ name: 'd', type: 'double', nullable: true, metadata: {} }] };
    await made.create({ id: 'long', d: 'double', f: 'float', s: struct });
    await made.write('nan.parquet', Buffer.from(FILE_WITH_NAN, 'base64'));
    const add = { path: 'nan.parquet', partitionValues: {}, size: 1, modificationTime: 1, dataChange: true };
    await made.commit(1, [{ add }]);
    const table = await openTable(dir());
    const all = await table.read();
    expect(await all.toArray()).toHaveLength(5);
    for (const column of ['d', 'f', 's.d']) {
      for (const condition of [
        '> 7.5',
        '>= 8',
        `= 'NaN'`,
        `IN (1, 'NaN')`,
        'BETWEEN 8 AND 1e308',
        '> (SELECT 8)',
      ]) {
        const rows = await table.read({ where: `${column} ${condition}`, columns: ['id'] });
        expect(await rows.toArray(), `${column} ${condition}`).toEqual(
          /BETWEEN/.test(condition) ? [] : [{ id: 4n }],
        );
      }
      const sql = [
        `SELECT id FROM (${all.sql}) ORDER BY ${column} DESC NULLS LAST LIMIT 1`,
        `SELECT id FROM (${all.sql}) JOIN (VALUES (8::DOUBLE), ('NaN')) AS k(k) ON ${column} = k`,
      ];
      for (const one of sql) expect(await table.engine.rows(one)).toEqual([{ id: 4n }]);
    }
    expect(await table.delete('d > 7.5')).toMatchObject({ committed: true });
    expect(await (await table.read()).toArray()).toHaveLength(4);
  });
});

/** As PyArrow writes `id` from 0, and 0.1, 7.5, -3.25, null and NaN as `d`, `f` and `s.d`, with -3.25 and 7.5 for bounds. */
const FILE_WITH_NAN =
  'UEFSMRUAFVwVXCwVChUAFQYVBhwYCAQAAAAAAAAAGAgAAAAAAAAAABYAKAgEAAAAAAAAABgIAAAAAAAAAAAREQAAAAIAAAAKAQAAAAAAAAAAAQAAAAAAAAACAAAAAAAAAAMAAAAAAAAABAAAAAAAAAAVABVMFUwsFQoVABUGFQYcGAgAAAAAAAAeQBgIAAAAAAAACsAWAigIAAAAAAAAHkAYCAAAAAAAAArAEREAAAACAAAAAxeamZmZmZm5PwAAAAAAAB5AAAAAAAAACsAAAAAAAAD4fxUAFSwVLCwVChUAFQYVBhwYBAAA8EAYBAAAUMAWAigEAADwQBgEAABQwBERAAAAAgAAAAMXzczMPQAA8EAAAFDAAADAfxUAFU4VTiwVChUAFQYVBhwYCAAAAAAAAB5AGAgAAAAAAAAKwBYCKAgAAAAAAAAeQBgIAAAAAAAACsAREQAAAAMAAAADagKamZmZmZm5PwAAAAAAAB5AAAAAAAAACsAAAAAAAAD4fxUEGWw1ABgGc2NoZW1hFQgAFQQlAhgCaWQAFQolAhgBZAAVCCUCGAFmADUCGAFzFQIAFQolAhgBZAAWChkcGUwmABwVBBklBgAZGAJpZBUAFgoW2gEW2gEmCDwYCAQAAAAAAAAAGAgAAAAAAAAAABYAKAgEAAAAAAAAABgIAAAAAAAAAAAREQAZHBUAFQAVAgA8KQYZJgAKAAAAJgAcFQoZJQYAGRgBZBUAFgoWygEWygEm4gE8GAgAAAAAAAAeQBgIAAAAAAAACsAWAigIAAAAAAAAHkAYCAAAAAAAAArAEREAGRwVABUAFQIAPCkGGSYCCAAAACYAHBUIGSUGABkYAWYVABYKFooBFooBJqwDPBgEAADwQBgEAABQwBYCKAQAAPBAGAQAAFDAEREAGRwVABUAFQIAPCkGGSYCCAAAACYAHBUKGSUGABkoAXMBZBUAFgoWzAEWzAEmtgQ8GAgAAAAAAAAeQBgIAAAAAAAACsAWAigIAAAAAAAAHkAYCAAAAAAAAArAEREAGRwVABUAFQIAPCkGGTYAAggAAAAW+gUWCiYIFvoFACggcGFycXVldC1jcHAtYXJyb3cgdmVyc2lvbiAyNi4wLjEZTBwAABwAABwAABwAAADbAQAAUEFSMQ==';
