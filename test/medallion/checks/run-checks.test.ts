import { describe, expect, test } from 'vitest';
import type { BrokenCheck, Check, CheckRule } from '../../../src/medallion/checks/check.ts';
import { describeBroken } from '../../../src/medallion/checks/describe-broken.ts';
import { runChecks } from '../../../src/medallion/checks/run-checks.ts';
import type { LayerTables } from '../../../src/medallion/layer-tables.ts';
import { useLayers } from '../../support/layer-tables.ts';
import { useTempDir } from '../../support/tmp.ts';

const dir = useTempDir();
const open = useLayers();

const TABLE = { layer: 'silver', name: 'transacoes' } as const;
const CLIENTES = { layer: 'silver', name: 'clientes' } as const;

function check(rule: CheckRule, text: string = rule.kind, severity: Check['severity'] = 'error'): Check {
  return { rule, severity, text };
}

function run(tables: LayerTables, candidate: string, ...rules: CheckRule[]): Promise<BrokenCheck[]> {
  const checks = rules.map((rule) => check(rule));
  return runChecks(tables, checks, { table: TABLE, candidate });
}

const ROWS = `SELECT * FROM (VALUES (1, 10, 'web'), (2, NULL, 'app'), (3, 10, NULL), (4, 30, 'fax')) AS v(id, idCliente, canal)`;

describe('not_null', () => {
  test('finds rows with a null in any of the columns, and shows the columns first', async () => {
    const [broken] = await run(await open(dir()), ROWS, {
      kind: 'not_null',
      columns: ['canal', 'IDCLIENTE'],
    });
    expect(broken).toMatchObject({
      rows: 2,
      samples: [
        { id: '2', idCliente: null, canal: 'app' },
        { id: '3', idCliente: '10', canal: null },
      ],
    });
    expect(Object.keys(broken?.samples[0] ?? {})).toEqual(['canal', 'idCliente', 'id']);
  });

  test('holds where there is none, and for a table without rows', async () => {
    const tables = await open(dir());
    expect(await run(tables, ROWS, { kind: 'not_null', columns: ['id'] })).toEqual([]);
    expect(await run(tables, `${ROWS} LIMIT 0`, { kind: 'not_null', columns: ['canal'] })).toEqual([]);
  });
});

describe('unique', () => {
  test('finds every row whose values another row has too', async () => {
    const [broken] = await run(await open(dir()), ROWS, { kind: 'unique', columns: ['idCliente'] });
    expect(broken).toMatchObject({ rows: 2, samples: [{ id: '1' }, { id: '3' }] });
  });

  test('takes columns together, and rows with a null for unlike all others', async () => {
    const tables = await open(dir());
    const rows = `SELECT * FROM (VALUES (1, 1), (1, 2), (1, NULL), (1, NULL), (NULL, NULL)) AS v(n, igarape)`;
    expect(await run(tables, rows, { kind: 'unique', columns: ['n', 'igarape'] })).toEqual([]);
    expect(await run(tables, rows, { kind: 'unique', columns: ['n'] })).toMatchObject([{ rows: 4 }]);
  });
});

describe('accepted_values', () => {
  test('finds other values, and lets nulls pass', async () => {
    const found = await run(await open(dir()), ROWS, {
      kind: 'accepted_values',
      column: 'canal',
      values: ['web', 'app', "o'clock"],
    });
    expect(found).toMatchObject([{ rows: 1, samples: [{ canal: 'fax', id: '4' }] }]);
  });

  test('reads values as the type of the column', async () => {
    const tables = await open(dir());
    const rows = `SELECT * FROM (VALUES (1.50, true), (2.00, false)) AS v(preco, ativo)`;
    expect(
      await run(tables, rows, { kind: 'accepted_values', column: 'preco', values: ['1.5', '2'] }),
    ).toEqual([]);
    expect(
      await run(tables, rows, { kind: 'accepted_values', column: 'ativo', values: ['TRUE'] }),
    ).toMatchObject([{ rows: 1 }]);
    await expect(
      run(tables, rows, { kind: 'accepted_values', column: 'preco', values: ['barato'] }),
    ).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(/silver\.transacoes .* accepted_values: .*barato/),
    });
  });
});

describe('relationship', () => {
  async function withClientes(): Promise<LayerTables> {
    const tables = await open(dir());
    const clientes = await tables.create(CLIENTES, { rows: 'SELECT 10 AS id UNION ALL SELECT NULL' });
    await clientes.append('SELECT 30 AS id');
    return tables;
  }
  const RULE = {
    kind: 'relationship',
    column: 'idCliente',
    toTable: 'silver.clientes',
    toColumn: 'ID',
  } as const;

  test('finds values that the other table lacks, at the version that the run reads', async () => {
    const tables = await withClientes();
    expect(await run(tables, ROWS, RULE)).toEqual([]);
    const versions = new Map([['silver.clientes', 0]]);
    const found = await runChecks(tables, [check(RULE)], { table: TABLE, candidate: ROWS, versions });
    expect(found).toMatchObject([{ rows: 1, samples: [{ idCliente: '30', id: '4' }] }]);
  });

  test('may name the checked table itself, whose rows are the new ones', async () => {
    const tables = await open(dir());
    await tables.create(TABLE, { rows: 'SELECT 7 AS id, 9 AS pai' });
    const rows = 'SELECT * FROM (VALUES (1, NULL), (2, 1), (3, 7)) AS v(id, pai)';
    const rule = {
      kind: 'relationship',
      column: 'pai',
      toTable: 'silver.transacoes',
      toColumn: 'id',
    } as const;
    expect(await run(tables, rows, rule)).toMatchObject([{ rows: 1, samples: [{ pai: '7', id: '3' }] }]);
  });

  test('with a table that does not exist is an error that names it', async () => {
    await expect(run(await open(dir()), ROWS, RULE)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(/silver\.transacoes .* relationship: .*silver\.clientes/),
    });
  });
});

