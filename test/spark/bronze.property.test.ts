import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { loadSnapshot } from '../../src/delta/log/snapshot.ts';
import { HelperTables, type Relation } from '../../src/delta/read/relation.ts';
import { AT } from '../../src/delta/read/row-places.ts';
import { scanFiles } from '../../src/delta/read/scan.ts';
import { parquetFile, quoteText } from '../../src/engine/quote.ts';
import { readNewestEntry } from '../../src/lake/ledger.ts';
import { appliedRun, LEDGER_APP } from '../../src/medallion/bronze/applied-run.ts';
import { filesHere } from '../../src/medallion/bronze/changes.ts';
import { applyLatest } from '../../src/medallion/bronze/latest.ts';
import { latestBatch } from '../../src/medallion/bronze/latest-batch.ts';
import { applyBySpark } from '../../src/medallion/bronze/latest-on-spark.ts';
import type { BronzeBatch } from '../../src/medallion/bronze/latest-rows.ts';
import { type PendingFile, pendingFiles } from '../../src/medallion/bronze/pending.ts';
import { OnSpark, type Readable, type Refused, type Rendered } from '../../src/spark/on-spark.ts';
import type { LayerTable } from '../../src/medallion/layer.ts';
import type { LayerTables } from '../../src/medallion/layer-tables.ts';
import { Cluster, POSITION } from '../../src/spark/cluster.ts';
import { shownTables } from '../lakehouse/shop.ts';
import { useLayers } from '../support/layer-tables.ts';
import { openScenario, testEdge } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();
const open = useLayers();

const ALONE = { layer: 'bronze', name: 'alone' } as const;
const TOGETHER = { layer: 'bronze', name: 'together' } as const;
const NOWHERE = { host: '127.0.0.1', port: 1, token: undefined, isSecure: false, userId: '', headers: {} };

interface State {
  readonly rows: readonly { readonly id: number; readonly v: string; readonly n: string }[];
  readonly hasMore: boolean;
  /** What bronze does with it: nothing yet, follow, take a new full-load, or begin anew. */
  readonly way: 'later' | 'follow' | 'reload' | 'anew';
}

const states: fc.Arbitrary<readonly State[]> = fc.array(
  fc.record({
    rows: fc.uniqueArray(
      fc.record({ id: fc.nat(6), v: fc.constantFrom('', 'a', 'ß'), n: fc.constantFrom('', '1', '2', '1.5') }),
      { selector: ({ id }) => id, minLength: 1 },
    ),
    hasMore: fc.boolean(),
    way: fc.constantFrom('later', 'follow', 'follow', 'reload', 'anew'),
  }),
  { minLength: 2, maxLength: 4 },
);

/** Rows that come, go, change and stay, each way. */
const EACH_WAY: readonly State[] = (
  ['follow', 'follow', 'later', 'reload', 'anew', 'later', 'follow'] as const
).map((way, state) => ({
  rows: [0, 1, 2].map((id) => ({ id: id + state, v: id === 1 ? `${state}` : 'a', n: '1' })),
  hasMore: state > 3,
  way,
}));

it('bronze by way of another engine is bronze, version by version', { timeout: 240_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(states, async (drawn) => {
      const folder = join(dir(), randomUUID());
      const scenario = openScenario(folder, { compat: 'dms', tables: [{ name: 't', pk: 'id' }] });
      const tables = await open(folder);
      for (const [index, { rows, hasMore, way }] of drawn.entries()) {
        const lines = rows.map(({ id, v, n }) => `${id},${v},${n}${hasMore ? ',m' : ''}\n`);
        await scenario.write('t.csv', `id,v,n${hasMore ? ',more' : ''}\n${lines.join('')}`);
        await scenario.run({ approve: ['t'], ...(way === 'reload' ? { reload: ['t'] } : {}) });
        if (way === 'later' && index < drawn.length - 1) continue;
        await applyBoth(tables, way === 'anew');
        const shown = await shownTables(tables.edge.storage, ['bronze.alone', 'bronze.together'], 'newest');
        expect(shown['bronze.together']).toEqual(shown['bronze.alone']);
      }
    }),
    { examples: [[EACH_WAY]], numRuns: process.env['IGARAPE_FAULTS'] === 'all' ? 60 : 4 },
  );
});

