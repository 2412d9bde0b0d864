import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import { HelperTables } from '../../../src/delta/read/relation.ts';
import type { DeltaTable } from '../../../src/delta/table.ts';
import { quoteName } from '../../../src/engine/quote.ts';
import { parseSql } from '../../../src/engine/sql-tree.ts';
import { fullName, type LayerTable } from '../../../src/medallion/layer.ts';
import type { LayerTables } from '../../../src/medallion/layer-tables.ts';
import { readHeader } from '../../../src/medallion/models/header-lines.ts';
import { parseHeader } from '../../../src/medallion/models/header.ts';
import type { Model } from '../../../src/medallion/models/model.ts';
import { referencesOf, tablesNamed } from '../../../src/medallion/models/references.ts';
import type { LayerReport } from '../../../src/medallion/report.ts';
import { buildModel } from '../../../src/medallion/build/build.ts';
import { planStep } from '../../../src/medallion/build/plan.ts';
import { SourceViews } from '../../../src/medallion/source-views.ts';
import { type LayerStep, sourceAppId, type StepRequest } from '../../../src/medallion/step.ts';

/** A silver model by its text, header included. */
export async function silverModel(tables: LayerTables, text: string, name = 'model'): Promise<Model> {
  const parsed = await parseSql(tables.edge.engine, text);
  if (parsed.kind === 'refused') throw new Error(parsed.reason);
  const mentioned = tablesNamed(referencesOf(parsed.tree, 0)).map(({ value }) => value);
  const sources = [...new Map(mentioned.map((table) => [fullName(table), table])).values()];
  const { header, problems } = parseHeader(readHeader(text), 'silver', sources);
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  const hash = createHash('sha256').update(text).digest('hex');
  return {
    layer: 'silver',
    name,
    path: `models/silver/${name}.sql`,
    sql: `${text}\n`,
    tree: parsed.tree,
    hash,
    header,
    sources,
  };
}

/** A bronze table with the rows of a SELECT. */
export async function bronze(tables: LayerTables, name: string, rows: string): Promise<DeltaTable> {
  return tables.create({ layer: 'bronze', name }, { rows });
}

export interface RunOptions {
  /** Versions of sources to be read; the newest of the others. */
  readonly at?: Readonly<Record<string, number>>;
  readonly fullRefresh?: boolean;
}

export async function runSilver(
  tables: LayerTables,
  model: Model,
  options: RunOptions = {},
): Promise<LayerReport> {
  return buildModel(tables, await requestOf(tables, model, options));
}

export async function stepOf(
  tables: LayerTables,
  model: Model,
  options: RunOptions = {},
): Promise<LayerStep> {
  return planStep(tables, await requestOf(tables, model, options));
}

export async function requestOf(
  tables: LayerTables,
  model: Model,
  { at = {}, fullRefresh = false }: RunOptions,
): Promise<StepRequest> {
  const versions = new Map<string, number>();
  for (const source of model.sources) {
    const { version } = await (await tables.require(source)).snapshot();
    versions.set(fullName(source), at[fullName(source)] ?? version);
  }
  return { model, versions, fullRefresh };
}

/** Rows as texts, sorted. */
export async function rowsOf(tables: LayerTables, select: string): Promise<string[]> {
  const rows = await tables.edge.engine.rows(
    `SELECT CAST(r AS VARCHAR) AS row FROM (${select}) AS r ORDER BY ALL`,
  );
  return rows.map(({ row }) => String(row));
}

export async function silverRows(tables: LayerTables, model: Model, at?: number): Promise<string[]> {
  await using rows = await (await tables.require(model)).read(at === undefined ? {} : { at });
  return await rowsOf(tables, rows.sql);
}

/** The rows that a model's SELECT gives of the versions that its table has applied; those that are alike once. */
export async function freshRows(tables: LayerTables, model: Model): Promise<string[]> {
  const target = await (await tables.require(model)).snapshot();
  const views = new SourceViews(tables);
  try {
    for (const source of model.sources) {
      const applied = target.state.transactions.get(sourceAppId(fullName(source)));
      await views.open(source, {
        at: Number(applied?.version),
        ...(source.layer !== 'bronze' || /_igarape_run|_cdc_timestamp/.test(model.sql)
          ? {}
          : { without: ['_igarape_run', '_cdc_timestamp'] }),
      });
    }
    await using stored = await (await tables.require(model)).read();
    // In the table's types, which the engine's may have to be cast to.
    const typed = stored.columns.map(
      ({ name, type }) => `CAST(${quoteName(name)} AS ${type}) AS ${quoteName(name)}`,
    );
    return await rowsOf(tables, `SELECT DISTINCT ${typed.join(', ')} FROM (${model.sql})`);
  } finally {
    await views[Symbol.asyncDispose]();
  }
}

/** Fails where a silver table is not what its SELECT gives, or its change feed does not lead to it. */
export async function expectFresh(tables: LayerTables, model: Model, message?: string): Promise<void> {
  expect(await silverRows(tables, model), message).toEqual(await freshRows(tables, model));
}

/** The rows that a table's first version and its change feed since make. */
export async function replayedRows(tables: LayerTables, table: LayerTable): Promise<string[]> {
  const delta = await tables.require(table);
  const helpers = new HelperTables(tables.edge.engine);
  try {
    await using changes = await delta.changes({ from: 0 });
    const names = (await delta.snapshot()).schema.fields.map(({ name }) => quoteName(name)).join(', ');
    const sign = `CASE WHEN _change_type IN ('insert', 'update_postimage') THEN 1 ELSE -1 END`;
    const net = await helpers.createAs(
      `SELECT ${names}, sum(${sign}) AS times FROM (${changes.sql}) GROUP BY ALL HAVING times <> 0`,
    );
    const odd = await tables.edge.engine.rows(`SELECT * FROM ${net} WHERE times <> 1`);
    expect(odd).toEqual([]);
    return await rowsOf(tables, `SELECT ${names} FROM ${net}`);
  } finally {
    await helpers.drop();
  }
}
