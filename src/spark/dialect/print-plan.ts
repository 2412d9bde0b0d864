import { isNode, type SqlNode } from '../../engine/sql-tree.ts';
import { type Call, type Expression, expressionOf, nodesOf, ordersOf } from './expression.ts';
import { JoinPrinter } from './print-join.ts';
import { numeral } from './literals.ts';
import { ExpressionPrinter } from './print-expression.ts';
import { printWindow } from './print-window.ts';
import { sparkName } from './quote.ts';
import type { Refusal } from './refusal.ts';
import { type Rows, Steps } from './steps.ts';
import { type PlanType, planType } from './types.ts';

/** Spark SQL after FROM for a table, by schema and name. */
export type TableNames = (schema: string, name: string) => string;

/** Prints a bound plan as Spark SQL, and collects what cannot be. */
export class PlanPrinter {
  readonly #tables: TableNames;
  readonly #print = new ExpressionPrinter();
  readonly #steps = new Steps();
  readonly #joins = new JoinPrinter(this.#print, this.#steps);
  /** What WITH names, by its place in the plan. */
  readonly #named = new Map<string, Rows>();
  /** Of the joins around that ask their right side for some values: these values. */
  readonly #asked: Rows[] = [];

  constructor(tables: TableNames) {
    this.#tables = tables;
  }

  get refusals(): readonly Refusal[] {
    return this.#print.refusals;
  }

  /** @param names What the columns of the whole are called. */
  statement(plan: SqlNode, names: readonly string[]): string {
    const { name, columns } = this.#rows(plan);
    const list = names.map((each, index) => `${columns[index]} AS ${sparkName(each)}`);
    return this.#steps.statement(`SELECT ${list.join(', ')} FROM ${name}`);
  }

