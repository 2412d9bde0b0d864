import { AT } from '../../delta/read/row-places.ts';
import { needsMapping } from '../../delta/schema/map-columns.ts';
import { sqlColumns } from '../../delta/schema/sql-schema.ts';
import type { ParquetFiles } from '../../delta/write/new-rows.ts';
import { schemaOf } from '../../delta/write/row-source.ts';
import { equalIn, quoteName } from '../../engine/quote.ts';
import { noEqual, takenBy } from '../build/by-spark.ts';
import type { Fetched, OnSpark } from '../../spark/on-spark.ts';
import type { LayerTable } from '../layer.ts';
import type { LayerReport } from '../report.ts';
import type { LayerTables } from '../layer-tables.ts';
import { BRONZE_COLUMNS } from '../source-views.ts';
import { lacksPositions, POSITION } from '../../spark/cluster.ts';
import { filesHere, type OpenFile } from './changes.ts';
import { bronzeColumns, CHANGE } from './columns.ts';
import { commitLatest, type LatestRows, latestStep } from './latest.ts';
import { latestBatch } from './latest-batch.ts';
import {
  type BronzeBatch,
  differs,
  type LatestBatch,
  type LatestStep,
  type RowsBefore,
  stepRows,
} from './latest-rows.ts';
import type { PendingFile } from './pending.ts';

export type AppliedBySpark =
  | { readonly kind: 'applied'; readonly report: LayerReport }
  /** DuckDB applies it: why, for users. */
  | { readonly kind: 'refused'; readonly reason: string };

/**
 * As `applyLatest`, with rows that Spark computes in one statement. What is merged comes with the rows of the table that it
 * is about, and their positions.
 *
 * @throws IgarapeError SPARK_…
 */
export async function applyBySpark(
  tables: LayerTables,
  spark: OnSpark,
  table: LayerTable,
  files: readonly PendingFile[],
  given: BronzeBatch,
): Promise<AppliedBySpark> {
  const batch = await latestBatch(files, given, filesThere(tables, spark), async (select) => `(${select})`);
  const step = await latestStep(await tables.find(table), batch);
  const target = await showTarget(spark, step);
  const select = stepRows(step, batch, target && { ...target, sql: `FROM ${TARGET}` });
  const isMerged = step.kind === 'changes' || step.kind === 'state';
  const statement = isMerged && target !== undefined ? pairs(step, batch, select, target.columns) : select;
  const rendered = await spark.render(statement);
  if (rendered.kind === 'refused') return { kind: 'refused', reason: noEqual(rendered) };
  const computed = await spark.compute(rendered).catch((error: unknown) => {
    if (!isMerged || !lacksPositions(error)) throw error;
    return undefined;
  });
  if (computed === undefined)
    return { kind: 'refused', reason: 'Spark does not tell where in files rows lie (_metadata.row_index)' };
  const fetched = await spark.fetch(computed);
  const rows =
    isMerged && target !== undefined
      ? apart(step, batch, fetched.sql, target)
      : { rows: await wholeRows(tables, spark, step, fetched) };
  return { kind: 'applied', report: await commitLatest(tables, table, step, batch, rows) };
}

async function wholeRows(
  tables: LayerTables,
  spark: OnSpark,
  step: LatestStep,
  fetched: Fetched,
): Promise<string | ParquetFiles> {
  const schema = await schemaOf(tables.edge.engine, fetched.sql);
  // A table that is there may call its columns otherwise in its files.
  const isNamed =
    step.kind === 'create' || ((await step.delta.snapshot()).mapping === 'none' && !needsMapping(schema));
  const take = isNamed ? await takenBy(tables, spark, fetched, schema) : undefined;
  return take?.() ?? fetched.sql;
}

const TARGET = 'igarape_target';

interface Target {
  readonly version: number;
  readonly columns: RowsBefore['columns'];
}

async function showTarget(spark: OnSpark, step: LatestStep): Promise<Target | undefined> {
  if (step.kind === 'create') return undefined;
  if (step.kind === 'overwrite' && !step.keepsRows) return undefined;
  const { schema, version } = await step.delta.snapshot();
  const columns = sqlColumns(schema.fields);
  const positions = [
    { name: POSITION.file, type: 'VARCHAR' },
    { name: POSITION.row, type: 'BIGINT' },
  ];
  const from = { uri: step.delta.uri, version, hasPositions: true };
  await spark.show(TARGET, { from, columns: [...columns, ...positions] });
  return { version, columns };
}

/** Opens published files for Spark, where they lie in the lake. */
function filesThere(tables: LayerTables, spark: OnSpark): OpenFile {
  const here = filesHere(tables.edge);
  let count = 0;
  return async (file) => {
    // All files of a folder have the same columns.
    const { columns } = await here(
      file.parts === undefined ? file : { ...file, parts: file.parts.slice(0, 1) },
    );
    const from = `igarape_file_${++count}`;
    await spark.show(from, { from: { uri: `${tables.edge.storage.uri}/${file.key}` }, columns });
    return { from, columns };
  };
}

/** What a column of the table is called in {@link pairs}. */
function oldName(index: number): string {
  return quoteName(`igarape_old_${index}`);
}

function sourceNames(step: LatestStep, batch: LatestBatch): string[] {
  const added = step.kind === 'changes' ? [CHANGE.operation, CHANGE.first] : [];
  return [...bronzeColumns(batch.schema), ...added].map(quoteName);
}

/** SQL: rows of a merge's source, each beside the row of the table with its key, as far as they are no news to each other. */
function pairs(step: LatestStep, batch: LatestBatch, rows: string, columns: RowsBefore['columns']): string {
  const source = sourceNames(step, batch).map((name) => `source.${name}`);
  const target = [
    ...columns.map(({ name }, index) => `target.${quoteName(name)} AS ${oldName(index)}`),
    `target.${POSITION.file}`,
    `target.${POSITION.row}`,
  ];
  const [join, where] =
    step.kind === 'changes'
      ? ['LEFT JOIN', '']
      : [
          'FULL JOIN',
          ` WHERE source.${quoteName(BRONZE_COLUMNS.run)} IS NULL OR target.${POSITION.file} IS NULL OR ${differs(batch, columns)}`,
        ];
  return `SELECT ${[...source, ...target].join(', ')} FROM (${rows}) AS source
    ${join} ${TARGET} AS target ON ${equalIn(batch.key, 'source', 'target')}${where}`;
}

/** What {@link pairs} puts together. */
function apart(
  step: LatestStep,
  batch: LatestBatch,
  together: string,
  { version, columns }: Target,
): LatestRows {
  const old = columns.map(({ name }, index) => `${oldName(index)} AS ${quoteName(name)}`);
  return {
    rows: `SELECT DISTINCT ${sourceNames(step, batch).join(', ')} FROM (${together}) WHERE ${quoteName(BRONZE_COLUMNS.run)} IS NOT NULL`,
    found: {
      sql: `SELECT ${old.join(', ')}, ${POSITION.file} AS ${AT.file}, ${POSITION.row} AS ${AT.row} FROM (${together}) WHERE ${POSITION.file} IS NOT NULL`,
      version,
    },
  };
}