describe('row_count', () => {
  test.each([
    [4, 4, []],
    [0, Infinity, []],
    [5, 9, [{ rows: 4, samples: [] }]],
    [0, 3, [{ rows: 4, samples: [] }]],
  ])('between %d and %d', async (min, max, expected) => {
    expect(await run(await open(dir()), ROWS, { kind: 'row_count', min, max })).toMatchObject(expected);
  });
});

describe('any SELECT', () => {
  test('gives the rows that break it, from the new rows and other tables of the lake', async () => {
    const tables = await open(dir());
    await tables.create({ layer: 'bronze', name: 'clientes' }, { rows: 'SELECT 10 AS id' });
    const sql = `WITH t AS (SELECT * FROM silver.transacoes) -- all
      SELECT t.*, silver.transacoes.id AS id FROM t JOIN SILVER.Transacoes ON t.id = silver.transacoes.id
      WHERE t.idCliente NOT IN (SELECT bronze.clientes.id FROM bronze.clientes) -- that is it`;
    const [broken] = await run(tables, ROWS, { kind: 'sql', sql });
    expect(broken).toMatchObject({ rows: 1, samples: [{ id: '4', idCliente: '30', canal: 'fax' }] });
    expect(await run(tables, ROWS, { kind: 'sql', sql: 'FROM silver.transacoes WHERE id > 4' })).toEqual([]);
  });

  test.each([
    ['SELECT FROM WHERE', /syntax error/],
    ['SELECT 1; SELECT 2', /not one SELECT/],
    ['SELECT nome FROM silver.transacoes', /"nome"/],
    ['SELECT * FROM gold.diario', /gold\.diario/],
    [`SELECT * FROM silver.transacoes WHERE CAST(canal AS INTEGER) = 1`, /Could not convert|Conversion/],
  ])('that is wrong is an error with the model and the check: %s', async (sql, reason) => {
    const tables = await open(dir());
    const text = 'no_bad_rows';
    const error: unknown = await runChecks(tables, [check({ kind: 'sql', sql }, text)], {
      table: TABLE,
      candidate: ROWS,
    }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', message: reason });
    expect(String(error)).toContain('silver.transacoes cannot be checked by no_bad_rows: ');
  });
});

test('a column that is not there is an error that names the near one', async () => {
  await expect(run(await open(dir()), ROWS, { kind: 'unique', columns: ['idClient'] })).rejects.toMatchObject(
    {
      code: 'CONFIG_INVALID',
      message: 'silver.transacoes cannot be checked by unique: there is no column idClient.',
      hint: 'Is it idCliente?',
    },
  );
});

test('of many broken rows the first five are shown, and the checks keep their order', async () => {
  const found = await run(
    await open(dir()),
    'SELECT range AS id, NULL AS v FROM range(100)',
    { kind: 'sql', sql: 'SELECT id FROM silver.transacoes WHERE id >= 50' },
    { kind: 'not_null', columns: ['id'] },
    { kind: 'not_null', columns: ['v'] },
    { kind: 'row_count', min: 0, max: 1 },
  );
  expect(found.map(({ check: { text }, rows }) => [text, rows])).toEqual([
    ['sql', 50],
    ['not_null', 100],
    ['row_count', 100],
  ]);
  expect(found[0]?.samples.map(({ id }) => id)).toEqual(['50', '51', '52', '53', '54']);
});

test('views that stand under the names of tables stay as they are, and nothing is left behind', async () => {
  const tables = await open(dir());
  await tables.create(CLIENTES, { rows: 'SELECT 10 AS id' });
  const { engine } = tables.edge;
  await engine.run('CREATE SCHEMA silver');
  await engine.run('CREATE VIEW silver.transacoes AS SELECT 42 AS id');
  await engine.run('CREATE VIEW silver.clientes AS SELECT 43 AS id');
  await run(tables, 'SELECT id FROM silver.transacoes', {
    kind: 'sql',
    sql: 'SELECT * FROM silver.transacoes JOIN silver.clientes USING (id)',
  });
  const left = 'SELECT table_schema, table_name FROM information_schema.tables ORDER BY ALL';
  expect(await engine.rows(left)).toEqual([
    { table_schema: 'silver', table_name: 'clientes' },
    { table_schema: 'silver', table_name: 'transacoes' },
  ]);
  expect(await engine.rows('SELECT id FROM silver.transacoes')).toEqual([{ id: 42 }]);
  expect(
    await engine.rows(`SELECT schema_name FROM duckdb_schemas() WHERE schema_name LIKE 'igarape%'`),
  ).toEqual([]);
});

test('broken checks read as one sentence', () => {
  const long = { id: '7', nome: 'x'.repeat(50), a: null, b: '1', c: '2' };
  const broken = [
    { check: check({ kind: 'not_null', columns: ['a'] }, 'not_null(a)'), rows: 3, samples: [long] },
    {
      check: check({ kind: 'row_count', min: 2, max: 9 }, 'row_count between 2 and 9'),
      rows: 1,
      samples: [],
    },
  ];
  expect(describeBroken(broken)).toBe(
    `not_null(a): 3 rows, e.g. {id: 7, nome: ${'x'.repeat(40)}…, a: null, b: 1, …}; row_count between 2 and 9: 1 row`,
  );
});
