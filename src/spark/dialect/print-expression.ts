import { AGGREGATES, ORDERED, type RenderAggregate } from './aggregates.ts';
import { CASTS } from './casts.ts';
import type { Call, Cast, Expression, Order } from './expression.ts';
import { literal } from './literals.ts';
import type { Refusal } from './refusal.ts';
import { type Render, SCALARS } from './scalars.ts';
import { GROUPS, isOf, Signatures } from './signature.ts';
import type { PlanType } from './types.ts';

const scalars = new Signatures<Render>(SCALARS);
const aggregates = new Signatures<RenderAggregate>(AGGREGATES);
const casts = Object.entries(CASTS).map(([signature, render]) => {
  const [from, to] = signature
    .split(' -> ')
    .map((types) => new Set(types.split(' | ').flatMap((type) => GROUPS[type] ?? [type])));
  return { from: from ?? new Set<string>(), to: to ?? new Set<string>(), render };
});

const COMPARABLE = new Set(GROUPS['PLAIN']);

/** Prints expressions as Spark SQL, and collects what cannot be. */
export class ExpressionPrinter {
  readonly refusals: Refusal[] = [];

  /** @param columns Spark SQL of the columns that the expression reads, by their places. */
  print(expression: Expression, columns: readonly string[]): string {
    switch (expression.kind) {
      case 'column':
        // What is refused has no columns.
        return (
          columns[expression.index] ??
          (this.refusals.length > 0 ? 'NULL' : this.refuse('a column', expression))
        );
      case 'constant':
        return (
          literal(expression) ?? this.refuse(`a constant of the type ${expression.type.name}`, expression)
        );
      case 'cast':
        return this.#cast(expression, columns);
      case 'call': {
        const args = expression.args.map((arg) => this.#argument(arg, columns));
        return (
          scalars.find(expression.name, expression.args)?.(args, expression) ??
          this.refuse(signed(expression), expression)
        );
      }
      default:
        return expression satisfies never;
    }
  }

  /** An aggregate, of all rows of a group or, with `window`, of those of a window. */
  aggregate(call: Call, columns: readonly string[], window = ''): string {
    const args = call.args.map((arg) => this.print(arg, columns));
    const orders = call.orders.map((order) => this.order(order, columns));
    const isOrdered = ORDERED.has(call.name) && orders.length > 0;
    const over = [
      isOrdered ? ` WITHIN GROUP (ORDER BY ${orders.join(', ')})` : '',
      call.filter === undefined ? '' : ` FILTER (WHERE ${this.print(call.filter, columns)})`,
      window,
    ].join('');
    const render = orders.length > 0 && !isOrdered ? undefined : aggregates.find(call.name, call.args);
    const sql = render?.(args, over, call);
    return sql ?? this.refuse(`${signed(call)}${orders.length > 0 ? ' with ORDER BY' : ''}`, call);
  }

  order({ expression, isDescending, isNullsFirst }: Order, columns: readonly string[]): string {
    this.compared('ORDER BY', expression);
    return `${this.value(expression, columns)} ${isDescending ? 'DESC' : 'ASC'} NULLS ${isNullsFirst ? 'FIRST' : 'LAST'}`;
  }

  /** Of what is grouped or ordered by, where a bare number would be the place of a column. */
  value(expression: Expression, columns: readonly string[]): string {
    const sql = this.print(expression, columns);
    return /^\d+$/.test(sql) ? `CAST(${sql} AS INT)` : sql;
  }

  /** Refuses values that the two may order or tell apart otherwise. */
  compared(where: string, expression: Expression): void {
    if (!isOf(COMPARABLE, expression.type)) this.refuse(`${where} ${expression.type.name}`, expression);
  }

  /**
   * Notes what there is no Spark SQL of; the statement is not going to be used.
   *
   * @param word What the parser calls it, where the expression does not say.
   */
  refuse(what: string, at?: Expression, word: string = at?.kind === 'call' ? at.name : ''): string {
    this.refusals.push({ what, offset: at && offsetOf(at), word });
    return 'NULL';
  }

  /** An interval is nothing by itself: what it is added to knows it. */
  #argument(arg: Expression, columns: readonly string[]): string {
    return arg.kind === 'constant' && arg.type.id === 'INTERVAL' ? '' : this.print(arg, columns);
  }

  #cast(cast: Cast, columns: readonly string[]): string {
    const { child, type: to, isTry } = cast;
    const from = child.type;
    const printed = this.print(child, columns);
    if (from.name === to.name) return printed;
    if (from.id === 'NULL' && to.spark !== undefined) return `CAST(NULL AS ${to.spark})`;
    const found = casts.find((each) => isOf(each.from, from) && isOf(each.to, to));
    return found?.render(printed, to, { from, isTry }) ?? this.refuse(castName(from, to), cast);
  }
}

function castName(from: PlanType, to: PlanType): string {
  return `CAST(${from.name} AS ${to.name})`;
}

/** A call as a refusal names it. */
function signed({ name, args, isDistinct }: Call): string {
  return `${name}(${isDistinct ? 'DISTINCT ' : ''}${args.map(({ type }) => type.name).join(', ')})`;
}

/** The place of an expression, or of what stands first in it. */
function offsetOf(expression: Expression): number | undefined {
  if (expression.offset !== undefined) return expression.offset;
  if (expression.kind === 'cast') return offsetOf(expression.child);
  const args = expression.kind === 'call' ? expression.args : [];
  return args.map(offsetOf).find((offset) => offset !== undefined);
}
