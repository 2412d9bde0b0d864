import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DeltaTable } from '../../../src/delta/table.ts';
import { useLayers } from '../../support/layer-tables.ts';
import { useTempDir } from '../../support/tmp.ts';

const dir = useTempDir();
const open = useLayers();

type Step = (table: DeltaTable, number: number) => Promise<unknown>;

const ROWS = (number: number): string =>
  `SELECT i AS id, CASE WHEN i % 4 > 0 THEN DATE '2025-01-01' + CAST(i % 4 AS INTEGER) END AS d, 'k' || i % 2 AS k, ${number} AS v FROM range(6) AS r(i)`;

const LAYOUTS: readonly (readonly string[])[] = [[], ['d'], ['k'], ['d', 'k']];

const STEPS: Readonly<Record<string, Step>> = {
  append: async (table, number) =>
    table.append(`SELECT * REPLACE (id + ${10 * number} AS id) FROM (${ROWS(number)}) LIMIT 2`),
  update: async (table, number) =>
    table.update({ set: { v: String(number) }, where: `id % 3 = ${number % 3}` }),
  move: async (table, number) =>
    table.update({ set: { d: `DATE '2025-02-0${number}'`, k: `'m'` }, where: 'id = 1' }),
  delete: async (table, number) => table.delete(`id % 5 = ${number % 5}`),
  replace: async (table, number) => {
    const where = `d = DATE '2025-01-0${2 + (number % 3)}'`;
    return table.overwrite(`SELECT * FROM (${ROWS(number)}) WHERE ${where}`, { where });
  },
  ...Object.fromEntries(
    LAYOUTS.flatMap((partitionColumns) => [
      [`layOut ${partitionColumns.join()}`, async (table: DeltaTable) => table.layOut({ partitionColumns })],
      [
        `overwrite ${partitionColumns.join()}`,
        async (table: DeltaTable, number: number) =>
          table.overwrite(ROWS(number), { overwriteSchema: true, partitionColumns }),
      ],
    ]),
  ),
};

test('changes between any versions lead from the one to the other, whatever the files lay apart by meanwhile', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...LAYOUTS),
      fc.array(fc.constantFrom(...Object.keys(STEPS)), { minLength: 2, maxLength: 6 }),
      async (partitionColumns, names) => {
        const tables = await open(await mkdtemp(join(dir(), 'lake-')));
        const { engine } = tables.edge;
        const table = await tables.create(
          { layer: 'bronze', name: 't' },
          { rows: ROWS(0), partitionColumns },
        );
        for (const [index, name] of names.entries()) await STEPS[name]?.(table, index + 1);
        const { version } = await table.snapshot();
        for (let from = 0; from < version; from += 1) {
          await using before = await table.read({ at: from });
          await using after = await table.read();
          await using feed = await table.changes({ from: from + 1 });
          const of = (...types: string[]): string =>
            `SELECT id, d, k, v FROM (${feed.sql}) WHERE _change_type IN (${types.map((type) => `'${type}'`).join()})`;
          const [left, right] = [
            `SELECT id, d, k, v FROM (${before.sql}) UNION ALL ${of('insert', 'update_postimage')}`,
            `SELECT id, d, k, v FROM (${after.sql}) UNION ALL ${of('delete', 'update_preimage')}`,
          ];
          expect(await engine.rows(`(${left}) EXCEPT ALL (${right})`)).toEqual([]);
          expect(await engine.rows(`(${right}) EXCEPT ALL (${left})`)).toEqual([]);
        }
      },
    ),
    { numRuns: 12 },
  );
}, 120_000);
