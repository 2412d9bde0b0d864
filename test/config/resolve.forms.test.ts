import { join, resolve as resolvePath } from 'node:path';
import { expect, test } from 'vitest';
import { resolveConfig } from '../../src/config/resolve.ts';
import { ROW_PLACE } from '../../src/core/row-place.ts';
import { defaultFilePattern } from '../../src/config/table-name.ts';
import { accepted } from './written.ts';
import { PLAIN_CSV } from '../support/read-csv.ts';

const FOLDER = resolvePath('/projects/loyalty');

test('the form of the earlier pipeline becomes a Kaggle source and an S3 lake', () => {
  const config = accepted(
    {
      dataset_name: 'teocalvo/teomewhy-loyalty-system',
      aws: { bucket: 'my-lake-raw', prefix: '/loyalty/raw/', region: 'us-east-1' },
      timer: { unit: 'hours', value: 6 },
      cleanup: { enabled: true, keep_last_n_cdc_files: 5 },
      tables: [{ name: 'clientes', sep: ';', pk: 'idCliente', date_field: 'DtAtualizacao' }],
    },
    FOLDER,
  );
  expect(config).toEqual({
    source: { type: 'kaggle', dataset: 'teocalvo/teomewhy-loyalty-system' },
    engine: { type: 'duckdb' },
    lake: { uri: 's3://my-lake-raw/loyalty/raw', s3: { region: 'us-east-1' } },
    timer: { kind: 'interval', everyMs: 6 * 3_600_000 },
    layout: 'flat',
    compat: null,
    cdcColumns: { operation: '_cdc_operation', timestamp: '_cdc_timestamp', sequence: '_cdc_sequence' },
    compression: 'snappy',
    memoryLimit: '1GB',
    workDir: join(FOLDER, '.igarape'),
    layers: [],
    models: join(FOLDER, 'models'),
    seeds: { usual: expect.objectContaining({ format: 'csv', key: ROW_PLACE, types: {} }), named: {} },
    vars: {},
    queryTimeoutMs: 600_000,
    maintenance: { optimize: true, optimizeAfterFiles: 50, vacuum: true, vacuumEveryMs: 7 * 86_400_000 },
    notifications: { onFailure: undefined, onHold: undefined, onSuccess: undefined, openLineage: undefined },
    foreignTables: [],
    tables: [
      {
        name: 'clientes',
        file: defaultFilePattern('clientes'),
        format: undefined,
        isSeparatorGiven: true,
        csv: { ...PLAIN_CSV, separator: ';', quote: '"', encoding: 'utf-8', decimal: '.' },
        mode: 'snapshot',
        key: ['idCliente'],
        isRowKey: false,
        duplicates: undefined,
        dateField: 'DtAtualizacao',
        types: {},
        ignore: [],
        schema: 'evolve',
        updateWhen: 'content',
        maxDeleteRatio: 0.3,
        maxUpdateRatio: 0.5,
        history: 'latest',
        maxFilesPerRun: undefined,
      },
    ],
  });
});

test('the full form is taken as it is written, with paths from the folder of the file', () => {
  const config = accepted(
    {
      $schema: './igarape.schema.json',
      source: { type: 'files', path: '../snapshots' },
      lake: 'out/lake',
      s3: { endpoint: 'http://127.0.0.1:9000/', force_path_style: true, profile: 'p', sse: 'aws:kms:k1' },
      timer: { cron: '0 */6 * * *', timezone: 'America/Sao_Paulo' },
      layout: 'nested',
      compat: 'op',
      compression: 'zstd',
      memory_limit: '512MB',
      work_dir: '/var/tmp/igarape',
      tables: [
        {
          name: 'itens',
          file: 'daily/itens-*.txt',
          format: 'csv',
          sep: String.raw`\t`,
          quote: '',
          encoding: 'Windows-1252',
          decimal: ',',
          pk: ['idTransacao', 'idProduto'],
          date_field: ' ',
          types: { preco: 'NUMERIC( 12 , 2 )', cep: 'string', n: 'Integer' },
          ignore: ['updated_by'],
          schema: 'freeze',
          max_delete_ratio: 1,
          max_update_ratio: 0.9,
          duplicates: 'last by updated at',
        },
      ],
    },
    FOLDER,
  );
  expect(config).toMatchObject({
    source: { type: 'files', path: resolvePath(FOLDER, '../snapshots'), name: '../snapshots' },
    lake: {
      uri: join(FOLDER, 'out', 'lake'),
      s3: { endpoint: 'http://127.0.0.1:9000', forcePathStyle: true, profile: 'p', sse: 'aws:kms:k1' },
    },
    timer: { kind: 'cron', pattern: '0 */6 * * *', timezone: 'America/Sao_Paulo' },
    workDir: resolvePath('/var/tmp/igarape'),
  });
  expect(config.tables[0]).toEqual({
    name: 'itens',
    file: 'daily/itens-*.txt',
    format: 'csv',
    isSeparatorGiven: true,
    csv: { ...PLAIN_CSV, separator: '\t', quote: '', encoding: 'windows-1252', decimal: ',' },
    mode: 'snapshot',
    key: ['idTransacao', 'idProduto'],
    isRowKey: false,
    duplicates: { keep: 'last', by: 'updated at' },
    dateField: undefined,
    types: { preco: 'decimal(12,2)', cep: 'text', n: 'bigint' },
    ignore: ['updated_by'],
    schema: 'freeze',
    updateWhen: 'content',
    maxDeleteRatio: 1,
    maxUpdateRatio: 0.9,
    history: 'latest',
    maxFilesPerRun: undefined,
  });
});

