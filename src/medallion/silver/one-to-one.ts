import { describeSnapshot } from '../../delta/describe.ts';
import type { HelperTables } from '../../delta/relation.ts';
import type { Snapshot } from '../../delta/snapshot.ts';
import type { Engine } from '../../engine/engine.ts';
import { quoteName } from '../../engine/quote.ts';
import { keyName } from './affected-keys.ts';
import { columnAlias } from './columns.ts';
import { TIMES } from '../net-changes.ts';
import { printKey } from './print-expression.ts';
import { selectOver } from './recompute.ts';
import type { Incremental } from './shape.ts';
import type { Source } from './sources.ts';

/**
 * True where every row of the one source makes a row of the table with a key of its own: every row makes one, and
 * there are as many.
 */
export async function isOneToOne(
  { from, select }: Incremental,
  [source, ...others]: readonly Source[],
  target: Snapshot,
): Promise<boolean> {
  const isPlain =
    from.mentions.length === 1 &&
    select['where_clause'] === null &&
    select['aggregate_handling'] === 'STANDARD_HANDLING' &&
    Array.isArray(select['group_expressions']) &&
    select['group_expressions'].length === 0 &&
    select['having'] === null;
  if (!isPlain || source?.applied === undefined || others.length > 0) return false;
  const { rows } = describeSnapshot(await source.delta.snapshot(source.applied));
  return rows !== null && rows === describeSnapshot(target).rows;
}

/** Rows that follow from the changes alone. */
export interface RowsByChanges {
  /** A table of the rows that have come, as the model's SELECT makes them; those that are alike once. */
  readonly rows: string;
  /** A table of those with a key that no row has had which went; the table must not have it yet. */
  readonly fresh: string;
}

/**
 * What a table becomes of its changes, where {@link isOneToOne}: a key that a changed row had has the rows that have
 * come by it and no others. Of the source nothing is read but its changes.
 *
 * @param changes A table of `netChanges`.
 */
export async function rowsByChanges(
  engine: Engine,
  shape: Incremental,
  changes: string,
  helpers: HelperTables,
): Promise<RowsByChanges> {
  const come = await helpers.createAs(`SELECT * EXCLUDE (${TIMES}) FROM ${changes} WHERE ${TIMES} > 0`);
  const select = await selectOver(engine, shape, new Map([[0, come]]));
  const rows = await helpers.createAs(`SELECT DISTINCT * FROM (${select})`);
  const values: string[] = [];
  for (const [index, { value }] of shape.keys.entries())
    values.push(`${await printKey(engine, value.expression)} AS ${keyName(index)}`);
  const gone = `SELECT ${values.join(', ')} FROM ${changes} AS ${columnAlias(0)} WHERE ${TIMES} < 0`;
  const same = shape.keys.map(
    ({ name }, index) => `r.${quoteName(name)} IS NOT DISTINCT FROM g.${keyName(index)}`,
  );
  const fresh = await helpers.createAs(
    `SELECT r.* FROM ${rows} AS r ANTI JOIN (${gone}) AS g ON ${same.join(' AND ')}`,
  );
  return { rows, fresh };
}
