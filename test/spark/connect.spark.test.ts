import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Remote } from '../../src/config/remote.ts';
import type { EngineConfig } from '../../src/config/config.ts';
import { SparkSession, type SessionOptions } from '../../src/spark/connect/session.ts';
import { Cluster } from '../../src/spark/cluster.ts';
import type { LayerTables } from '../../src/medallion/layer-tables.ts';
import type { RunRequest } from '../../src/pipeline/context.ts';
import type { PortEdge } from '../../src/spark/open-port.ts';
import { runAndDie } from '../faults/death.ts';
import { localPlace, openLake } from '../faults/lakes.ts';
import { bronze, expectFresh, runSilver, silverModel } from '../medallion/silver/silver-lake.ts';
import { lookAtLakeFromSpark, lookAtSpark } from '../../src/pipeline/doctor/spark.ts';
import { openLocalStorage } from '../../src/storage/local.ts';
import { DeltaTable } from '../../src/delta/table.ts';
import { describeWith } from '../support/external.ts';
import { openScenario, type Scenario, testEdge } from '../support/scenario.ts';
import type { SharedSpark } from '../support/shared-spark.ts';
import { AS_ELSEWHERE, sparkConnect } from '../support/spark-connect.ts';
import { useTempDir } from '../support/tmp.ts';
import { CONFIG, MODELS, shopFiles, shownTables, writeModels } from '../lakehouse/shop.ts';
import { useLayers } from '../support/layer-tables.ts';
import { itComputes } from './computing.ts';
import { checkOtherForms } from './other-forms.ts';
import { appliedVersions, checkFiveDays, hasDeletionVectors } from './five-days.ts';

const START_TIMEOUT_MS = 300_000;
const TIMEOUT_MS = 1_800_000;

const sql = (query: string): { readonly sql: { readonly query: string } } => ({ sql: { query } });

