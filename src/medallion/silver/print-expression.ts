import type { Engine } from '../../engine/engine.ts';
import { printSql, type SqlNode } from '../../engine/sql-tree.ts';

/**
 * The SQL of an expression of a parsed statement, as a key of rows that the statement's WHERE may leave out: null where
 * it fails.
 */
export async function printKey(engine: Engine, expression: SqlNode): Promise<string> {
  const sql = await printExpression(engine, expression);
  return expression['class'] === 'COLUMN_REF' ? sql : `TRY(${sql})`;
}

async function printExpression(engine: Engine, expression: SqlNode): Promise<string> {
  const printed = await printSql(engine, statementOf({ ...EMPTY_SELECT, select_list: [expression] }));
  return printed.slice('SELECT '.length);
}

/** A statement of one SELECT. */
export function statementOf(select: SqlNode): SqlNode {
  return { error: false, statements: [{ node: select, named_param_map: [] }] };
}

const EMPTY_SELECT: SqlNode = {
  type: 'SELECT_NODE',
  modifiers: [],
  cte_map: { map: [] },
  from_table: { type: 'EMPTY', alias: '', sample: null },
  where_clause: null,
  group_expressions: [],
  group_sets: [],
  aggregate_handling: 'STANDARD_HANDLING',
  having: null,
  sample: null,
  qualify: null,
};
