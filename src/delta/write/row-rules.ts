import { IgarapeError } from '../../core/errors.ts';
import type { Engine } from '../../engine/engine.ts';
import { quoteName, quoteText } from '../../engine/quote.ts';
import type { Metadata } from '../protocol/actions.ts';
import { messageOf, unsupported } from '../protocol/corrupt.ts';
import { formatJson, isJsonObject, type Json, parseJson } from '../protocol/json.ts';
import {
  findField,
  parseSchema,
  type DeltaType,
  type StructField,
  type StructType,
} from '../schema/schema.ts';
import { GENERATION } from './made-values.ts';
import { rowsError } from './row-source.ts';
import { sparkCondition } from './spark-sql.ts';
import { nullColumn } from '../schema/sql-schema.ts';
import { CONSTRAINT, isConstraint } from './table-properties.ts';

/** What every row of a table has to meet. */
export interface RowRule {
  /** As the message names it, e.g. `the column id must not be null`. */
  readonly name: string;
  /** SQL over the table's columns that is true for a row that may be written. */
  readonly sql: string;
}

const INVARIANT = 'delta.invariants';

/**
 * NOT NULL, CHECK constraints, invariants and generated columns of a table.
 *
 * @throws IgarapeError DELTA_UNSUPPORTED that names a rule that cannot be told here.
 */
export async function rowRules(engine: Engine, table: string, metadata: Metadata): Promise<RowRule[]> {
  const schema = parseSchema(metadata.schemaString);
  const rules: RowRule[] = schema.fields.flatMap((field) => {
    const isPartition = metadata.partitionColumns.some((name) => findField(schema, name) === field);
    return notNull(field, quoteName(field.name), field.name, isPartition);
  });
  const written = [
    ...Object.entries(metadata.configuration).flatMap(([name, text]): [string, string][] =>
      isConstraint(name) ? [[`the constraint ${name.slice(CONSTRAINT.length)} (${text})`, text]] : [],
    ),
    ...invariants(schema.fields),
    ...generated(schema.fields),
  ];
  for (const [name, text] of written) {
    const sql = await sparkCondition(engine, text);
    if (sql === undefined || !(await canBind(engine, schema, sql)))
      throw unsupported(table, `${name} cannot be checked here`);
    rules.push({ name, sql });
  }
  return rules;
}

/** The rows of a query, which stops at the first that breaks a rule: see {@link brokenRule}. */
export function checkedRows(sql: string, rules: readonly RowRule[]): string {
  if (rules.length === 0) return sql;
  const checks = rules.map(
    (rule, index) => `CASE WHEN ${rule.sql} THEN true ELSE error(${quoteText(`${MARK}${index}:`)}) END`,
  );
  return `SELECT * FROM (${sql}) WHERE ${checks.join(' AND ')}`;
}

/**
 * The error for a query of {@link checkedRows} that failed: of the rule that a row broke, or of a value that its column
 * cannot hold, or the error itself.
 */
export function brokenRule(error: unknown, table: string, rules: readonly RowRule[]): unknown {
  const found = new RegExp(`${MARK}(\\d+):`).exec(messageOf(error))?.[1];
  const rule = found === undefined ? undefined : rules[Number(found)];
  if (rule === undefined) return rowsError(error);
  return new IgarapeError('DELTA_CONSTRAINT', `${table}: a row to be written breaks a rule: ${rule.name}`, {
    hint: 'Nothing was written. Correct the rows, or change the rule of the table.',
  });
}

const MARK = 'igarape-row-rule-';

async function canBind(engine: Engine, schema: StructType, sql: string): Promise<boolean> {
  const columns = schema.fields.map(nullColumn);
  try {
    const [result] = await engine.describe(`SELECT (${sql}) FROM (SELECT ${columns.join(', ')})`);
    return result?.type === 'BOOLEAN';
  } catch {
    return false;
  }
}

function notNull(field: StructField, sql: string, name: string, isPartition: boolean): RowRule[] {
  const value = isPartition && field.type === 'string' ? `nullif(${sql}, '')` : sql;
  if (field.type === 'void')
    return [{ name: `the column ${name} holds nothing but nulls`, sql: `${sql} IS NULL` }];
  const own = field.nullable
    ? []
    : [{ name: `the column ${name} must not be null`, sql: `${value} IS NOT NULL` }];
  return [...own, ...inside(field.type, sql, name)];
}

function inside(type: DeltaType, sql: string, name: string): RowRule[] {
  if (typeof type === 'string') return [];
  switch (type.type) {
    case 'struct':
      return type.fields.flatMap((field) =>
        notNull(field, `${sql}.${quoteName(field.name)}`, `${name}.${field.name}`, false).map((rule) => ({
          ...rule,
          sql: `(${sql} IS NULL OR ${rule.sql})`,
        })),
      );
    case 'array':
      return type.containsNull ? [] : [noNullIn(sql, `the elements of ${name} must not be null`)];
    case 'map':
      return type.valueContainsNull
        ? []
        : [noNullIn(`map_values(${sql})`, `the values of ${name} must not be null`)];
    default:
      return type satisfies never;
  }
}

function noNullIn(list: string, name: string): RowRule {
  return { name, sql: `coalesce(len(list_filter(${list}, lambda e: e IS NULL)), 0) = 0` };
}

function invariants(fields: readonly StructField[]): [string, string][] {
  return fields.flatMap((field): [string, string][] => {
    const text = field.metadata[INVARIANT];
    const nested =
      typeof field.type !== 'string' && field.type.type === 'struct' ? invariants(field.type.fields) : [];
    if (text === undefined) return nested;
    const condition = invariantOf(text);
    return [[`the invariant of ${field.name} (${condition})`, condition], ...nested];
  });
}

/** A value that is given for a generated column has to be what it would be. */
function generated(fields: readonly StructField[]): [string, string][] {
  return fields.flatMap(({ name, metadata }): [string, string][] => {
    const text = metadata[GENERATION];
    if (typeof text !== 'string') return [];
    const column = `\`${name.replaceAll('`', '``')}\``;
    return [[`the column ${name} is generated as ${text}`, `${column} IS NOT DISTINCT FROM (${text})`]];
  });
}

/** What stands there and is none, is a condition that cannot be told. */
function invariantOf(written: Json): string {
  const text = typeof written === 'string' ? written : formatJson(written);
  try {
    const value = parseJson(text);
    const outer = isJsonObject(value) ? value['expression'] : undefined;
    const inner = isJsonObject(outer) ? outer['expression'] : undefined;
    return typeof inner === 'string' ? inner : text;
  } catch {
    return text;
  }
}
