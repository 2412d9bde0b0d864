import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DeltaTable } from '../../src/delta/table.ts';
import type { Storage } from '../../src/storage/port.ts';
import { storageWithin } from '../../src/storage/within.ts';
import { readingEngine } from '../support/reading-engine.ts';

/** What a lakehouse of clients and orders is configured by, beside its source and lake. */
export const CONFIG = {
  layers: ['bronze', 'silver', 'gold'],
  models: './models',
  tables: [
    { name: 'clients', pk: 'id', max_delete_ratio: 1, max_update_ratio: 1 },
    { name: 'orders', pk: 'id', max_delete_ratio: 1, max_update_ratio: 1 },
  ],
} as const;

/** Its models, by their files' names in the folder of models. */
export const MODELS: Readonly<Record<string, string>> = {
  'silver/clients.sql': `-- key: id
-- check: accepted_values(vip, 0, 1)
SELECT id, name, vip FROM bronze.clients
`,
  'silver/sales.sql': `-- key: id
SELECT o.id, o.day, o.cents, c.name FROM bronze.orders AS o JOIN bronze.clients AS c ON c.id = o.client
WHERE o.cents > 0
`,
  'silver/totals.sql': `-- key: name
SELECT name, sum(cents) AS cents, count(*) AS orders FROM silver.sales GROUP BY name
`,
  'gold/daily.sql': `-- key: level, name
-- dt_ref: sales.day
SELECT GROUPING(s.name) AS level, s.name, count(*) AS orders, sum(s.cents) AS cents
FROM silver.sales AS s WHERE s.day = $dt_ref GROUP BY CUBE (s.name)
`,
  'gold/weekly.sql': `-- key: vip
-- dt_ref: sales.day
-- window: 7 days
SELECT c.vip, count(*) AS orders, sum(s.cents) AS cents
FROM silver.sales AS s LEFT JOIN silver.clients AS c ON c.name = s.name
WHERE s.day > $dt_ref - INTERVAL 7 DAY AND s.day <= $dt_ref GROUP BY c.vip
`,
};

export const TABLES = [
  'bronze.clients',
  'bronze.orders',
  'silver.clients',
  'silver.sales',
  'silver.totals',
  'gold.daily',
  'gold.weekly',
] as const;

export async function writeModels(
  folder: string,
  models: Readonly<Record<string, string>> = MODELS,
): Promise<void> {
  for (const layer of ['silver', 'gold']) await mkdir(join(folder, 'models', layer), { recursive: true });
  for (const [name, text] of Object.entries(models)) await writeFile(join(folder, 'models', name), text);
}

/** The files of a source; from state to state rows come, go, change, and move to other days. */
export function shopFiles(state: number): Readonly<Record<string, string>> {
  const clients = Array.from(
    { length: 8 },
    (_, row) =>
      `${row + state},name ${row + state - (row % 4 === 0 ? state : 0)},${(row + state) % 3 === 0 ? 1 : 0}\n`,
  );
  const orders = Array.from({ length: 20 }, (_, row) => {
    const day = 1 + ((row * 3 + (row % 5 === 0 ? state : 0)) % 12);
    return `${row + state},${row % 9},2025-03-${String(day).padStart(2, '0')},${((row + state) % 7) * 100 - 100}\n`;
  });
  return {
    'clients.csv': `id,name,vip\n${clients.join('')}`,
    'orders.csv': `id,client,day,cents\n${orders.join('')}`,
  };
}

/** A table of the lake as others see it: what it holds, and all that its change feed tells. */
export interface Shown {
  readonly version: number;
  readonly rows: readonly string[];
  readonly changes: readonly string[];
}

/** The tables of a lake, but for times. @param feed What of their change feeds: of all versions, or of the newest one. */
export async function shownTables(
  storage: Storage,
  names: readonly string[] = TABLES,
  feed: 'all' | 'newest' = 'all',
): Promise<Readonly<Record<string, Shown | undefined>>> {
  const shown: Record<string, Shown | undefined> = {};
  for (const name of names)
    shown[name] = await showTable(storageWithin(storage, `${name.replace('.', '/')}/`), feed);
  return shown;
}

async function showTable(storage: Storage, feed: 'all' | 'newest'): Promise<Shown | undefined> {
  const engine = readingEngine();
  const opened = await DeltaTable.open(storage, { engine }).catch(() => undefined);
  if (opened === undefined) return undefined;
  await using table = opened;
  await using rows = await table.read();
  const { version } = await table.snapshot();
  await using changes = await table.changes({ from: feed === 'all' ? 0 : version });
  const texts = async (select: string): Promise<string[]> => {
    const found = await engine.rows(
      `SELECT CAST(COLUMNS(c -> c NOT IN ('_cdc_timestamp', '_commit_timestamp')) AS VARCHAR) FROM (${select})`,
    );
    return found.map((row) => JSON.stringify(row)).toSorted();
  };
  return {
    version,
    rows: await texts(rows.sql),
    changes: await texts(changes.sql),
  };
}
