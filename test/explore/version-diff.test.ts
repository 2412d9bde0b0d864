import { expect, test } from 'vitest';
import { withReader } from '../../src/explore/reader.ts';
import { diff, type VersionDiff } from '../../src/explore/version-diff.ts';
import { openScenario, testEdge } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();

/** Each row by its operation, its key, its points and whether it is the last version. */
function told({ rows, columns }: VersionDiff): string[] {
  const at = (name: string): number => columns.findIndex((column) => column.name === name);
  const [id, pontos, isCurrent] = [at('id'), at('pontos'), at('is_current')];
  return rows
    .map(({ operation, cells, before }) =>
      [
        operation,
        cells[id],
        cells[pontos],
        before === null ? cells[isCurrent] : `${before[isCurrent]} → ${cells[isCurrent]}`,
      ].join(' '),
    )
    .toSorted();
}

test('of a table with a history a version that ends is an update, and one that begins an insert', async () => {
  let now = Date.parse('2026-01-01T00:00:00Z');
  const tables = [{ name: 'clientes', pk: 'id', history: 'scd2', max_delete_ratio: 1, max_update_ratio: 1 }];
  const lake = openScenario(dir(), { layers: ['bronze'], tables }, { edge: { clock: () => now } });
  for (const rows of ['1,10\n2,20\n3,30', '1,15\n3,30\n4,40', '1,16\n3,30\n4,40']) {
    await lake.write('clientes.csv', `id,pontos\n${rows}\n`);
    await lake.run();
    now += 86_400_000;
  }
  await withReader(lake, testEdge(), async (reader) => {
    const table = 'bronze.clientes';
    const next = await diff(reader, { table, from: 0, to: 1 });
    expect(next.columns.filter(({ key }) => key).map(({ name }) => name)).toEqual(['id', 'valid_from']);
    expect(next.counts).toEqual({ I: 2, U: 2, D: 0 });
    expect(told(next)).toEqual(['I 1 15 true', 'I 4 40 true', 'U 1 10 true → false', 'U 2 20 true → false']);
    // What began and ended in between has come, as a version that is over.
    expect(told(await diff(reader, { table, from: 0, to: 2 }))).toEqual([
      'I 1 15 false',
      'I 1 16 true',
      'I 4 40 true',
      'U 1 10 true → false',
      'U 2 20 true → false',
    ]);
    // The table of the source has one row a key.
    expect((await diff(reader, { table: 'clientes', from: 0, to: 1 })).counts).toEqual({ I: 1, U: 1, D: 1 });
  });
});