async function applyBoth(tables: LayerTables, isAnew: boolean): Promise<void> {
  const { storage } = tables.edge;
  const newest = await readNewestEntry(storage);
  const after = isAnew ? undefined : appliedRun(await tables.newest(ALONE));
  const files =
    (await pendingFiles(storage, newest, new Map([['t', { after, past: false }]]))).get('t') ?? [];
  if (files.length === 0) return;
  const batch: BronzeBatch = {
    schema: newest?.tables['t']?.schema ?? [],
    key: ['id'],
    app: { appId: LEDGER_APP, version: BigInt(files.at(-1)?.run ?? 0) },
    anew: isAnew ? 'anew' : undefined,
  };
  const wanted = await byDuckDB(tables, files, batch);
  await using spark = new StandIn(tables, TOGETHER);
  const found = await applyBySpark(tables, spark, TOGETHER, files, batch);
  expect(found).toEqual({ kind: 'applied', report: wanted });
  expect(spark.computed).toBe(1);
}

async function byDuckDB(
  tables: LayerTables,
  files: readonly PendingFile[],
  batch: BronzeBatch,
): Promise<unknown> {
  const helpers = new HelperTables(tables.edge.engine);
  const keep = (select: string): Promise<string> => helpers.createAs(select);
  try {
    return await applyLatest(tables, ALONE, await latestBatch(files, batch, filesHere(tables.edge), keep));
  } finally {
    await helpers.drop();
  }
}

/** Renders for Spark, and lets DuckDB compute the same. */
class StandIn extends OnSpark {
  computed = 0;
  readonly #tables: LayerTables;
  readonly #table: LayerTable;
  readonly #shown = new Map<string, Readable['from']>();
  readonly #selects = new Map<Rendered, string>();

  constructor(tables: LayerTables, table: LayerTable) {
    super(tables.sparkEdge(table), new Cluster(NOWHERE, testEdge()));
    this.#tables = tables;
    this.#table = table;
  }

  override async show(name: string, readable: Readable): Promise<void> {
    this.#shown.set(name, readable.from);
    await super.show(name, readable);
  }

  override async render(select: string): Promise<Rendered | Refused> {
    const rendered = await super.render(select);
    if (rendered.kind === 'rendered') this.#selects.set(rendered, select);
    return rendered;
  }

  override async compute(rendered: Rendered): Promise<Readable> {
    const { engine, workDir } = this.#tables.edge;
    const storage = this.#tables.storage(this.#table);
    const withs: string[] = [];
    const open: Relation[] = [];
    for (const [name, from] of this.#shown) {
      const rows = await this.#rows(from);
      open.push(rows);
      withs.push(`${name} AS (${rows.sql})`);
    }
    const folder = `spark-${randomUUID()}`;
    const path = join(workDir, `${folder}.parquet`);
    const select = `WITH ${withs.join(', ')} SELECT * FROM (${this.#selects.get(rendered) ?? ''})`;
    await engine.run(`COPY (${select}) TO ${quoteText(path)} (FORMAT parquet)`);
    for (const rows of open) await rows.release();
    await storage.upload(path, `${folder}/part-0.parquet`);
    this.computed += 1;
    return { from: { uri: `${storage.uri}/${folder}` }, columns: rendered.columns };
  }

  async #rows({ uri, version, hasPositions }: Readable['from']): Promise<Relation> {
    if (version === undefined || hasPositions !== true)
      return { sql: `FROM ${parquetFile(uri)}`, release: async () => undefined };
    const { engine, workDir } = this.#tables.edge;
    const disk = { storage: this.#tables.storage(this.#table), engine, workDir };
    const snapshot = await loadSnapshot(disk);
    const files = await snapshot.files();
    const scan = await scanFiles(disk, snapshot, files, { positions: true });
    const uris = files.map(({ path }) => quoteText(`file:${uri}/${path}`));
    const file = `([${uris.join(', ')}]::VARCHAR[])[CAST(${AT.file} AS BIGINT) + 1] AS ${POSITION.file}`;
    const sql = `SELECT * EXCLUDE (${AT.file}, ${AT.row}), ${file}, CAST(${AT.row} AS BIGINT) AS ${POSITION.row} FROM (${scan.sql})`;
    return { sql, release: () => scan.release() };
  }
}
