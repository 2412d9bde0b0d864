import type { SqlNode } from '../../engine/sql-tree.ts';
import { DISTINCT, result, selectAll, setNode, valueNames } from './nodes.ts';
import { raise } from './raise.ts';
import { type Query, type Time, TIMES } from './tree.ts';

/** A table of rows that is computed on the way: the engine's tree of a SELECT over sources and earlier steps. */
export interface Step {
  readonly name: string;
  readonly query: SqlNode;
  /** True where it looks for a source's rows, whose files had better stream past what is looked for. */
  readonly isScan: boolean;
}

/** The steps of rows that may be others, as they were and as they are: outside of them a query has the same rows. */
export type Delta = (time: Time) => string;

/** A query at a time. */
export interface Timed {
  readonly query: Query;
  readonly time: Time;
}

/** The steps of a plan, in the order in which they are run; those that are alike are there once. */
export class Steps {
  /** The sources that have changed, by full names in lower case. */
  readonly changed: ReadonlySet<string>;
  readonly #list: Step[] = [];
  readonly #byText = new Map<string, string>();
  readonly #prefix: string;

  /** @param prefix What the names of the steps' tables begin with. */
  constructor(changed: ReadonlySet<string>, prefix: string) {
    this.changed = changed;
    this.#prefix = prefix;
  }

  get list(): readonly Step[] {
    return this.#list;
  }

  /** The name of a step with a query's rows at a time. */
  add(query: Query, time: Time, isScan = false): string {
    return this.#add(this.#raise({ query, time }), isScan);
  }

  /** A step with the rows of both times. */
  both(of: (time: Time) => Query): Delta {
    const [then, now] = [this.add(of('then'), 'then'), this.add(of('now'), 'now')];
    return (time) => (time === 'then' ? then : now);
  }

  /** A step with the values that queries have, each once. @param parts SELECTs. */
  values(parts: readonly Timed[], isScan = false): string {
    const nodes = parts.map((part) => this.#raise(part));
    const [first = EMPTY, ...rest] = new Map(nodes.map((node) => [JSON.stringify(node), node])).values();
    const only = { ...first, modifiers: [DISTINCT] };
    const all = rest.reduce((left, right) => ({ ...setNode('UNION', false), left, right }), first);
    return this.#add(rest.length === 0 ? only : all, isScan);
  }

  #raise({ query, time }: Timed): SqlNode {
    return raise(query, { time, changed: this.changed });
  }

  #add(query: SqlNode, isScan: boolean): string {
    const text = JSON.stringify(query, (key, value: unknown) => (key === 'query_location' ? 0 : value));
    const known = this.#byText.get(text);
    if (known !== undefined) return known;
    const name = `${this.#prefix}${this.#list.length + 1}`;
    this.#list.push({ name, query, isScan });
    this.#byText.set(text, name);
    return name;
  }
}

const EMPTY: SqlNode = {};

/** A query at both times. */
export function atBothTimes(of: (time: Time) => Query): readonly Timed[] {
  return TIMES.map((time) => ({ query: of(time), time }));
}

/** The values that a step has. */
export function valuesOf(step: string, count: number): Timed {
  return { query: selectAll(result(step, 't', valueNames(count))), time: 'now' };
}
