import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { IgarapeError } from '../../../src/core/errors.ts';
import { DeltaTable } from '../../../src/delta/table.ts';
import { Engine } from '../../../src/engine/engine.ts';
import { useTempDir } from '../../support/tmp.ts';

const dir = useTempDir();
const RUNS = Number(process.env['IGARAPE_PROPERTY_RUNS'] ?? 12);

/** Types of a key in the table and in the source, in which the same value may be spelled, ordered or rounded otherwise. */
const PAIRS: readonly { target: string; source: string; values: readonly string[] }[] = [
  { target: 'VARCHAR', source: 'INTEGER', values: ["'01'", "'1'", "'5'", "'10'", "'9'", "' 7'"] },
  { target: 'VARCHAR', source: 'DOUBLE', values: ["'1.50'", "'1.5'", "'2'", "'10.0'"] },
  {
    target: 'VARCHAR',
    source: 'UUID',
    values: [
      "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'",
      "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'",
      "'b0eebc999c0b4ef8bb6d6bb9bd380a11'",
    ],
  },
  { target: 'VARCHAR', source: 'DATE', values: ["'2024-1-5'", "'2024-01-05'", "'2024-02-01'"] },
  { target: 'VARCHAR', source: 'BOOLEAN', values: ["'true'", "'TRUE'", "'f'", "'0'"] },
  { target: 'INTEGER', source: 'VARCHAR', values: ["'1'", "'01'", "'5'", "'10'"] },
  { target: 'INTEGER', source: 'DECIMAL(10,2)', values: ['1', '1.4', '1.5', '2', '10'] },
  { target: 'INTEGER', source: 'DOUBLE', values: ['1', '1.5', '2.5', '10'] },
  { target: 'INTEGER', source: 'BIGINT', values: ['1', '2', '10', '3000000000'] },
  { target: 'BIGINT', source: 'SMALLINT', values: ['1', '2', '10'] },
  { target: 'DECIMAL(10,1)', source: 'DECIMAL(10,2)', values: ['1.5', '1.54', '1.55', '2'] },
  { target: 'DECIMAL(10,2)', source: 'DECIMAL(10,2)', values: ['1.5', '1.54', '1.55', '2'] },
  {
    target: 'DATE',
    source: 'TIMESTAMP',
    values: ["'2024-01-05 00:00:00'", "'2024-01-05 12:00:00'", "'2024-02-01'"],
  },
  {
    target: 'TIMESTAMP',
    source: 'DATE',
    values: ["'2024-01-05 00:00:00'", "'2024-01-05 12:00:00'", "'2024-02-01'"],
  },
  { target: 'TIMESTAMP', source: 'TIMESTAMPTZ', values: ["'2024-01-05 00:00:00'", "'2024-01-05 12:00:00'"] },
  {
    target: 'TIMESTAMP',
    source: 'TIMESTAMP_S',
    values: ["'2024-01-05 00:00:00'", "'2024-01-05 00:00:00.5'"],
  },
  { target: 'VARCHAR', source: "ENUM('b', 'a', 'c')", values: ["'a'", "'b'", "'c'"] },
];

const MANY_FILES = 9;

interface Drawn {
  readonly types: { readonly target: string; readonly source: string };
  /** Values, and the file that each lies in. */
  readonly target: readonly (readonly [string, number])[];
  readonly source: readonly string[];
  readonly on: string;
}

const drawn: fc.Arbitrary<Drawn> = fc.constantFrom(...PAIRS).chain(({ target, source, values }) =>
  fc.record({
    types: fc.constant({ target, source }),
    target: fc.array(fc.tuple(fc.constantFrom(...values), fc.nat(2)), { minLength: 1, maxLength: 5 }),
    source: fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 4 }),
    on: fc.constantFrom('names', 'condition'),
  }),
);

it('has one outcome, however the rows lie in files and whatever types the keys have on both sides', async () => {
  const engine = Engine.open({ memoryLimit: '1GB', spillDir: join(dir(), 'spill') });
  const outcome = async (
    { types, target, source, on }: Drawn,
    layout: (file: number) => number,
    seesAll: boolean,
  ): Promise<unknown> => {
    const folder = await mkdtemp(join(dir(), 'table-'));
    const table = await DeltaTable.create(folder, {
      engine,
      rows: `SELECT CAST(NULL AS ${types.target}) AS k, 0 AS id, 'old' AS v WHERE false`,
    });
    const files = new Map<number, string[]>();
    // Into so many files that it is looked for those that may hold the keys.
    const others = Array.from({ length: MANY_FILES }, (_, index) => ['NULL', index + 3] as const);
    for (const [id, [value, file]] of [...target, ...others].entries()) {
      const row = `SELECT TRY_CAST(${value} AS ${types.target}) AS k, ${id} AS id, 'old' AS v`;
      files.set(layout(file), [...(files.get(layout(file)) ?? []), row]);
    }
    for (const rows of files.values()) await table.append(rows.join(' UNION ALL '));
    const values = source.map((value) => `(TRY_CAST(${value} AS ${types.source}))`).join(', ');
    const rows = `SELECT DISTINCT k, 'new' AS v FROM (VALUES ${values}) AS s(k)`;
    const merge = table
      .merge(rows, { on: on === 'names' ? ['k'] : 'source.k = target.k' })
      .whenMatchedUpdate({ v: 'source.v' })
      .whenNotMatchedInsert({ id: '-1', v: 'source.v' });
    const whole = seesAll ? merge.whenNotMatchedBySourceDelete({ where: 'false' }) : merge;
    try {
      await whole.execute();
    } catch (error) {
      return error instanceof IgarapeError ? error.code : error;
    }
    const read = await table.read();
    return engine.rows(`SELECT id, v, count(*) AS n FROM (${read.sql}) GROUP BY ALL ORDER BY ALL`);
  };
  try {
    await fc.assert(
      fc.asyncProperty(drawn, async (one) => {
        const expected = await outcome(one, () => 0, true);
        expect(await outcome(one, (file) => file, false)).toEqual(expected);
        expect(await outcome(one, () => 0, false)).toEqual(expected);
      }),
      { numRuns: RUNS },
    );
  } finally {
    engine.close();
  }
});
