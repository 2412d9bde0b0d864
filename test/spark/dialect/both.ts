import type { Engine } from '../../../src/engine/engine.ts';
import type { TableNames } from '../../../src/spark/dialect/print-plan.ts';
import { renderSpark } from '../../../src/spark/dialect/render.ts';
import type { AnsweringSpark } from '../answering-spark.ts';

type Value = string | number | null;

interface Answer {
  /** Names and types, these in Spark's words. */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Value[])[];
}

/**
 * What DuckDB and Spark say to one SELECT. Values are texts, but for DOUBLEs; rows stand in their own order.
 *
 * @throws Error where one of them fails, or it is refused
 */
export async function onBoth(
  engine: Engine,
  spark: AnsweringSpark,
  sql: string,
  tables?: TableNames,
): Promise<{ duckdb: Answer; spark: Answer }> {
  const rendered = await sparkSql(engine, sql, tables);
  const duckdb = await onDuckDb(engine, sql);
  const { names, columns, rows } = await spark.query(rendered);
  const types = names.map((name, index) => `${name} ${columns[index]}`);
  return {
    duckdb,
    spark: {
      columns: types,
      rows: rows.map((row) => row.map((value, index) => zoned(value, columns[index]))),
    },
  };
}

/** @throws Error with what is refused */
export async function sparkSql(
  engine: Engine,
  sql: string,
  tables: TableNames = (schema, name) => `${schema}.${name}`,
): Promise<string> {
  const rendered = await renderSpark(engine, sql, tables);
  if (rendered.kind === 'rendered') return rendered.sql;
  throw new Error(rendered.refusals.map(({ what }) => what).join(', '));
}

async function onDuckDb(engine: Engine, sql: string): Promise<Answer> {
  const columns = await engine.describe(sql);
  const names = columns.map((_, index) => `c${index}`);
  const values = columns.map(({ type }, index) =>
    /^(?:DOUBLE|FLOAT|VARCHAR)$/.test(type) ? `c${index}` : `CAST(c${index} AS VARCHAR) AS c${index}`,
  );
  const rows = await engine.rows(`SELECT ${values.join(', ')} FROM (${sql}) AS t(${names.join(', ')})`);
  return {
    columns: columns.map(({ name, type }) => `${name} ${sparkType(type)}`),
    rows: rows.map((row) => names.map((name) => valueOf(row[name]))),
  };
}

function valueOf(value: unknown): Value {
  if (typeof value === 'string' || value === null) return value;
  if (typeof value !== 'number') throw new TypeError(`A ${typeof value} is no text.`);
  if (Number.isNaN(value)) return 'nan';
  return Number.isFinite(value) ? value : value > 0 ? 'inf' : '-inf';
}

/** Spark gives instants as local times in UTC. */
function zoned(value: Value, type: string | undefined): Value {
  return type === 'timestamp' && value !== null ? `${value}+00` : value;
}

const TYPES: Readonly<Record<string, string>> = {
  VARCHAR: 'string',
  INTEGER: 'int',
  HUGEINT: 'decimal(38,0)',
  TIMESTAMP: 'timestamp_ntz',
  'TIMESTAMP WITH TIME ZONE': 'timestamp',
};

function sparkType(type: string): string {
  return TYPES[type] ?? type.toLowerCase();
}
