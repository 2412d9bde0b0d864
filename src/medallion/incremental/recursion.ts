import type { SqlNode } from '../../engine/sql-tree.ts';
import type { Reason } from './lower.ts';
import type { Delta } from './steps.ts';
import type { Touch } from './touch.ts';
import type { Item, Query, Select } from './tree.ts';

/** What is asked of the queries in a query, so that the core goes down to the sources. */
export interface Recursion {
  /** True where a changed source is in a query. */
  touches(query: Query): boolean;
  isAffected(item: Item): boolean;
  /** True for an item that has changed rows of its own. */
  isChanged(item: Item): boolean;
  /** A step with the values at some positions of a query's rows that may be others, then or now. */
  touched(query: Query, positions: readonly number[]): string;
  /** Rows then and now, outside of which a query that is touched has the same rows. */
  delta(query: Query): Delta;
  /** A step with the values of expressions in touched rows of FROM. */
  values(query: Select, expressions: readonly SqlNode[]): string;
  /** A step with the values of expressions in the touched rows of one item. */
  valuesOf(item: Item, touches: readonly Touch[], list: readonly SqlNode[], where: SqlNode | null): string;
  /** Rows of a delta may be there more often than in the query. */
  notExact(): void;
  /** All rows may be touched. */
  report(reason: Reason): void;
}
