import { isNode, type SqlNode } from '../../engine/sql-tree.ts';
import { lower, nodeOf, nodesOf, textOf, wordsOf } from '../incremental/tree.ts';
import { LAYERS, type LayerTable } from '../layer.ts';
import { OWN_NAMES } from '../../snapshot/column-names.ts';
import { BRONZE_COLUMNS } from '../source-views.ts';

/** A part of a statement that decides what it may be used for, and where it stands. */
export interface Found<T> {
  readonly value: T;
  /** The UTF-8 bytes before it, or before what holds it. */
  readonly offset: number;
}

/** A part of a statement. */
export type Named =
  /** A table of a layer. */
  | { readonly kind: 'table'; readonly table: LayerTable }
  /** Another table that is no common table expression, as it is written: `clientes`, `main.clientes`, `a.parquet`. */
  | { readonly kind: 'stranger'; readonly name: string }
  | { readonly kind: 'function'; readonly name: string; readonly arguments: number }
  /** A function that stands as a table. */
  | { readonly kind: 'table function'; readonly name: string }
  /** A column reference of one word. */
  | { readonly kind: 'word'; readonly name: string }
  /** In lower case, a name as columns of igarapé's own have that models do not see, whatever is called so. */
  | { readonly kind: 'own name'; readonly name: string }
  /** A named parameter without `$`, or a number for `?`. */
  | { readonly kind: 'parameter'; readonly name: string }
  /** `TABLESAMPLE`, `AT (VERSION …)`, `DESCRIBE` and the like. */
  | { readonly kind: 'sample' | 'at' | 'show' };

export type References = readonly Found<Named>[];

/**
 * Everything that a parsed statement names, its subqueries and common table expressions included. `start`: where its
 * first word stands.
 */
export function referencesOf(tree: SqlNode, start: number): References {
  const found: Found<Named>[] = [];
  addNamed(found, tree['statements'], new Set(), start);
  return found;
}

/** The tables of layers among references, each mention. */
export function tablesNamed(references: References): readonly Found<LayerTable>[] {
  return references.flatMap(({ value, offset }) =>
    value.kind === 'table' ? [{ value: value.table, offset }] : [],
  );
}

/** `known`: the names of the common table expressions in scope, in lower case. */
function addNamed(found: Found<Named>[], value: unknown, known: ReadonlySet<string>, around: number): void {
  if (Array.isArray(value)) for (const item of value) addNamed(found, item, known, around);
  if (!isNode(value)) return;
  const offset = typeof value['query_location'] === 'number' ? value['query_location'] : around;
  let scope = known;
  if (value['type'] === 'RECURSIVE_CTE_NODE') scope = new Set(scope).add(lower(value['cte_name']));
  for (const { name, expression } of expressionsOf(value)) {
    addNamed(found, expression, scope, offset);
    scope = new Set(scope).add(name);
  }
  for (const named of namedBy(value, scope)) found.push({ value: named, offset });
  for (const [key, child] of Object.entries(value)) {
    // A table function is a function too, and told as a table function.
    const inner = key === 'function' && isNode(child) ? child['children'] : child;
    if (key !== 'cte_map') addNamed(found, inner, scope, offset);
  }
}

/** What a node itself names. */
function* namedBy(node: SqlNode, scope: ReadonlySet<string>): Generator<Named> {
  if (isNode(node['sample'])) yield { kind: 'sample' };
  if (isNode(node['at_clause'])) yield { kind: 'at' };
  if (node['class'] === 'FUNCTION' || node['class'] === 'WINDOW')
    yield {
      kind: 'function',
      name: lower(node['function_name']),
      arguments: nodesOf(node, 'children').length,
    };
  for (const name of namesIn(node))
    if (name.startsWith(OWN_NAMES) && name !== BRONZE_COLUMNS.run) yield { kind: 'own name', name };
  const words = wordsOf(node);
  switch (node['type']) {
    case 'BASE_TABLE':
      yield* tableOf(node, scope);
      break;
    case 'TABLE_FUNCTION':
      yield { kind: 'table function', name: lower(nodeOf(node, 'function')?.['function_name'] ?? '') };
      break;
    case 'SHOW_REF':
      yield { kind: 'show' };
      break;
    case 'COLUMN_REF':
      if (words.length === 1) yield { kind: 'word', name: lower(words[0]) };
      break;
    case 'VALUE_PARAMETER':
      yield { kind: 'parameter', name: String(node['identifier']) };
      break;
    default:
  }
}

/** The texts that a node has itself, in lower case: of a constant there are none. */
function namesIn(node: SqlNode): string[] {
  return Object.entries(node)
    .filter(([key]) => key !== 'value')
    .flatMap(([, value]) => value)
    .flatMap((value) => (typeof value === 'string' ? [value.toLowerCase()] : []));
}

function* tableOf(node: SqlNode, scope: ReadonlySet<string>): Generator<Named> {
  const parts = ['catalog_name', 'schema_name', 'table_name'].map((part) => textOf(node, part));
  const [catalog = '', schema = '', name = ''] = parts;
  const layer = LAYERS.find((each) => each === schema.toLowerCase());
  if (catalog === '' && schema === '' && scope.has(name.toLowerCase())) return;
  if (catalog === '' && layer !== undefined) yield { kind: 'table', table: { layer, name } };
  else yield { kind: 'stranger', name: parts.filter((part) => part !== '').join('.') };
}

/** The common table expressions of a query, in their order: each is known to those after it. */
function expressionsOf(node: SqlNode): { name: string; expression: unknown }[] {
  return nodesOf(nodeOf(node, 'cte_map') ?? {}, 'map').map((entry) => ({
    name: lower(entry['key']),
    expression: entry['value'],
  }));
}
