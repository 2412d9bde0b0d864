import type { Snapshot } from '../../delta/log/snapshot.ts';
import type { StructType } from '../../delta/schema/schema.ts';
import type { HelperTables } from '../../delta/read/relation.ts';
import { sqlTypeOf } from '../../delta/schema/sql-schema.ts';
import type { Engine } from '../../engine/engine.ts';
import { quoteName } from '../../engine/quote.ts';
import { valueName } from '../incremental/nodes.ts';
import type { Replace, Sums } from '../incremental/plan.ts';

/** True for columns whose sums are exact. */
export function exactColumns({ schema }: Snapshot): (column: string) => boolean {
  const exact = schema.fields.filter(({ type }) => /INT|DECIMAL/.test(sqlTypeOf(type)));
  const names = new Set(exact.map(({ name }) => name.toLowerCase()));
  return (column) => names.has(column.toLowerCase());
}

/**
 * The groups of a table that changed rows touch, as they become: what these gave is taken from them, and what they give
 * now is added. Undefined where it is not known whether a sum is 0 or null, or a group is not what it should be.
 *
 * @param before A SELECT of the table's rows.
 */
export async function addSums(
  engine: Engine,
  { groups, sums, rows, gave, give }: Sums,
  schema: StructType,
  before: string,
  helpers: HelperTables,
): Promise<Replace | undefined> {
  const names = schema.fields.map(({ name }) => name);
  const called = (name: string): string =>
    quoteName(names.find((each) => each.toLowerCase() === name.toLowerCase()) ?? name);
  const list = groups.map(called).join(', ');
  const named = (step: string): string =>
    `(SELECT * FROM ${quoteName(step)} AS r(${names.map(quoteName).join(', ')}))`;
  const hit = await helpers.createAs(
    `SELECT ${list} FROM ${named(gave)} UNION SELECT ${list} FROM ${named(give)}`,
  );
  const same = groups.map((name) => `r.${called(name)} IS NOT DISTINCT FROM h.${called(name)}`).join(' AND ');
  const total = (name: string): string =>
    `sum(CASE igarape_side WHEN 'then' THEN -${called(name)} ELSE ${called(name)} END)`;
  const doubts = sums
    .filter(({ isCount }) => !isCount)
    .map(
      ({ name }) =>
        `(count(${called(name)}) FILTER (igarape_side = 'then') > 0 AND count(${called(name)}) FILTER (igarape_side = 'now') = 0 AND ${total(name)} = 0)`,
    );
  const odd = [
    // A group that is gone raises none.
    ...doubts.map((doubt) => `(${total(rows)} > 0 AND ${doubt})`),
    `${total(rows)} < 0`,
    `count(*) FILTER (igarape_side = 'stored') > 1`,
    `count(*) FILTER (igarape_side = 'then') > count(*) FILTER (igarape_side = 'stored')`,
  ];
  const added = schema.fields.map(({ name, type }) => {
    const sum = sums.find((each) => called(each.name) === quoteName(name));
    return `${sum === undefined ? quoteName(name) : `CAST(${total(sum.name)} AS ${sqlTypeOf(type)})`} AS ${quoteName(name)}`;
  });
  const all = await helpers.createAs(
    `SELECT ${added.join(', ')}, ${odd.join(' OR ')} AS igarape_is_odd FROM (
      SELECT 'stored' AS igarape_side, r.* FROM (${before}) AS r SEMI JOIN ${hit} AS h ON ${same}
      UNION ALL BY NAME SELECT 'then' AS igarape_side, * FROM ${named(gave)}
      UNION ALL BY NAME SELECT 'now' AS igarape_side, * FROM ${named(give)}) GROUP BY ${list}`,
  );
  const [found] = await engine.rows(`SELECT 1 AS odd FROM ${all} WHERE igarape_is_odd LIMIT 1`);
  if (found !== undefined) return undefined;
  const kept = `SELECT * EXCLUDE (igarape_is_odd) FROM ${all} WHERE ${called(rows)} > 0`;
  const values = groups.map((name, index) => `${called(name)} AS ${valueName(index)}`).join(', ');
  return {
    kind: 'replace',
    steps: [],
    by: groups.map((name) => names.find((each) => quoteName(each) === called(name)) ?? name),
    values: await helpers.createAs(`SELECT ${values} FROM ${hit}`),
    rows: await helpers.createAs(kept),
  };
}
