import * as fc from 'fast-check';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Config } from '../../../src/config/config.ts';
import { Engine } from '../../../src/engine/engine.ts';
import { parseSql, type SqlNode } from '../../../src/engine/sql-tree.ts';
import { bindParameters } from '../../../src/medallion/models/bind.ts';
import { loadModels } from '../../../src/medallion/models/load.ts';
import type { Model } from '../../../src/medallion/models/model.ts';
import { useTempDir } from '../../support/tmp.ts';
import { writeModels } from './folder.ts';

const dir = useTempDir();
let engine: Engine;
beforeAll(async () => {
  engine = Engine.open({ memoryLimit: '256MB', spillDir: 'unused', threads: 1 });
});
afterAll(() => engine.close());

/** The model with one variable, `$x`, which is its only column. */
async function load(declared: string, values: Config['vars'] = {}, sql = 'SELECT $x AS id'): Promise<Model> {
  const folder = join(dir(), 'models');
  await writeModels(folder, {
    'silver/m.sql': `-- key: id\n-- var: ${declared}\n-- check: SELECT $x AS a WHERE '$x' = $X::VARCHAR\n${sql}\nFROM bronze.t`,
  });
  const { models } = await loadModels(engine, folder, { tables: ['t'], values });
  const [model] = models;
  if (model === undefined) throw new Error('There is a model');
  return model;
}

async function valueOf(model: Model): Promise<readonly unknown[]> {
  await engine.run('CREATE SCHEMA IF NOT EXISTS bronze; CREATE OR REPLACE TABLE bronze.t AS SELECT 1 AS one');
  const [row] = await engine.rows(
    `SELECT typeof(id) AS type, CAST(id AS VARCHAR) AS text FROM (${model.sql})`,
  );
  return Object.values(row ?? {});
}

describe('a variable is a value of its type', () => {
  test.each([
    ['x date = 2024-01-31', undefined, ['DATE', '2024-01-31']],
    ["x text = 'it''s -- $x'", undefined, ['VARCHAR', "it's -- $x"]],
    ['x text = São Paulo; DROP', undefined, ['VARCHAR', 'São Paulo; DROP']],
    ['x integer = 1', '12345678901234567', ['BIGINT', '12345678901234567']],
    ['x decimal(12,2)', '1.20', ['DECIMAL(12,2)', '1.20']],
    ['x boolean = false', 'true', ['BOOLEAN', 'true']],
    ['x timestamp', '2024-01-31 10:20:30', ['TIMESTAMP', '2024-01-31 10:20:30']],
    ['x date = null', undefined, ['DATE', null]],
    ['x text = a', null, ['VARCHAR', null]],
    ['x text[] = [boleto, "cartão, débito"]', undefined, ['VARCHAR[]', "[boleto, 'cartão, débito']"]],
    ['x bigint[] = 1, 2', ['3', '4'], ['BIGINT[]', '[3, 4]']],
    ['x bigint[] = []', undefined, ['BIGINT[]', '[]']],
  ] as const)('%s, given %j', async (declared, given, expected) => {
    expect(await valueOf(await load(declared, given === undefined ? {} : { x: given }))).toEqual(expected);
  });

  test('whatever its text is', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0')),
        async (text) => {
          expect(await valueOf(await load('x text', { x: text }))).toEqual(['VARCHAR', text]);
        },
      ),
      { numRuns: 20 },
    );
  });
});

async function written(sql: string): Promise<{ sql: string; tree: SqlNode }> {
  const parsed = await parseSql(engine, sql);
  if (parsed.kind === 'refused') throw new Error(parsed.reason);
  return { sql, tree: parsed.tree };
}

test('only parameters become values, and lines stay where they are', async () => {
  const sql = `SELECT '$x', "$x", $$ $x $$, $q$ $x $q$, $X + $y -- $x\n, /* $x */ $x FROM t`;
  const bound = await bindParameters(engine, await written(sql), new Map([['x', 'CAST(7 AS BIGINT)']]));
  expect(bound.sql).toBe(
    `SELECT '$x', "$x", $$ $x $$, $q$ $x $q$, CAST(7 AS BIGINT) + $y -- $x\n, /* $x */ CAST(7 AS BIGINT) FROM t`,
  );
  const escaped = await bindParameters(
    engine,
    await written(String.raw`SELECT E'\'$x' AS a, $x AS b`),
    new Map([['x', '7']]),
  );
  expect(await engine.rows(escaped.sql).then((rows) => Object.values(rows[0] ?? {}))).toEqual(["'$x", 7]);
});

test('another value is another model, in checks too; the same value written otherwise is not', async () => {
  const base = await load('x bigint = 1');
  expect((await load('x bigint = 2', { x: ' 1' })).hash).toBe(base.hash);
  expect((await load('x bigint = 1', { x: '+01' })).hash).toBe(base.hash);
  expect((await load('x bigint = 1', { x: '2' })).hash).not.toBe(base.hash);
  const [inCheck, other] = [
    await load('x bigint = 1', {}, 'SELECT 1 AS id'),
    await load('x bigint = 2', {}, 'SELECT 1 AS id'),
  ];
  expect(inCheck.sql.split('\n').slice(3)).toEqual(other.sql.split('\n').slice(3));
  expect(inCheck.hash).not.toBe(other.hash);
});

test.each([
  ['x date', {}, 'silver/m.sql:2: var: found no value for $x; allowed: one behind "="'],
  ['x date = 2024-02-30', {}, 'found "2024-02-30" for $x; allowed: a value of date'],
  ['x date = 2024-02-01 10:00', {}, 'found "2024-02-01 10:00" for $x'],
  ['x bigint', { x: '1.5' }, 'found "1.5" for $x; allowed: a value of bigint'],
  ['x decimal(5,2)', { x: '1.005' }, 'found "1.005" for $x'],
  ['x text', { x: ['a'] }, 'found a list for $x; allowed: a value of text'],
  ['x bigint[]', { x: 'a, 2' }, 'found "a" for $x'],
  ['x bigint = 1', { y: '1' }, 'models: no model has the variable y; there are: x'],
  ['x bigint = 1', { X: '1' }, '(did you mean "x"?)'],
  [
    'limit bigint = 1',
    { limti: '1' },
    'models: no model has the variable limti (did you mean "limit"?); there are: limit',
  ],
] as const)('%s, given %j, is refused', async (declared, values, told) => {
  await expect(load(declared, values)).rejects.toThrow(told);
});
