import type { HelperTables } from '../../delta/read/relation.ts';
import type { Engine } from '../../engine/engine.ts';
import { quoteName } from '../../engine/quote.ts';
import { columnAlias } from './columns.ts';
import { printKey } from './print-expression.ts';
import { type Incremental, isOptional, keyMentions } from './shape.ts';
import type { SourceRows } from './source-rows.ts';
import { type Step, stepsFrom, stepsTo } from './walk.ts';

/** The name of a key column in {@link affectedKeys}. */
export function keyName(index: number): string {
  return `igarape_key_${index}`;
}

/**
 * A table of the keys of every row that the sources' changes may have touched, each once; undefined where nothing
 * changed. It may have more keys than that, never fewer.
 *
 * A row of the result that came, went or changed either has a changed row of a source in it, or has none of a source
 * because the one that it had went, or had none until one came. So the keys of changed rows are told by going from these
 * along the equalities of the joins, among the rows of the other sources as they are now and those that are no more,
 * and by leaving out, of these, the rows of sources that an outer join may do without, in every combination.
 */
export async function affectedKeys(
  engine: Engine,
  shape: Incremental,
  rows: SourceRows,
  helpers: HelperTables,
): Promise<string | undefined> {
  const targets = keyMentions(shape.keys);
  const optional = [...targets].filter((mention) => isOptional(shape.from, mention));
  const queries: string[] = [];
  for (const { index } of shape.from.mentions) {
    const changes = rows.changesOf(index);
    if (changes === undefined) continue;
    const steps = stepsTo(targets, stepsFrom([index], shape.equalities));
    const reached = new Map([[index, changes]]);
    for (const step of steps) {
      const table = await rows.reached(step, reached.get(step.from) ?? changes, true);
      reached.set(step.to, table);
    }
    for (const missing of subsets(optional))
      queries.push(await keysQuery(engine, shape, { start: index, reached, steps, missing }));
  }
  return queries.length === 0
    ? undefined
    : helpers.createAs(`SELECT DISTINCT * FROM (${queries.join(' UNION ALL ')})`);
}

interface Term {
  readonly start: number;
  /** The rows of each table that was reached. */
  readonly reached: ReadonlyMap<number, string>;
  readonly steps: readonly Step[];
  /** Tables of whose rows there is none. */
  readonly missing: ReadonlySet<number>;
}

async function keysQuery(
  engine: Engine,
  { keys }: Incremental,
  { start, reached, steps, missing }: Term,
): Promise<string> {
  const tableOf = (mention: number): string => reached.get(mention) ?? '';
  const rowAlias = (mention: number): string =>
    missing.has(mention) ? `igarape_met_${mention}` : columnAlias(mention);
  const joins = steps.map(({ from, to, on, isOuter }) => {
    const equal = on.map(
      ([own, other]) => `${rowAlias(from)}.${quoteName(own)} = ${rowAlias(to)}.${quoteName(other)}`,
    );
    return `${isOuter ? 'LEFT' : 'INNER'} JOIN ${tableOf(to)} AS ${rowAlias(to)} ON ${equal.join(' AND ')}`;
  });
  const none = [...missing].map(
    (mention) => `LEFT JOIN (SELECT * FROM ${tableOf(mention)} LIMIT 0) AS ${columnAlias(mention)} ON true`,
  );
  const values: string[] = [];
  for (const [index, { value }] of keys.entries())
    values.push(`${await printKey(engine, value.expression)} AS ${keyName(index)}`);
  return `SELECT DISTINCT ${values.join(', ')} FROM ${tableOf(start)} AS ${rowAlias(start)} ${[...joins, ...none].join(' ')}`;
}

function subsets(items: readonly number[]): ReadonlySet<number>[] {
  const [first, ...rest] = items;
  if (first === undefined) return [new Set()];
  return subsets(rest).flatMap((each) => [each, new Set([first, ...each])]);
}
