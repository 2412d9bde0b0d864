import { rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { openQuery, type OpenQuery, type QueryValue } from '../../../src/lake/query/query.ts';
import { QueriedLayers } from '../../../src/medallion/query/queried-layers.ts';
import { useLayers } from '../../support/layer-tables.ts';
import { useTempDir } from '../../support/tmp.ts';

const dir = useTempDir();
const openLayers = useLayers();

/** Commits are an hour apart; version 0 is of noon. */
const NOON_S = Date.parse('2025-10-04T12:00:00Z') / 1000;
const HOUR_S = 3600;

async function query(sql: string, lake: string = dir()): Promise<OpenQuery> {
  const tables = await openLayers(lake);
  const { engine, workDir, storage } = tables.edge;
  return openQuery(engine, { sql, storage, workDir, others: new QueriedLayers(tables) });
}

async function rowsOf(sql: string): Promise<(readonly QueryValue[])[]> {
  return [...(await (await query(sql)).rows(100)).rows];
}

beforeEach(async () => {
  const tables = await openLayers(dir());
  const bronze = await tables.create(
    { layer: 'bronze', name: 'Clientes' },
    { rows: `SELECT 1 AS id, 'Ana' AS nome, 0 AS _igarape_run, now() AS _cdc_timestamp` },
  );
  await bronze.append(`SELECT 2 AS id, 'Bia' AS nome, 1 AS _igarape_run, now() AS _cdc_timestamp`);
  const silver = await tables.create(
    { layer: 'silver', name: 'clientes' },
    { rows: `SELECT 1 AS id, 10 AS pontos` },
  );
  await silver.append('SELECT 2 AS id, 20 AS pontos');
  await silver.update({ set: { pontos: 'pontos + 1' }, where: 'id = 1' });
  for (const version of [0, 1, 2]) {
    const time = NOON_S + version * HOUR_S;
    await utimes(
      join(dir(), 'lake', 'silver', 'clientes', '_delta_log', `${String(version).padStart(20, '0')}.json`),
      time,
      time,
    );
  }
});

describe('what a name stands for', () => {
  test('a table of a layer is its newest version, bronze with all its columns, in any letters', async () => {
    expect((await query('FROM bronze.Clientes')).columns.map(({ name }) => name)).toEqual([
      'id',
      'nome',
      '_igarape_run',
      '_cdc_timestamp',
    ]);
    expect(await rowsOf('SELECT id, nome FROM BRONZE."clientes" ORDER BY id')).toEqual([
      [1, 'Ana'],
      [2, 'Bia'],
    ]);
    expect(
      await rowsOf(
        'SELECT silver.clientes.pontos FROM bronze.clientes JOIN silver.clientes USING (id) ORDER BY 1',
      ),
    ).toEqual([[11], [20]]);
  });

  test.each([
    ['FROM silver.clientes AT (VERSION => 0)', [[1, 10]]],
    [
      'FROM silver.clientes c AT (VERSION => 1) ORDER BY c.id',
      [
        [1, 10],
        [2, 20],
      ],
    ],
    [
      'FROM Silver.Clientes AS c(a, b) AT (VERSION => 2) ORDER BY a',
      [
        [1, 11],
        [2, 20],
      ],
    ],
    [
      `SELECT id, antes.pontos, agora.pontos FROM silver.clientes agora LEFT JOIN silver.clientes AS antes AT (VERSION => 0) USING (id) ORDER BY 1`,
      [
        [1, 10, 11],
        [2, null, 20],
      ],
    ],
    [
      `SELECT a.pontos - b.pontos FROM silver.clientes a AT (VERSION => 2) JOIN silver.clientes b AT (VERSION => 1) USING (id) WHERE a.pontos <> b.pontos`,
      [[1]],
    ],
    [
      `WITH antes AS (SELECT silver.clientes.id FROM silver.clientes AT (VERSION => 0)),
        agora AS (SELECT silver.clientes.id FROM silver.clientes)
        SELECT count(*) FROM agora WHERE id NOT IN (SELECT id FROM antes)`,
      [[1n]],
    ],
    [
      `SELECT bronze.clientes.nome, silver.clientes.pontos FROM bronze.clientes AT (VERSION => 0)
        JOIN silver.clientes AT (VERSION => 0) ON bronze.clientes.id = silver.clientes.id`,
      [['Ana', 10]],
    ],
    [
      `SELECT silver.clientes.pontos, antes.pontos
        FROM bronze.clientes JOIN silver.clientes ON bronze.clientes.id = silver.clientes.id
        JOIN silver.clientes AS antes AT (VERSION => 0) ON antes.id = bronze.clientes.id`,
      [[11, 10]],
    ],
    [`FROM silver.clientes AT (TIMESTAMP => '2025-10-04 12:59:59.999')`, [[1, 10]]],
    [
      `SELECT count(*) FROM silver.clientes AT (TIMESTAMP => TIMESTAMPTZ '2025-10-04 10:00:00-03:00')`,
      [[2n]],
    ],
    [
      `SELECT sum(pontos) FROM silver.clientes AT (TIMESTAMP => CAST('2025-10-04 14:00:00+00' AS TIMESTAMPTZ))`,
      [[31n]],
    ],
    [
      `SELECT (SELECT max(pontos) FROM silver.clientes AT (VERSION => 0)), 18446744073709551615, 1.50`,
      [[10, 18446744073709551615n, '1.50']],
    ],
  ])('versions: %s', async (sql, expected) => {
    expect(await rowsOf(sql)).toEqual(expected);
  });
});

describe('what is refused', () => {
  test.each([
    ['FROM silver.cliente', 'The lake has no table silver.cliente.', 'bronze.Clientes, silver.clientes'],
    [
      'FROM gold.clientes AT (VERSION => 0)',
      'The lake has no table gold.clientes.',
      'bronze.Clientes, silver.clientes',
    ],
    [
      'FROM clientes',
      'The lake has no table clientes.',
      'In its layers are: bronze.Clientes, silver.clientes.',
    ],
    ['FROM platinum.clientes', 'The lake has no table platinum.clientes.', 'bronze.Clientes'],
    [
      'FROM silver.clientes AT (VERSION => 9)',
      'silver.clientes has no version 9.',
      'Its newest is version 2;',
    ],
    ['FROM silver.clientes AT (VERSION => -1)', 'AT names no version of silver.clientes', 'VERSION => 3'],
    ['FROM silver.clientes AT (VERSION => NULL)', 'AT names no version', 'VERSION => 3'],
    [
      `FROM silver.clientes AT (TIMESTAMP => '2001-01-01')`,
      'silver.clientes has no version as old as 2001-01-01T00:00:00.000Z.',
      'igarape delta history silver.clientes',
    ],
    [
      `FROM silver.clientes AT (VERSION => 'x')`,
      'AT names no version of silver.clientes that can be read.',
      'VERSION => 3',
    ],
    [
      `FROM silver.clientes AT (TIMESTAMP => 'x')`,
      'AT names no time of silver.clientes that can be read.',
      'VERSION => 3',
    ],
    ['FROM silver.clientes AT (VERSION => id)', 'AT names no version', 'VERSION => 3'],
    ['FROM bronze."../clientes"', 'The lake has no table bronze.../clientes.', 'bronze.Clientes'],
    ['FROM silver."a/../../clientes" AT (VERSION => 0)', 'The lake has no table silver.a', 'bronze.Clientes'],
    ['FROM gold."a\\b"', 'The lake has no table gold.a', 'bronze.Clientes'],
    [
      `FROM silver.clientes AT (VERSION => (SELECT count(*) FROM read_text('/etc/passwd')))`,
      'A query may not call read_text().',
      '--allow-files',
    ],
    ['FROM silver.clientes AT (VERSION => 1 + 1)', 'AT names no version', 'VERSION => 3'],
    ['FROM cdc.clientes AT (VERSION => 0)', 'cdc.clientes takes no AT.', 'bronze.clientes AT (VERSION => 3)'],
    [
      'FROM silver.clientes AT (VERSION => 0) AS a',
      'The SQL cannot be parsed',
      'FROM silver.t AS before AT (VERSION => 3)',
    ],
  ])('%s', async (sql, message, hint) => {
    await expect(query(sql)).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining(message),
      hint: expect.stringContaining(hint),
    });
  });

  test('a table of a lake whose layers have none', async () => {
    await expect(query('FROM silver.clientes', join(dir(), 'other'))).rejects.toMatchObject({
      code: 'USAGE',
      hint: expect.stringContaining('no tables yet'),
    });
  });
});

test('only the tables that are named are read', async () => {
  const log = join(dir(), 'lake', 'silver', 'clientes', '_delta_log', `${'0'.repeat(20)}.json`);
  await writeFile(log, 'damaged');
  expect(await rowsOf('SELECT count(*) FROM bronze.Clientes')).toEqual([[2n]]);
  await expect(rowsOf('FROM silver.clientes')).rejects.toMatchObject({ code: 'DELTA_CORRUPT' });
});

test('a table without its log is not there', async () => {
  await rm(join(dir(), 'lake', 'silver', 'clientes', '_delta_log'), { recursive: true });
  await expect(rowsOf('FROM silver.clientes')).rejects.toMatchObject({
    code: 'USAGE',
    hint: 'Its layers have: bronze.Clientes.',
  });
});
