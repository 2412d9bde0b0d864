import { isNode, type SqlNode } from '../../engine/sql-tree.ts';
import { BOOLEAN, call, COMPARISONS, type Expression, expressionOf, nodesOf } from './expression.ts';
import type { ExpressionPrinter } from './print-expression.ts';
import { columnsOf, type Rows, type Steps } from './steps.ts';

/** `left <comparison> right`, each over the columns of its own side. */
interface Condition {
  readonly comparison: string;
  readonly left: Expression;
  readonly right: Expression;
}

const JOINS: Readonly<Record<string, string>> = {
  INNER: 'INNER',
  LEFT: 'LEFT',
  RIGHT: 'RIGHT',
  FULL: 'FULL',
  SEMI: 'LEFT SEMI',
  ANTI: 'LEFT ANTI',
};

/** Prints joins; queries in expressions are joins in a plan. */
export class JoinPrinter {
  readonly #print: ExpressionPrinter;
  readonly #steps: Steps;

  constructor(print: ExpressionPrinter, steps: Steps) {
    this.#print = print;
    this.#steps = steps;
  }

  /** Gives the columns of the left side, then those of the right one, as far as the join has them. */
  join(node: SqlNode, left: Rows, right: Rows): Rows {
    const conditions = nodesOf(node['conditions']).map(conditionOf);
    switch (node['join_type']) {
      case 'MARK':
        return this.#mark(conditions, left, right);
      case 'SINGLE': {
        const single = this.#single(conditions, right);
        return this.#join('LEFT', this.#all(conditions, left, single), left, single);
      }
      case undefined:
        return this.#join('CROSS', '', left, right);
      default: {
        const type =
          JOINS[String(node['join_type'])] ??
          this.#print.refuse(`a join ${String(node['join_type'])}`, undefined, 'JOIN');
        const columns = [...columnsOf('l', left), ...columnsOf('r', right)];
        const more = [node['predicate'], node['condition']].filter(isNode);
        const all = [
          ...conditions.map((each) => this.#condition(each, left, right)),
          ...more.map((each) => this.#print.print(expressionOf(each), columns)),
        ];
        return this.#join(type, all.join(' AND '), left, right);
      }
    }
  }

  #join(type: string, on: string, left: Rows, right: Rows): Rows {
    const isOfLeft = type === 'LEFT SEMI' || type === 'LEFT ANTI';
    return this.#steps.add(
      [...columnsOf('l', left), ...(isOfLeft ? [] : columnsOf('r', right))],
      `FROM ${left.name} AS l ${type} JOIN ${right.name} AS r${on === '' ? '' : ` ON ${on}`}`,
    );
  }

  /** Another column: whether the right side has what the left row asks for (IN, EXISTS), null where that is not known. */
  #mark(conditions: readonly Condition[], left: Rows, right: Rows): Rows {
    const same = conditions.filter(({ comparison }) => comparison === 'IS NOT DISTINCT FROM');
    const [equal, ...more] = conditions.filter((each) => !same.includes(each));
    if (more.length > 0 || (equal !== undefined && equal.comparison !== '='))
      this.#print.refuse('ANY, ALL or IN of several columns over a query', undefined, 'ANY');
    const asked = [...same, ...(equal === undefined ? [] : [equal])];
    const given = asked.map(({ right: value }) => this.#print.print(value, right.columns));
    const found = this.#steps.add([...given, 'true'], `FROM ${right.name}`, 'SELECT DISTINCT');
    const keys = found.columns.slice(0, asked.length);
    const joined = asked.map((each, index) => this.#keyed(each, left, `f.${keys[index]}`)).join(' AND ');
    const isFound = `f.${found.columns.at(-1)}`;
    const from = `FROM ${left.name} AS l LEFT JOIN ${found.name} AS f ON ${joined}`;
    if (equal === undefined)
      return this.#steps.add([...columnsOf('l', left), `coalesce(${isFound}, false)`], from);
    const groups = keys.slice(0, same.length);
    const value = `${given.at(-1)}`;
    const by = groups.length === 0 ? '' : ` GROUP BY ${given.slice(0, same.length).join(', ')}`;
    const counts = this.#steps.add(
      [...given.slice(0, same.length), 'count(*)', `count(${value})`],
      `FROM ${right.name}${by}`,
    );
    const [rows, values] = counts.columns.slice(same.length).map((column) => `c.${column}`);
    const on = same.map((each, index) => this.#keyed(each, left, `c.${counts.columns[index]}`)).join(' AND ');
    const searched = this.#print.print(equal.left, columnsOf('l', left));
    const mark = `CASE WHEN ${isFound} THEN true WHEN coalesce(${rows}, 0L) = 0L THEN false WHEN ${searched} IS NULL OR ${rows} > ${values} THEN NULL ELSE false END`;
    return this.#steps.add(
      [...columnsOf('l', left), mark],
      `${from} LEFT JOIN ${counts.name} AS c ON ${on === '' ? 'true' : on}`,
    );
  }

  /** Of the right side the one row of what is asked for: it is an error where there are more. */
  #single(conditions: readonly Condition[], right: Rows): Rows {
    const keys = conditions.map(({ right: value }) => this.#print.print(value, right.columns));
    const error = `CAST(raise_error('a query in an expression gives more than one row') AS BOOLEAN)`;
    return this.#steps.add(
      right.columns.map((column) => `first(${column})`),
      `FROM ${right.name} GROUP BY ${keys.join(', ')} HAVING CASE WHEN count(*) > 1 THEN ${error} ELSE true END`,
    );
  }

  #all(conditions: readonly Condition[], left: Rows, right: Rows): string {
    return conditions.map((each) => this.#condition(each, left, right)).join(' AND ');
  }

  #condition({ comparison, left: one, right: other }: Condition, left: Rows, right: Rows): string {
    const columns = [...columnsOf('l', left), ...columnsOf('r', right)];
    const args = [one, moved(other, left.columns.length)];
    return this.#print.print(call(comparison, args, { type: BOOLEAN, offset: undefined }), columns);
  }

  /** A condition whose right side is a column. */
  #keyed({ comparison, left: one, right: other }: Condition, left: Rows, column: string): string {
    const args = [
      one,
      { kind: 'column' as const, index: left.columns.length, type: other.type, offset: undefined },
    ];
    return this.#print.print(call(comparison, args, { type: BOOLEAN, offset: undefined }), [
      ...columnsOf('l', left),
      column,
    ]);
  }
}

function conditionOf(node: SqlNode): Condition {
  const comparison = String(node['comparison']);
  return {
    comparison: COMPARISONS[comparison] ?? comparison,
    left: expressionOf(node['left']),
    right: expressionOf(node['right']),
  };
}

/** An expression whose columns stand so many places later. */
function moved(expression: Expression, by: number): Expression {
  switch (expression.kind) {
    case 'constant':
      return expression;
    case 'column':
      return { ...expression, index: expression.index + by };
    case 'cast':
      return { ...expression, child: moved(expression.child, by) };
    case 'call':
      return { ...expression, args: expression.args.map((arg) => moved(arg, by)) };
    default:
      return expression satisfies never;
  }
}
