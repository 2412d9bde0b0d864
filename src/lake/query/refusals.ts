import { IgarapeError } from '../../core/errors.ts';
import { FILE_FUNCTIONS, PROCESS_FUNCTIONS, PURE_TABLE_FUNCTIONS } from '../../engine/functions.ts';
import { isNode, nodesIn, type SqlNode } from '../../engine/sql-tree.ts';

/**
 * Refuses what reads or does anything else than the tables that a statement names, before any of it is bound: binding
 * alone runs some functions.
 *
 * @throws IgarapeError USAGE
 */
export function refuseOutside(tree: SqlNode, mayReadFiles: boolean): void {
  for (const node of nodesIn(tree)) {
    const called = calledIn(node);
    const isTable = node['type'] === 'TABLE_FUNCTION';
    if (called !== undefined && (isTable ? !mayStandAsTable(called, mayReadFiles) : isOfProcess(called)))
      throw refused(called, isTable);
    if (node['type'] === 'BASE_TABLE' && String(node['catalog_name']) !== '') throw otherCatalog(node);
  }
}

function calledIn(node: SqlNode): string | undefined {
  const call = node['type'] === 'TABLE_FUNCTION' ? node['function'] : node;
  const name = isNode(call) ? call['function_name'] : undefined;
  return typeof name === 'string' ? name.toLowerCase() : undefined;
}

function mayStandAsTable(name: string, mayReadFiles: boolean): boolean {
  return PURE_TABLE_FUNCTIONS.includes(name) || (mayReadFiles && FILE_FUNCTIONS.includes(name));
}

function isOfProcess(name: string): boolean {
  return PROCESS_FUNCTIONS.includes(name);
}

function refused(name: string, isTable: boolean): IgarapeError {
  return new IgarapeError('USAGE', `A query may not call ${name}().`, {
    hint: FILE_FUNCTIONS.includes(name)
      ? 'A query reads the tables of the lake. Name the other files or folders that it may read: --allow-files data/extra.csv'
      : isTable
        ? `A query reads the tables of the lake, and is no way to this process. Beside tables, FROM takes ${PURE_TABLE_FUNCTIONS.join(', ')}.`
        : 'A query reads the tables of the lake, and is no way to this process.',
  });
}

function otherCatalog(node: SqlNode): IgarapeError {
  const name = [node['catalog_name'], node['schema_name'], node['table_name']].map(String).join('.');
  return new IgarapeError('USAGE', `The lake has no table ${name}.`, {
    hint: 'Tables are named as clientes, run_3.clientes, cdc.clientes or silver.clientes.',
  });
}
