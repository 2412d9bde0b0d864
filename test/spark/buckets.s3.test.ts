import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { silentLogger } from '../../src/core/log.ts';
import { lookAtLakeFromSpark } from '../../src/pipeline/doctor/spark.ts';
import { registerTables } from '../../src/pipeline/register.ts';
import { Cluster } from '../../src/spark/cluster.ts';
import { SparkSession } from '../../src/spark/connect/session.ts';
import type { SparkRow } from '../../src/spark/port.ts';
import { openStorage } from '../../src/storage/open.ts';
import type { Storage } from '../../src/storage/port.ts';
import { CONFIG, MODELS, shopFiles, shownTables, writeModels } from '../lakehouse/shop.ts';
import { describeWith, type Peer } from '../support/external.ts';
import { FakeDatabricks, type FakeResult } from '../support/fake-databricks.ts';
import { READER, type S3Server, seaweedfs } from '../support/s3-server.ts';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { sparkConnectOnS3, type SparkServer, type StartOnS3 } from '../support/spark-connect.ts';
import { useTempDir } from '../support/tmp.ts';

const START_TIMEOUT_MS = 600_000;
const TIMEOUT_MS = 600_000;
const TABLES = [
  ...['clients', 'orders'].map((name) => `bronze.${name}`),
  ...['clients', 'sales', 'totals', 'instants'].map((name) => `silver.${name}`),
];

/** Instants are what a Spark writes in 96 bits where nothing else is set. */
const INSTANTS = `-- key: id
SELECT id, make_timestamptz(CAST(id AS BIGINT) * 86400000001 - 1) AS at FROM bronze.clients
`;

interface Peers {
  readonly startS3: () => Promise<S3Server>;
  readonly startSpark: StartOnS3;
}

const weed = await seaweedfs();
const spark = await sparkConnectOnS3();
const peers: Peer<Peers> = !weed.here
  ? weed
  : !spark.here
    ? spark
    : { here: true, value: { startS3: weed.value.start, startSpark: spark.value } };

