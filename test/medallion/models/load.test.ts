import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { IgarapeError } from '../../../src/core/errors.ts';
import { Engine } from '../../../src/engine/engine.ts';
import { parseSql } from '../../../src/engine/sql-tree.ts';
import { fullName } from '../../../src/medallion/layer.ts';
import type { ModelSet } from '../../../src/medallion/models/graph.ts';
import { UNSTABLE } from '../../../src/medallion/models/refusals.ts';
import { loadModels } from '../../../src/medallion/models/load.ts';
import { useTempDir } from '../../support/tmp.ts';
import { writeModels } from './folder.ts';

const dir = useTempDir();
let engine: Engine;
beforeAll(async () => {
  engine = Engine.open({ memoryLimit: '256MB', spillDir: 'unused', threads: 1 });
});
afterAll(() => engine.close());

const BRONZE = ['clientes', 'transacoes'];

async function load(files: Readonly<Record<string, string | Uint8Array>>): Promise<ModelSet> {
  const folder = join(dir(), 'models');
  await writeModels(folder, files);
  return loadModels(engine, folder, { tables: BRONZE });
}

/** The lines of the one error, without the first. */
async function problemsOf(files: Readonly<Record<string, string | Uint8Array>>): Promise<string[]> {
  const error: unknown = await load(files).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof IgarapeError)) throw error ?? new Error('No problem was found');
  expect(error.code).toBe('CONFIG_INVALID');
  return error.message
    .split('\n')
    .slice(1)
    .map((line) => line.trim());
}

const silver = (sql: string): Record<string, string> => ({ 'silver/m.sql': `-- key: id\n${sql}` });
const gold = (sql: string): Record<string, string> => ({
  'silver/m.sql': '-- key: id\nSELECT id FROM bronze.clientes',
  'gold/g.sql': `-- dt_ref: m.id\n${sql}`,
});

describe('a model', () => {
  test('has its header, its text without a semicolon, and its sources once', async () => {
    const { models } = await load({
      'silver/m.sql': `\u{feff}-- key: id\r\n-- description: Who buys\r\n--   and how often\r\nSELECT a.id FROM bronze.clientes a JOIN BRONZE.Transacoes USING (id)\r\nWHERE EXISTS (FROM bronze.clientes) ; -- all\r\n`,
      'silver/notes.txt': 'no model',
    });
    expect(models).toMatchObject([
      {
        layer: 'silver',
        name: 'm',
        path: 'models/silver/m.sql',
        header: { key: ['id'], description: 'Who buys and how often', windowDays: 1, dateColumn: undefined },
        sources: [
          { layer: 'bronze', name: 'clientes' },
          { layer: 'bronze', name: 'transacoes' },
        ],
      },
    ]);
    const sql = models[0]?.sql;
    expect(sql).toMatch(/^-- key/);
    expect(sql).toMatch(/WHERE EXISTS \(FROM bronze.clientes\)\n$/);
    expect(models[0]?.hash).toMatch(/^[\da-f]{64}$/);
  });

  test.each([';', ';;', '; ;\n;', '; /* end */', '; /* ; */ ;', '-- ; \n;', ' /* a;b */', "-- it's; all"])(
    'ends where its statement ends, whatever follows: %j',
    async (end) => {
      const { models } = await load(silver(`SELECT 'a;--b' AS id, $$;$$ AS x FROM bronze.clientes${end}`));
      const sql = models[0]?.sql ?? '';
      const enclosed = await parseSql(engine, `SELECT * FROM (${sql}) AS m`);
      expect(enclosed.kind).toBe('parsed');
      expect(sql).toContain(`'a;--b' AS id, $$;$$ AS x FROM bronze.clientes`);
    },
  );

  test('comes after what it reads, and after what its checks read', async () => {
    const { models, checked } = await load({
      'gold/a.sql': '-- dt_ref: b.d\nSELECT $dt_ref AS dt FROM silver.b',
      'silver/a.sql': '-- key: id\nSELECT * FROM silver.c',
      'silver/b.sql': '-- key: id\n-- check: relationship(id, silver.D.id)\nSELECT * FROM bronze.clientes',
      'silver/c.sql': '-- key: id\nSELECT * FROM bronze.clientes',
      'silver/d.sql': '-- key: id\n-- check: FROM silver.c WHERE id < 0\nSELECT * FROM bronze.clientes',
    });
    expect(models.map(fullName)).toEqual(['silver.c', 'silver.a', 'silver.d', 'silver.b', 'gold.a']);
    expect(checked.get('silver.b')).toEqual([{ layer: 'silver', name: 'd', line: 2 }]);
    expect(checked.get('gold.a')).toEqual([]);
  });

  test('may use names of WITH, subqueries and functions of its arguments', async () => {
    const { models } = await load(
      silver(`WITH RECURSIVE days AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM days WHERE n < 3),
        clientes AS (SELECT * FROM bronze.clientes)
      SELECT x.current_date AS id FROM clientes AS x, days, range(3), unnest([1, 2]), (VALUES (1)) AS v(y)
      WHERE x.id IN (SELECT id FROM (SELECT id FROM Clientes)) AND age(x.a, x.b) IS NULL`),
    );
    expect(models[0]?.sources).toEqual([{ layer: 'bronze', name: 'clientes' }]);
  });

  test('keeps its hash when layout, comments and description change, and only then', async () => {
    const hashOf = async (text: string): Promise<string> =>
      (await load({ 'silver/m.sql': text })).models[0]?.hash ?? '';
    const base = await hashOf('-- key: id\nSELECT id, 1 AS one FROM bronze.clientes');
    expect(
      await hashOf('-- description: new\n-- key: id\n\nselect id,\n  1 as one -- why\nFROM bronze.clientes;'),
    ).toBe(base);
    const hashes = [base];
    for (const text of [
      '-- key: id\nSELECT id, 2 AS one FROM bronze.clientes',
      '-- key: one\nSELECT id, 1 AS one FROM bronze.clientes',
      '-- key: id\n-- check: not_null(id)\nSELECT id, 1 AS one FROM bronze.clientes',
      '-- key: id\n-- check warn: not_null(id)\nSELECT id, 1 AS one FROM bronze.clientes',
    ]) {
      hashes.push(await hashOf(text));
    }
    expect(new Set(hashes).size).toBe(5);
  });
});

