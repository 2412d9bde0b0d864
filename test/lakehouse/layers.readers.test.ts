import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, test } from 'vitest';
import { DeltaTable } from '../../src/delta/table.ts';
import { Agreement } from '../delta/interop/agreement.ts';
import { DeltaPeer, deltaRsPython, duckdbDeltaPython, polarsPython } from '../delta/interop/peers.ts';
import { SparkPeer } from '../delta/interop/spark-peer.ts';
import { describeWith, type Peer } from '../support/external.ts';
import { sparkConnect } from '../support/spark-connect.ts';
import { type LayeredLake, makeLayeredLake } from './layered-lake.ts';

const SLOW_MS = 600_000;

let folder = '';
let made: LayeredLake;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'igarape-layers-'));
  made = await makeLayeredLake(folder);
}, SLOW_MS);
afterAll(() => rm(folder, { recursive: true, force: true }));

const BRONZE = ['clientes', 'produtos', 'transacoes', 'transacao_produto', 'historia', 'parceiros'];
const SILVER = ['clientes', 'produtos', 'transacoes', 'transacao_produto', 'pessoas', 'saldos'];
const TABLES = [
  ...BRONZE.map((name) => `bronze.${name}`),
  ...SILVER.map((name) => `silver.${name}`),
  ...['daily', 'monthly', 'churn'].map((name) => `gold.${name}`),
];
const WITH_CHANGES = TABLES.filter((name) => !name.startsWith('gold.'));

const pathOf = (lake: string, name: string): string => join(lake, ...name.split('.'));

test('the lake has tables of every layer, of every making', async () => {
  const [first = {}, second = {}, third = {}] = made.runs;
  expect(Object.keys(third).toSorted()).toEqual(TABLES.toSorted());
  expect(new Set(Object.values(first).map(({ operation }) => operation))).toEqual(new Set(['created']));
  for (const name of [
    'bronze.clientes',
    'bronze.historia',
    'bronze.parceiros',
    'silver.transacoes',
    'silver.saldos',
  ]) {
    expect([name, second[name]?.operation]).toEqual([name, 'updated']);
    expect([name, third[name]?.operation]).toEqual([name, 'updated']);
  }
  expect(third['silver.pessoas']?.operation).toBe('rebuilt');
  for (const name of ['gold.daily', 'gold.monthly', 'gold.churn'])
    expect([name, third[name]?.version]).toEqual([name, 2]);
  for (const name of ['bronze.clientes', 'silver.clientes', 'silver.saldos'])
    expect([name, await hasDeletionVectors(name)]).toEqual([name, true]);
  expect(await columnsOf('bronze.clientes')).toContain('DescCidade');
  expect(await columnsOf('silver.pessoas')).toContain('DescCidade');
});

async function hasDeletionVectors(name: string): Promise<boolean> {
  await using table = await DeltaTable.open(pathOf(made.lake, name));
  return (await (await table.snapshot()).files()).some((file) => file.deletionVector !== undefined);
}

async function columnsOf(name: string): Promise<string[]> {
  await using table = await DeltaTable.open(pathOf(made.lake, name));
  return (await table.snapshot()).schema.fields.map((field) => field.name);
}

interface Opened {
  readonly agreement: Agreement;
  readonly table: DeltaTable;
  readonly last: number;
}

/** A reader in one process, on a copy of the lake, beside which it leaves what it reads. */
function describeReader<T>(
  peer: Peer<T>,
  name: string,
  start: (value: T) => DeltaPeer | Promise<SparkPeer>,
  tests: (open: (table: string) => Promise<Opened>) => void,
): void {
  describeWith(peer, name, (value) => {
    let running: DeltaPeer | SparkPeer;
    let lake = '';
    beforeAll(async () => {
      const own = join(folder, name.replaceAll(/\W+/g, '-'));
      lake = join(own, 'lake');
      await cp(made.lake, lake, { recursive: true });
      running = await start(value);
    }, SLOW_MS);
    afterAll(() => running.close());
    let opened = 0;
    tests(async (full) => {
      opened += 1;
      const path = pathOf(lake, full);
      const table = await DeltaTable.open(path);
      const last = (await table.snapshot()).version;
      const kind = { name: full, vectors: true, partitioned: full.startsWith('gold.'), seed: 0 };
      return {
        agreement: new Agreement(running, { kind, path, table, last }, { out: `${path}-${opened}` }),
        table,
        last,
      };
    });
  });
}

function readsEveryVersion(open: (table: string) => Promise<Opened>): void {
  it.each(TABLES)('has the rows of %s, at every version', { timeout: SLOW_MS }, async (name) => {
    const { agreement, table, last } = await open(name);
    for (let version = 0; version <= last; version += 1) expect(await agreement.onRows(version)).toEqual([]);
    await table.close();
  });
}

describeReader(
  await deltaRsPython(),
  'delta-rs',
  (python) => new DeltaPeer(python, 'delta_rs.py'),
  (open) => {
    readsEveryVersion(open);
    it.each(WITH_CHANGES)('has the changes of %s', async (name) => {
      const { agreement, table, last } = await open(name);
      // Of a removed file with a deletion vector, delta-rs 1.6.6 tells the rows that the vector had taken out.
      const overwritten = new Set<number>();
      for await (const { version, commitInfo } of table.history())
        if (JSON.stringify(commitInfo['operationParameters']).includes('"mode":"Overwrite"'))
          overwritten.add(version);
      expect(overwritten.size > 0).toBe(name === 'silver.pessoas');
      expect(await agreement.onChanges(0, last, (version) => !overwritten.has(version))).toEqual([]);
      await table.close();
    });
  },
);

describeReader(
  await polarsPython(),
  'Polars',
  (python) => new DeltaPeer(python, 'polars_delta.py'),
  readsEveryVersion,
);

describeReader(
  await duckdbDeltaPython(),
  "DuckDB's delta extension",
  (python) => new DeltaPeer(python, 'duckdb_delta.py'),
  readsEveryVersion,
);

describeReader(
  await sparkConnect(),
  'Spark with Delta Lake',
  async (startServer) => SparkPeer.open(await startServer()),
  (open) => {
    readsEveryVersion(open);
    it.each(WITH_CHANGES)('has the changes of %s', { timeout: SLOW_MS }, async (name) => {
      const { agreement, table, last } = await open(name);
      expect(await agreement.onChanges(0, last)).toEqual([]);
      await table.close();
    });
  },
);
