import * as fc from 'fast-check';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DeltaTable } from '../../src/delta/table.ts';
import type { PlainRow } from '../../src/engine/plain.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();

test('pages of a table with deleted rows are its rows, each once', async () => {
  await using table = await DeltaTable.create(join(dir(), 't'), {
    rows: 'SELECT i AS id FROM range(40) r(i)',
    configuration: { 'delta.enableDeletionVectors': 'true' },
  });
  await table.append('SELECT i AS id FROM range(40, 55) r(i)');
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.integer({ min: 0, max: 54 }), { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 1, max: 25 }),
      async (gone, limit) => {
        await table.delete(`id IN (${gone.join(', ')})`);
        await using rows = await table.read();
        const all = (await rows.toArray()).map(idOf);
        const paged: number[] = [];
        for (let offset = 0; offset < all.length + limit; offset += limit) {
          await using page = await table.page({ offset, limit });
          const found = (await page.toArray()).map(idOf);
          expect(found.length).toBe(Math.min(limit, Math.max(all.length - offset, 0)));
          paged.push(...found);
        }
        expect(paged.toSorted((a, b) => a - b)).toEqual(all.toSorted((a, b) => a - b));
      },
    ),
    { numRuns: 4 },
  );
});

function idOf({ id }: PlainRow): number {
  return Number(id);
}