describeWith(await sparkConnect(), 'a Spark Connect server', (startServer) => {
  let server: SharedSpark;
  beforeAll(async () => {
    server = await startServer();
  }, START_TIMEOUT_MS);
  const dir = useTempDir();

  async function opened(
    remote: Remote = server.remote,
    options: Partial<SessionOptions> = {},
  ): Promise<SparkSession> {
    const { signal } = new AbortController();
    const session = await SparkSession.open(remote, { clock: Date.now, signal, ...options });
    onTestFinished(() => session.close());
    return session;
  }

  describe('as a session', () => {
    it('tells its version, and keeps properties of its own', { timeout: TIMEOUT_MS }, async () => {
      const [one, other] = [await opened(), await opened()];
      expect(await one.version()).toMatch(/^4\.\d+\.\d+$/);
      await one.configure({ 'spark.sql.session.timeZone': 'UTC', 'spark.igarape.test': 'one' });
      expect(await one.property('spark.sql.session.timeZone')).toBe('UTC');
      expect(await other.property('spark.igarape.test')).toBeUndefined();
    });

    it('gives values of every type without loss', { timeout: TIMEOUT_MS }, async () => {
      const session = await opened();
      const rows = await session.rows(
        sql(`SELECT CAST(9223372036854775807 AS BIGINT) AS l, CAST(-1.50 AS DECIMAL(38, 2)) AS d, DATE '0001-01-01' AS day,
          TIMESTAMP_NTZ '9999-12-31 23:59:59.999999' AS t, 'ß' AS s, X'00ff' AS b, array(1, NULL) AS a,
          named_struct('x', true) AS r, map('k', 2) AS m, CAST(NULL AS INT) AS n, double('NaN') AS f`),
      );
      expect(rows).toEqual([
        {
          l: 9_223_372_036_854_775_807n,
          d: '-1.50',
          day: '0001-01-01',
          t: '9999-12-31T23:59:59.999999',
          s: 'ß',
          b: Uint8Array.from([0, 255]),
          a: [1, null],
          r: { x: true },
          m: new Map([['k', 2]]),
          n: null,
          f: NaN,
        },
      ]);
    });

    it.each([
      ['a table', 'SELECT * FROM nothing', /\[TABLE_OR_VIEW_NOT_FOUND\].*nothing.*\(SQLSTATE 42P01\)$/],
      ['the syntax', 'SELEC', /\[PARSE_SYNTAX_ERROR\].*SELEC.*\(SQLSTATE 42601\)$/],
      ['a value', "SELECT raise_error('it is broken')", /it is broken/],
      [
        'a column, among much',
        `SELECT nothing, ${'1, '.repeat(3000)} 2`,
        /\[UNRESOLVED_COLUMN.*\(SQLSTATE 42703\)$/,
      ],
    ])('names what is wrong: %s', { timeout: TIMEOUT_MS }, async (_, query, message) => {
      const failed = (await opened()).rows(sql(query));
      await expect(failed).rejects.toMatchObject({
        code: 'SPARK_FAILED',
        message: expect.stringMatching(message),
      });
    });

    it('refuses another token, which no message repeats', { timeout: TIMEOUT_MS }, async () => {
      const session = await opened({ ...server.remote, token: 'no-such-token' });
      const refused = await session.version().catch((error: unknown) => error);
      expect(refused).toMatchObject({ code: 'SPARK_FORBIDDEN' });
      expect(String(refused)).not.toContain('no-such-token');
    });

    it('is unreachable where nothing listens', async () => {
      const session = await opened({ ...server.remote, port: 1 });
      await expect(session.version()).rejects.toMatchObject({ code: 'SPARK_UNREACHABLE', retryable: true });
    });

    it('is lost once it has ended elsewhere', { timeout: TIMEOUT_MS }, async () => {
      const sessionId = '8f3c2a52-6f1e-4b7e-9d57-0d1f5e0c9a11';
      const [one, same] = [await opened(undefined, { sessionId }), await opened(undefined, { sessionId })];
      await one.rows(sql('SELECT 1'));
      await same.close();
      await expect(one.rows(sql('SELECT 1'))).rejects.toMatchObject({
        code: 'SPARK_UNREACHABLE',
        message: expect.stringMatching(/lost the session.*INVALID_HANDLE/),
      });
    });

    it('goes on where the connection is cut, and computes once', { timeout: TIMEOUT_MS }, async () => {
      const cuts = await cuttable(server.remote.port);
      let left = 2;
      const onProgress = (): void => {
        if (left-- > 0) cuts.cut();
      };
      const session = await opened({ ...server.remote, port: cuts.port }, { onProgress });
      await session.writeParquet(sql('SELECT id FROM range(0, 300000, 1, 40)'), join(dir(), 'out'), {});
      const [row] = await session.rows(
        sql(`SELECT count(*) AS n, sum(id) AS s FROM parquet.\`${dir()}/out\``),
      );
      expect(row).toEqual({ n: 300_000n, s: (300_000n * 299_999n) / 2n });
      expect(left).toBeLessThanOrEqual(0);
      expect(cuts.connections()).toBeGreaterThan(1);
    });

    it('asks again what may be asked twice', { timeout: TIMEOUT_MS }, async () => {
      const cuts = await cuttable(server.remote.port);
      const session = await opened({ ...server.remote, port: cuts.port });
      cuts.whenAsked(cuts.cut);
      expect(await session.version()).toMatch(/^4\./);
      expect(cuts.connections()).toBeGreaterThan(1);
    });

    it('stops what runs when it is told to', { timeout: TIMEOUT_MS }, async () => {
      const stop = new AbortController();
      const session = await opened(undefined, {
        signal: stop.signal,
        onProgress: ({ tasks }) => {
          if (tasks > 0) stop.abort(new Error('told to stop'));
        },
      });
      const endless = session.rows(sql('SELECT max(id * 31 % 17) AS m FROM range(0, 1000000000000, 1, 2)'));
      await expect(endless).rejects.toThrow('told to stop');
      expect(await (await opened()).rows(sql('SELECT 1 AS one'))).toEqual([{ one: 1 }]);
    });
  });

  it('is looked at by doctor, with the lake that both see', { timeout: TIMEOUT_MS }, async () => {
    await using cluster = new Cluster(server.remote, testEdge());
    expect((await lookAtSpark(cluster, Date.now)).found).toMatch(
      /^Spark 4\.\d+\.\d+ with Delta Lake answers$/,
    );
    const storage = openLocalStorage(dir());
    expect((await lookAtLakeFromSpark(cluster, storage, 'x')).found).toMatch(/each see/);
    expect(await leftIn(storage)).toEqual([]);
  });

  describe('computes', () => {
    const open = useLayers();
    const clusters: Cluster[] = [];
    afterAll(async () => {
      for (const cluster of clusters) await cluster.close();
    });
    const layers = (
      name: string,
      edge: Partial<PortEdge> = {},
      remote = server.remote,
      settings: Readonly<Record<string, string>> = {},
    ): Promise<LayerTables> => {
      const cluster = new Cluster(remote, { ...testEdge(), ...edge }, settings);
      clusters.push(cluster);
      return open(join(dir(), name), { cluster });
    };

    describe('as DuckDB does', () => {
      // One case goes by what a Spark does where nobody minds the time that it takes.
      const settingsOf = (name: string): typeof AS_ELSEWHERE =>
        name.startsWith('values of every type') ? AS_ELSEWHERE : {};
      itComputes(
        (name) => layers(name.length.toString(), {}, server.remote, settingsOf(name)),
        TIMEOUT_MS,
        'spark',
      );
    });

    it(
      'a model that gets dates, loses them or is partitioned otherwise',
      { timeout: TIMEOUT_MS },
      async () => {
        const here = await open(join(dir(), 'forms'));
        expect(await checkOtherForms(await layers('forms'), here)).toEqual(['spark']);
      },
    );

    const CLIENTS = `SELECT i AS id, 'n' || i AS name FROM range(4) AS r(i)`;
    const ORDERS = `SELECT i AS id, i % 4 AS c FROM range(9) AS r(i)`;
    const JOINED = `-- key: id\nSELECT o.id, c.name FROM bronze.o AS o JOIN bronze.c AS c ON c.id = o.c`;

    it('in another session where one is lost', { timeout: TIMEOUT_MS }, async () => {
      const ids: string[] = [];
      const newId = (): string => {
        const id = randomUUID();
        ids.push(id);
        return id;
      };
      const tables = await layers('lost', { newId });
      const clients = await bronze(tables, 'c', CLIENTS);
      await bronze(tables, 'o', ORDERS);
      const model = await silverModel(tables, JOINED);
      expect(await runSilver(tables, model)).toMatchObject({ operation: 'created', statements: 1 });
      const same = await opened(undefined, { sessionId: ids[0] ?? '' });
      await same.version();
      await same.close();
      await clients.update({ set: { name: `'x'` }, where: 'id = 1' });
      expect(await runSilver(tables, model)).toMatchObject({
        operation: 'updated',
        updated: 2,
        engine: 'spark',
      });
      await expectFresh(tables, model);
      expect(ids).toHaveLength(2);
    });

    it('nothing more once the run is told to stop', { timeout: TIMEOUT_MS }, async () => {
      const stop = new AbortController();
      const onTasks: PortEdge['onTasks'] = ({ tasks }) => {
        if (tasks > 0) stop.abort(new Error('told to stop'));
      };
      const tables = await layers('stopped', { signal: stop.signal, onTasks });
      await bronze(tables, 'o', ORDERS);
      const endless = 'SELECT max(range * 31 % 17) FROM range(0, 1000000000000)';
      const model = await silverModel(tables, `-- key: id\nSELECT id, (${endless}) AS m FROM bronze.o`);
      await expect(runSilver(tables, model)).rejects.toThrow('told to stop');
      expect(await tables.find(model)).toBeUndefined();
      expect(await leftIn(tables.storage(model))).toEqual([]);
    });

    it(
      'and is gone: the table stays as it was, and any engine goes on from there',
      { timeout: TIMEOUT_MS },
      async () => {
        const way = await cuttable(server.remote.port);
        const tables = await layers('gone', {}, { ...server.remote, port: way.port });
        const clients = await bronze(tables, 'c', CLIENTS);
        await bronze(tables, 'o', ORDERS);
        const model = await silverModel(tables, JOINED);
        await runSilver(tables, model);
        await clients.delete('id = 1');
        way.whenAsked(way.close);
        await expect(runSilver(tables, model)).rejects.toMatchObject({ code: 'SPARK_UNREACHABLE' });
        expect((await (await tables.require(model)).snapshot()).version).toBe(0);
        const others = await open(join(dir(), 'gone'));
        expect(await runSilver(others, model)).toMatchObject({
          operation: 'updated',
          deleted: 2,
          version: 1,
        });
        await expectFresh(others, model);
      },
    );
  });

  describe('computes models', () => {
    const MORE = {
      'silver/odd.sql': `-- key: name
SELECT name, median(vip) AS vip FROM bronze.clients GROUP BY name
`,
      'silver/twice.sql': `-- key: vip
SELECT vip, count(*) AS "how many" FROM bronze.clients GROUP BY ALL
`,
      'silver/none.sql': `-- key: id
SELECT * FROM bronze.orders WHERE cents > 1000000
`,
      'silver/alike.sql': `-- key: vip
SELECT vip, 1 AS one FROM bronze.clients
`,
      'silver/versions.sql': `-- key: id, n
SELECT id, row_number() OVER (PARTITION BY id ORDER BY valid_from) AS n, cents, is_current,
  lead(valid_from) OVER (PARTITION BY id ORDER BY valid_from) IS NOT DISTINCT FROM valid_to AS has_next
FROM bronze.past
`,
    };
    const PAST = { ...CONFIG.tables[1], name: 'past', file: 'orders.csv', history: 'scd2' };
    const BRONZE = ['bronze.clients', 'bronze.orders'];
    const NAMES = [
      ...BRONZE,
      ...['clients', 'sales', 'totals', 'odd', 'twice', 'none', 'alike', 'versions'].map(
        (name) => `silver.${name}`,
      ),
      ...['daily', 'weekly'].map((name) => `gold.${name}`),
    ];

    const WHOLE = NAMES.filter((name) => name !== 'silver.odd');
    /** What reads more of its sources than their changes. */
    const CHANGED = [
      ...BRONZE,
      'silver.sales',
      'silver.totals',
      'silver.versions',
      'gold.daily',
      'gold.weekly',
    ];

    async function shop(name: string): Promise<Scenario> {
      const folder = join(dir(), name);
      await writeModels(folder, { ...MODELS, ...MORE });
      return openScenario(folder, { ...CONFIG, tables: [...CONFIG.tables, PAST] });
    }

    async function publish(scenario: Scenario, state: number): Promise<void> {
      for (const [name, text] of Object.entries(shopFiles(state))) await scenario.write(name, text);
    }

    it(
      'to the same tables, version by version, as DuckDB, in few statements',
      { timeout: TIMEOUT_MS },
      async () => {
        const spark: EngineConfig = { type: 'spark', remote: server.address };
        const [alone, together] = [await shop('alone'), await shop('together')];
        const config = { ...together.config, engine: spark };
        for (const [state, fullRefresh, onSpark] of [
          [0, false, WHOLE],
          [1, false, CHANGED],
          [1, false, []],
          [2, true, WHOLE],
        ] as const) {
          await publish(alone, state);
          await publish(together, state);
          const wanted = await alone.run({ fullRefresh });
          const planned = (await together.plan({ fullRefresh, config })).layers ?? {};
          const found = await together.run({ fullRefresh, config });
          const reports = found.report.layers ?? {};
          expect(found.exitCode).toBe(0);
          for (const [name, { reason: _, ...report }] of Object.entries(wanted.report.layers ?? {}))
            expect(reports[name], `${name} at ${state}`).toMatchObject(report);
          const [left, right] = [
            await shownTables(alone.storage, NAMES),
            await shownTables(together.storage, NAMES),
          ];
          expect(right).toEqual(left);
          expect(await appliedVersions(together.storage, NAMES)).toEqual(
            await appliedVersions(alone.storage, NAMES),
          );
          const sent = Object.entries(reports).map(
            ([name, { statements = 0 }]) => [name, statements] as const,
          );
          for (const [name, statements] of sent)
            expect(statements, name).toBeLessThanOrEqual(name.startsWith('gold.') ? 20 : 15);
          // Before the first run the columns of bronze are not known.
          const told = Object.entries(state === 0 ? {} : planned).filter(([, { engine: by }]) => by);
          for (const [name] of told) expect(reports[name]?.engine, name).toBe('spark');
          const bySpark = sent.filter(([, statements]) => statements > 0).map(([name]) => name);
          expect(onSpark.filter((name) => !bySpark.includes(name))).toEqual([]);
          expect(bySpark.length > 0, `at ${state}`).toBe(onSpark.length > 0);
          for (const name of BRONZE) expect(reports[name]?.statements ?? 1, name).toBe(1);
          const isOdd = onSpark === WHOLE ? /computed by DuckDB: .*median/ : /^/;
          expect(reports['silver.odd']?.reason ?? '').toMatch(isOdd);
        }
        for (const layer of ['bronze', 'silver'])
          expect(await strays(join(dir(), 'together', 'lake', layer))).toEqual([]);
      },
    );

    it('and bronze from all that files may say', { timeout: TIMEOUT_MS }, async () => {
      const config = { layers: ['bronze'], compat: 'dms', tables: SOURCES };
      const alone = openScenario(join(dir(), 'by DuckDB'), config);
      const together = openScenario(join(dir(), 'by Spärk'), config);
      const names = SOURCES.map(({ name }) => `bronze.${name}`);
      const onSpark = { ...together.config, engine: { type: 'spark', remote: server.address } as const };
      for (const [index, { files, request, only = RAW_AND_BRONZE }] of STATES.entries()) {
        for (const scenario of [alone, together])
          for (const [name, text] of Object.entries(files)) await scenario.write(`${name}.csv`, text);
        const wanted = (await alone.run({ ...request, only })).report.layers;
        const found = (await together.run({ ...request, only, config: onSpark })).report.layers;
        for (const [name, report] of Object.entries(wanted ?? {})) {
          const { engine, statements, reason, ...told } = found?.[name] ?? {};
          const own = reason?.replace(/(?:; )?computed by DuckDB: .*CAST.DOUBLE AS VARCHAR.$/, '');
          expect({ ...told, ...(own === undefined ? {} : { reason: own }) }, `${name} at ${index}`).toEqual(
            report,
          );
          const isOnSpark = report.operation !== 'unchanged' && own === reason;
          expect([engine, statements], name).toEqual(isOnSpark ? ['spark', 1] : [undefined, undefined]);
        }
        expect(await shownTables(together.storage, names, 'newest'), `at ${index}`).toEqual(
          await shownTables(alone.storage, names, 'newest'),
        );
        expect(await appliedVersions(together.storage, names)).toEqual(
          await appliedVersions(alone.storage, names),
        );
      }
      expect(await strays(join(together.storage.uri, 'bronze'))).toEqual([]);
    });

    it(
      'to what DuckDB makes of five days of the loyalty system, handed from one to the other, whenever runs die',
      { timeout: TIMEOUT_MS },
      async () => {
        const folder = join(dir(), 'five days');
        const storage = openLocalStorage(join(folder, 'lake'));
        await checkFiveDays({
          folder,
          storage,
          spark: { type: 'spark', remote: server.address },
          days: 5,
        });
        expect(await hasDeletionVectors(storage)).toBe(true);
      },
    );

    it(
      'once where the process is killed before its commit, and DuckDB goes on',
      { timeout: TIMEOUT_MS },
      async () => {
        const spark: EngineConfig = { type: 'spark', remote: server.address };
        const place = localPlace(dir());
        const lake = await place.create('past');
        await writeModels(lake.folder);
        const past = await openLake(lake, {}, CONFIG);
        await publish(past, 0);
        await past.run();
        await publish(past, 1);
        const calm = await openLake(await place.copy(lake, 'calm'), {}, CONFIG);
        await calm.run();
        const shown = await shownTables(calm.storage);
        const write = `silver/totals/_delta_log/${'1'.padStart(20, '0')}.json`;
        expect(await runAndDie({ lake, write, moment: 'before', config: CONFIG, engine: spark })).toBe(
          'SIGKILL',
        );
        const scenario = await openLake(lake, {}, CONFIG);
        expect((await scenario.run()).exitCode).toBe(0);
        expect(await shownTables(scenario.storage)).toEqual(shown);
      },
    );

    it(
      'not at all where it is not to be reached: the table stays as it was',
      { timeout: TIMEOUT_MS },
      async () => {
        const scenario = await shop('unreachable');
        await publish(scenario, 0);
        await scenario.run({ only: ['raw', 'bronze'], tables: ['clients'] });
        const config = { ...scenario.config, engine: { type: 'spark', remote: 'sc://127.0.0.1:1' } as const };
        const { report, exitCode } = await scenario.run({ config, only: ['raw', 'bronze', 'silver'] });
        expect(exitCode).toBe(5);
        expect(report.layers?.['bronze.orders']).toMatchObject({
          operation: 'failed',
          code: 'SPARK_UNREACHABLE',
        });
        expect(report.layers?.['silver.sales']).toMatchObject({ operation: 'skipped' });
        expect(report.layers?.['silver.clients']).toMatchObject({
          operation: 'failed',
          code: 'SPARK_UNREACHABLE',
        });
        expect(report.layers?.['silver.odd']).toMatchObject({ operation: 'created' });
      },
    );
  });
});

const SOURCES = [
  { name: 'plain', pk: 'id' },
  { name: 'kinds', pk: ['a', 'b c'] },
  { name: 'late', pk: 'id' },
];

const RAW_AND_BRONZE: NonNullable<RunRequest['only']> = ['raw', 'bronze'];

/** States of a source: its files, and how they are taken. */
const STATES: readonly {
  readonly files: Readonly<Record<string, string>>;
  readonly request?: Partial<RunRequest>;
  readonly only?: NonNullable<RunRequest['only']>;
}[] = [
  {
    files: {
      plain: 'id,v,n\n1,a,1\n2,,2\n3,ß,\n4,d,4\n',
      kinds:
        'a,b c,flag,day,at,dec\nx,1,true,2024-01-01,2024-01-01 10:00:00.5,1.25\nx,2,,,,\ny,1,false,1969-12-31,2024-10-27 02:30:00,-0.01\n',
      late: 'id,v\n1,a\n2,b\n3,c\n',
    },
  },
  {
    files: {
      plain: 'id,v,n\n1,a,1\n2,B,2\n4,d,\n5,e,5\n',
      kinds:
        'a,b c,flag,day,at,dec,More\nx,1,true,2024-01-01 01:00:00,2024-01-01 10:00:00.5,1.255,\nx,3,,,,,m\n',
      late: 'id,v\n1,A\n2,b\n4,d\n',
    },
    request: { approve: ['kinds'] },
  },
  {
    files: { late: 'id,v\n1,A\n4,d\n2,c\n5,e\n', plain: 'id,v,n\n1,a,1\n5,e,5\n2,B,2\n6,f,\n' },
    only: ['raw'],
  },
  { files: { late: 'id,v\n1,A\n4,D\n5,e\n3,x\n', plain: 'id,v,n\n1,a,1.5\n5,e,5\n2,B,2\n4,d,4\n' } },
  { files: { late: 'id,v\n1,A\n4,D\n6,f\n' }, request: { reload: ['late'] } },
  { files: { plain: 'id,v,n\n1,a,none\n5,e,5\n2,B,2\n' }, request: { approve: ['plain'] } },
  { files: {}, request: { fullRefresh: true } },
];

async function leftIn(storage: ReturnType<typeof openLocalStorage>): Promise<string[]> {
  const left: string[] = [];
  for await (const { key } of storage.list('')) left.push(key);
  return left;
}

/** Files of Spark's that are of no version of the tables. */
async function strays(folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const name of await readdir(folder)) {
    await using table = await DeltaTable.open(join(folder, name));
    const own = new Set<string>();
    for (let { version } = await table.snapshot(); version >= 0; version -= 1)
      for (const { uri } of await table.files({ at: version })) own.add(uri);
    const all = await readdir(join(folder, name), { recursive: true, withFileTypes: true });
    const files = all.filter((each) => each.isFile()).map((each) => join(each.parentPath, each.name));
    found.push(...files.filter((path) => path.includes('/spark-') && !own.has(path)));
  }
  return found;
}

/** A way to a port of this machine. */
interface Way {
  readonly port: number;
  connections(): number;
  /** Cuts all connections. */
  cut(this: void): void;
  /** For good. */
  close(this: void): void;
  /** Does something once, when somebody next sends something. */
  whenAsked(what: () => void): void;
}

async function cuttable(port: number): Promise<Way> {
  const open = new Set<Socket>();
  let count = 0;
  let next: (() => void) | undefined;
  const proxy = createServer((near) => {
    count += 1;
    const far = connect(port, '127.0.0.1');
    for (const socket of [near, far]) {
      open.add(socket);
      socket.on('error', () => undefined).on('close', () => open.delete(socket));
    }
    near.on('data', () => {
      const what = next;
      next = undefined;
      what?.();
    });
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const cut = (): void => {
    for (const socket of open) socket.destroy();
  };
  const close = (): void => {
    cut();
    proxy.close();
  };
  onTestFinished(close);
  const address: AddressInfo | string | null = proxy.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  const whenAsked = (what: () => void): void => {
    next = what;
  };
  return { port: address.port, connections: () => count, cut, close, whenAsked };
}
