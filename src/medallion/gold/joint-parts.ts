import { mapNodes, nodesIn, type SqlNode } from '../../engine/sql-tree.ts';
import { callsAggregate, outsideQueries } from './aggregates.ts';
import { relationTree } from './sql-parts.ts';
import type { Cube } from './cube.ts';
import { quoteName } from '../../engine/quote.ts';

/** Tables of the engine that say which dates are computed. */
export interface DateTables {
  /** The dates, as {@link FOR_DATE}. */
  readonly dates: string;
  /** Each date with the days that it sees, as {@link FOR_DATE} and {@link SEEN_DAY}. */
  readonly pairs: string;
}

export const FOR_DATE = 'igarape_for';
export const SEEN_DAY = 'igarape_seen';

/** What a query has that is not known to be computed for many dates at once as for each alone. */
export class NotJoint extends Error {}

/** The parts that a query for many dates is put together from; each gives a date column of its own name. */
export class JointParts {
  /** Functions that make one row of many, in lower case. */
  readonly aggregates: ReadonlySet<string>;
  readonly #templates: Readonly<Record<'windowed' | 'dates' | 'expression', SqlNode>>;
  #named = 0;

  private constructor(
    aggregates: ReadonlySet<string>,
    templates: Readonly<Record<'windowed' | 'dates' | 'expression', SqlNode>>,
  ) {
    this.aggregates = aggregates;
    this.#templates = templates;
  }

  /** @param range SQL of the first and the last day that is looked at. */
  static async of(
    { tables, dates: of, aggregates }: Cube,
    { dates, pairs }: DateTables,
    range: Range,
  ): Promise<JointParts> {
    const { engine } = tables.edge;
    const { rows, day, between } = of;
    const seen = `SELECT *, ${day} AS ${OLD} FROM ${rows} WHERE ${between(range.first, range.last)}`;
    return new JointParts(await aggregates(), {
      windowed: await relationTree(
        engine,
        `(SELECT r.* EXCLUDE (${OLD}), p.${FOR_DATE} AS ${NEW} FROM (${seen}) AS r JOIN ${quoteName(pairs)} AS p ON p.${SEEN_DAY} = r.${OLD}) AS t`,
      ),
      dates: await relationTree(
        engine,
        `(SELECT ${FOR_DATE} AS ${NEW} FROM ${quoteName(dates)}) AS ${ALIAS}`,
      ),
      expression: await relationTree(
        engine,
        `(SELECT * EXCLUDE (${OLD}), ${OLD} AS ${NEW} FROM ${EXPRESSION}) AS t`,
      ),
    });
  }

  /** A name for a date column that no other part has. */
  name(): string {
    this.#named += 1;
    return `igarape_date_${this.#named}`;
  }

  /** The date source's rows, each once for every date that sees it. */
  windowed(date: string): SqlNode {
    return withTexts(this.#templates.windowed, { [NEW]: date });
  }

  /** The dates themselves. */
  dates(date: string): SqlNode {
    return withTexts(this.#templates.dates, { [NEW]: date, [ALIAS]: `${date}_only` });
  }

  /** A common table expression that has a date column. */
  expression(name: string, old: string, date: string): SqlNode {
    return withTexts(this.#templates.expression, { [EXPRESSION]: name, [OLD]: old, [NEW]: date });
  }

  /** True where an expression makes one row of many. */
  isAggregate(value: unknown): boolean {
    for (const node of outsideQueries(value)) if (node['type'] === 'GROUPING_FUNCTION') return true;
    return callsAggregate(value, this.aggregates);
  }
}

export interface Range {
  readonly first: string;
  readonly last: string;
}

export function columnRef(name: string, alias = ''): SqlNode {
  return { class: 'COLUMN_REF', type: 'COLUMN_REF', alias, query_location: 0, column_names: [name] };
}

export function equal(left: string, right: string): SqlNode {
  return {
    class: 'COMPARISON',
    type: 'COMPARE_EQUAL',
    alias: '',
    query_location: 0,
    left: columnRef(left),
    right: columnRef(right),
  };
}

/** True where any node of a tree is such. */
export function some(tree: unknown, test: (node: SqlNode) => boolean): boolean {
  for (const node of nodesIn(tree)) if (test(node)) return true;
  return false;
}

const OLD = 'igarape_old_name';
const NEW = 'igarape_new_name';
const ALIAS = 'igarape_alias';
const EXPRESSION = 'igarape_expression';

function withTexts(tree: SqlNode, texts: Readonly<Record<string, string>>): SqlNode {
  const replaced = (value: unknown): unknown => {
    if (typeof value === 'string') return texts[value] ?? value;
    return Array.isArray(value) ? value.map(replaced) : value;
  };
  return mapNodes(tree, (node) =>
    Object.fromEntries(Object.entries(node).map(([key, value]) => [key, replaced(value)])),
  );
}
