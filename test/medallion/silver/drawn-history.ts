import * as fc from 'fast-check';
import type { DeltaTable } from '../../../src/delta/table.ts';

export const NAMES = ['a', 'b', 'c'] as const;

export interface DrawnRow {
  readonly id: number;
  readonly ref: number | null;
  readonly x: number | null;
  readonly s: string | null;
}

export type Step =
  | { readonly act: 'merge'; readonly rows: readonly DrawnRow[]; readonly gone: readonly number[] }
  /** A reload: every row is deleted and inserted, in one version. */
  | { readonly act: 'overwrite'; readonly rows: readonly DrawnRow[] }
  | { readonly act: 'optimize' };

export interface Round {
  readonly steps: readonly { readonly name: (typeof NAMES)[number]; readonly step: Step }[];
  /** How many versions each source is read behind its newest, by its place in the model. */
  readonly behind: readonly number[];
}

const drawnRow: fc.Arbitrary<DrawnRow> = fc.record({
  id: fc.integer({ min: 0, max: 6 }),
  ref: fc.option(fc.integer({ min: 0, max: 5 }), { freq: 6 }),
  x: fc.option(fc.integer({ min: 0, max: 4 }), { freq: 4 }),
  s: fc.option(fc.constantFrom('p', 'q', 'r'), { freq: 4 }),
});

const drawnRows = (minLength: number): fc.Arbitrary<DrawnRow[]> =>
  fc.uniqueArray(drawnRow, { selector: ({ id }) => id, minLength, maxLength: 7 });

const drawnStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      act: fc.constant('merge' as const),
      rows: drawnRows(0),
      gone: fc.uniqueArray(fc.integer({ min: 0, max: 5 }), { maxLength: 2 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('overwrite' as const), rows: drawnRows(0) }) },
  { weight: 1, arbitrary: fc.constant({ act: 'optimize' as const }) },
);

export const drawnStart: fc.Arbitrary<readonly (readonly DrawnRow[])[]> = fc.tuple(
  drawnRows(2),
  drawnRows(2),
  drawnRows(2),
);

export const drawnRounds: fc.Arbitrary<readonly Round[]> = fc.array(
  fc.record({
    steps: fc.array(fc.record({ name: fc.constantFrom(...NAMES), step: drawnStep }), {
      minLength: 1,
      maxLength: 5,
    }),
    behind: fc.tuple(...NAMES.map(() => fc.constantFrom(0, 0, 0, 1, 2))),
  }),
  { minLength: 2, maxLength: 5 },
);

export function rowsSql(rows: readonly DrawnRow[]): string {
  const values = rows.map(
    ({ id, ref, x, s }) => `(${id}, ${ref ?? 'NULL'}, ${x ?? 'NULL'}, ${s === null ? 'NULL' : `'${s}'`})`,
  );
  return `SELECT CAST(id AS BIGINT) AS id, CAST(ref AS BIGINT) AS ref, CAST(x AS BIGINT) AS x, CAST(s AS VARCHAR) AS s
    FROM (VALUES ${[...values, '(-9, 0, 0, NULL)'].join(', ')}) AS v(id, ref, x, s) WHERE id <> -9`;
}

export async function take(delta: DeltaTable, step: Step): Promise<void> {
  switch (step.act) {
    case 'merge': {
      const gone = step.gone.filter((id) => !step.rows.some((row) => row.id === id));
      const keys = gone.map((id) => `UNION ALL BY NAME SELECT CAST(${id} AS BIGINT) AS id, true AS gone`);
      await delta
        .merge(`SELECT *, false AS gone FROM (${rowsSql(step.rows)}) ${keys.join(' ')}`, { on: ['id'] })
        .whenMatchedDelete({ where: 'source.gone' })
        .whenMatchedUpdateAll()
        .whenNotMatchedInsertAll({ where: 'NOT source.gone' })
        .execute();
      break;
    }
    case 'overwrite':
      await delta.overwrite(rowsSql(step.rows));
      break;
    case 'optimize':
      await delta.optimize();
      break;
    default:
      step satisfies never;
  }
}
