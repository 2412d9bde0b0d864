import { expect, test } from 'vitest';
import type { ColumnType } from '../../src/core/schema.ts';
import { tellsAllInPortuguese } from '../support/portuguese.ts';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';

tellsAllInPortuguese();

const dir = useTempDir();

test.each([
  ['content', {}],
  ['the date field', { update_when: 'timestamp', date_field: 'at' }],
  ['content but the column', { ignore: ['v'] }],
])(
  'an approved change of a type publishes every value anew, where %s makes an update',
  async (_what, rules) => {
    const scenario = openScenario(dir(), { tables: [{ name: 't', pk: 'id', ...rules }] });
    const publish = async (v: readonly string[], approve: string[] = []): Promise<unknown> => {
      const lines = v.map((value, id) => `${id},2024-01-0${id + 1},${value}\n`);
      await scenario.write('t.csv', `id,at,v\n${lines.join('')}`);
      const { operation, updated } = await scenario.runTable('t', { approve });
      expect((await scenario.verify()).tables['t']?.problems).toEqual([]);
      return { operation, updated };
    };
    await publish(['2024-01-01', '2024-01-02', '', '2024-01-04']);
    // The base now has timestamps, and the full-load dates: as text they differ.
    await publish(['2024-01-01', '2024-01-02 10:00', '', '2024-01-04'], ['t']);
    await publish(['2024-01-01', '2024-01-02 10:00', '', '2024-01-04 11:00'], ['t']);
    const types = ['2024-01-01 00:00:00', '2024-01-02 10:00:00', '', 'soon'];
    // A later date makes the row an update that shows the new type.
    const lines = types.map(
      (value, id) => `${id},${id === 3 ? '2025-01-01' : `2024-01-0${id + 1}`},${value}\n`,
    );
    await scenario.write('t.csv', `id,at,v\n${lines.join('')}`);
    const report = await scenario.runTable('t', { approve: ['t'] });
    expect((await scenario.verify()).tables['t']?.problems).toEqual([]);
    const { v: type } = await scenario.columns(report.file ?? '');
    expect({ type, updated: report.updated }).toEqual({ type: 'VARCHAR', updated: 3 });
  },
);

function tableOf(types: Readonly<Record<string, ColumnType>>, folder: string = dir()): Scenario {
  const limits = { max_delete_ratio: 1, max_update_ratio: 1 };
  return openScenario(folder, { tables: [{ name: 't', pk: 'id', types, ...limits }] });
}

test('what the lake has where a type would change is shown, and a row that loses it is an update', async () => {
  const before = tableOf({ v: 'text' });
  await before.write('t.csv', 'id,v\n1,a\n2,07\n3,b\n4,\n5,c\n');
  await before.run();
  const after = tableOf({ v: 'bigint' });
  await after.write('t.csv', 'id,v\n1,\n2,7\n4,\n5,8\n');
  const held = await after.runTable('t');
  expect(held.reason).toContain('D id: 3, v: b; U id: 1, v: a → null; U id: 2, v: 07 → 7.');
  const { samples } = (await after.plan({ approve: ['t'] })).tables['t'] ?? {};
  expect(samples).toContainEqual(
    expect.objectContaining({ operation: 'U', before: { id: '5', v: 'c' }, row: { id: '5', v: '8' } }),
  );
  const run = await after.runTable('t', { approve: ['t'] });
  expect(run).toMatchObject({ operation: 'cdc', updated: 3, deleted: 1, unchanged: 1 });
  expect((await after.rows(run.file ?? '')).map(({ id, v }) => [id, v])).toEqual([
    ['3', null],
    ['1', null],
    ['2', '7'],
    ['5', '8'],
  ]);
  expect((await after.verify()).tables['t']?.problems).toEqual([]);
});

const KEYS: Readonly<Record<string, readonly string[]>> = {
  text: ['1', '01', '1.0', 'a', '2024-01-01', 'true'],
  bigint: ['1', '0', '9007199254740992', '9007199254740993'],
  double: ['1', '1.5', '-0.25'],
  'decimal(20,2)': ['1', '1.25', '123456789012345678.5'],
  'decimal(24,3)': ['1', '1.255'],
  date: ['2024-01-01', '2024-01-02'],
  timestamp: ['2024-01-01 00:00:00', '2024-01-01 10:00:00'],
  timestamptz: ['2024-01-01 00:00:00-03:00', '2024-01-01 03:00:00Z', '2024-01-02 00:00:00Z'],
  boolean: ['true', 'false'],
};
const KINDS = Object.keys(KEYS) as ColumnType[];

test.each(KINDS)(
  'a key of %s that gets another type gives what its file has, or starts anew',
  async (from) => {
    const others = KINDS.filter((type) => type !== from);
    const names = others.map((_, index) => `t${index}`);
    const lake = (typeOf: (index: number) => ColumnType): Scenario =>
      openScenario(dir(), {
        tables: names.map((name, index) => ({
          name,
          pk: 'id',
          types: { id: typeOf(index) },
          max_delete_ratio: 1,
          max_update_ratio: 1,
        })),
      });
    const write = async (keysOf: (index: number) => readonly string[]): Promise<void> => {
      for (const [index, name] of names.entries()) {
        const lines = keysOf(index).map((key, n) => `${key},${n}\n`);
        await before.write(`${name}.csv`, `id,v\n${lines.join('')}`);
      }
    };
    const problems = async (): Promise<string[]> =>
      Object.values((await after.verify()).tables).flatMap((table) => table.problems);
    const before = lake(() => from);
    const after = lake((index) => others[index] ?? from);
    await write(() => valuesOf(from));
    expect((await before.run()).exitCode).toBe(0);
    await write(() => valuesOf(from).slice(0, 1));
    expect((await before.run()).exitCode).toBe(0);

    await write((index) => valuesOf(others[index] ?? from));
    const { report } = await after.run({ approve: names });
    const isTaken = (name: string): boolean => report.tables[name]?.operation === 'cdc';
    expect(others.filter((_, index) => isTaken(names[index] ?? ''))).toEqual(TAKEN[from]);
    expect(await problems()).toEqual([]);
    const held = names.filter((name) => !isTaken(name));
    for (const name of held) expect(report.tables[name]?.reason).toContain(`igarape run --reload ${name}`);
    await after.run({ reload: held });
    expect(await problems()).toEqual([]);
    const rows = names.map((_, index) => valuesOf(others[index] ?? from).length);
    const { tables } = await after.verify();
    expect(names.map((name) => tables[name]?.rows)).toEqual(rows);
  },
);

const TAKEN: Readonly<Partial<Record<ColumnType, readonly ColumnType[]>>> = {
  text: [],
  bigint: ['text', 'decimal(24,3)'],
  double: ['text'],
  'decimal(20,2)': ['text', 'decimal(24,3)'],
  'decimal(24,3)': ['text'],
  date: ['text', 'timestamp'],
  timestamp: ['text'],
  timestamptz: ['text'],
  boolean: ['text'],
};

/** Two texts of one instant are one key. */
function valuesOf(type: ColumnType): string[] {
  const keys = KEYS[type] ?? [];
  const keyOf = (key: string): string => (type === 'timestamptz' ? new Date(key).toISOString() : key);
  return [...new Map(keys.map((key) => [keyOf(key), key])).values()];
}