describe('refused is', () => {
  test.each([
    [
      'a table without its layer',
      silver('SELECT 1\nFROM clientes'),
      'models/silver/m.sql:3: reads clientes (did you mean "bronze.clientes"?)',
    ],
    [
      "dbt's ref",
      silver(`SELECT id FROM {{ ref('clientes') }}`),
      'found a template, {{ ref(…) }}; allowed: the name of the table',
    ],
    [
      'a template',
      silver('SELECT 1 AS id {% if x %}'),
      'found a template; allowed: SQL, with values as -- var:',
    ],
    [
      "sqlmesh's header",
      silver('MODEL (name a.b);\nSELECT 1 AS id'),
      'found MODEL (…); allowed: a header of comments instead',
    ],
    [
      'a date in braces',
      gold(`SELECT 1 AS one FROM silver.m\nWHERE d < '{dt_ref}'`),
      "models/gold/g.sql:3: has the text '{dt_ref}'; allowed: $dt_ref",
    ],
    [
      'a name of our own',
      silver(`SELECT id, _igarape_run,\n  v AS _IGARAPE_act, '_igarape_is' AS t FROM bronze.clientes`),
      'models/silver/m.sql:3: has the name _igarape_act; allowed: names that do not begin with _igarape_,',
    ],
    [
      'a name of our own inside',
      silver('SELECT a.x FROM bronze.clientes AS a(_igarape_was, x)'),
      'has the name _igarape_was;',
    ],
    ['a file', silver(`FROM 'x.parquet'`), 'reads x.parquet;'],
    ['a table of another database', silver('FROM cat.bronze.clientes'), 'reads cat.bronze.clientes'],
    [
      'a function that reads files',
      silver(`FROM read_csv('x')`),
      'reads read_csv(…), which is outside of the lake',
    ],
    ['a function that runs SQL', silver(`FROM query('FROM bronze.clientes')`), 'reads query(…)'],
    ['a name of WITH out of its scope', silver('SELECT (WITH a AS (SELECT 1) FROM a) FROM a'), 'reads a;'],
    ['gold in silver', silver('FROM gold.x'), 'reads gold.x; allowed: bronze.<table> or silver.<table>'],
    [
      'bronze in gold',
      gold('SELECT $dt_ref FROM silver.m, bronze.clientes'),
      'reads bronze.clientes; allowed: silver.<table>',
    ],
    [
      'a table that is not there',
      silver('FROM bronze.clientess'),
      'reads bronze.clientess, which does not exist (did you mean "bronze.clientes"?); there are: bronze.clientes, bronze.transacoes',
    ],
    [
      'the clock',
      silver('SELECT\nnow() FROM bronze.clientes'),
      'models/silver/m.sql:3: calls now(), which has another value each time',
    ],
    [
      'the clock without parentheses',
      gold('SELECT Current_Date, $dt_ref FROM silver.m'),
      'reads current_date, which has another value each time, so that the table could not be kept up to date; allowed: $dt_ref',
    ],
    ['the clock by a macro', silver('SELECT ago(INTERVAL 1 DAY) FROM bronze.clientes'), 'calls ago()'],
    ['an age until now', silver('SELECT age(d) FROM bronze.clientes'), 'calls age()'],
    ['a lot', silver('SELECT sum(x) OVER (ORDER BY random()) FROM bronze.clientes'), 'calls random()'],
    ['a sample', silver('FROM bronze.clientes TABLESAMPLE 10%'), 'draws a sample'],
    ['a version by AT', silver('FROM bronze.clientes AT (VERSION => 3)'), 'reads a version of a table by AT'],
    ['a description', silver('DESCRIBE bronze.clientes'), 'describes tables'],
    [
      '$dt_ref in silver',
      silver('SELECT $dt_ref FROM bronze.clientes'),
      'models/silver/m.sql:2: has the parameter $dt_ref; allowed: none',
    ],
    [
      'another parameter in gold',
      gold('SELECT $dt_ref, $x FROM silver.m'),
      'has the parameter $x; allowed: $dt_ref',
    ],
    ['a numbered parameter', silver('SELECT ? FROM bronze.clientes'), 'has the parameter number 1'],
    [
      'another statement',
      silver('DELETE FROM bronze.clientes'),
      'models/silver/m.sql:2: found another statement',
    ],
    ['two statements', silver('SELECT 1; SELECT 2'), 'found 2 statements'],
    ['no statement', silver(''), 'found no statement'],
    [
      'what is no SQL',
      silver(`SELECT 'é',\n\n foo( FROM a`),
      'models/silver/m.sql:4: it is no SQL: syntax error at or near "FROM"',
    ],
    ['a model that reads itself', silver('FROM silver.m'), 'silver.m → silver.m'],
    ['silver without a key', { 'silver/m.sql': 'SELECT 1' }, 'models/silver/m.sql:1: key: is missing'],
    ['gold without dt_ref', { 'gold/m.sql': 'SELECT $dt_ref' }, 'models/gold/m.sql:1: dt_ref: is missing'],
    [
      'a check of a table that is not there',
      silver('-- check: relationship(id, silver.x.id)\nSELECT 1'),
      'models/silver/m.sql:2: reads silver.x, which does not exist',
    ],
    [
      'what asks for the environment',
      silver(`SELECT getenv('HOME') FROM bronze.clientes`),
      'calls getenv(), which is outside of the lake',
    ],
    [
      'a check that asks for the environment',
      silver(`-- check: SELECT 1 WHERE getenv('HOME') IS NULL\nSELECT 1`),
      'models/silver/m.sql:2: check: calls getenv()',
    ],
    [
      'a check in SQL that reads a file',
      silver(`-- check: FROM read_csv('x')\nSELECT 1`),
      'models/silver/m.sql:2: check: reads read_csv(…)',
    ],
    [
      'a check that is no SQL',
      silver('-- check: SELECT FROM\nSELECT 1'),
      'models/silver/m.sql:2: check: it is no SQL',
    ],
    [
      'a name that is no table',
      { 'silver/_m.sql': 'SELECT 1' },
      `models/silver/_m.sql: its name is no table's name`,
    ],
    [
      'a file of no layer',
      { 'sliver/m.sql': 'SELECT 1' },
      'models/sliver/m.sql: stands where no model is looked for',
    ],
    [
      'what is not UTF-8',
      { 'silver/m.sql': Buffer.from('-- é', 'latin1') },
      'models/silver/m.sql: it is not UTF-8',
    ],
  ])('%s', async (_, files, message) => {
    expect(await problemsOf(files)).toEqual([expect.stringContaining(message)]);
  });

  test('a circle, by the names of its models', async () => {
    const model = (source: string): string => `-- key: id\nFROM silver.${source}`;
    expect(
      await problemsOf({
        'silver/a.sql': model('b'),
        'silver/b.sql': model('c'),
        'silver/c.sql': model('b'),
      }),
    ).toEqual([expect.stringContaining('silver.b → silver.c → silver.b')]);
  });

  test.each([
    ['of what is made of it', 'relationship(id, silver.b.id)', 'SELECT 1'],
    ['of what is made of it, in SQL', 'SELECT * FROM silver.b JOIN silver.c USING (id)', 'SELECT 1'],
    ['of what checks it, in turn', 'relationship(id, silver.b.id)', '-- check: FROM silver.a\nSELECT 1'],
  ])('a circle through a check %s, at the line of the check', async (_, check, c) => {
    expect(
      await problemsOf({
        'silver/a.sql': `-- key: id\n-- check: not_null(id)\n-- check warn: ${check}\nFROM bronze.clientes`,
        'silver/b.sql': '-- key: id\nSELECT id FROM silver.d',
        'silver/c.sql': `-- key: id\n${c}`,
        'silver/d.sql': '-- key: id\nSELECT id FROM silver.a JOIN silver.c USING (id)',
      }),
    ).toEqual([
      expect.stringMatching(
        /^models\/silver\/a\.sql:3: its check reads what waits for it, .*: silver\.a → silver\.b → silver\.d → silver\.a; allowed: /,
      ),
    ]);
  });

  test('two models whose checks read each other', async () => {
    const model = (other: string): string =>
      `-- key: id\n-- check: FROM silver.${other}\nFROM bronze.clientes`;
    expect(await problemsOf({ 'silver/a.sql': model('b'), 'silver/b.sql': model('a') })).toEqual([
      expect.stringMatching(/^models\/silver\/a\.sql:2: .*: silver\.a → silver\.b → silver\.a;/),
    ]);
  });

  test('every problem of every file at once, in the order of files and lines', async () => {
    const problems = await problemsOf({
      'silver/a.sql': '-- kee: id\n-- key: id\nFROM x',
      'silver/b.sql': 'FROM bronze.clientes',
    });
    expect(problems.map((line) => line.split(' ')[0])).toEqual([
      'models/silver/a.sql:1:',
      'models/silver/a.sql:3:',
      'models/silver/b.sql:1:',
    ]);
  });

  test.runIf(process.platform === 'linux')('two names that differ in case alone', async () => {
    const text = '-- key: id\nSELECT 1 AS id';
    expect(await problemsOf({ 'silver/a.sql': text, 'silver/A.sql': text, 'gold/a.txt': '' })).toEqual([
      expect.stringContaining('models/silver/A.sql has this name already'),
    ]);
  });

  test('a folder that is not there', async () => {
    await expect(loadModels(engine, join(dir(), 'none'))).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      hint: expect.stringContaining('init --lakehouse'),
    });
  });
});

