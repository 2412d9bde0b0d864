import { isNode, type SqlNode } from '../../engine/sql-tree.ts';
import { LAYERS, type Layer, type LayerTable } from '../layer.ts';

/** A part of a statement that decides what it may be used for, and where it stands. */
export interface Found<T> {
  readonly value: T;
  /** The UTF-8 bytes before it, or before what holds it. */
  readonly offset: number;
}

/** What a statement reads, and what it calls. */
export interface References {
  /** Tables of layers, each mention. */
  readonly tables: readonly Found<LayerTable>[];
  /** Other tables that are no common table expressions, as they are written: `clientes`, `main.clientes`, `a.parquet`. */
  readonly strangers: readonly Found<string>[];
  readonly functions: readonly Found<{ readonly name: string; readonly arguments: number }>[];
  /** Functions that stand as tables. */
  readonly tableFunctions: readonly Found<string>[];
  /** Column references of one word. */
  readonly words: readonly Found<string>[];
  /** Named parameters without `$`, and numbers for `?`. */
  readonly parameters: readonly Found<string>[];
  /** `TABLESAMPLE`, `AT (VERSION …)`, `DESCRIBE` and the like. */
  readonly clauses: readonly Found<'sample' | 'at' | 'show'>[];
}

/**
 * Everything that a parsed statement names, its subqueries and common table expressions included. `start`: where its
 * first word stands.
 */
export function referencesOf(tree: SqlNode, start: number): References {
  const walk = new Walk();
  walk.visit(tree['statements'], new Set(), start);
  return walk;
}

class Walk implements References {
  readonly tables: Found<LayerTable>[] = [];
  readonly strangers: Found<string>[] = [];
  readonly functions: Found<{ name: string; arguments: number }>[] = [];
  readonly tableFunctions: Found<string>[] = [];
  readonly words: Found<string>[] = [];
  readonly parameters: Found<string>[] = [];
  readonly clauses: Found<'sample' | 'at' | 'show'>[] = [];

  /** `known`: the names of the common table expressions in scope, in lower case. */
  visit(value: unknown, known: ReadonlySet<string>, around: number): void {
    if (Array.isArray(value)) for (const item of value) this.visit(item, known, around);
    if (!isNode(value)) return;
    const offset = typeof value['query_location'] === 'number' ? value['query_location'] : around;
    const scope = new Set(known);
    if (value['type'] === 'RECURSIVE_CTE_NODE') scope.add(lower(value['cte_name']));
    for (const { name, expression } of expressionsOf(value)) {
      this.visit(expression, scope, offset);
      scope.add(name);
    }
    this.#note(value, scope, offset);
    for (const [key, child] of Object.entries(value)) {
      // A table function is a function too, and told as a table function.
      const inner = key === 'function' && isNode(child) ? child['children'] : child;
      if (key !== 'cte_map') this.visit(inner, scope, offset);
    }
  }

  #note(node: SqlNode, scope: ReadonlySet<string>, offset: number): void {
    if (isNode(node['sample'])) this.clauses.push({ value: 'sample', offset });
    if (isNode(node['at_clause'])) this.clauses.push({ value: 'at', offset });
    if (node['class'] === 'FUNCTION' || node['class'] === 'WINDOW') {
      const value = { name: lower(node['function_name']), arguments: lengthOf(node['children']) };
      this.functions.push({ value, offset });
    }
    switch (node['type']) {
      case 'BASE_TABLE':
        this.#noteTable(node, scope, offset);
        break;
      case 'TABLE_FUNCTION': {
        const called = node['function'];
        this.tableFunctions.push({ value: isNode(called) ? lower(called['function_name']) : '', offset });
        break;
      }
      case 'SHOW_REF':
        this.clauses.push({ value: 'show', offset });
        break;
      case 'COLUMN_REF': {
        const names: unknown = node['column_names'];
        if (Array.isArray(names) && names.length === 1) this.words.push({ value: lower(names[0]), offset });
        break;
      }
      case 'VALUE_PARAMETER':
        this.parameters.push({ value: String(node['identifier']), offset });
        break;
      default:
    }
  }

  #noteTable(node: SqlNode, scope: ReadonlySet<string>, offset: number): void {
    const parts = [node['catalog_name'], node['schema_name'], node['table_name']].map(String);
    const [catalog = '', schema = '', name = ''] = parts;
    const layer: Layer | undefined = LAYERS.find((each) => each === schema.toLowerCase());
    if (catalog === '' && schema === '' && scope.has(name.toLowerCase())) return;
    if (catalog === '' && layer !== undefined) this.tables.push({ value: { layer, name }, offset });
    else this.strangers.push({ value: parts.filter((part) => part !== '').join('.'), offset });
  }
}

/** The common table expressions of a query, in their order: each is known to those after it. */
function expressionsOf(node: SqlNode): { name: string; expression: unknown }[] {
  const map = isNode(node['cte_map']) ? node['cte_map']['map'] : undefined;
  if (!Array.isArray(map)) return [];
  return map.filter(isNode).map((entry) => ({ name: lower(entry['key']), expression: entry['value'] }));
}

function lower(value: unknown): string {
  return String(value).toLowerCase();
}

function lengthOf(value: unknown): number {
  return Array.isArray(value) ? value.length : 0;
}
