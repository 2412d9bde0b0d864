import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { demoTables } from '../../src/cli/demo/data.ts';
import { copyModels } from '../../src/cli/init/models.ts';
import { DeltaTable } from '../../src/delta/table.ts';
import { Engine } from '../../src/engine/engine.ts';
import type { StorageLocation } from '../../src/storage/location.ts';
import { Agreement } from '../delta/interop/agreement.ts';
import { DeltaPeer, deltaRsPython } from '../delta/interop/peers.ts';
import { type CliEnd, runCli } from '../support/cli.ts';
import { describeWith } from '../support/external.ts';
import { S3_START_TIMEOUT_MS, type S3Server, seaweedfs } from '../support/s3-server.ts';
import { loyaltyTables, writeLoyaltyDay } from './loyalty.ts';

const SLOW_MS = 600_000;
const GOLD = ['daily', 'monthly', 'churn'];
const TABLES = [
  ...['bronze', 'silver'].flatMap((layer) => demoTables.map(({ name }) => `${layer}.${name}`)),
  ...GOLD.map((name) => `gold.${name}`),
];

const deltaRs = await deltaRsPython();

interface RunDocument {
  readonly run: number | null;
  readonly layers: Readonly<Record<string, { readonly operation: string; readonly version: number }>>;
}

describeWith(await seaweedfs(), 'the demonstration on S3', (program) => {
  let server: S3Server;
  let folder = '';
  let lake: StorageLocation;

  const igarape = async (...args: string[]): Promise<CliEnd> =>
    runCli(args, { cwd: folder, env: server.env });

  beforeAll(async () => {
    server = await program.start();
    folder = await mkdtemp(join(tmpdir(), 'igarape-layers-s3-'));
    lake = await server.bucket('loyalty', 'lake');
    await copyModels(join(folder, 'models'));
    const config = {
      source: { type: 'files', path: 'source' },
      lake: lake.uri,
      s3: { endpoint: server.endpoint, region: server.region, force_path_style: true },
      layers: ['bronze', 'silver', 'gold'],
      tables: loyaltyTables,
    };
    await writeFile(join(folder, 'igarape.json'), JSON.stringify(config));
  }, S3_START_TIMEOUT_MS);
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
    await server.stop();
  });

  it(
    'feeds every layer on each of three days, and proves what it published',
    { timeout: SLOW_MS },
    async () => {
      const runs: RunDocument[] = [];
      await mkdir(join(folder, 'source'));
      const engine = Engine.open({ memoryLimit: '500MB', spillDir: join(folder, 'spill'), threads: 1 });
      try {
        for (const day of [1, 2, 3] as const) {
          await writeLoyaltyDay(engine, day, join(folder, 'source'));
          const { exitCode, stdout, stderr } = await igarape('run', '--json');
          if (exitCode !== 0) throw new Error(stdout + stderr);
          runs.push(JSON.parse(stdout) as RunDocument);
        }
      } finally {
        engine.close();
      }
      expect(runs.map(({ run }) => run)).toEqual([0, 1, 2]);
      const operations = (of: RunDocument | undefined): string[] =>
        TABLES.map((name) => of?.layers[name]?.operation ?? 'missing');
      expect(new Set(operations(runs[0]))).toEqual(new Set(['created']));
      for (const run of runs.slice(1))
        expect(
          operations(run).filter((operation) => !/^(?:updated|rebuilt|unchanged)$/.test(operation)),
        ).toEqual([]);
      const { exitCode, stdout } = await igarape('verify', '--json');
      expect({ exitCode, verified: JSON.parse(stdout) as unknown }).toMatchObject({
        exitCode: 0,
        verified: { ok: true, runs: 3 },
      });
    },
  );

  it('a run with nothing new changes no table of any layer', async () => {
    const touched = new Date();
    await utimes(join(folder, 'source', 'produtos.csv'), touched, touched);
    const { exitCode, stdout } = await igarape('run', '--json');
    expect(exitCode).toBe(0);
    const { run, layers } = JSON.parse(stdout) as RunDocument;
    expect(run).toBeNull();
    expect(new Set(Object.values(layers).map(({ operation }) => operation))).toEqual(new Set(['unchanged']));
  });

  it('the layers agree with each other, as a query over all of them tells', async () => {
    const sql = `SELECT (SELECT sum(QtdePontos) FROM transacoes) AS raw,
      (SELECT sum(QtdePontos) FROM bronze.transacoes) AS bronze,
      (SELECT sum(nrPontosTransacao) FROM silver.transacoes) AS silver,
      (SELECT sum(nrPontos) FROM gold.daily WHERE nivel = 1) AS gold`;
    const { exitCode, stdout, stderr } = await igarape(
      'query',
      sql,
      '--format',
      'csv',
      '--log-level',
      'silent',
    );
    expect(exitCode, stderr).toBe(0);
    const sums = stdout.trim().split('\n').at(-1)?.split(',') ?? [];
    expect(sums).toHaveLength(4);
    expect(new Set(sums).size).toBe(1);
    expect(Number(sums[0])).not.toBe(0);
  });

  describeWith(deltaRs, 'delta-rs, on the S3 server itself', (python) => {
    let peer: DeltaPeer;
    beforeAll(() => {
      peer = new DeltaPeer(python, 'delta_rs.py');
    });
    afterAll(() => peer.close());

    async function open(name: string): Promise<{ agreement: Agreement; last: number }> {
      const path = `${lake.uri}/${name.replace('.', '/')}`;
      const table = await DeltaTable.open(path, { s3: lake.s3, env: server.env });
      onTestFinished(() => table.close());
      const last = (await table.snapshot()).version;
      const kind = { name, vectors: true, partitioned: name.startsWith('gold.'), seed: 0 };
      const storage = {
        ...server.env,
        AWS_ENDPOINT_URL: server.endpoint,
        AWS_ALLOW_HTTP: 'true',
        AWS_VIRTUAL_HOSTED_STYLE_REQUEST: 'false',
      };
      return {
        agreement: new Agreement(peer, { kind, path, table, last }, { out: join(folder, name), storage }),
        last,
      };
    }

    it.each(TABLES)('has the rows of %s', { timeout: SLOW_MS }, async (name) => {
      const { agreement, last } = await open(name);
      expect(await agreement.onRows(0)).toEqual([]);
      expect(await agreement.onRows(last)).toEqual([]);
    });

    it.each(TABLES.filter((name) => !name.startsWith('gold.')))(
      'has the changes of %s',
      { timeout: SLOW_MS },
      async (name) => {
        const { agreement, last } = await open(name);
        expect(await agreement.onChanges(0, last)).toEqual([]);
      },
    );
  });
});
