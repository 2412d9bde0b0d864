import { expect, test } from 'vitest';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';

/** A version in which most rows are others by their key alone is held, until a person approves it. */
const dir = useTempDir();
const NAMES = Array.from({ length: 30 }, (_, index) => `name ${index * 7}`);

const open = (table: object = {}): Scenario =>
  openScenario(dir(), { tables: [{ name: 't', pk: 'id', ...table }] });

/** As pandas writes it: the key counts the rows. */
const counted = (names: readonly string[], more: (row: number) => string = () => ''): string =>
  `id,name${more(-1)}\n${names.map((name, row) => `${row},${name}${more(row)}\n`).join('')}`;

test('a key that was counted anew holds the table, with the numbers and samples, until it is approved', async () => {
  const scenario = open();
  await scenario.write('t.csv', counted(NAMES));
  await scenario.run();
  await scenario.write('t.csv', counted(NAMES.slice(1)));
  const planned = (await scenario.plan()).tables['t'];
  expect(planned).toMatchObject({ operation: 'held', guards: [{ rule: 'mass-update' }], file: null });
  expect(planned?.samples[0]).toMatchObject({ operation: 'D' });
  expect(planned?.samples[1]).toMatchObject({
    operation: 'U',
    row: { id: '0', name: 'name 7' },
    before: { id: '0', name: 'name 0' },
    changed: ['name'],
  });
  const { exitCode, report } = await scenario.run();
  expect([exitCode, report.run]).toEqual([4, null]);
  expect(report.tables['t']?.reason).toMatch(
    /^29 of 29 rows \(100\.0 %\) would be updated, .* For example: U id: 0, name: name 0 → name 7;/,
  );
  expect(await scenario.runTable('t', { approve: ['t'] })).toMatchObject({ updated: 29, deleted: 1 });
  expect(await scenario.verify()).toMatchObject({ ok: true });
});

test('a new column that fills every row holds nothing, and hides nothing', async () => {
  const scenario = open();
  const flagged = (row: number): string => (row < 0 ? ',flag' : ',x');
  await scenario.write('t.csv', counted(NAMES));
  await scenario.run();
  await scenario.write('t.csv', counted(NAMES.toReversed(), flagged));
  expect(await scenario.runTable('t')).toMatchObject({ operation: 'held' });
  await scenario.write('t.csv', counted(NAMES.with(3, 'other'), flagged));
  expect(await scenario.runTable('t')).toMatchObject({ operation: 'cdc', updated: 30 });
});

test('a table whose rows all change each time says so', async () => {
  const scenario = open({ max_update_ratio: 1 });
  await scenario.write('t.csv', counted(NAMES));
  await scenario.run();
  await scenario.write('t.csv', counted(NAMES.toReversed()));
  expect(await scenario.runTable('t')).toMatchObject({ operation: 'cdc', updated: 30 });
});