  #rows(node: SqlNode): Rows {
    switch (node['type']) {
      case 'LOGICAL_GET':
        return this.#get(node);
      case 'LOGICAL_EXPRESSION_GET':
        return this.#values(node);
      case 'LOGICAL_DUMMY_SCAN':
        // One row, with a column that nobody asks for.
        return this.#steps.add(['1'], '');
      case 'LOGICAL_EMPTY_RESULT':
        return this.#steps.add(typesOf(node['return_types']).map(nullOf), 'WHERE false');
      case 'LOGICAL_PROJECTION':
        return this.#project(node);
      case 'LOGICAL_FILTER':
        return this.#filter(node);
      case 'LOGICAL_AGGREGATE_AND_GROUP_BY':
        return this.#aggregate(node);
      case 'LOGICAL_WINDOW':
        return this.#window(node);
      case 'LOGICAL_UNNEST':
        return this.#unnest(node);
      case 'LOGICAL_DISTINCT':
        return this.#distinct(node);
      case 'LOGICAL_ORDER_BY':
        return this.#order(node);
      case 'LOGICAL_LIMIT':
        return this.#limit(node);
      case 'LOGICAL_UNION':
      case 'LOGICAL_EXCEPT':
      case 'LOGICAL_INTERSECT':
        return this.#setOperation(node);
      case 'LOGICAL_MATERIALIZED_CTE': {
        const [rows] = nodesOf(node['children']);
        this.#named.set(String(node['table_index']), this.#rows(rows ?? {}));
        return this.#rows(nodesOf(node['children'])[1] ?? {});
      }
      case 'LOGICAL_CTE_REF':
        return (
          this.#named.get(String(node['cte_index'])) ?? this.#refuse('WITH RECURSIVE', 'RECURSIVE_CTE_NODE')
        );
      case 'LOGICAL_CROSS_PRODUCT':
      case 'LOGICAL_COMPARISON_JOIN':
      case 'LOGICAL_ANY_JOIN':
        return this.#joins.join(node, this.#child(node), this.#child(node, 1));
      case 'LOGICAL_DELIM_JOIN':
        return this.#correlated(node);
      case 'LOGICAL_DELIM_GET':
        return this.#asked.at(-1) ?? this.#refuse('a correlated query', 'SUBQUERY');
      default: {
        const [what, word] = REFUSED[String(node['type'])] ?? [String(node['type']), ''];
        return this.#refuse(what, word);
      }
    }
  }

  #child(node: SqlNode, index = 0): Rows {
    return this.#rows(nodesOf(node['children'])[index] ?? {});
  }

  #get(node: SqlNode): Rows {
    const { name } = node;
    if (name === 'range' || name === 'generate_series') return this.#range(node);
    const of = isNode(node['function_data']) ? node['function_data'] : {};
    if (name !== 'seq_scan') return this.#refuse(`the table function ${String(name)}`, String(name));
    const names = Array.isArray(node['names']) ? node['names'].map(String) : [];
    const columns = nodesOf(node['column_indexes']).map(({ index }) => {
      const column = names[Number(index)];
      // Where only rows are counted, a place stands for none.
      return column === undefined ? 'CAST(NULL AS BIGINT)' : sparkName(column);
    });
    return this.#steps.add(columns, `FROM ${this.#tables(String(of['schema']), String(of['table']))}`);
  }

  /** Of constants; an end that is given is part of a series, and not of a range. */
  #range(node: SqlNode): Rows {
    const given = nodesOf(node['parameters']);
    const numbers = given.map(({ value }) => numeral(value));
    const isWhole = given.every(({ type }) => isNode(type) && type['id'] === 'BIGINT') && numbers.length > 0;
    if (!isWhole || numbers.length > 2 || nodesOf(node['children']).length > 0)
      return this.#refuse(
        `${String(node['name'])}() of other than one or two whole numbers`,
        String(node['name']),
      );
    const [start, end] = numbers.length === 1 ? ['0', numbers[0] ?? ''] : numbers;
    const until = BigInt(end ?? '') + (node['name'] === 'range' ? 0n : 1n);
    return this.#steps.add(['id'], `FROM range(${start}, ${until})`);
  }

  #values(node: SqlNode): Rows {
    const lists = Array.isArray(node['expressions']) ? node['expressions'] : [];
    const rows = lists.map((list: unknown) =>
      nodesOf(list).map((each) => this.#print.print(expressionOf(each), [])),
    );
    const columns = (rows[0] ?? []).map((_, index) => `v${index}`);
    const values = rows.map((row) => `(${row.join(', ')})`).join(', ');
    return this.#steps.add(columns, `FROM VALUES ${values} AS v(${columns.join(', ')})`);
  }

  #project(node: SqlNode): Rows {
    const from = this.#child(node);
    const list = expressionsOf(node).map((each) => {
      if (each.type.spark === undefined) this.#print.refuse(`the type ${each.type.name}`, each);
      return this.#print.print(each, from.columns);
    });
    return this.#steps.add(list, `FROM ${from.name}`);
  }

  #filter(node: SqlNode): Rows {
    const from = this.#child(node);
    const all = expressionsOf(node).map((each) => this.#print.print(each, from.columns));
    return this.#steps.of(from, `SELECT * FROM ${from.name} WHERE ${all.join(' AND ')}`);
  }

  #aggregate(node: SqlNode): Rows {
    const groups = nodesOf(node['groups']).map(expressionOf);
    const calls = expressionsOf(node).filter((each): each is Call => each.kind === 'call');
    const [inner = {}] = nodesOf(node['children']);
    // EXISTS counts the first row that there is, whichever it may be.
    const isCount = groups.length === 0 && calls.every(({ name }) => name === 'count_star');
    const from = isCount && inner['type'] === 'LOGICAL_LIMIT' ? this.#limit(inner, true) : this.#child(node);
    const keys = groups.map((group) => this.#print.value(group, from.columns));
    for (const group of groups) this.#print.compared('GROUP BY', group);
    // Spark breaks off where it has to do both at once.
    const ordered = calls.find(({ orders }) => orders.length > 0);
    if (ordered !== undefined && calls.some(({ isDistinct }) => isDistinct))
      this.#print.refuse(`${ordered.name}(… ORDER BY …) beside an aggregate with DISTINCT`, ordered);
    const isQuery = groups.length === 0 && calls.length === 2 && calls[1]?.name === 'count_star';
    const values = calls.map((each) => {
      // The value of a query that may have one row, whose number is looked at.
      const isValue = isQuery && each.name === 'first' && each.orders.length === 0;
      return isValue
        ? `first(${this.#print.print(each.args[0] ?? each, from.columns)})`
        : this.#print.aggregate(each, from.columns);
    });
    const sets = indexLists(node['grouping_sets']);
    const masks = indexLists(node['grouping_functions']);
    // Of all rows there is one row, whatever they are: without an aggregate nothing of them is read.
    const whole = values.length === 0 ? '' : `FROM ${from.name}`;
    if (sets.length === 0 || (sets.length === 1 && sets[0]?.length === groups.length)) {
      const shown = keys.map((key, index) => (hasZeros(groups[index]?.type) ? `first(${key})` : key));
      const rest = keys.length === 0 ? whole : `FROM ${from.name} GROUP BY ${keys.join(', ')}`;
      return this.#steps.add([...shown, ...values, ...masks.map(() => '0L')], rest);
    }
    const of = (columns: readonly string[], mask: (index: number) => string, rest: string): string =>
      `SELECT ${[...columns, ...values, ...masks.map((list) => bits(list.map(mask)))].map((each, index) => `${each} AS g${index}`).join(', ')} ${rest}`;
    const some = sets
      .filter((set) => set.length > 0)
      .map((set) => `(${set.map((index) => keys[index]).join(', ')})`);
    const shown = keys.map((key, index) =>
      hasZeros(groups[index]?.type) ? `CASE WHEN grouping(${key}) = 0 THEN first(${key}) END` : key,
    );
    const parts = [
      ...(some.length === 0
        ? []
        : [
            of(
              shown,
              (index) => `grouping(${keys[index]})`,
              `FROM ${from.name} GROUP BY GROUPING SETS (${some.join(', ')})`,
            ),
          ]),
      // The row of all is there over no rows, too, which Spark's sets do not give.
      ...sets
        .filter((set) => set.length === 0)
        .map(() =>
          of(
            groups.map(({ type }) => nullOf(type)),
            () => '1',
            whole,
          ),
        ),
    ];
    const columns = [...groups, ...values, ...masks].map((_, index) => `g${index}`);
    return this.#steps.add(columns, `FROM (${parts.join(' UNION ALL ')})`);
  }

  #window(node: SqlNode): Rows {
    const from = this.#child(node);
    const windows = nodesOf(node['expressions']).map((each) => printWindow(each, from.columns, this.#print));
    return this.#steps.add([...from.columns, ...windows], `FROM ${from.name}`);
  }

  #unnest(node: SqlNode): Rows {
    const from = this.#child(node);
    const lists = nodesOf(node['expressions']).map((each) => expressionOf(each['child']));
    const [list] = lists;
    if (list === undefined || lists.length > 1 || list.type.id !== 'LIST')
      return this.#refuse(`unnest of ${lists.map(({ type }) => type.name).join(' and ')}`, 'unnest');
    return this.#steps.add(
      [...from.columns, `explode(${this.#print.print(list, from.columns)})`],
      `FROM ${from.name}`,
    );
  }

  #distinct(node: SqlNode): Rows {
    const from = this.#child(node);
    const targets = nodesOf(node['distinct_targets']).map(expressionOf);
    if (node['distinct_type'] === 'DISTINCT') {
      const shown = from.columns.map((column, index) =>
        hasZeros(targets[index]?.type) ? `first(${column})` : column,
      );
      return this.#steps.add(shown, `FROM ${from.name} GROUP BY ${from.columns.join(', ')}`);
    }
    const orders = ordersOf(isNode(node['order_by']) ? node['order_by']['orders'] : []);
    if (orders.length > 0) {
      const by = targets.map((each) => this.#print.print(each, from.columns));
      const order = orders.map((each) => this.#print.order(each, from.columns)).join(', ');
      const number = `row_number() OVER (PARTITION BY ${by.join(', ')} ORDER BY ${order})`;
      const counted = this.#steps.add([...from.columns, number], `FROM ${from.name}`);
      const kept = this.#steps.of(
        counted,
        `SELECT * FROM ${counted.name} WHERE ${counted.columns.at(-1)} = 1`,
      );
      return { ...kept, columns: kept.columns.slice(0, -1) };
    }
    return this.#refuse('DISTINCT ON without ORDER BY', 'DISTINCT_MODIFIER');
  }

  #order(node: SqlNode): Rows {
    const from = this.#child(node);
    const orders = ordersOf(node['orders']).map((order) => this.#print.order(order, from.columns));
    return this.#steps.of(from, `SELECT * FROM ${from.name} ORDER BY ${orders.join(', ')}`);
  }

  #limit(node: SqlNode, isAny = false): Rows {
    const from = this.#child(node);
    const words = (['limit_val', 'offset_val'] as const).map((key) => {
      const { type, constant_integer: count } = isNode(node[key]) ? node[key] : {};
      if (type !== 'CONSTANT_VALUE' && type !== 'UNSET')
        this.#refuse('LIMIT of other than a number', 'LIMIT_PERCENT_MODIFIER');
      return type === 'UNSET' ? '' : ` ${key === 'limit_val' ? 'LIMIT' : 'OFFSET'} ${numeral(count)}`;
    });
    if (!isAny && !isOrdered(nodesOf(node['children'])[0]))
      this.#refuse('LIMIT without ORDER BY', 'LIMIT_MODIFIER');
    return this.#steps.of(from, `SELECT * FROM ${from.name}${words.join('')}`);
  }

  #setOperation(node: SqlNode): Rows {
    // A chain of UNION ALL is one operator over all of them.
    const sides = nodesOf(node['children']).map((side) => this.#rows(side));
    const [first = this.#child(node), ...more] = sides;
    const word = String(node['type']).replace('LOGICAL_', '');
    // A UNION of distinct rows is one of all with a DISTINCT after it.
    if (word === 'UNION' || node['setop_all'] === true) {
      const selects = sides.map(({ name }) => `SELECT * FROM ${name}`);
      return this.#steps.of(first, selects.join(` ${word} ALL `));
    }
    // Spark's own make zeros positive; DuckDB's do so where they keep rows that are alike.
    const join = word === 'EXCEPT' ? 'LEFT ANTI JOIN' : 'LEFT SEMI JOIN';
    return more.reduce((left, right) => {
      const on = left.columns.map((column, index) => `l.${column} <=> r.${right.columns[index]}`);
      const select = `SELECT l.* FROM ${left.name} AS l ${join} ${right.name} AS r ON ${on.join(' AND ')}`;
      return this.#steps.of(left, select);
    }, first);
  }

  /** The right side is asked for the values that some columns of the left one have. */
  #correlated(node: SqlNode): Rows {
    const left = this.#child(node);
    const asked = nodesOf(node['duplicate_eliminated_columns']).map((each) =>
      this.#print.print(expressionOf(each), left.columns),
    );
    this.#asked.push(this.#steps.add(asked, `FROM ${left.name}`, 'SELECT DISTINCT'));
    const right = this.#child(node, 1);
    this.#asked.pop();
    return this.#joins.join(node, left, right);
  }

  #refuse(what: string, word: string): Rows {
    this.#print.refuse(what, undefined, word);
    return this.#steps.add([], '');
  }
}

