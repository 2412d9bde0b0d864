import type { SqlNode } from '../../engine/sql-tree.ts';
import type { SourceColumns } from './cube-sources.ts';

/** A mention of a source in a statement. */
export interface Leaf {
  readonly source: SourceColumns;
  /** What has to be there for one of its rows to have influence. Each one has to be. */
  readonly needs: Need[];
}

/** A row of another mention that is equal in a column. */
export interface Need {
  readonly column: string;
  readonly leaf: Leaf;
  readonly leafColumn: string;
}

/** A column of a mention that another column is a copy of, where that is not null. */
export interface Origin {
  readonly leaf: Leaf;
  readonly column: string;
  /** False where a value may also come from elsewhere. */
  readonly isSure: boolean;
}

export interface Column {
  readonly name: string;
  /** None where it is computed. */
  readonly origins: readonly Origin[];
}

/** What stands after FROM under one name. */
export interface Relation {
  readonly alias: string;
  /** Undefined where they are not known. */
  readonly columns: readonly Column[] | undefined;
  /** Of a side of a join with merged columns: whether `*` gives these columns in this order. */
  readonly star?: 'unknown' | 'without others';
}

interface Expression {
  readonly entry: SqlNode;
  readonly scope: Scope;
}

/** The names that stand for something at a place of a statement. */
export class Scope {
  readonly #relations: readonly Relation[];
  /** Names of the SELECT's own items, which are meant where no relation has such a column. */
  readonly #items: readonly string[];
  readonly #outer: Scope | undefined;
  readonly #expressions: ReadonlyMap<string, Expression>;

  constructor(
    relations: readonly Relation[] = [],
    items: readonly string[] = [],
    outer?: Scope,
    expressions: ReadonlyMap<string, Expression> = new Map(),
  ) {
    this.#relations = relations;
    this.#items = items;
    this.#outer = outer;
    this.#expressions = expressions;
  }

  /** With common table expressions, each of which knows those before it. */
  with(expressions: readonly { readonly name: string; readonly entry: SqlNode }[]): Scope {
    let known = this.#expressions;
    for (const { name, entry } of expressions) {
      const scope = new Scope(this.#relations, this.#items, this.#outer, known);
      known = new Map([...known, [name.toLowerCase(), { entry, scope }]]);
    }
    return new Scope(this.#relations, this.#items, this.#outer, known);
  }

  /** What expressions see that stand beside some relations. */
  inside(relations: readonly Relation[], items: readonly string[]): Scope {
    return new Scope(relations, items, this, this.#expressions);
  }

  expression(name: string): Expression | undefined {
    return this.#expressions.get(name.toLowerCase());
  }

  /** The column that a reference means; undefined where that is not known for certain. */
  resolve(names: readonly string[]): { readonly column: Column; readonly isOuter: boolean } | undefined {
    const [name, relation] = names.toReversed();
    if (name === undefined || names.length > 2) return undefined;
    const within = this.#relations.filter(
      ({ alias }) => relation === undefined || nameEquals(alias, relation),
    );
    const found = within.flatMap(
      ({ columns }) => columns?.filter((column) => nameEquals(column.name, name)) ?? [],
    );
    const [column, second] = found;
    if (column !== undefined) return second === undefined ? { column, isOuter: false } : undefined;
    const mayBeHere =
      within.some(({ columns }) => columns === undefined) || (within.length > 0 && relation !== undefined);
    const isItem = relation === undefined && this.#items.some((item) => nameEquals(item, name));
    // A relation's name that is a column's here is a struct, and no relation further out.
    const isStruct = relation !== undefined && this.mayHaveColumn(relation);
    if (mayBeHere || isItem || isStruct) return undefined;
    const outer = this.#outer?.resolve(names);
    return outer === undefined ? undefined : { column: outer.column, isOuter: true };
  }

  /** False where no relation here has a column of a name. */
  mayHaveColumn(name: string): boolean {
    return this.#relations.some(
      ({ columns }) => columns === undefined || columns.some((column) => nameEquals(column.name, name)),
    );
  }
}

export function nameEquals(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}

/**
 * Notes that two columns have to be equal. `left`: for rows behind the left column to have influence; `right`: for
 * those behind the right one.
 */
export function noteEqual(
  one: Column,
  other: Column,
  { left, right }: { readonly left: boolean; readonly right: boolean },
): void {
  if (left) needEach(one, other);
  if (right) needEach(other, one);
}

function needEach(from: Column, to: Column): void {
  for (const { leaf, column } of from.origins) {
    for (const target of to.origins) {
      if (target.isSure && target.leaf !== leaf)
        leaf.needs.push({ column, leaf: target.leaf, leafColumn: target.column });
    }
  }
}
