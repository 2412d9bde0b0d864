import * as fc from 'fast-check';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openScenario } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();
const CSV = 'a,b,v\n1,1,x\n2,1,y\n3,2,z\n';

test.each([
  ['key', { pk: ['a', 'b'] }, /key was a and would be a \+ b/],
  ['declared type', { pk: 'a', types: { b: 'text' } }, /type of b \(bigint → text/],
])('a %s that changes is held, also while the file stays as it is', async (_what, table, reason) => {
  const before = openScenario(dir(), { tables: [{ name: 't', pk: 'a' }] });
  await before.write('t.csv', CSV);
  await before.run();
  const after = openScenario(dir(), { tables: [{ name: 't', ...table }] });
  const held = await after.runTable('t');
  expect(held).toMatchObject({ operation: 'held', file: null });
  expect(held.reason).toMatch(reason);
  await after.run({ approve: ['t'] });
  expect(await after.runTable('t')).toMatchObject({ operation: 'unchanged' });
  expect((await after.verify()).tables['t']?.problems).toEqual([]);
});

const TRIPS = {
  'dropped-column': { columns: ['w'] },
  'type-change': { columns: [{ name: 'v' }] },
  'mass-delete': { rows: 3, of: 6 },
  'empty-table': { before: 6 },
  'changed-key': { from: ['id'], to: ['id', 'k'] },
} as const;
type Rule = keyof typeof TRIPS;

/** Six rows, and what becomes of them where rules are tripped. */
function csvThat(trips: readonly Rule[]): string {
  const has = (rule: Rule): boolean => trips.includes(rule);
  const rows = has('empty-table') ? 0 : has('mass-delete') ? 3 : 6;
  const columns = ['id', 'k', 'v', ...(has('dropped-column') ? [] : ['w'])];
  const row = (id: number): string =>
    [id, id, has('type-change') && id === 0 ? 'x' : id, ...(has('dropped-column') ? [] : ['w'])].join(',');
  return [columns.join(','), ...Array.from({ length: rows }, (_, id) => row(id)), ''].join('\n');
}

test('of all that speaks against a table nothing is approved that was not told', async () => {
  const among = fc.subarray<Rule>(['dropped-column', 'type-change', 'changed-key'], { minLength: 1 });
  const rows = fc.constantFrom<Rule[]>([], ['mass-delete'], ['empty-table']);
  let folder = 0;
  await fc.assert(
    fc.asyncProperty(among, rows, async (schema, changes) => {
      folder += 1;
      const lakeOf = (pk: readonly string[]): ReturnType<typeof openScenario> =>
        openScenario(join(dir(), `approved-${folder}`), { tables: [{ name: 't', pk }] });
      const before = lakeOf(['id']);
      await before.write('t.csv', csvThat([]));
      await before.run();
      const trips = [...schema, ...changes].filter(
        (rule) => rule !== 'type-change' || !changes.includes('empty-table'),
      );
      fc.pre(trips.length > 0);
      const after = lakeOf(schema.includes('changed-key') ? ['id', 'k'] : ['id']);
      await after.write('t.csv', csvThat(trips));
      const guards = (await after.plan()).tables['t']?.guards ?? [];
      expect(guards.map(({ rule }) => rule).toSorted()).toEqual(trips.toSorted());
      for (const { rule, ...found } of guards) expect(found).toMatchObject(TRIPS[rule as Rule]);
      expect(await after.runTable('t')).toMatchObject({ operation: 'held' });
      expect(['cdc', 'unchanged']).toContain((await after.runTable('t', { approve: ['t'] })).operation);
    }),
    { numRuns: 6 },
  );
});
