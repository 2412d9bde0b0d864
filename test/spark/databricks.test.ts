import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Databricks } from '../../src/config/databricks.ts';
import { silentLogger } from '../../src/core/log.ts';
import { defaultPatience } from '../../src/source/http/retry.ts';
import { lookAtSpark } from '../../src/pipeline/doctor/spark.ts';
import { Cluster } from '../../src/spark/cluster.ts';
import { FakeDatabricks, type FakeResult } from '../support/fake-databricks.ts';

/** What a warehouse is asked when it is first used. */
const ITSELF: Readonly<Record<string, FakeResult>> = {
  'SELECT version() AS version': { columns: [['version', 'STRING']], rows: [['4.0.0 0000000']] },
  [`SELECT current_timezone() AS zone, typeof(coalesce(1, '1')) AS common`]: {
    columns: [
      ['zone', 'STRING'],
      ['common', 'STRING'],
    ],
    rows: [['Etc/UTC', 'bigint']],
  },
};

const ONE: FakeResult = { columns: [['one', 'INT']], rows: [['1']] };
const SELECT_ONE = { sql: { query: 'SELECT 1 AS one' } };

describe('a warehouse of Databricks', () => {
  let fake: FakeDatabricks;
  let stop: AbortController;
  let nowMs: number;
  let waits: number[];
  beforeEach(async () => {
    fake = await FakeDatabricks.start();
    fake.compute = async (sql) => ITSELF[sql] ?? ONE;
    stop = new AbortController();
    nowMs = Date.UTC(2026, 0, 1);
    waits = [];
  });
  afterEach(() => fake.stop());

  function warehouse(other: Partial<Databricks> = {}): Cluster {
    const clock = (): number => nowMs;
    const sleep = async (ms: number, signal: AbortSignal): Promise<void> => {
      signal.throwIfAborted();
      waits.push(ms);
      nowMs += ms;
    };
    const place: Databricks = {
      host: fake.origin,
      compute: { kind: 'warehouse', id: 'a-warehouse' },
      credentials: { kind: 'token', token: 'a-token' },
      ...other,
    };
    const patience = { ...defaultPatience, sleep, now: clock, random: () => 0 };
    return new Cluster(place, { clock, signal: stop.signal, log: silentLogger, patience });
  }

  it('gives the values of rows', async () => {
    fake.compute = async (sql) =>
      ITSELF[sql] ?? {
        columns: [
          ['l', 'LONG'],
          ['i', 'INT'],
          ['d', 'DOUBLE'],
          ['b', 'BOOLEAN'],
          ['m', 'DECIMAL'],
          ['s', 'STRING'],
          ['n', 'DATE'],
        ],
        rows: [['9223372036854775807', '-1', '1.5', 'true', '1.50', 'ß', null]],
      };
    expect(await warehouse().rows(SELECT_ONE)).toEqual([
      { l: 9_223_372_036_854_775_807n, i: -1, d: 1.5, b: true, m: '1.50', s: 'ß', n: null },
    ]);
  });

  it('waits for a statement, longer each time, and sends it once', async () => {
    fake.polls = 8;
    expect(await warehouse().rows(SELECT_ONE)).toEqual([{ one: 1 }]);
    expect(fake.statements.filter((sql) => sql === SELECT_ONE.sql.query)).toHaveLength(1);
    expect(Math.max(...waits)).toBe(5000);
  });

  it('unloads a version of tables into a folder', async () => {
    await warehouse().unload(
      'SELECT * FROM a JOIN b USING (id)',
      [
        { name: 'a', uri: 's3://lake/it`s a', version: 3 },
        { name: 'b', uri: 's3://lake/b', version: 0 },
      ],
      "s3://lake/it's out",
    );
    expect(fake.statements.at(-1)).toBe(
      String.raw`INSERT OVERWRITE DIRECTORY 's3://lake/it\'s out' USING parquet OPTIONS ('compression' = 'zstd') ` +
        'WITH `a` AS (SELECT * FROM delta.`s3://lake/it``s a` VERSION AS OF 3), `b` AS (SELECT * FROM delta.`s3://lake/b` VERSION AS OF 0) SELECT * FROM (SELECT * FROM a JOIN b USING (id))',
    );
  });

  it('sees no folder of this machine', async () => {
    await expect(warehouse().unload('SELECT 1', [], '/lake/out')).rejects.toMatchObject({
      code: 'SPARK_UNSUITABLE',
      message: 'Databricks does not see the folder /lake/out.',
    });
  });

  it.each(['CAST((a * b) AS DECIMAL(38,8))', `sum(a) * CAST('10000000' AS DECIMAL(8,0))`])(
    'does not round decimals in silence: %s',
    async (sql) => {
      const failed = warehouse().unload(`SELECT ${sql} FROM t`, [], 's3://lake/out');
      await expect(failed).rejects.toMatchObject({
        code: 'SPARK_UNSUITABLE',
        message: expect.stringMatching(/more than 6 places/),
      });
      expect(fake.statements.filter((each) => each.startsWith('INSERT'))).toEqual([]);
    },
  );

  it('gives more rows than an answer holds by links, of which those that have expired are asked for again', async () => {
    const rows = Array.from({ length: 10 }, (_, row) => [String(row)]);
    fake.compute = async (sql) => ITSELF[sql] ?? { columns: [['id', 'LONG']], rows };
    fake.largestInline = 20;
    fake.chunkRows = 4;
    fake.expiredLinks = 2;
    expect(await warehouse().rows(SELECT_ONE)).toEqual(rows.map((_, id) => ({ id: BigInt(id) })));
    fake.expiredLinks = 99;
    await expect(warehouse().rows(SELECT_ONE)).rejects.toMatchObject({ code: 'SPARK_FAILED' });
  });

  it('gives rows of several chunks in the answers', async () => {
    const rows = Array.from({ length: 10 }, (_, row) => [String(row)]);
    fake.compute = async (sql) => ITSELF[sql] ?? { columns: [['id', 'INT']], rows };
    fake.chunkRows = 4;
    expect(await warehouse().rows(SELECT_ONE)).toEqual(rows.map((_, id) => ({ id })));
  });

  it('is waited for as long as it says where it is busy', async () => {
    const asked = warehouse();
    await asked.rows(SELECT_ONE);
    waits = [];
    const body = { error_code: 'RESOURCE_EXHAUSTED', message: 'Too many requests' };
    fake.faults.push(
      { status: 429, headers: { 'retry-after': '17' }, body },
      { status: 503, body: { error_code: 'TEMPORARILY_UNAVAILABLE', message: 'later' } },
    );
    expect(await asked.rows(SELECT_ONE)).toEqual([{ one: 1 }]);
    expect(waits.slice(0, 2)).toEqual([17_000, 1000]);
  });

  it('is sent nothing a second time that it may have begun', async () => {
    const asked = warehouse();
    await asked.rows(SELECT_ONE);
    const { length } = fake.requests;
    fake.faults.push({ status: 500, body: { error_code: 'INTERNAL_ERROR', message: 'who knows' } });
    await expect(asked.rows(SELECT_ONE)).rejects.toMatchObject({
      message: expect.stringMatching(/who knows/),
    });
    expect(fake.requests).toHaveLength(length + 1);
  });

  it('cancels what runs where it is told to stop', async () => {
    const asked = warehouse();
    await asked.rows(SELECT_ONE);
    fake.polls = 1e9;
    fake.running = () => stop.abort(new Error('told to stop'));
    await expect(asked.rows(SELECT_ONE)).rejects.toThrow('told to stop');
    expect(fake.cancelled).toEqual([SELECT_ONE.sql.query]);
  });

  it.each([
    [
      { error_code: 'BAD_REQUEST', message: '[UNRESOLVED_COLUMN] A column `x` cannot be resolved.' },
      '42703',
      'SPARK_FAILED',
      /BAD_REQUEST: \[UNRESOLVED_COLUMN\].*\(SQLSTATE 42703\)/,
    ],
    [
      {
        error_code: 'PERMISSION_DENIED',
        message: "[INSUFFICIENT_PERMISSIONS] User does not have WRITE FILES on External Location 'lake'.",
      },
      undefined,
      'SPARK_FORBIDDEN',
      /may not read or write there/,
    ],
  ])('tells why a statement has failed: %j', async (error, state, code, message) => {
    fake.compute = async (sql) =>
      ITSELF[sql] ?? { state: 'FAILED', error, ...(state === undefined ? {} : { sql_state: state }) };
    await expect(warehouse().rows(SELECT_ONE)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  it('tells of a statement that was cancelled there; one that is closed was done', async () => {
    fake.compute = async (sql) => ITSELF[sql] ?? { state: 'CANCELED' };
    await expect(warehouse().rows(SELECT_ONE)).rejects.toMatchObject({
      message: expect.stringMatching(/has cancelled a statement/),
    });
    fake.compute = async (sql) => ITSELF[sql] ?? { state: 'CLOSED' };
    await expect(warehouse().unload('SELECT 1', [], 's3://lake/out')).resolves.toBeUndefined();
  });

  it.each([
    ['America/Sao_Paulo', 'bigint', /time zone is America\/Sao_Paulo, and not UTC/],
    ['UTC', 'string', /ANSI mode is off/],
  ])('refuses a warehouse that would compute other values: %s, %s', async (zone, common, message) => {
    fake.compute = async () => ({
      columns: ['version', 'zone', 'common'].map((name) => [name, 'STRING'] as const),
      rows: [['4.0', zone, common]],
    });
    await expect(warehouse().rows(SELECT_ONE)).rejects.toMatchObject({
      code: 'SPARK_UNSUITABLE',
      message: expect.stringMatching(message),
    });
  });

  it('is looked at by doctor', async () => {
    fake.compute = async (sql) =>
      ITSELF[sql] ??
      (sql.includes('unix_millis')
        ? { columns: [['now', 'LONG']], rows: [[String(nowMs)]] }
        : { state: 'FAILED', error: { error_code: 'BAD_REQUEST', message: '[DELTA_TABLE_NOT_FOUND] no' } });
    expect((await lookAtSpark(warehouse(), () => nowMs)).found).toBe('Spark 4.0.0 with Delta Lake answers');
  });

  describe('lets in', () => {
    it('nobody without credentials, nor with wrong ones, which no message repeats', async () => {
      await expect(warehouse({ credentials: undefined }).rows(SELECT_ONE)).rejects.toMatchObject({
        code: 'SPARK_FORBIDDEN',
        hint: expect.stringContaining('DATABRICKS_TOKEN'),
      });
      const wrong = warehouse({ credentials: { kind: 'token', token: 'wrong-token' } });
      const refused: unknown = await wrong.rows(SELECT_ONE).catch((error: unknown) => error);
      expect(refused).toMatchObject({ code: 'SPARK_FORBIDDEN' });
      expect(String(refused)).not.toContain('wrong-token');
      const client = warehouse({ credentials: { kind: 'client', id: 'a-client', secret: 'wrong' } });
      await expect(client.rows(SELECT_ONE)).rejects.toMatchObject({
        code: 'SPARK_FORBIDDEN',
        message: expect.stringMatching(/invalid_client: Client authentication failed/),
      });
    });

    it('a service principal, whose token is asked for once, and again before it expires', async () => {
      const asked = warehouse({ credentials: { kind: 'client', id: 'a-client', secret: 'a-secret' } });
      const tokens = (): number => fake.requests.filter(({ path }) => path === '/oidc/v1/token').length;
      await asked.rows(SELECT_ONE);
      await asked.rows(SELECT_ONE);
      expect(tokens()).toBe(1);
      expect(fake.requests[0]?.body).toBe('grant_type=client_credentials&scope=all-apis');
      nowMs += 3_000_000;
      await asked.rows(SELECT_ONE);
      expect(tokens()).toBe(2);
    });

    it('no one to a warehouse that is not there', async () => {
      const other = warehouse({ compute: { kind: 'warehouse', id: 'another' } });
      await expect(other.rows(SELECT_ONE)).rejects.toMatchObject({
        code: 'SPARK_UNSUITABLE',
        message: expect.stringMatching(/SQL warehouse another does not exist/),
      });
    });

    it('no one where nothing answers', async () => {
      const nowhere = warehouse({ host: 'http://127.0.0.1:1' });
      await expect(nowhere.rows(SELECT_ONE)).rejects.toMatchObject({ code: 'SPARK_UNREACHABLE' });
    });
  });
});