test('a table that is fed by change files of others is none of the source', () => {
  const bronze = { from: ['../old/cdc/*.parquet', 's3://old/cdc/*.parquet'], order_by: 'at' };
  const config = accepted({ s3: { region: 'r' }, tables: [{ name: 'old', pk: 'id', bronze }] }, FOLDER);
  expect(config.tables).toEqual([]);
  expect(config.foreignTables).toEqual([
    {
      name: 'old',
      key: ['id'],
      from: [resolvePath(FOLDER, '../old/cdc/*.parquet'), 's3://old/cdc/*.parquet'],
      s3: { region: 'r' },
      compat: 'op',
      orderBy: 'at',
      maxFilesPerRun: undefined,
    },
  ]);
});

test('where files of others feed every table, there need be no source', () => {
  const bronze = { from: 'cdc/*.parquet', order_by: 'at' };
  const written = { layers: ['bronze'], tables: [{ name: 'old', pk: 'id', bronze }] };
  const resolved = resolveConfig(written, FOLDER);
  expect(resolved).toMatchObject({ kind: 'valid', config: { source: undefined, tables: [] } });
  const given = resolveConfig({ ...written, source: { type: 'files', path: 'in' } }, FOLDER);
  expect(given).toMatchObject({ kind: 'valid', config: { source: { type: 'files' } } });
});

test.each([[['silver']], [['bronze', 'gold']], [['bronze', 'bronze']]])(
  'layers follow on each other: %j is refused',
  (layers) => {
    const resolved = resolveConfig(
      { dataset_name: 'o/s', layers, tables: [{ name: 't', pk: 'id' }] },
      FOLDER,
    );
    expect(resolved).toMatchObject({ kind: 'invalid', problems: [{ path: ['layers'] }] });
  },
);

test('the lake is a folder beside the configuration where none is named', () => {
  expect(accepted({}, FOLDER).lake).toEqual({ uri: join(FOLDER, 'lake'), s3: {} });
});

test('a bucket as a source is reached as the lake is, unless it says how', () => {
  const s3 = { region: 'sa-east-1' };
  const source = { type: 's3', uri: 's3://bucket/snapshots/' };
  expect(accepted({ source, s3 }, FOLDER).source).toEqual({
    type: 's3',
    uri: 's3://bucket/snapshots',
    s3: { region: 'sa-east-1' },
  });
  expect(accepted({ source: { ...source, s3: { region: 'eu-west-1' } }, s3 }, FOLDER).source).toMatchObject({
    s3: { region: 'eu-west-1' },
  });
});

test('a table name with signs that globs know is looked for literally', () => {
  const config = accepted({ tables: [{ name: 'itens (v2)!', pk: 'id' }] }, FOLDER);
  expect(config.tables[0]?.file).toBe(defaultFilePattern('itens (v2)!'));
  expect(config.tables[0]?.file).toContain(String.raw`**/itens \(v2\)\!.`);
});

test('change columns may be renamed one by one', () => {
  expect(accepted({ cdc_columns: { operation: 'op' } }, FOLDER).cdcColumns).toEqual({
    operation: 'op',
    timestamp: '_cdc_timestamp',
    sequence: '_cdc_sequence',
  });
});

test('upkeep is as often as it is told to be, or turned off', () => {
  const written = { source: { type: 'files', path: 'in' }, tables: [{ name: 't', pk: 'id' }] };
  const upkeep = (maintenance: object): object => accepted({ ...written, maintenance }, FOLDER).maintenance;
  expect(upkeep({ optimize: false, vacuum_every_days: 1 })).toEqual({
    optimize: false,
    optimizeAfterFiles: 50,
    vacuum: true,
    vacuumEveryMs: 86_400_000,
  });
  expect(upkeep({ optimize_after_files: 2, vacuum: false })).toMatchObject({
    optimizeAfterFiles: 2,
    vacuum: false,
  });
});
