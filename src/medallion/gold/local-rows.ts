import { isNode, nodesIn, type SqlNode } from '../../engine/sql-tree.ts';
import type { CubeSources, SourceColumns } from './cube-sources.ts';
import { outputs, relation, renamed, spreads, subqueryOf } from './influence-columns.ts';
import { join } from './influence-joins.ts';
import type { Column, Relation, Scope } from './influence-scope.ts';
import { callsAggregate } from './aggregates.ts';
import { aliasOf, columnNames, expressionsOf, list, sourceIn, textOf } from './sql-parts.ts';

/** What a statement has for which it is not known that parts of its rows can be computed apart. */
export class NotAdditive extends Error {}

/** Rows of a query that is not the last one, or of what stands after FROM. */
export interface LocalRows {
  readonly relations: readonly Relation[];
  /**
   * The columns of the date source by which the rows can be computed apart: rows of the date source that are alike in
   * such a column give the same rows whatever other ones there are. Undefined: each row of the date source for itself.
   */
  readonly keys: ReadonlySet<string> | undefined;
  /** False where no row of the date source is behind them. */
  readonly isDated: boolean;
}

/** Walks the queries that a cube's last SELECT reads. @throws NotAdditive */
export class LocalWalk {
  readonly #sources: CubeSources;
  readonly #dateSource: SourceColumns;
  readonly #aggregates: ReadonlySet<string>;

  constructor(sources: CubeSources, dateSource: SourceColumns, aggregates: ReadonlySet<string>) {
    this.#sources = sources;
    this.#dateSource = dateSource;
    this.#aggregates = aggregates;
  }

