import type { HelperTables } from '../../delta/read/relation.ts';
import type { Engine } from '../../engine/engine.ts';
import { quoteName } from '../../engine/quote.ts';
import { isNode, type SqlNode } from '../../engine/sql-tree.ts';
import { TIMES } from '../net-changes.ts';
import { keyName } from './affected-keys.ts';
import { selectOver } from './recompute.ts';
import { type Incremental, selectOf } from './shape.ts';

/**
 * The table property that is `true` where each row of the table is of one row of the source alone, so that what becomes
 * of it is told by the source's changes. Each commit leaves it true or takes it back.
 */
export const ONE_TO_ONE_PROPERTY = 'igarape.one-to-one';

/**
 * True for a statement that, if it is {@link Incremental} at all, makes of each row of one table a row or none.
 *
 * @param tree Of the model's one statement.
 */
export function isRowByRow(tree: SqlNode): boolean {
  const select = selectOf(tree);
  const table = select?.['from_table'];
  return (
    isNode(table) &&
    table['type'] === 'BASE_TABLE' &&
    select?.['aggregate_handling'] === 'STANDARD_HANDLING' &&
    Array.isArray(select['group_expressions']) &&
    select['group_expressions'].length === 0 &&
    select['having'] === null
  );
}

/** What a table becomes of its source's changes alone. */
export interface Followed {
  /** A table of the keys that rows have which have come or gone, in the columns of `affectedKeys`. */
  readonly keys: string;
  /** A table of the rows that have come, as often as they have. */
  readonly rows: string;
  /** Of these, those with a key that no row has had which went. */
  readonly fresh: string;
}

/**
 * What a table that is one to one with its source becomes of the source's changes: a key that a row had which went has
 * the rows that have come by it and no others. Of the source nothing else is read.
 *
 * The table stays one to one where no two of `rows` have one key, and no key of `fresh` is in the table yet. Where that
 * is not so, these are not its rows.
 *
 * @param changes A table of `netChanges`.
 */
export async function followChanges(
  engine: Engine,
  shape: Incremental,
  changes: string,
  helpers: HelperTables,
): Promise<Followed> {
  const where = (condition: string): string =>
    `SELECT * EXCLUDE (${TIMES}) FROM ${changes} WHERE ${condition}`;
  // Whether rows are alike shows by two of them already.
  const come = await helpers.createAs(`${where(`${TIMES} > 0`)} UNION ALL ${where(`${TIMES} > 1`)}`);
  const gone = await helpers.createAs(where(`${TIMES} < 0`));
  const rows = await helpers.createAs(await selectOver(engine, shape, new Map([[0, come]])));
  const before = await selectOver(engine, shape, new Map([[0, gone]]));
  const list = shape.keys.map(({ name }, index) => `${quoteName(name)} AS ${keyName(index)}`).join(', ');
  const goneKeys = await helpers.createAs(`SELECT ${list} FROM (${before})`);
  const keys = await helpers.createAs(`SELECT * FROM ${goneKeys} UNION SELECT ${list} FROM ${rows}`);
  const same = shape.keys.map(({ name }, index) => `r.${quoteName(name)} = g.${keyName(index)}`);
  const fresh = await helpers.createAs(
    `SELECT r.* FROM ${rows} AS r ANTI JOIN ${goneKeys} AS g ON ${same.join(' AND ')}`,
  );
  return { keys, rows, fresh };
}
