import { IgarapeError } from '../../core/errors.ts';
import type { Engine } from '../../engine/engine.ts';
import { moveTables } from '../../engine/move-tables.ts';
import { isNode, mapNodes, nodesIn, parseSql, printSql, type SqlNode } from '../../engine/sql-tree.ts';
import { type TableName, tableName } from './names.ts';
import type { OtherTables, PastVersion } from './other-tables.ts';

/**
 * Opens the versions of tables that a statement names by `AT (VERSION => 3)` or `AT (TIMESTAMP => '2025-10-04')`, and
 * gives the tree that reads them: views take no AT.
 *
 * @throws IgarapeError USAGE where a table has no versions, or not this one
 */
export async function openPastVersions(engine: Engine, tree: SqlNode, others: OtherTables): Promise<SqlNode> {
  const schemas = new Map<string, string>();
  for (const node of nodesIn(tree)) {
    const name = tableName(node);
    const clause = node['at_clause'];
    if (name === undefined || !isNode(clause)) continue;
    if (!others.owns(name.schema)) throw withoutVersions(name);
    const at = await valueOf(engine, name, clause);
    const schema = `${name.schema}@${typeof at === 'number' ? at : at.toISOString()}`;
    await others.open(name, at, schema);
    schemas.set(JSON.stringify(clause), schema);
  }
  const moved = moveTables(tree, (_schema, _table, node) => schemas.get(JSON.stringify(node['at_clause'])));
  return mapNodes(moved, (node) => (isNode(node['at_clause']) ? { ...node, at_clause: null } : node));
}

/** What the clause's literal says; it is evaluated before the engine is sealed, so that nothing else may stand there. */
async function valueOf(engine: Engine, name: TableName, { unit, expr }: SqlNode): Promise<PastVersion> {
  const isTime = String(unit).toUpperCase() === 'TIMESTAMP';
  if (!isLiteral(expr)) throw notAVersion(name, isTime);
  const parsed = await parseSql(engine, 'SELECT 0');
  if (parsed.kind === 'refused') throw new RangeError(parsed.reason);
  const select = await printSql(
    engine,
    mapNodes(parsed.tree, (node) =>
      Array.isArray(node['select_list']) ? { ...node, select_list: [expr] } : node,
    ),
  );
  const number = isTime ? 'epoch_ms(CAST(v AS TIMESTAMPTZ))' : 'CAST(v AS BIGINT)';
  const value = await numberOf(engine, `SELECT ${number} AS n FROM (${select}) AS wanted(v)`).catch(
    (error: unknown) => {
      throw error instanceof IgarapeError ? error : notAVersion(name, isTime, error);
    },
  );
  if (!Number.isSafeInteger(value) || (value < 0 && !isTime)) throw notAVersion(name, isTime);
  return isTime ? new Date(value) : value;
}

/** `3`, `'2025-10-04'`, `DATE '2025-10-04'`. */
function isLiteral(expression: unknown): boolean {
  if (!isNode(expression)) return false;
  return (
    expression['class'] === 'CONSTANT' || (expression['class'] === 'CAST' && isLiteral(expression['child']))
  );
}

async function numberOf(engine: Engine, select: string): Promise<number> {
  const [row] = await engine.rows(select);
  return Number(row?.['n'] ?? Number.NaN);
}

function notAVersion({ schema, table }: TableName, isTime: boolean, cause?: unknown): IgarapeError {
  return new IgarapeError(
    'USAGE',
    `AT names no ${isTime ? 'time' : 'version'} of ${schema}.${table} that can be read.`,
    { hint: `Write AT (VERSION => 3) or AT (TIMESTAMP => '2025-10-04 12:00:00').`, cause },
  );
}

function withoutVersions({ schema, table }: TableName): IgarapeError {
  return new IgarapeError('USAGE', `${schema === '' ? table : `${schema}.${table}`} takes no AT.`, {
    hint: `Tables of the layers have versions: bronze.${table} AT (VERSION => 3). Of a table of the change files, run_3.${table} is its state after run 3.`,
  });
}
