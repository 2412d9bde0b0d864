import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Engine } from '../../src/engine/engine.ts';
import { quoteName, quoteText } from '../../src/engine/quote.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();
let engine: Engine;
beforeEach(async () => {
  engine = Engine.open({ memoryLimit: '100MB', spillDir: dir(), threads: 1 });
});
afterEach(() => engine.close());

describe('what stands in SQL', () => {
  const texts = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0'));

  test('a text is itself, whatever it holds', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(texts, fc.constantFrom("'; DROP TABLE t; --", "''", '\\', '"', '\uFEFFa', '\uFEFF\uFEFF')),
        async (text) => {
          expect(await engine.rows(`SELECT ${quoteText(text)} AS v`)).toEqual([{ v: text }]);
        },
      ),
    );
  });

  test('a name is itself, whatever it holds', async () => {
    await fc.assert(
      fc.asyncProperty(
        texts.filter((text) => text !== ''),
        async (name) => {
          expect(await engine.describe(`SELECT 1 AS ${quoteName(name)}`)).toEqual([
            { name, type: 'INTEGER' },
          ]);
        },
      ),
    );
  });

  test('a NUL cannot stand in a text', () => {
    expect(() => quoteText('a\0b')).toThrow(RangeError);
  });
});

describe('an engine', () => {
  test('thinks in UTC', async () => {
    const [row] = await engine.rows(`SELECT CAST(make_timestamptz(0) AS VARCHAR) AS v`);
    expect(row).toEqual({ v: '1970-01-01 00:00:00+00' });
  });

  test('optimizes as before once joins were made as they are written', async () => {
    const optimizers = `SELECT current_setting('disabled_optimizers') AS names`;
    const before = await engine.rows(optimizers);
    const [within] = await engine.withJoinsAsWritten(() => engine.rows(optimizers));
    expect(String(within?.['names'])).toContain('join_order');
    expect(String(within?.['names'])).toContain(String(before[0]?.['names']));
    expect(await engine.rows(optimizers)).toEqual(before);
    expect(String(before[0]?.['names'])).not.toBe('');
  });

  test('an ASOF join gives a row the same match beside few rows and beside many', async () => {
    for (const key of ['i % 5', `'key ' || i % 5`]) {
      const time = (step: number): string =>
        `CASE WHEN i % 3 = 0 THEN NULL ELSE TIMESTAMP '2024-01-01' + to_days((i * ${step} % 61)::INTEGER) END`;
      await engine.run(
        `CREATE OR REPLACE TABLE b AS SELECT DISTINCT ON (k, t) ${key} AS k, ${time(7)} AS t, i AS v FROM range(90) AS r(i) ORDER BY ALL`,
      );
      await engine.run(
        `CREATE OR REPLACE TABLE a AS SELECT i AS id, ${key} AS k, ${time(5)} AS t FROM range(500) AS r(i)`,
      );
      await engine.run('CREATE OR REPLACE TABLE few AS SELECT * FROM a WHERE id < 12');
      for (const way of ['ASOF JOIN', 'ASOF LEFT JOIN'])
        for (const sign of ['>=', '>', '<=', '<']) {
          const joined = (some: string): string =>
            `SELECT id, v FROM ${some} AS a ${way} b ON a.k = b.k AND a.t ${sign} b.t`;
          const many = `SELECT m.* FROM (${joined('a')}) AS m SEMI JOIN few USING (id)`;
          const few = joined('few');
          expect(await engine.rows(`${few} ORDER BY id`)).toEqual(await engine.rows(`${many} ORDER BY id`));
        }
    }
  });

  test('an ASOF join gives a row the same match, whatever is known of the times of both sides', async () => {
    for (const way of ['ASOF JOIN', 'ASOF LEFT JOIN'])
      for (const sign of ['>=', '>', '<=', '<'])
        for (const [from, to] of [
          ['2024-01-01', '2025-01-01'],
          ['2025-01-01', '2024-01-01'],
        ]) {
          const days = (first = '', rows = 9): string =>
            `SELECT i AS v, i % 2 AS k, if(i % 3 = 0, NULL, DATE '${first}' + CAST(i AS INTEGER)) AS t FROM range(${rows}) AS r(i)`;
          await engine.run(`CREATE OR REPLACE TABLE few AS ${days(from)}`);
          // Among these are times before and after all others, of another key.
          const wide = `FROM few UNION ALL SELECT 99, 9, unnest([DATE '1900-01-01', DATE '2100-01-01'])`;
          await engine.run(`CREATE OR REPLACE TABLE many AS ${wide}`);
          await engine.run(`CREATE OR REPLACE TABLE b AS ${days(to)}`);
          const joined = (some: string): string =>
            `SELECT a.v, b.v AS found FROM ${some} AS a ${way} b ON a.k = b.k AND a.t ${sign} b.t`;
          expect(await engine.rows(`${joined('few')} ORDER BY ALL`)).toEqual(
            await engine.rows(`SELECT * FROM (${joined('many')}) WHERE v <> 99 ORDER BY ALL`),
          );
        }
  });

  test('says that the work does not fit in memory, and what to do', async () => {
    const tight = Engine.open({ memoryLimit: '1MB', spillDir: dir() });
    try {
      await expect(
        tight.run(`CREATE TABLE t AS SELECT list(range) AS l FROM range(10000000)`),
      ).rejects.toMatchObject({
        code: 'MEMORY_LIMIT',
        exitCode: 2,
        hint: expect.stringMatching(/memory_limit/) as unknown,
      });
    } finally {
      tight.close();
    }
  });
});
