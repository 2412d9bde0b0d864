import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '../src/core/log.ts';
import { Engine } from '../src/engine/engine.ts';
import { parseSql } from '../src/engine/sql-tree.ts';
import { buildModel } from '../src/medallion/build/build.ts';
import { ACT, ACTS, mergeRows } from '../src/medallion/build/merge-rows.ts';
import { fullName } from '../src/medallion/layer.ts';
import { LayerTables } from '../src/medallion/layer-tables.ts';
import { readHeader } from '../src/medallion/models/header-lines.ts';
import { parseHeader } from '../src/medallion/models/header.ts';
import type { Model } from '../src/medallion/models/model.ts';
import { referencesOf, tablesNamed } from '../src/medallion/models/references.ts';
import type { LayerReport } from '../src/medallion/report.ts';
import { openLocalStorage } from '../src/storage/local.ts';
import { CORPUS } from '../test/medallion/incremental/corpus.ts';
import { median } from './measure.ts';

// What people write (the corpus of the core's tests) over a shop: CPU time of what follows 0.8 % of changed rows, against a
// full refresh of the same model. npx tsx bench/models.ts

const ITEMS = Number(process.env['BENCH_MODELS_ROWS'] ?? 5_000_000);
const ONLY = process.env['BENCH_MODELS_ONLY'];

/** With a row for every client and product, which no shop of this size has. */
const TOO_LARGE: ReadonlySet<string> = new Set(['every client and product, bought or not']);

const clients = Math.ceil(ITEMS / 12);
const orders = Math.ceil(ITEMS / 2.5);
const products = 10_000;

/** How many rows a table has, and its columns, of a row's number `i` and of `v`, which is another one of a changed row. */
const SHOP: Readonly<Record<string, readonly [rows: number, columns: string]>> = {
  clients: [
    clients,
    `'name ' || hash(i, v, 1) % 5000 AS name, if(hash(i, 2) % 9 = 0, ' A', 'a') || hash(i, v, 2) % ${clients} || '@x.org' AS email,
     'city ' || hash(i, v, 3) % 300 AS city, ['SP', 'RJ', 'BA', 'MG', NULL][(1 + hash(i, v, 4) % 5)::BIGINT] AS state,
     DATE '2023-01-01' + (hash(i, 5) % 900)::INTEGER AS since, if(hash(i, 6) % 3 = 0, hash(i, v, 7) % ${clients}, NULL)::INTEGER AS referrer`,
  ],
  orders: [
    orders,
    `(hash(i, 1) % ${clients})::INTEGER AS client_id, ['done', 'done', 'lost', 'canceled'][(1 + hash(i, v, 2) % 4)::BIGINT] AS status,
     ${moment('3')} AS ordered_at, ${moment('3')} + to_hours((hash(i, v, 4) % 200)::INTEGER) AS delivered_at,
     ['web', 'app'][(1 + hash(i, 5) % 2)::BIGINT] AS channel`,
  ],
  items: [
    ITEMS,
    `(hash(i, 1) % ${orders})::INTEGER AS order_id, (hash(i, 2) % ${products})::INTEGER AS product_id,
     (1 + hash(i, v, 3) % 5)::INTEGER AS quantity, ((hash(i, v, 4) % 90000) / 100)::DECIMAL(12, 2) AS price`,
  ],
  products: [
    products,
    `'product ' || i AS name, 'category ' || hash(i, 1) % 70 AS category, ((hash(i, 2) % 9000) / 100)::DECIMAL(12, 2) AS cost,
     ['tag ' || hash(i, 3) % 20, 'tag ' || hash(i, 4) % 20] AS tags`,
  ],
  payments: [
    orders,
    `(hash(i, 1) % ${orders})::INTEGER AS order_id, ['card', 'pix', 'cash'][(1 + hash(i, v, 2) % 3)::BIGINT] AS method,
     ((hash(i, v, 3) % 90000) / 100)::DECIMAL(12, 2) AS amount`,
  ],
  reviews: [
    orders,
    `(hash(i, 1) % ${orders})::INTEGER AS order_id, (1 + hash(i, v, 2) % 5)::INTEGER AS score, ${moment('3')} AS moment`,
  ],
  events: [
    orders,
    `(hash(i, 1) % ${clients})::INTEGER AS client_id, ['view', 'view', 'cart', 'buy'][(1 + hash(i, v, 2) % 4)::BIGINT] AS kind,
     ${moment('3')} AS moment, ['home', 'cart', 'product'][(1 + hash(i, 4) % 3)::BIGINT] AS page`,
  ],
  prices: [
    products * 4,
    `(i % ${products})::INTEGER AS product_id, TIMESTAMP '2024-01-01' + to_days((i // ${products} * 90)::INTEGER) AS valid_from,
     TIMESTAMP '2024-01-01' + to_days((i // ${products} * 90 + 90)::INTEGER) AS valid_to, ((hash(i, v, 3) % 9000) / 100)::DECIMAL(12, 2) AS price`,
  ],
  calendar: [366, `DATE '2024-01-01' + i::INTEGER AS day, hash(i, 1) % 30 = 0 AS is_holiday`],
};