describeWith(peers, 'Spark and a lake in a bucket', ({ startS3, startSpark }) => {
  let s3: S3Server;
  let server: SparkServer;
  beforeAll(async () => {
    s3 = await startS3();
    server = await startSpark(s3, {
      'spark.hadoop.fs.s3a.bucket.read-only.access.key': READER.accessKey,
      'spark.hadoop.fs.s3a.bucket.read-only.secret.key': READER.secretKey,
      'spark.hadoop.fs.s3a.bucket.closed.access.key': 'nobody',
      'spark.hadoop.fs.s3a.bucket.closed.secret.key': 'no-secret',
      'spark.hadoop.fs.s3a.bucket.elsewhere.endpoint': 'http://127.0.0.1:1',
      'spark.hadoop.fs.s3a.bucket.elsewhere.attempts.maximum': '1',
      'spark.hadoop.fs.s3a.bucket.elsewhere.retry.limit': '1',
    });
  }, START_TIMEOUT_MS);
  afterAll(async () => {
    await server?.stop();
    await s3?.stop();
  });
  const dir = useTempDir();

  async function bucket(name: string): Promise<Storage> {
    return openStorage(await s3.bucket(name, 'a lake'), s3.env);
  }

  function cluster(): Cluster {
    const { signal } = new AbortController();
    return new Cluster(server.remote, { clock: Date.now, signal, log: silentLogger });
  }

  it('each sees what the other stores', { timeout: TIMEOUT_MS }, async () => {
    const storage = await bucket('looked-at');
    await using asked = cluster();
    expect((await lookAtLakeFromSpark(asked, storage, 'x')).found).toMatch(/each see/);
    expect(await keys(storage)).toEqual([]);
  });

  it.each([
    ['read-only', 'SPARK_FORBIDDEN', /may not read or write there: .*403/],
    ['closed', 'SPARK_FORBIDDEN', /may not read or write there: .*403/],
    ['elsewhere', 'SPARK_UNSUITABLE', /does not reach the lake’s store: .*Connection refused/],
    ['gone', 'SPARK_UNSUITABLE', /does not find the lake’s bucket: .*NoSuchBucket/],
  ])(
    'tell apart why Spark cannot write: the bucket is %s',
    { timeout: TIMEOUT_MS },
    async (name, code, message) => {
      const { uri } = name === 'gone' ? { uri: 's3://gone/a lake' } : await bucket(name);
      await using asked = cluster();
      await expect(asked.unload('SELECT 1 AS one', [], `${uri}/there`)).rejects.toMatchObject({
        code,
        message: expect.stringMatching(message),
      });
    },
  );

  it(
    'make the tables that DuckDB makes, and each file of Spark’s is fetched once',
    { timeout: TIMEOUT_MS },
    async () => {
      const fetched: string[] = [];
      const known = new Set<string>();
      const storage = await bucket('shop');
      const engine = { type: 'spark', remote: server.address } as const;
      const wanted = await shop('duckdb');
      const found = await shop('spark', fetching(storage, fetched));
      for (const [state, fullRefresh] of [
        [0, false],
        [1, true],
      ] as const) {
        fetched.length = 0;
        await publish(wanted, state);
        await publish(found, state);
        const only = ['raw', 'bronze', 'silver'] as const;
        await wanted.run({ only, fullRefresh });
        const { report, exitCode } = await found.run({
          only,
          fullRefresh,
          config: { ...found.config, engine },
        });
        expect({ exitCode, layers: report.layers }).toMatchObject({
          exitCode: 0,
          layers: Object.fromEntries(TABLES.map((name) => [name, { engine: 'spark' }])),
        });
        expect(await shownTables(storage, TABLES)).toEqual(await shownTables(wanted.storage, TABLES));
        const bySpark = fetched.filter((key) => key.includes('/spark-') && !known.has(key));
        expect(new Set(bySpark).size).toBe(bySpark.length);
        const folders = new Set(bySpark.map((key) => key.split('/').slice(0, 2).join('.')));
        expect([...folders].toSorted()).toEqual(TABLES.toSorted());
        for (const key of bySpark) known.add(key);
      }
    },
  );

  it(
    'make them by statements, too, each of which stands for itself, as a warehouse of Databricks takes them, and give them names',
    { timeout: TIMEOUT_MS },
    async () => {
      const storage = await bucket('statements');
      await using session = await SparkSession.open(server.remote, {
        clock: Date.now,
        signal: new AbortController().signal,
      });
      await session.configure({ 'spark.sql.session.timeZone': 'UTC' });
      const fake = await FakeDatabricks.start();
      onTestFinished(() => fake.stop());
      fake.compute = async (sql) => computed(await session.rows({ sql: { query: sql } }));
      const engine = {
        type: 'databricks',
        host: fake.origin,
        compute: { kind: 'warehouse', id: 'a-warehouse' },
        credentials: { kind: 'token', token: 'a-token' },
      } as const;
      const wanted = await shop('duckdb alone');
      const found = await shop('databricks', storage);
      await publish(wanted, 0);
      await publish(found, 0);
      const only = ['raw', 'bronze', 'silver'] as const;
      await wanted.run({ only });
      const { report, exitCode } = await found.run({ only, config: { ...found.config, engine } });
      expect({ exitCode, layers: report.layers }).toMatchObject({
        exitCode: 0,
        layers: Object.fromEntries(TABLES.map((name) => [name, { engine: 'spark' }])),
      });
      expect(await shownTables(storage, TABLES)).toEqual(await shownTables(wanted.storage, TABLES));
      expect(fake.statements.filter((sql) => sql.startsWith('INSERT OVERWRITE DIRECTORY'))).toHaveLength(
        TABLES.length,
      );

      const request = { config: { ...found.config, engine }, storage, env: { DATABRICKS_TOKEN: 'a-token' } };
      const { signal } = new AbortController();
      const edge = {
        clock: Date.now,
        newId: randomUUID,
        log: silentLogger,
        onProgress: () => undefined,
        signal,
      };
      const { tables } = await registerTables(request, { run: true }, edge);
      expect(tables).toEqual(expect.arrayContaining(TABLES));
      const query = 'SELECT count(*) AS clients FROM silver.clients';
      expect(await session.rows({ sql: { query } })).toEqual([{ clients: 8n }]);
    },
  );

  async function shop(name: string, storage?: Storage): Promise<Scenario> {
    const folder = join(dir(), name);
    await writeModels(folder, { ...MODELS, 'silver/instants.sql': INSTANTS });
    return openScenario(folder, CONFIG, storage === undefined ? {} : { storage });
  }

  async function publish(scenario: Scenario, state: number): Promise<void> {
    for (const [name, text] of Object.entries(shopFiles(state))) await scenario.write(name, text);
  }
});

const plain = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value);

/** Rows as a warehouse tells them. */
function computed(rows: readonly SparkRow[]): FakeResult {
  const types: Readonly<Record<string, string>> = { bigint: 'LONG', number: 'INT' };
  return {
    columns: Object.entries(rows[0] ?? {}).map(([name, value]) => [name, types[typeof value] ?? 'STRING']),
    rows: rows.map((row) =>
      Object.values(row).map((value) =>
        value === null ? null : JSON.stringify(value, plain).replaceAll('"', ''),
      ),
    ),
  };
}

/** Tells of every object that is fetched as a file. */
function fetching(storage: Storage, fetched: string[]): Storage {
  return {
    uri: storage.uri,
    read: (key) => storage.read(key),
    stat: (key) => storage.stat(key),
    list: (prefix, startAfter) => storage.list(prefix, startAfter),
    foldersIn: (folder) => storage.foldersIn(folder),
    putIfAbsent: (key, body) => storage.putIfAbsent(key, body),
    upload: (path, key, onBytes) => storage.upload(path, key, onBytes),
    copy: (from, to) => storage.copy(from, to),
    delete: (all) => storage.delete(all),
    localFile: (key, path) => {
      fetched.push(key);
      return storage.localFile(key, path);
    },
  };
}

async function keys(storage: Storage): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of storage.list('')) found.push(key);
  return found;
}
