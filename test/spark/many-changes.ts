import { expect } from 'vitest';
import { NO_HASHES } from '../../src/snapshot/hashes.ts';
import { foretold, type RawEdge, RawLakes } from './raw-on-spark.ts';

/** So little that of these tables the base and most changes are more than is held. */
const MEMORY_LIMIT = '30MB';
const ROWS = 4000;

/** Rows of two kilobytes; some go and come back. @param version SQL: of a row the state that it is of. */
function rows(state: number, version: string): string {
  const pad = `list_aggregate(list_transform(range(64), lambda x: md5((i * 64 + x + v * 7)::VARCHAR)), 'string_agg', '')`;
  const gone = state === 0 ? 'false' : `i % 100 = ${state}`;
  return `SELECT i, 'k' || i % 7 AS "É k", v, ${pad} AS pad,
      TIMESTAMP '2024-01-01' + to_days((CASE WHEN i % 3 = 0 THEN -v ELSE v END)::INTEGER) AS at
    FROM (SELECT i, ${version} AS v FROM range(${ROWS + 10 * state}) AS r(i)) WHERE NOT ${gone}`;
}

const SOME = 'CASE WHEN i < 1150 THEN 1 ELSE 0 END';
const MOST = 'CASE WHEN i < 3900 THEN 3 ELSE 0 END';

/** Who compares each state, of which the table differs in few rows, in some, by which the base is to be written anew, or in most. */
const STATES: readonly {
  readonly by: 'duckdb' | 'spark';
  readonly rows: string;
  readonly statements?: number;
  readonly isMany?: true;
}[] = [
  { by: 'duckdb', rows: rows(0, '0') },
  { by: 'spark', rows: rows(1, SOME), statements: 2 },
  { by: 'duckdb', rows: rows(2, `CASE WHEN i < 50 THEN 2 ELSE ${SOME} END`) },
  { by: 'spark', rows: rows(3, MOST), statements: 8, isMany: true },
  { by: 'spark', rows: rows(4, `CASE WHEN i < 50 THEN 4 ELSE ${MOST} END`), statements: 1 },
  { by: 'duckdb', rows: rows(5, `CASE WHEN i < 50 THEN 5 ELSE ${MOST} END`) },
];

/**
 * Changes, and a base, that are more than this machine holds: Spark writes them in parts, and either engine goes on from there.
 * Resolves whether the lake holds what its ledger says.
 */
export async function checkManyChanges(edge: RawEdge): Promise<boolean> {
  const tables = ['whole', 'later'].map((name) => ({
    name,
    pk: ['É k', 'i'],
    max_delete_ratio: 1,
    max_update_ratio: 1,
    ...(name === 'whole' ? {} : { update_when: 'timestamp', date_field: 'at' }),
  }));
  const lakes = new RawLakes({ ...edge, memoryLimit: MEMORY_LIMIT }, { tables });
  for (const [index, state] of STATES.entries()) {
    const what = `state ${index}`;
    await lakes.putRows(['whole.parquet', 'later.parquet'], state.rows);
    const { by, isMany = false, statements } = state;
    const asked = index === 0 || isMany ? ['whole', 'later'] : ['later'];
    const planned = isMany
      ? await lakes.found.plan({ ...lakes.request(lakes.found, by), tables: ['later'] })
      : undefined;
    expect(await staged(edge), what).toEqual([]);
    const { found } = await lakes.run(by, { tables: asked });
    expect(found.exitCode, what).toBe(0);
    const { later } = found.report.tables;
    if (planned !== undefined && later !== undefined)
      expect(foretold(planned.tables), what).toEqual(foretold({ later }));
    for (const { comparedBy } of Object.values(found.report.tables))
      expect(comparedBy, what).toEqual(
        statements === undefined ? undefined : { engine: 'spark', statements },
      );
    const recorded = await lakes.recorded();
    expect(recorded.found, what).toEqual(recorded.wanted);
    const { tables: states = {} } = (await lakes.found.ledger()).at(-1) ?? {};
    for (const name of asked) {
      const { base, file } = states[name] ?? {};
      if (base === undefined) throw new Error(`There is no ${name}.`);
      const inParts = base.segments.map(({ parts = [] }) => parts.length > 1);
      if (index === 1 || isMany) expect(inParts, what).toEqual([true]);
      if (isMany) expect(file?.parts?.length, what).toBeGreaterThan(1);
      expect(base.hashVersion === NO_HASHES, what).toBe(index === 3 || index === 4);
    }
  }
  return (await lakes.found.verify()).ok;
}

async function staged({ storage }: RawEdge): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of storage.list('_igarape/staging/')) keys.push(key);
  return keys;
}
