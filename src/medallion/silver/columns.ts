import { mapNodes, nodesIn, type SqlNode } from '../../engine/sql-tree.ts';
import type { From, Join, Mention } from './from.ts';

/** A column of a table in FROM. */
export interface Column {
  readonly mention: number;
  /** In lower case. */
  readonly name: string;
}

/** An expression on columns of tables in FROM. */
export interface Resolved {
  /** Its columns are qualified by {@link columnAlias}. */
  readonly expression: SqlNode;
  readonly mentions: ReadonlySet<number>;
}

/** The name under which a resolved expression has a table in FROM. */
export function columnAlias(mention: number): string {
  return `igarape_${mention}`;
}

/** Where the names in a SELECT lead to. Names are alike whatever their letters' case; columns go before other items. */
export class Scope {
  readonly #mentions: readonly Mention[];
  readonly #joins: readonly Join[];
  readonly #columns: readonly ReadonlySet<string>[];
  readonly #items: ReadonlyMap<string, SqlNode>;

  /** @param columns Of each mention, in lower case. @param items The items of the select list that have an alias. */
  constructor(
    { mentions, joins }: From,
    columns: readonly ReadonlySet<string>[],
    items: ReadonlyMap<string, SqlNode>,
  ) {
    this.#mentions = mentions;
    this.#joins = joins;
    this.#columns = columns;
    this.#items = items;
  }

  /** The one column that names in a FROM or SELECT mean, without what follows them; undefined where none is certain. */
  column(names: readonly string[]): (Column & { readonly rest: readonly string[] }) | undefined {
    const [first = '', second, third] = names.map((name) => name.toLowerCase());
    const bySchema = this.#mentions.find(
      ({ schema, table, hasOwnName }) =>
        hasOwnName && schema.toLowerCase() === first && table.toLowerCase() === second,
    );
    if (bySchema !== undefined && third !== undefined && this.#has(bySchema.index, third))
      return { mention: bySchema.index, name: third, rest: names.slice(3) };
    const byAlias = this.#mentions.find(({ alias }) => alias.toLowerCase() === first);
    if (byAlias !== undefined && second !== undefined && this.#has(byAlias.index, second))
      return { mention: byAlias.index, name: second, rest: names.slice(2) };
    const [only, ...others] = this.#unqualified(first);
    return only === undefined || others.length > 0
      ? undefined
      : { mention: only, name: first, rest: names.slice(1) };
  }

  /** Qualifies an expression's columns; undefined where one of its names does not lead to a column for certain. */
  resolve(expression: SqlNode): Resolved | undefined {
    const mentions = new Set<number>();
    const found = this.#resolve(expression, mentions, 0);
    return found === undefined ? undefined : { expression: { ...found, alias: '' }, mentions };
  }

  #resolve(expression: SqlNode, mentions: Set<number>, depth: number): SqlNode | undefined {
    let isCertain = depth < DEEPEST_ALIAS && ![...nodesIn(expression)].some(isUncertain);
    const resolved = mapNodes(expression, (node) => {
      const names = namesOf(node);
      if (names === undefined) return node;
      const column = this.column(names);
      if (column !== undefined) {
        mentions.add(column.mention);
        return { ...node, column_names: [columnAlias(column.mention), column.name, ...column.rest] };
      }
      const item = names.length === 1 ? this.#items.get(names[0]?.toLowerCase() ?? '') : undefined;
      const inner = item === undefined ? undefined : this.#resolve(item, mentions, depth + 1);
      if (inner === undefined) isCertain = false;
      return { ...(inner ?? node), alias: '' };
    });
    return isCertain ? resolved : undefined;
  }

  /** The tables that have a column; of those that USING makes one, the first. */
  #unqualified(name: string): number[] {
    const having = this.#mentions.filter(({ index }) => this.#has(index, name)).map(({ index }) => index);
    return having.filter(
      (index) =>
        !this.#joins.some(
          ({ right, left, using }) =>
            right.has(index) && using.includes(name) && having.some((other) => left.has(other)),
        ),
    );
  }

  #has(mention: number, column: string): boolean {
    return this.#columns[mention]?.has(column) === true;
  }
}

/** The words of a column's name, e.g. `clientes`, `idCliente`; undefined for any other node. */
export function namesOf(node: SqlNode): string[] | undefined {
  const names: unknown = node['class'] === 'COLUMN_REF' ? node['column_names'] : undefined;
  return Array.isArray(names) ? names.map(String) : undefined;
}

/** An alias may stand for an expression with another one in it. */
const DEEPEST_ALIAS = 20;

/** Of `*` the columns are not written down, and the parameters of a lambda look like columns. */
function isUncertain(node: SqlNode): boolean {
  return node['class'] === 'STAR' || node['class'] === 'LAMBDA' || node['class'] === 'SUBQUERY';
}