test('any bronze table may be read where it is not known which there are', async () => {
  const folder = join(dir(), 'models');
  await writeModels(folder, silver('FROM bronze.whatever'));
  expect((await loadModels(engine, folder)).models).toHaveLength(1);
});

test('a function without arguments that gives another value in another session may not stand in a model', async () => {
  const called = await engine.rows(
    `SELECT DISTINCT lower(function_name) AS name FROM duckdb_functions()
      WHERE function_type IN ('scalar', 'macro') AND len(parameters) = 0 AND function_name SIMILAR TO '[a-zA-Z_]+'`,
  );
  const allowed = called.map(({ name }) => String(name)).filter((name) => !UNSTABLE.has(name));
  expect(allowed).toContain('pi');
  const other = Engine.open({ memoryLimit: '256MB', spillDir: 'unused', threads: 1 });
  try {
    const differing: string[] = [];
    for (const name of allowed) {
      const [one, another] = await Promise.all([valueOf(engine, name), valueOf(other, name)]);
      if (one !== another) differing.push(name);
    }
    expect(differing).toEqual([]);
  } finally {
    other.close();
  }
});

/** Undefined where it cannot be called. */
async function valueOf(asked: Engine, name: string): Promise<unknown> {
  const [row] = await asked
    .rows(`SELECT CAST(${name}() AS VARCHAR) AS value`)
    .catch((): readonly Record<string, unknown>[] => []);
  return row?.['value'];
}

test('a semicolon in a comment ends nothing', async () => {
  const { models } = await load(silver('-- one; two\nSELECT id /* a; b */ FROM bronze.clientes\n; -- all'));
  expect(models[0]?.sql).toBe('-- key: id\n-- one; two\nSELECT id /* a; b */ FROM bronze.clientes\n');
});
