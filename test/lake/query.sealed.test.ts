import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Engine } from '../../src/engine/engine.ts';
import { openQuery, type OpenQuery } from '../../src/lake/query/query.ts';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();
let lake: Scenario;
let engine: Engine;

async function query(sql: string, allowFiles: readonly string[] = []): Promise<OpenQuery> {
  const workDir = join(dir(), 'query');
  await mkdir(workDir, { recursive: true });
  return openQuery(engine, { sql, storage: lake.storage, workDir, allowFiles });
}

/** Every file below the test's folder but the engine's own, with its bytes. */
async function filesThere(): Promise<Map<string, string>> {
  const names = await readdir(dir(), { recursive: true, withFileTypes: true });
  const files = names
    .filter((entry) => entry.isFile() && !entry.parentPath.startsWith(join(dir(), 'query')))
    .map((entry) => join(entry.parentPath, entry.name));
  return new Map(
    await Promise.all(
      files.toSorted().map(async (path) => [path, await readFile(path, 'base64')] as [string, string]),
    ),
  );
}

beforeEach(async () => {
  lake = openScenario(dir(), {
    tables: [
      { name: 'clientes', pk: 'id' },
      { name: 'outra', pk: 'id' },
    ],
  });
  await lake.write('clientes.csv', 'id,nome\n1,Ana\n');
  await lake.write('outra.csv', 'id\n1\n');
  await lake.run();
  await mkdir(join(dir(), 'extra'));
  await writeFile(join(dir(), 'extra', 'a.csv'), 'a\n7\n');
  engine = await openEngine();
});

afterEach(() => engine.close());

/** A query needs an engine of its own. */
async function reopen(): Promise<void> {
  engine.close();
  engine = await openEngine();
}

async function openEngine(): Promise<Engine> {
  return Engine.open({ memoryLimit: '200MB', spillDir: join(dir(), 'query', 'spill'), threads: 1 });
}

/** What stands for a place to write to, for a file that is not the query's, and for a file of the lake. */
const [NEW, SECRET, LEDGER] = ['$NEW', '$SECRET', '$LEDGER'];

function placed(sql: string): string {
  return sql
    .replaceAll(NEW, join(dir(), 'new'))
    .replaceAll(SECRET, join(dir(), 'extra', 'a.csv'))
    .replaceAll(LEDGER, join(dir(), 'lake', '_igarape', 'ledger', '00000000000000000000.json'));
}

const readers = [
  'read_csv',
  'read_csv_auto',
  'read_text',
  'read_blob',
  'read_json',
  'read_ndjson_objects',
  'read_parquet',
  'parquet_metadata',
  'sniff_csv',
  'glob',
  'read_duckdb',
];
const attacks = [
  ...readers.map((name) => `FROM ${name}('${SECRET}')`),
  `FROM '${SECRET}'`,
  `FROM "${SECRET}"`,
  `SELECT (WITH "${SECRET}" AS (SELECT 1) SELECT count(*) FROM "${SECRET}"), * FROM "${SECRET}"`,
  `SELECT (SELECT count(*) FROM read_text('/etc/passwd')) FROM clientes`,
  `FROM clientes WHERE id IN (SELECT size FROM read_blob('/proc/self/environ'))`,
  `FROM query('FROM read_text(''${SECRET}'')')`,
  `FROM query_table('clientes')`,
  `FROM json_execute_serialized_sql(json_serialize_sql('FROM read_text(''${SECRET}'')'))`,
  `SELECT count(*) FROM enable_profiling(save_location = '${LEDGER}', format = 'json')`,
  `SELECT count(*) FROM Enable_Profiling(save_location = '${NEW}')`,
  `FROM clientes, LATERAL enable_profiling(save_location = '${NEW}')`,
  `FROM enable_logging(storage = 'file', storage_path = '${NEW}')`,
  `FROM disable_logging()`,
  `FROM checkpoint()`,
  `SELECT write_log('x')`,
  `SELECT getenv('HOME')`,
  `SELECT current_setting('temp_directory')`,
  `SELECT sleep_ms(1000000)`,
  `FROM duckdb_settings()`,
  `FROM duckdb_secrets()`,
  `FROM which_secret('s3://b/k', 's3')`,
  `FROM duckdb_temporary_files()`,
  `FROM pg_catalog.pg_settings`,
  `FROM system.main.duckdb_settings`,
  `FROM temp.main.clientes`,
  `FROM clientes AT (VERSION => (SELECT count(*) FROM enable_profiling(save_location = '${LEDGER}')))`,
  `FROM bronze.clientes AT (VERSION => (SELECT count(*) FROM read_text('${SECRET}')))`,
  `SELECT * FROM clientes; COPY (SELECT 1) TO '${NEW}'`,
  `COPY clientes TO '${NEW}'`,
  `EXPORT DATABASE '${NEW}'`,
  `ATTACH '${NEW}' AS other`,
  `INSTALL httpfs`,
  `LOAD httpfs`,
  `SET enable_external_access = true`,
  `PRAGMA enable_profiling = 'json'`,
  `CREATE SECRET (TYPE s3, KEY_ID 'a', SECRET 'b')`,
  `CALL enable_profiling(save_location = '${NEW}')`,
  `EXECUTE x`,
  `EXPLAIN ANALYZE SELECT 1`,
  `FROM run_0."../clientes"`,
  `FROM cdc."../clientes"`,
  `FROM full_load."../../extra/a"`,
  `FROM "../clientes"`,
];

test('what leads out of the tables is refused as wrong use, and no file is touched', async () => {
  const before = await filesThere();
  for (const sql of attacks) {
    const outcome = (async () => (await query(placed(sql))).rows(10))();
    await expect.soft(outcome, sql).rejects.toMatchObject({ code: 'USAGE' });
    await reopen();
  }
  expect(await filesThere()).toEqual(before);
});

test('files and folders that are allowed by name are read, and no others', async () => {
  const read = (path: string): string => `SELECT a FROM read_csv('${path}')`;
  const allowed = join(dir(), 'extra', 'a.csv');
  for (const allow of [allowed, join(dir(), 'extra')]) {
    const opened = await query(placed(read(SECRET)), [allow]);
    expect((await opened.rows(10)).rows).toEqual([[7n]]);
    await reopen();
  }
  for (const other of [LEDGER, '/etc/passwd', join(dir(), 'extra', '..', 'source', 'clientes.csv')]) {
    await expect(query(placed(read(other)), [join(dir(), 'extra')])).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('Permission'),
    });
    await reopen();
  }
  await expect(query('SELECT 1', [join(dir(), 'nowhere')])).rejects.toMatchObject({ code: 'USAGE' });
});

test('what only looks at tables works', async () => {
  for (const sql of [
    'DESCRIBE clientes',
    'SUMMARIZE clientes',
    'SHOW clientes;',
    'SHOW TABLES',
    'SELECT 1;;',
    'TABLE clientes; /* all */',
  ]) {
    expect((await (await query(sql)).rows(10)).columns.length).toBeGreaterThan(0);
    await reopen();
  }
});

test('functions as tables that read their arguments alone work', async () => {
  const sql = `SELECT r, u, k FROM range(1) a(r), unnest([5]) b(u), (SELECT key AS k FROM json_each('{"x": 1}'))`;
  expect((await (await query(sql)).rows(10)).rows).toEqual([[0n, 5, 'x']]);
});
