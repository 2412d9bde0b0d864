import type { SqlNode } from '../../engine/sql-tree.ts';
import { type Asked, correlationsOf, freeColumns, queriesAsked } from './correlated.ts';
import { outputsOf, qualify } from './names.ts';
import {
  and,
  call,
  column,
  differ,
  isNull,
  named,
  ONE,
  or,
  result,
  select,
  valueName,
  valueNames,
} from './nodes.ts';
import type { Changes } from './changes.ts';
import type { Steps } from './steps.ts';
import type { Touch } from './touch.ts';
import {
  aliasesIn,
  conjuncts,
  defined,
  nodeOf,
  nodesOf,
  nodesWithin,
  type Query,
  queryIn,
  type Select,
  type Time,
} from './tree.ts';

/** How the rows of a SELECT are touched by changed queries that its expressions ask. */
export class Subqueries {
  readonly #steps: Steps;
  readonly #changes: Changes;

  constructor(steps: Steps, changes: Changes) {
    this.#steps = steps;
    this.#changes = changes;
  }

  /** Undefined where any row may be touched. */
  ofExpression(query: Select, { node, query: inner }: Asked): readonly Touch[] | undefined {
    if (freeColumns(inner).length > 0) return this.ofCorrelated(query, inner);
    if (node['subquery_type'] !== 'ANY') return [this.#ofValue(node, inner)];
    return node['comparison_type'] === 'COMPARE_EQUAL' ? this.#ofIn(query, node, inner) : undefined;
  }

  /** Of a query that is correlated by equalities, among others: the rows that have touched values of these. */
  ofCorrelated(query: Select, inner: Query): readonly Touch[] | undefined {
    if (inner.kind !== 'select') return undefined;
    const correlations = correlationsOf(inner);
    const outer = (correlations ?? []).flatMap((each): SqlNode[] => {
      const found = qualify(each.outer, query);
      return found === undefined ? [] : [found];
    });
    if (correlations === undefined || outer.length < correlations.length) return undefined;
    if (queriesAsked(inner).some((asked) => this.#changes.touches(asked.query))) return undefined;
    const certain = conjuncts(inner.node['where_clause']).filter((each) => isCertain(each, inner));
    const plain: Select = { ...inner, node: { ...inner.node, where_clause: and(certain) } };
    const own = correlations.map((each) => each.inner);
    return [{ expressions: outer, step: this.#changes.values(plain, own) }];
  }

  /** `x IN (…)`, `(x, y) IN (…)`: rows whose values are among touched ones. */
  #ofIn(query: Select, node: SqlNode, inner: Query): readonly Touch[] | undefined {
    const child = nodeOf(node, 'child') ?? {};
    const asked = child['function_name'] === 'row' ? nodesOf(child, 'children') : [child];
    const values = defined(asked.map((each) => qualify(each, query)));
    const isOfOneItem = new Set(values.flatMap((each) => [...aliasesIn(each)])).size === 1;
    if (!isOfOneItem || values.length < asked.length || outputsOf(inner)?.length !== values.length)
      return undefined;
    const names = valueNames(values.length);
    const touched = this.#changes.touched(inner, [...values.keys()]);
    // A null among the values matters to every value, and whether there are any to nulls.
    const hasNull = select([named(ONE, valueName(0))], result(touched, 'd', names), {
      where: or(names.map((name) => isNull(column('d', name)))),
    });
    const any = select([call('min', [ONE])], { kind: 'sub', query: inner, alias: 'd', names: [] });
    const isAny: SqlNode = { ...node, child: null, subquery_type: 'SCALAR', comparison_type: 'INVALID' };
    return [
      { expressions: values, step: touched },
      { expressions: [], step: this.#steps.add(hasNull, 'now') },
      this.#ofValue(isAny, any),
    ];
  }

  /** A value that no row has a part in: all rows are touched where it is another than before. */
  #ofValue(node: SqlNode, inner: Query): Touch {
    const value = (time: Time): SqlNode => {
      const own = { ...node, alias: '', query: inner };
      const rows = select([named(own, valueName(0))], { kind: 'empty' });
      return { ...own, subquery_type: 'SCALAR', child: null, query: valueQuery(this.#steps.add(rows, time)) };
    };
    const differs = select(
      [named(ONE, valueName(0))],
      { kind: 'empty' },
      {
        where: differ(value('then'), value('now')),
      },
    );
    return { expressions: [], step: this.#steps.add(differs, 'now') };
  }
}

function valueQuery(step: string): Select {
  return select([column(valueName(0))], result(step, 'v'));
}

function isCertain(condition: SqlNode, query: Select): boolean {
  return (
    [...nodesWithin(condition)].every((node) => queryIn(node) === undefined) &&
    qualify(condition, query) !== undefined
  );
}
