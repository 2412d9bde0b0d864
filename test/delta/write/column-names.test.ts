import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DeltaTable } from '../../../src/delta/table.ts';
import { AT } from '../../../src/delta/read/row-places.ts';
import { useTempDir } from '../../support/tmp.ts';

const dir = useTempDir();

/** What SQL of ours calls places, changes and sides somewhere: a table may have columns of these names. */
const NAMES = [
  '_file',
  '_row',
  'kind',
  'old',
  'next',
  'clause',
  'file',
  'row',
  'position',
  'source',
  'target',
  'n',
  'd',
];

interface Row {
  readonly id: number;
  readonly a: number;
  readonly b: number;
}

const ROWS: readonly Row[] = Array.from({ length: 6 }, (_, id) => ({ id, a: (id * 7) % 5, b: (id * 3) % 4 }));

async function readNumbers(table: DeltaTable): Promise<Record<string, number>[]> {
  const found = await (await table.read()).toArray();
  return found
    .map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, Number(value)])))
    .toSorted((left, right) => (left['id'] ?? 0) - (right['id'] ?? 0));
}

test('columns may have any name, also one that tells where a row lies elsewhere', async () => {
  let number = 0;
  const names = fc.uniqueArray(fc.constantFrom(...NAMES), { minLength: 2, maxLength: 2 });
  await fc.assert(
    fc.asyncProperty(names, fc.boolean(), async ([a = '', b = ''], hasVectors) => {
      const named = (rows: readonly Row[]): Record<string, number>[] =>
        rows.map((row) => ({ id: row.id, [a]: row.a, [b]: row.b }));
      await using table = await DeltaTable.create(join(dir(), String(++number)), {
        rows: named(ROWS.slice(0, 3)),
        configuration: {
          'delta.enableDeletionVectors': String(hasVectors),
          'delta.enableChangeDataFeed': 'true',
        },
      });
      const expectRows = async (rows: readonly Row[]): Promise<void> => {
        expect(await readNumbers(table)).toEqual(named(rows));
      };
      await table.append(named(ROWS.slice(3)));
      await expectRows(ROWS);

      await table.update({ set: { [a]: `"${a}" + 10` }, where: `"${b}" = 2 OR id = 0` });
      let rows = ROWS.map((row) => (row.b === 2 || row.id === 0 ? { ...row, a: row.a + 10 } : row));
      await expectRows(rows);

      const merged = { id: 1, a: 50, b: 60 };
      await table
        .merge(named([merged]), { on: ['id'] })
        .whenMatchedUpdateAll()
        .execute();
      rows = rows.map((row) => (row.id === 1 ? merged : row));
      await expectRows(rows);

      await table
        .merge(named([{ id: 2, a: 51, b: 61 }]), { on: `target.id = source.id AND target."${b}" < 100` })
        .whenMatchedUpdate({ [a]: `source."${a}"` })
        .whenNotMatchedBySourceUpdate({ [b]: `target."${b}" + 1` })
        .execute();
      rows = rows.map((row) => (row.id === 2 ? { ...row, a: 51 } : { ...row, b: row.b + 1 }));
      await expectRows(rows);

      await table.delete(`"${a}" > 50`);
      rows = rows.filter((row) => row.a <= 50);
      await expectRows(rows);
      await table.optimize();
      await expectRows(rows);
    }),
    {
      numRuns: 6,
      examples: [
        [['_file', '_row'], true],
        [['_row', '_file'], false],
      ],
    },
  );
});

test('the names that rows lie by are refused before anything is written', async () => {
  const rows = [{ [AT.file]: 0, id: 1 }];
  await using table = await DeltaTable.create(dir(), { rows });
  await expect(table.delete('id = 1')).rejects.toMatchObject({ code: 'DELTA_UNSUPPORTED' });
  expect(await readNumbers(table)).toEqual(rows);
});