  /** What a SELECT groups: its rows before GROUP BY. */
  from(select: SqlNode, outer: Scope): LocalRows & { readonly scope: Scope } {
    const scope = outer.with(expressionsOf(select));
    const rows = this.#from(select['from_table'], scope);
    const names = list(select, 'select_list').map((item) => textOf(item, 'alias'));
    for (const [key, value] of Object.entries(select)) {
      if (key !== 'from_table' && key !== 'cte_map' && this.#isDated(value, scope))
        throw new NotAdditive('a query in an expression');
    }
    return { ...rows, scope: scope.inside(rows.relations, names) };
  }

  /** The column of the date source that an expression is a copy of. */
  traced(expression: SqlNode, scope: Scope): string | undefined {
    const found = scope.resolve(columnNames(expression));
    const [origin, ...others] = found?.column.origins ?? [];
    if (found?.isOuter !== false || others.length > 0 || origin?.isSure !== true) return undefined;
    return origin.leaf.source === this.#dateSource ? origin.column : undefined;
  }

  /** @returns The columns of the query's result, as one relation without a name. */
  #query(node: SqlNode, outer: Scope): LocalRows {
    const isDated = this.#isDated(node, outer);
    if (node['type'] !== 'SELECT_NODE') {
      if (isDated) throw new NotAdditive(textOf(node, 'type'));
      return { relations: [{ alias: '', columns: undefined }], keys: undefined, isDated };
    }
    const { relations, keys, scope } = this.from(node, outer);
    const columns = spreads(node) ? undefined : outputs(node, relations);
    const result = [{ alias: '', columns }];
    if (!isDated) return { relations: result, keys: undefined, isDated };
    if (spreads(node)) throw new NotAdditive('rows that have influence on others');
    let left = keys;
    for (const group of this.#groups(node)) left = both(left, this.#tracedAll(group, scope));
    const isDistinct = list(node, 'modifiers').some(({ type }) => type === 'DISTINCT_MODIFIER');
    if (isDistinct) left = both(left, this.#tracedAll(list(node, 'select_list'), scope));
    if (left?.size === 0) throw new NotAdditive('groups of rows that belong to no column of theirs');
    return { relations: result, keys: left, isDated };
  }

  /** What each grouping set of a SELECT groups by; none where it makes no groups. */
  #groups(select: SqlNode): readonly (readonly SqlNode[])[] {
    const isAggregate = callsAggregate([select['select_list'], select['having']], this.#aggregates);
    return groupingSets(select, this.#aggregates, isAggregate);
  }

  #tracedAll(expressions: readonly SqlNode[], scope: Scope): ReadonlySet<string> {
    return new Set(expressions.flatMap((each) => this.traced(each, scope) ?? []));
  }

  #from(node: unknown, scope: Scope): LocalRows {
    if (!isNode(node) || node['type'] === 'EMPTY') return { relations: [], keys: undefined, isDated: false };
    if (isNode(node['sample'])) throw new NotAdditive('a sample');
    if (node['type'] === 'JOIN') return this.#join(node, scope);
    const source = sourceIn(node, this.#sources);
    if (source !== undefined) {
      const leaf = { source, needs: [] };
      const columns = source.columns.map(({ name }): Column => ({
        name,
        origins: [{ leaf, column: name, isSure: true }],
      }));
      const isDated = source === this.#dateSource;
      return { relations: [relation(node, columns)], keys: undefined, isDated };
    }
    const inner = this.#innerQuery(node, scope);
    if (inner !== undefined) {
      const [only] = inner.rows.relations;
      return { ...inner.rows, relations: [relation(node, renamed(only?.columns, inner.aliases))] };
    }
    if (this.#isDated(node, scope)) throw new NotAdditive(textOf(node, 'type'));
    return { relations: [{ alias: aliasOf(node), columns: undefined }], keys: undefined, isDated: false };
  }

  /** The rows of a query in brackets, or of a common table expression. */
  #innerQuery(node: SqlNode, scope: Scope): { rows: LocalRows; aliases: unknown } | undefined {
    if (node['type'] === 'SUBQUERY') {
      const query = subqueryOf(node);
      return query === undefined ? undefined : { rows: this.#query(query, scope), aliases: undefined };
    }
    const found = named(node, scope);
    return found === undefined
      ? undefined
      : { rows: this.#query(found.query, found.scope), aliases: found.aliases };
  }

  /** Each dated row keeps the partners that it has alone: it has to be on the side whose rows are asked for. */
  #join(node: SqlNode, scope: Scope): LocalRows {
    const [left, right] = [this.#from(node['left'], scope), this.#from(node['right'], scope)];
    const relations = join(node, left.relations, right.relations, scope);
    const isDated = left.isDated || right.isDated;
    if (!isDated) return { relations, keys: undefined, isDated };
    const type = textOf(node, 'join_type');
    const isKnown = ['REGULAR', 'CROSS', 'NATURAL'].includes(textOf(node, 'ref_type'));
    const isKept =
      type === 'INNER' || (left.isDated ? ['LEFT', 'SEMI', 'ANTI'].includes(type) : type === 'RIGHT');
    if (!isKnown || !isKept || (left.isDated && right.isDated)) throw new NotAdditive('a join');
    if (this.#isDated(node['condition'], scope)) throw new NotAdditive('a query in a join');
    return { relations, keys: left.isDated ? left.keys : right.keys, isDated };
  }

  /** True where some part of a statement reads the date source. */
  #isDated(tree: unknown, scope: Scope): boolean {
    for (const node of nodesIn(tree)) {
      if (sourceIn(node, this.#sources) === this.#dateSource) return true;
      const found = named(node, scope);
      if (found !== undefined && this.#isDated(found.query, found.scope)) return true;
    }
    return false;
  }
}

/**
 * What each grouping set of a SELECT groups by: one that groups by nothing makes one row of all.
 *
 * @param isAggregate True where the SELECT calls an aggregate.
 */
export function groupingSets(
  select: SqlNode,
  aggregates: ReadonlySet<string>,
  isAggregate: boolean,
): readonly (readonly SqlNode[])[] {
  if (select['aggregate_handling'] === 'FORCE_AGGREGATES')
    return [list(select, 'select_list').filter((item) => !callsAggregate(item, aggregates))];
  const groups = list(select, 'group_expressions');
  const sets: readonly unknown[] = Array.isArray(select['group_sets']) ? select['group_sets'] : [];
  if (sets.length === 0) return groups.length > 0 || isAggregate ? [groups] : [];
  return sets.map((set) => {
    const indexes: readonly unknown[] = Array.isArray(set) ? set : [];
    return groups.filter((_, index) => indexes.includes(index));
  });
}

/** The common table expression that a node names. */
function named(
  node: SqlNode,
  scope: Scope,
): { readonly query: SqlNode; readonly scope: Scope; readonly aliases: unknown } | undefined {
  if (node['type'] !== 'BASE_TABLE' || textOf(node, 'schema_name') !== '') return undefined;
  const found = scope.expression(textOf(node, 'table_name'));
  const query = found?.entry['query'];
  const of = isNode(query) ? query['node'] : undefined;
  return found !== undefined && isNode(of)
    ? { query: of, scope: found.scope, aliases: found.entry['aliases'] }
    : undefined;
}

function both(one: ReadonlySet<string> | undefined, other: ReadonlySet<string>): ReadonlySet<string> {
  return one === undefined ? other : new Set([...one].filter((key) => other.has(key)));
}
