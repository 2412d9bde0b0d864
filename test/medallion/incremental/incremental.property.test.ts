import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { drawnRounds, drawnRows, NAMES } from './drawn-changes.ts';
import { drawnQuery, SOURCE_TYPES } from './drawn-query.ts';
import { Tables } from './tables.ts';

const RUNS = Number(process.env['IGARAPE_PROPERTY_RUNS'] ?? 40);

let tables: Tables;
beforeAll(async () => {
  tables = await Tables.open(Object.fromEntries(NAMES.map((name) => [name, SOURCE_TYPES])));
});
afterAll(() => tables.engine.close());

const empty = NAMES.map((name) => `DELETE FROM igarape_now."src.${name}"`);

/** How often each way was gone. */
const ways = new Map<string, number>();

test(
  'a table that follows the changes of its sources is what its query gives, for any query and any changes',
  { timeout: 3_600_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(drawnQuery, fc.nat(6), drawnRows, drawnRounds, async (query, few, rows, rounds) => {
        await tables.change([...empty, ...rows]);
        const { sql, columns } = query;
        const whole = `SELECT DISTINCT * FROM (${sql})`;
        const make = `CREATE OR REPLACE TABLE target AS ${whole}`;
        // The engine itself knows some correlated queries not how to compute.
        fc.pre(!(await tables.isRefused(make)));
        const incremental = await tables.incremental(sql);
        for (const round of rounds) {
          const isSet = (await tables.difference(sql, whole)) === 0;
          const changed = await tables.change(round);
          const asked = { changed, sql, whole };
          // Rows are looked for by any columns; each row of a set can be followed by itself.
          await follow(incremental, { ...asked, key: columns.slice(0, few || undefined), isOneToOne: false });
          if (isSet) await follow(incremental, { ...asked, key: columns, isOneToOne: true });
          await tables.engine.run(make);
        }
      }),
      { numRuns: RUNS, endOnFailure: process.env['IGARAPE_PROPERTY_SHRINK'] !== '1' },
    );
    const [followed = 0, whole = 0] = [ways.get('replace'), ways.get('whole')];
    expect(followed, JSON.stringify([...ways])).toBeGreaterThan(3 * whole);
  },
);

interface Asked {
  readonly changed: ReadonlySet<string>;
  readonly key: readonly string[];
  readonly isOneToOne: boolean;
  readonly sql: string;
  readonly whole: string;
}

async function follow(
  incremental: Awaited<ReturnType<Tables['incremental']>>,
  { changed, key, isOneToOne, sql, whole }: Asked,
): Promise<void> {
  const plan = incremental.plan({ key, changed, isOneToOne, isExact: () => true, prefix: tables.prefix() });
  ways.set(plan.kind, (ways.get(plan.kind) ?? 0) + 1);
  if (plan.kind === 'whole') return;
  try {
    const next = await tables.applied(plan, 'target', key);
    if (next === undefined) return;
    // Rows that have come to be alike are told by their keys, and the table is made by the sources then.
    if (plan.kind === 'follow' && (await tables.difference(sql, whole)) > 0) return;
    const differing = await tables.difference(next, whole);
    expect(differing === 0 ? '' : `${plan.kind} by ${key.join(', ')}: ${await tables.told(plan)}`).toBe('');
  } catch (error) {
    if (!Tables.isOfEngine(error)) throw error;
  } finally {
    await tables.drop(plan);
  }
}
