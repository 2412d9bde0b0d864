import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { silentLogger } from '../../src/core/log.ts';
import { objectsOf } from '../../src/lake/stored.ts';
import { lookAtLakeFromSpark } from '../../src/pipeline/doctor/spark.ts';
import { registerTables } from '../../src/pipeline/register.ts';
import { Cluster } from '../../src/spark/cluster.ts';
import { SparkSession } from '../../src/spark/connect/session.ts';
import type { SparkRow } from '../../src/spark/port.ts';
import type { StorageLocation } from '../../src/storage/location.ts';
import { openStorage } from '../../src/storage/open.ts';
import type { Storage } from '../../src/storage/port.ts';
import { CONFIG, MODELS, shopFiles, shownTables, writeModels } from '../lakehouse/shop.ts';
import { describeWith, type Peer } from '../support/external.ts';
import { FakeDatabricks, type FakeResult } from '../support/fake-databricks.ts';
import { READER, type S3Server, seaweedfs } from '../support/s3-server.ts';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { sparkConnectOnS3, type StartOnS3 } from '../support/spark-connect.ts';
import type { SparkServer } from '../support/spark-server.ts';
import { useTempDir } from '../support/tmp.ts';
import { wrapStorage } from '../support/wrapped-storage.ts';
import { checkFiveDays, days, hasDeletionVectors } from './five-days.ts';
import { checkManyChanges } from './many-changes.ts';
import {
  CASES,
  comparedAs,
  EDGE_STATES,
  edgeParts,
  foretold,
  loadedAs,
  type RawEdge,
  RawLakes,
  sharedHash,
  short,
  told,
} from './raw-on-spark.ts';

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
      // By which it reads Parquet by its faster reader, as elsewhere.
      'spark.sql.codegen.wholeStage': 'true',
      // Few megabytes are several parts.
      'spark.sql.shuffle.partitions': '2',
      'spark.sql.files.maxPartitionBytes': '4m',
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
      fake.isPatient = true;
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

  it(
    'make of days of the loyalty system what DuckDB makes of them, handed from one to the other, whenever runs die',
    { timeout: 3 * TIMEOUT_MS },
    async () => {
      const { storage, engine } = await rawEdge('loyalty');
      await checkFiveDays({ folder: join(dir(), 'days'), storage, spark: engine, days: days(1) });
      expect(days(1) === 1 || (await hasDeletionVectors(storage))).toBe(true);
    },
  );

  let rawPlace: StorageLocation | undefined;

  async function raw(name: string, config: object): Promise<RawLakes> {
    return new RawLakes(await rawEdge(name), config);
  }

  async function rawEdge(name: string): Promise<RawEdge> {
    const engine = { type: 'spark', remote: server.address } as const;
    const { uri, s3: access } = (rawPlace ??= await s3.bucket('raw'));
    const storage = openStorage({ uri: `${uri}/a lake of ${name}`, s3: access }, s3.env);
    const source = { uri: `${uri}/a source of ${name}`, s3: access };
    return { s3, storage: await storage, source, folder: dir(), engine };
  }

  it(
    'compare rows of all types as DuckDB does, and either goes on from the other',
    { timeout: TIMEOUT_MS },
    async () => {
      const parts = { name: 'parts', pk: 'id', file: 'parts/*.parquet' };
      const lakes = await raw('types', { tables: [{ name: 't', pk: 'id' }, parts] });
      const comparedBy: unknown[] = [];
      for (const [state, rows] of EDGE_STATES.entries()) {
        for (const [name, own] of Object.entries({ 't.parquet': rows, ...edgeParts(state) }))
          await lakes.putRows(name, own);
        const { found } = await lakes.run(state === 2 ? 'duckdb' : 'spark');
        const { t, parts: many } = found.report.tables;
        expect(many?.comparedBy).toEqual(t?.comparedBy);
        comparedBy.push(t?.comparedBy);
        const recorded = await lakes.recorded();
        expect(recorded.found).toEqual(recorded.wanted);
      }
      // The check, the rows and their sums; from a base without hashes; from one with hashes, and whether new keys have others'.
      const bySpark = [3, 1, 2].map((statements) => ({ engine: 'spark', statements }));
      expect(comparedBy).toEqual([...bySpark.slice(0, 2), undefined, bySpark[2]]);
      expect((await lakes.found.verify()).ok).toBe(true);
    },
  );

  it(
    'come to the same with a table, whatever it is, and leave to DuckDB by name what they would read otherwise',
    { timeout: TIMEOUT_MS },
    async () => {
      const cases: typeof CASES = { ...CASES, shared_hash: await sharedHash(dir()) };
      const tables = Object.entries(cases).map(([name, { config = { pk: 'id' } }]) => ({ name, ...config }));
      const lakes = await raw('cases', { tables, layout: 'nested', compat: 'dms' });
      await lakes.putCases(cases, 0);
      const [firsts, others] = [true, false].map((isFirst) =>
        Object.keys(cases).filter((name) => (cases[name]?.first !== undefined) === isFirst),
      );
      const loaded = await lakes.run('spark', { tables: firsts ?? [] });
      expect(told(loaded.found.report.tables)).toEqual(told(loaded.wanted.report.tables));
      for (const name of firsts ?? [])
        expect([name, short(loaded.found.report.tables[name]?.comparedBy)]).toEqual([
          name,
          loadedAs(cases[name] ?? { states: ['', ''] }),
        ]);
      const first = await lakes.recorded();
      expect(first.found).toEqual(first.wanted);
      await lakes.run('duckdb', { tables: others ?? [] });
      await lakes.putCases(cases, 1);
      const before = await keys(lakes.found.storage);
      const planned = await lakes.found.plan(lakes.request(lakes.found, 'spark'));
      expect(await keys(lakes.found.storage)).toEqual(before);
      const { wanted, found } = await lakes.run();
      expect(told(found.report.tables)).toEqual(told(wanted.report.tables));
      const recorded = await lakes.recorded();
      expect(recorded.found).toEqual(recorded.wanted);
      const all = Object.entries(cases);
      expect(all.map(([name]) => [name, short(found.report.tables[name]?.comparedBy)])).toEqual(
        all.map(([name, one]) => [name, comparedAs(one)]),
      );
      expect(foretold(planned.tables)).toEqual(foretold(found.report.tables));
      const again = await lakes.run('spark', { tables: ['ignored', 'text_key', 'written_anew'] });
      expect(Object.values(again.found.report.tables).map(({ comparedBy }) => comparedBy)).toEqual([
        undefined,
        undefined,
        undefined,
      ]);
    },
  );

  it(
    'are given what is too much for this machine, and either goes on from there',
    { timeout: TIMEOUT_MS },
    async () => expect(await checkManyChanges(await rawEdge('many changes'))).toBe(true),
  );

  it(
    'publish all or nothing of what Spark has compared, whenever they are killed',
    { timeout: TIMEOUT_MS },
    async () => {
      const many = { name: 'b', pk: 'id', file: 'b/*.parquet' };
      const lakes = await raw('deaths', { tables: [{ name: 'a', pk: 'id' }, many] });
      const put = async (state: number): Promise<void> => {
        const rows = `SELECT i AS id, i // ${9 - state} AS v FROM range(${state}, ${9 + state}) AS r(i)`;
        for (const name of ['a.parquet', 'b/changing.parquet']) await lakes.putRows(name, rows);
      };
      // Of more than 32 paths Spark looks for the files in another way.
      const others = Array.from({ length: 33 }, (_, index) => `b/${index}.parquet`);
      await lakes.putRows(others, 'SELECT 0::BIGINT AS id, 0::BIGINT AS v WHERE false');
      const { storage } = lakes.found;
      for (const [state, { isDeadly, reload = [] }] of DEATHS.entries()) {
        await put(state);
        const before = await keys(storage);
        let isDead = false;
        const dying = wrapStorage(storage, {
          before: ({ call, keys: [key = ''] }) => {
            isDead ||= isDeadly(call, key);
            if (isDead || (call === 'delete' && key.includes('/spark-'))) throw new Error('killed');
          },
        });
        const died = await lakes.found
          .run({ ...lakes.request(lakes.found, 'spark'), storage: dying, reload })
          .catch((error: unknown) => error);
        const left = await keys(storage);
        expect({ isDead, died }).toMatchObject({ isDead: true });
        expect(left.filter((key) => !key.startsWith('_igarape/'))).toEqual(
          before.filter((key) => !key.startsWith('_igarape/')),
        );
        expect(left.length).toBeGreaterThan(before.length);
        await lakes.run();
        const after = await keys(storage);
        expect(after.filter((key) => key.startsWith('_igarape/staging/'))).toEqual([]);
        const { tables = {} } = (await lakes.found.ledger()).at(-1) ?? {};
        const bases = Object.values(tables).flatMap(({ base }) => base.segments.flatMap(objectsOf));
        expect(after.filter((key) => key.startsWith('_igarape/snapshots/')).toSorted()).toEqual(
          bases.map(({ key }) => key).toSorted(),
        );
        expect((await lakes.found.verify()).tables).toMatchObject({
          a: { problems: [] },
          b: { problems: [] },
        });
        const [wanted, found] = [await lakes.wanted.query(NOW), await lakes.found.query(NOW)];
        expect(found).toEqual(wanted);
      }
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

interface Death {
  readonly isDeadly: (call: string, key: string) => boolean;
  readonly reload?: readonly string[];
}

/** At a first load; before a file is staged, before its entry is committed, before it is published; at a new full-load. */
const DEATHS: readonly Death[] = [
  { isDeadly: (call, key) => call === 'putIfAbsent' && key.includes('/ledger/') },
  { isDeadly: (call, key) => call === 'upload' && key.includes('/cdc/') },
  { isDeadly: (call, key) => call === 'putIfAbsent' && key.includes('/ledger/') },
  { isDeadly: (call, key) => call === 'copy' && key.startsWith('cdc/') },
  { isDeadly: (call, key) => call === 'copy' && key.startsWith('full-load/'), reload: ['a', 'b'] },
];

const NOW = 'SELECT * FROM a UNION ALL SELECT * FROM b ORDER BY ALL';

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