function moment(seed: string): string {
  return `TIMESTAMP '2024-01-01' + to_seconds((hash(i, ${seed}) % (366 * 86400))::BIGINT)`;
}

/** Of the large tables one row in 125 changes: three quarters become others, an eighth come, an eighth go. */
const KIND = `CASE WHEN hash(i, 9) % 125 <> 0 THEN 'same' WHEN hash(i, 8) % 8 = 0 THEN 'gone' WHEN hash(i, 8) % 8 = 1 THEN 'new' ELSE 'changed' END`;
const LARGE: ReadonlySet<string> = new Set(['clients', 'orders', 'items', 'payments', 'reviews', 'events']);

async function makeShop(tables: LayerTables): Promise<void> {
  for (const [name, [rows, columns]] of Object.entries(SHOP)) {
    const isLarge = LARGE.has(name);
    const id = name === 'prices' || name === 'calendar' ? '' : 'i::INTEGER AS id, ';
    const of = (v: 0 | 1): string =>
      `SELECT ${id}${columns} FROM (SELECT i, ${v} AS v FROM range(${rows}) AS r(i)`;
    const delta = await tables.create(
      { layer: 'bronze', name },
      { rows: `${of(0)}${isLarge ? ` WHERE (${KIND}) <> 'new'` : ''})` },
    );
    if (!isLarge) continue;
    const changed = `${of(1)} WHERE (${KIND}) IN ('new', 'changed'))`;
    const gone = `${of(1)} WHERE (${KIND}) = 'gone')`;
    const merged = `SELECT *, ${ACTS.set} AS ${ACT} FROM (${changed}) UNION ALL SELECT *, ${ACTS.drop} FROM (${gone})`;
    await mergeRows(delta, merged, { key: ['id'], mayBeNull: false }, { ifVersion: 0 });
  }
}

async function modelOf(tables: LayerTables, name: string, text: string): Promise<Model> {
  const parsed = await parseSql(tables.edge.engine, text);
  if (parsed.kind === 'refused') throw new Error(parsed.reason);
  const found = tablesNamed(referencesOf(parsed.tree, 0)).map(({ value }) => value);
  const sources = [...new Map(found.map((table) => [fullName(table), table])).values()];
  const { header } = parseHeader(readHeader(text), 'silver', sources);
  const { tree } = parsed;
  return { layer: 'silver', name, path: `${name}.sql`, sql: `${text}\n`, tree, hash: name, header, sources };
}

async function cpuSecondsOf<T>(work: () => Promise<T>): Promise<readonly [number, T]> {
  const before = process.cpuUsage();
  const done = await work();
  const { user, system } = process.cpuUsage(before);
  return [(user + system) / 1e6, done];
}

async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'igarape-bench-'));
  const workDir = join(folder, 'work');
  const engine = Engine.open({ memoryLimit: '1GB', spillDir: join(workDir, 'spill'), threads: 2 });
  try {
    const storage = openLocalStorage(join(folder, 'lake'));
    const tables = new LayerTables({ storage, engine, workDir, clock: Date.now, log: silentLogger });
    await makeShop(tables);
    const ratios: number[] = [];
    for (const [index, { name, key, sql }] of CORPUS.entries()) {
      if (TOO_LARGE.has(name) || (ONLY !== undefined && !name.includes(ONLY))) continue;
      const text = `-- key: ${key}\n${sql.replaceAll(/\bshop\./g, 'bronze.')}`;
      // One follows the changes, the other is made anew with them.
      const follows = await modelOf(tables, `model_${index}`, text);
      const refreshed = await modelOf(tables, `refreshed_${index}`, text);
      const build = (model: Model, version?: number, fullRefresh = false): Promise<LayerReport> =>
        buildModel(tables, {
          model,
          versions: new Map(
            model.sources.flatMap((source) =>
              version === undefined ? [] : [[fullName(source), version] as const],
            ),
          ),
          fullRefresh,
        });
      const created = await build(follows, 0);
      await build(refreshed, 0);
      if (created.operation !== 'created') {
        console.log(`${name}: ${created.operation}, ${created.reason ?? ''}`);
        continue;
      }
      const [changes, report] = await cpuSecondsOf(() => build(follows));
      const [anew] = await cpuSecondsOf(() => build(refreshed, undefined, true));
      ratios.push(changes / anew);
      const { operation, reason = '', cost } = report;
      console.log(
        `${name.padEnd(45)} ${changes.toFixed(2)} / ${anew.toFixed(2)} = ${(changes / anew).toFixed(2)}  ${operation} ${reason} ${cost === undefined ? '' : `${cost.changed} changed, reads ${cost.reads} against ${cost.whole}`}`,
      );
    }
    console.log(
      `${ITEMS.toLocaleString('en')} items: changes / full refresh, median ${median(ratios).toFixed(2)} (target: 0.3), highest ${Math.max(...ratios).toFixed(2)} (target: 1.1)`,
    );
  } finally {
    engine.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

await run();
