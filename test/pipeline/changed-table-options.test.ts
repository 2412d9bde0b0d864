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
