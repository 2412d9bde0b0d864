import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach } from 'vitest';
import { Engine } from '../../../src/engine/engine.ts';
import type { PlainRow } from '../../../src/engine/plain.ts';
import { parseSql } from '../../../src/engine/sql-tree.ts';
import { fullName, type LayerTable } from '../../../src/medallion/layer.ts';
import type { LayerTables } from '../../../src/medallion/layer-tables.ts';
import { readHeader } from '../../../src/medallion/models/header-lines.ts';
import { parseHeader } from '../../../src/medallion/models/header.ts';
import type { Model } from '../../../src/medallion/models/model.ts';
import type { StepRequest } from '../../../src/medallion/step.ts';
import { useLayers } from '../../support/layer-tables.ts';
import { useTempDir } from '../../support/tmp.ts';

const PARSER = Engine.open({
  memoryLimit: '256MB',
  spillDir: join(tmpdir(), 'igarape-test-spill'),
  threads: 1,
});

/** A gold model from the text of its file; its sources are the silver tables that the text names. */
export async function goldModel(name: string, sql: string): Promise<Model> {
  const names = [...sql.matchAll(/\bsilver\.(\w+)/g)].map((match) => match[1] ?? '');
  const sources = [...new Set(names)].map((each): LayerTable => ({ layer: 'silver', name: each }));
  const { header, problems } = parseHeader(readHeader(sql), 'gold', sources);
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  const hash = createHash('sha256').update(sql).digest('hex');
  const parsed = await parseSql(PARSER, sql);
  if (parsed.kind === 'refused') throw new Error(parsed.reason);
  const { tree } = parsed;
  return { layer: 'gold', name, path: `models/gold/${name}.sql`, sql, tree, hash, header, sources };
}

/** A run's request at the newest versions of the model's sources. */
export async function request(
  tables: LayerTables,
  model: Model,
  options: Partial<StepRequest> = {},
): Promise<StepRequest> {
  const versions = new Map<string, number>();
  for (const source of model.sources) {
    versions.set(fullName(source), (await (await tables.require(source)).snapshot()).version);
  }
  return { model, versions, fullRefresh: false, ...options };
}

export async function createSilver(tables: LayerTables, name: string, rows: string): Promise<void> {
  await tables.create({ layer: 'silver', name }, { rows });
}

/**
 * Gives each test of a file the layers of a lake of its own, in `dir()`, that has silver tables; call once.
 *
 * @param rows A query for each table, by its name.
 */
export function useSilver(
  rows: Readonly<Record<string, string>>,
  give: (tables: LayerTables) => void,
): { readonly dir: () => string; readonly openLayers: ReturnType<typeof useLayers> } {
  const dir = useTempDir();
  const openLayers = useLayers();
  beforeEach(async () => {
    const tables = await openLayers(dir());
    for (const [name, query] of Object.entries(rows)) await createSilver(tables, name, query);
    give(tables);
  });
  return { dir, openLayers };
}

/** A table's rows, sorted; of its newest version. */
export async function rowsOf(tables: LayerTables, table: LayerTable): Promise<PlainRow[]> {
  const delta = await tables.require(table);
  const rows = await delta.read();
  try {
    const found: PlainRow[] = [];
    const sorted = `SELECT * FROM (${rows.sql}) ORDER BY ALL`;
    for await (const batch of tables.edge.engine.batches(sorted)) found.push(...batch);
    return found;
  } finally {
    await rows.close();
  }
}

/** The dates of rows that a table's change feed tells of since a version, ascending. */
export async function changedDates(tables: LayerTables, table: LayerTable, since: number): Promise<string[]> {
  const delta = await tables.require(table);
  if ((await delta.snapshot()).version === since) return [];
  await using feed = await delta.changes({ from: since + 1 });
  return [...new Set((await feed.toArray()).map(dateOf))].toSorted();
}

/** The paths of a table's files by their partition's date. */
export async function filesByDate(tables: LayerTables, table: LayerTable): Promise<Map<string, string[]>> {
  const files = new Map<string, string[]>();
  for (const { path, partitionValues } of await (await (await tables.require(table)).snapshot()).files()) {
    const date = partitionValues['dt_ref'] ?? 'null';
    files.set(date, [...(files.get(date) ?? []), path]);
  }
  return files;
}

/** The date that a row of a gold table is of. */
export function dateOf(row: PlainRow): string {
  const date = row['dt_ref'];
  if (typeof date !== 'string') throw new Error('A row of a gold table has a date.');
  return date;
}
