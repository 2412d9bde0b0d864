import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Engine } from '../../../src/engine/engine.ts';
import { quoteText } from '../../../src/engine/quote.ts';
import { sparkName } from '../../../src/spark/dialect/quote.ts';
import { renderSpark } from '../../../src/spark/dialect/render.ts';
import { CORPUS, SHOP } from '../../medallion/incremental/corpus.ts';
import { MANY, ROWS } from '../../medallion/incremental/shop-rows.ts';
import { describeWith } from '../../support/external.ts';
import { AS_ELSEWHERE, sparkConnect } from '../../support/spark-connect.ts';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AnsweringSpark } from '../answering-spark.ts';
import { onBoth, sparkSql } from './both.ts';
import { EXPRESSIONS, STATEMENTS } from './cases.ts';
import { DRAWN_ROWS, drawnExpression } from './drawn.ts';

const LONG = { timeout: 3_600_000 };

/** Of the corpus, the models that run on DuckDB alone. */
const REFUSED_OF_CORPUS = [
  'price at the time by ASOF',
  'tags',
  'features',
  'time to deliver by state and month',
];

describeWith(await sparkConnect(), 'what is rendered, on a real Spark', (startServer) => {
  let engine: Engine;
  let spark: AnsweringSpark;
  /** One that compiles nothing: of statements that are long, and asked once, that is most of what they take. */
  let calm: AnsweringSpark;

  beforeAll(async () => {
    engine = Engine.open({
      memoryLimit: '200MB',
      spillDir: await mkdtemp(join(tmpdir(), 'igarape-spill-')),
      threads: 1,
    });
    const server = await startServer();
    [spark, calm] = [await AnsweringSpark.open(server, AS_ELSEWHERE), await AnsweringSpark.open(server)];
  });

  afterAll(async () => {
    await spark?.close();
    await calm?.close();
    engine.close();
  });

  test.each(EXPRESSIONS)(
    'gives the values that DuckDB gives of $expressions over $rows',
    async ({ rows, expressions }) => {
      const list = expressions.map((each, index) => `${each} AS v${index}`);
      const { duckdb, spark: found } = await onBoth(
        engine,
        spark,
        `SELECT ${list.join(', ')} FROM (${rows})`,
      );
      expect(found.columns).toEqual(duckdb.columns);
      const named = (values: typeof found.rows): object =>
        Object.fromEntries(expressions.map((each, index) => [each, values.map((row) => row[index])]));
      expect(named(found.rows)).toEqual(named(duckdb.rows));
    },
  );

  test.each(STATEMENTS)('gives the rows that DuckDB gives of %s', async (sql) => {
    const { duckdb, spark: found } = await onBoth(engine, spark, sql);
    expect(found.columns).toEqual(duckdb.columns);
    expect(sorted(found.rows)).toEqual(sorted(duckdb.rows));
  });

  test.each([
    ['CAST(x AS INTEGER)', '1e3'],
    ['CAST(x AS INTEGER)', '0x1F'],
    ['TRY_CAST(x AS BIGINT)', '1_000'],
    ['TRY_CAST(x AS DATE)', 'epoch'],
    ['TRY_CAST(x AS DATE)', 'inf'],
    ['TRY_CAST(x AS DOUBLE)', '-nan'],
    ['TRY_CAST(x AS TIMESTAMP)', '2024-01-02 03:04 '],
    ['TRY_CAST(x AS TIMESTAMP)', '2024-01-02 24:00:00'],
    ['upper(x)', 'Straße'],
    ['CAST(x AS INTEGER)', 'no number'],
  ])('ends the statement rather than give another %s of %s', async (expression, text) => {
    const sql = await sparkSql(
      engine,
      `SELECT ${expression} AS v FROM (VALUES (${quoteText(text)})) AS t(x)`,
    );
    await expect(spark.query(sql)).rejects.toThrow(text);
  });

  test('gives the rows that DuckDB gives of models as people write them, over files', LONG, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'igarape-shop-'));
    const tables = (_: string, name: string): string =>
      `parquet.${sparkName(join(folder, `${name}.parquet`))}`;
    await engine.run('CREATE SCHEMA shop');
    for (const [name, columns] of Object.entries(SHOP)) {
      const rows = Array.from({ length: MANY[name] ?? 0 }, (_, id) => `(${ROWS[name]?.(id) ?? ''})`);
      await engine.run(`CREATE TABLE shop.${name} (${columns})`);
      await engine.run(`INSERT INTO shop.${name} VALUES ${rows.join(', ')}`);
      await engine.run(`COPY shop.${name} TO ${quoteText(join(folder, `${name}.parquet`))}`);
    }
    const refused: string[] = [];
    for (const { name, sql } of CORPUS) {
      if ((await renderSpark(engine, sql, tables)).kind === 'refused') {
        refused.push(name);
        continue;
      }
      const { duckdb, spark: found } = await onBoth(engine, calm, sql, tables);
      expect([name, ...found.columns]).toEqual([name, ...duckdb.columns]);
      expect([name, ...sorted(found.rows)]).toEqual([name, ...sorted(duckdb.rows)]);
    }
    expect(refused).toEqual(REFUSED_OF_CORPUS);
  });

  test('gives the values that DuckDB gives of drawn expressions, or an error', LONG, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(drawnExpression(), { minLength: 30, maxLength: 30 }), async (drawn) => {
        const valid = [];
        for (const each of drawn) if (await isValid(each)) valid.push(each);
        expect(await differences(valid)).toEqual([]);
      }),
      { numRuns: Number(process.env['IGARAPE_PROPERTY_RUNS'] ?? 2), endOnFailure: true },
    );
  });

  function sorted(rows: readonly (readonly unknown[])[]): string[] {
    return rows.map((row) => JSON.stringify(row, signed)).toSorted();
  }

  /** What overflows is left out, and what may. */
  async function isValid(expression: string): Promise<boolean> {
    const sql = `SELECT ${expression} AS v FROM (${DRAWN_ROWS})`;
    const isComputed = await engine.rows(sql).then(
      () => true,
      () => false,
    );
    return isComputed && (await renderSpark(engine, sql, () => '')).kind === 'rendered';
  }

  /** Of expressions that have other values in Spark, both values; of many at once, and one by one where one fails. */
  async function differences(expressions: readonly string[]): Promise<readonly unknown[]> {
    const list = expressions.map((each, index) => `${each} AS v${index}`);
    try {
      const { duckdb, spark: found } = await onBoth(
        engine,
        spark,
        `SELECT ${list.join(', ')} FROM (${DRAWN_ROWS})`,
      );
      return expressions.flatMap((expression, index) => {
        const [ours, theirs] = [duckdb, found].map(({ columns, rows }) => [
          columns[index],
          ...rows.map((row) => row[index]),
        ]);
        return isDeepStrictEqual(ours, theirs) ? [] : [{ expression, ours, theirs }];
      });
    } catch (error) {
      if (expressions.length === 1)
        return String(error).includes('USER_RAISED_EXCEPTION') ? [] : [{ expressions, error: String(error) }];
      const half = Math.ceil(expressions.length / 2);
      return [
        ...(await differences(expressions.slice(0, half))),
        ...(await differences(expressions.slice(half))),
      ];
    }
  }
});

/** A zero with its sign, which JSON does not have. */
function signed(_: string, value: unknown): unknown {
  return Object.is(value, -0) ? '-0' : value;
}