/** What people, and the parser, call operators that are refused. */
const REFUSED: Readonly<Record<string, readonly [string, string]>> = {
  LOGICAL_ASOF_JOIN: ['ASOF JOIN', 'ASOF'],
  LOGICAL_RECURSIVE_CTE: ['WITH RECURSIVE', 'RECURSIVE_CTE_NODE'],
  LOGICAL_POSITIONAL_JOIN: ['POSITIONAL JOIN', 'POSITIONAL'],
};

function isOrdered(node: SqlNode | undefined): boolean {
  if (node?.['type'] === 'LOGICAL_PROJECTION') return isOrdered(nodesOf(node['children'])[0]);
  return node?.['type'] === 'LOGICAL_ORDER_BY';
}

function expressionsOf(node: SqlNode): readonly Expression[] {
  return nodesOf(node['expressions']).map(expressionOf);
}

/** True where values that are alike may have zeros of either sign: of what it groups, Spark makes them positive. */
function hasZeros(type: PlanType | undefined): boolean {
  return type !== undefined && /DOUBLE|FLOAT/.test(type.name);
}

function typesOf(list: unknown): readonly PlanType[] {
  return nodesOf(list).map(planType);
}

function nullOf({ spark }: PlanType): string {
  return `CAST(NULL AS ${spark})`;
}

function indexLists(lists: unknown): readonly (readonly number[])[] {
  return Array.isArray(lists)
    ? lists.map((list: unknown) => (Array.isArray(list) ? list.map(Number) : []))
    : [];
}

/** Numbers of one bit as one, the first of the highest place. */
function bits(ones: readonly string[]): string {
  return `(${ones.map((one, index) => `CAST(${one} AS BIGINT) * ${2 ** (ones.length - 1 - index)}L`).join(' + ')})`;
}
