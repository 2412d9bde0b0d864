import { isNode, nodesIn, type SqlNode } from '../../engine/sql-tree.ts';
import type { CubeSources, SourceColumns } from './cube-sources.ts';
import { outputs, relation, renamed, spreads, subqueryOf } from './influence-columns.ts';
import { equalities, join } from './influence-joins.ts';
import { type Column, type Leaf, noteEqual, type Relation, Scope } from './influence-scope.ts';
import { columnNames, expressionsOf, list, queryOf, sourceIn, textOf, withoutLayers } from './sql-parts.ts';

/**
 * Every mention of a source in a statement, with what has to hold for a row of it to have any influence on the result
 * through that mention: that rows of other mentions are equal to it in some columns. Where nothing is known, nothing has
 * to hold.
 *
 * A join's condition has to hold for the rows of its sides that it does not keep anyway, a WHERE for all: so a row of
 * the right side of a LEFT JOIN needs its partner, and a row of the left side needs none.
 */
export function mentions(tree: SqlNode, sources: CubeSources): readonly Leaf[] {
  const walk = new Walk(sources);
  walk.query(queryOf(withoutLayers(tree, sources)), new Scope());
  return walk.leaves;
}

class Walk {
  readonly leaves: Leaf[] = [];
  readonly #sources: CubeSources;
  readonly #walked = new Set<SqlNode>();

  constructor(sources: CubeSources) {
    this.#sources = sources;
  }

  /** The columns of a query's result; undefined where they are not known. */
  query(node: SqlNode, outer: Scope): readonly Column[] | undefined {
    const scope = outer.with(expressionsOf(node));
    switch (node['type']) {
      case 'SELECT_NODE':
        return this.#select(node, scope);
      case 'SET_OPERATION_NODE':
        return this.#setOperation(node, scope);
      default:
        this.#anything(node, scope);
        return undefined;
    }
  }

  #select(node: SqlNode, scope: Scope): readonly Column[] | undefined {
    const relations = this.#from(node['from_table'], scope);
    const names = list(node, 'select_list').map((item) => textOf(item, 'alias'));
    const inner = scope.inside(relations, names);
    for (const { left, right } of equalities(node['where_clause'])) {
      const [one, other] = [this.#operand(left, inner), this.#operand(right, inner)];
      if (one === undefined || other === undefined) continue;
      // An outer column is of a row that looks at this query, and needs none of this query's rows.
      noteEqual(one.column, other.column, { left: !one.isOuter, right: !other.isOuter });
    }
    for (const [key, value] of Object.entries(node)) {
      if (key !== 'from_table' && key !== 'cte_map') this.#expression(value, inner);
    }
    return spreads(node) ? undefined : outputs(node, relations);
  }

  /** A side of an equality: a column, or the one column of a query that stands after IN. */
  #operand(node: SqlNode, scope: Scope): { readonly column: Column; readonly isOuter: boolean } | undefined {
    if (node['subquery_type'] !== 'ANY') return scope.resolve(columnNames(node));
    const query = subqueryOf(node);
    if (query === undefined) return undefined;
    // Its mentions are known now: found again among the expressions, they would seem to need nothing.
    this.#walked.add(node);
    this.#expression(node['child'], scope);
    const [column] = this.query(query, scope) ?? [];
    return column === undefined ? undefined : { column, isOuter: false };
  }

  #setOperation(node: SqlNode, scope: Scope): readonly Column[] | undefined {
    const sides = ['left', 'right'].map((side) => {
      const query = node[side];
      return isNode(query) ? this.query(query, scope) : undefined;
    });
    for (const modifier of list(node, 'modifiers')) this.#expression(modifier, scope);
    const [left, right] = sides;
    if (left === undefined || right === undefined || spreads(node)) return undefined;
    if (textOf(node, 'setop_type') === 'UNION_BY_NAME') return undefined;
    // A row comes from one of the sides, so that it does not have a row of each behind it.
    return left.map(({ name, origins }, index) => ({
      name,
      origins: [...origins, ...(right[index]?.origins ?? [])].map((origin) => ({ ...origin, isSure: false })),
    }));
  }

  #from(node: unknown, scope: Scope): readonly Relation[] {
    if (!isNode(node) || node['type'] === 'EMPTY') return [];
    const source = sourceIn(node, this.#sources);
    if (source !== undefined) return [this.#leaf(node, source)];
    if (node['type'] === 'BASE_TABLE') return [this.#expressionTable(node, scope)];
    if (node['type'] === 'SUBQUERY') {
      const query = subqueryOf(node);
      return [relation(node, query === undefined ? undefined : this.query(query, scope))];
    }
    if (node['type'] === 'JOIN') {
      const left = this.#from(node['left'], scope);
      const right = this.#from(node['right'], scope.inside(left, []));
      this.#expression(node['condition'], scope.inside([...left, ...right], []));
      return join(node, left, right, scope);
    }
    this.#anything(node, scope);
    return [relation(node, undefined)];
  }

  #leaf(node: SqlNode, source: SourceColumns): Relation {
    const leaf: Leaf = { source, needs: [] };
    this.leaves.push(leaf);
    const columns = source.columns.map(({ name }): Column => ({
      name,
      origins: [{ leaf, column: name, isSure: true }],
    }));
    return relation(node, columns);
  }

  /** A common table expression counts as often as it is named: each time other things may have to hold. */
  #expressionTable(node: SqlNode, scope: Scope): Relation {
    const isQualified = textOf(node, 'schema_name') !== '';
    const found = isQualified ? undefined : scope.expression(textOf(node, 'table_name'));
    if (found === undefined) return relation(node, undefined);
    const query = found.entry['query'];
    const of = isNode(query) ? query['node'] : undefined;
    const columns = isNode(of) ? this.query(of, found.scope) : undefined;
    return relation(node, renamed(columns, found.entry['aliases']));
  }

  /** Queries in an expression see the columns around them. */
  #expression(value: unknown, scope: Scope): void {
    if (Array.isArray(value)) for (const item of value) this.#expression(item, scope);
    if (!isNode(value) || this.#walked.has(value)) return;
    if (isQuery(value)) {
      this.query(value, scope);
      return;
    }
    for (const child of Object.values(value)) this.#expression(child, scope);
  }

  /** What is not known here in detail: its mentions need nothing. */
  #anything(node: SqlNode, scope: Scope): void {
    for (const each of nodesIn(node)) {
      const source = sourceIn(each, this.#sources);
      if (source !== undefined) this.#leaf(each, source);
      else if (each['type'] === 'BASE_TABLE') this.#expressionTable(each, scope);
    }
  }
}

function isQuery(node: SqlNode): boolean {
  return ['SELECT_NODE', 'SET_OPERATION_NODE', 'RECURSIVE_CTE_NODE', 'CTE_NODE'].includes(
    textOf(node, 'type'),
  );
}
