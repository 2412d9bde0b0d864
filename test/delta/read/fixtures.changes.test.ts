import { describe, expect, it } from 'vitest';
import type { PlainRow } from '../../../src/engine/plain.ts';

import { openTable } from '../disk.ts';
import { areFixturesHere, fixture } from '../fixtures.ts';

/** The changes of a version as its writer knew them: an operation, then the row, by the key of the table. */
type Feed = readonly (readonly [version: number, type: '+' | '-' | '<' | '>', ...values: unknown[]])[];

const TYPES = { '+': 'insert', '-': 'delete', '<': 'update_preimage', '>': 'update_postimage' } as const;

const digits = (count: number, from = 0): number[] =>
  Array.from({ length: count }, (_, index) => from + index);
const all = (version: number, type: '+' | '-', values: readonly number[]): Feed =>
  values.map((value) => [version, type, value]);

const MAPPED: Feed = [
  [2, '<', 2, 'Bob', 200],
  [2, '>', 2, 'Bob', 250],
  [3, '+', 4, 'David', 400],
  [4, '-', 1, 'Alice', 100],
];

const FEEDS: Readonly<
  Record<string, { readonly from: number; readonly columns: readonly string[]; readonly feed: Feed }>
> = {
  'cdf-table-simple': {
    from: 0,
    columns: ['id'],
    feed: [...all(0, '+', digits(10)), ...all(1, '-', digits(10)), ...all(2, '+', digits(5, 20))],
  },
  'cdf-table-delete-unconditional': {
    from: 0,
    columns: ['id'],
    feed: [...all(0, '+', digits(10)), ...all(1, '-', digits(10))],
  },
  'cdf-table-delete-conditional-all-rows': {
    from: 0,
    columns: ['id'],
    feed: [...all(0, '+', digits(10)), ...all(1, '-', digits(10))],
  },
  'cdf-table-delete-conditional-two-rows': {
    from: 0,
    columns: ['id'],
    feed: [...all(0, '+', digits(10)), ...all(1, '-', [2, 8])],
  },
  'cdf-table-with-dv': {
    from: 0,
    columns: ['value'],
    feed: [
      ...all(0, '+', digits(10)),
      ...all(1, '-', [0, 9]),
      ...all(2, '+', [0, 9]),
      ...all(3, '-', [0, 1, 4, 5]),
      ...all(4, '+', [1, 4]),
      ...all(5, '-', [3]),
      ...all(5, '+', [0, 5]),
      ...all(6, '+', [3]),
    ],
  },
  'cdf-table-partitioned': {
    from: 0,
    columns: ['id', 'text', 'part'],
    feed: [
      ...digits(6).map((id) => [0, '+', id, 'old', id % 2] as const),
      [1, '-', 3, 'old', 1],
      [1, '<', 1, 'old', 1],
      [1, '>', 1, 'new', 1],
      ...[0, 2, 4].map((id) => [2, '-', id, 'old', 0] as const),
    ],
  },
  'cdf-table-with-cdc-and-dvs': {
    from: 0,
    columns: ['id', 'comment'],
    feed: [
      [0, '+', 1, 'initial'],
      [1, '+', 2, 'insert1'],
      [1, '+', 3, 'insert1-delete1'],
      [1, '+', 4, 'insert1-delete2'],
      [1, '+', 5, 'insert1-delete2'],
      [2, '-', 3, 'insert1-delete1'],
      [4, '+', 3, 'insert1-delete1'],
      [5, '-', 4, 'insert1-delete2'],
      [5, '-', 5, 'insert1-delete2'],
      [7, '+', 4, 'insert1-delete2'],
      [8, '+', 5, 'insert2'],
      [9, '<', 1, 'initial'],
      [9, '>', 1, 'update1'],
      [9, '<', 2, 'insert1'],
      [9, '>', 2, 'update1'],
      [9, '<', 3, 'insert1-delete1'],
      [9, '>', 3, 'update1'],
      [10, '-', 1, 'update1'],
      [12, '<', 2, 'update1'],
      [12, '>', 2, 'update2'],
      [14, '+', 6, 'insert3'],
      [14, '+', 7, 'insert3'],
      [15, '+', 8, 'insert4'],
      [15, '+', 9, 'insert4'],
      [16, '-', 7, 'insert3'],
      [16, '-', 8, 'insert4'],
      [18, '+', 10, 'merge1-insert'],
      [18, '+', 11, 'merge1-insert'],
      [18, '<', 9, 'insert4'],
      [18, '>', 9, 'merge1-update'],
      [20, '<', 11, 'merge1-insert'],
      [20, '>', 11, ''],
      [22, '+', 12, 'merge2-insert'],
      [22, '-', 11, ''],
      [24, '-', 2, 'update2'],
      [24, '-', 3, 'update1'],
      [24, '-', 4, 'insert1-delete2'],
      [24, '-', 5, 'insert2'],
      [24, '-', 6, 'insert3'],
      [24, '-', 9, 'merge1-update'],
      [25, '+', 0, 'new'],
      [25, '+', 1, 'after-large-delete'],
      [25, '+', 2, ''],
    ],
  },
  'cdf-table-non-partitioned': {
    from: 0,
    columns: ['id', 'name', 'birthday', 'long_field'],
    feed: [
      [0, '+', 1, 'Steve', '2024-04-14', 1],
      [0, '+', 2, 'Bob', '2024-04-15', 1],
      [0, '+', 3, 'Dave', '2024-04-15', 2],
      [0, '+', 4, 'Kate', '2024-04-15', 3],
      [0, '+', 5, 'Emily', '2024-04-16', 4],
      [0, '+', 6, 'Carl', '2024-04-16', 5],
      [0, '+', 7, 'Dennis', '2024-04-16', 6],
      [0, '+', 8, 'Claire', '2024-04-17', 7],
      [0, '+', 9, 'Ada', '2024-04-17', 8],
      [0, '+', 10, 'Borb', '2024-04-17', 99999999999999999n],
      ...[2, 3, 4].flatMap((id) => {
        const [name, long] = { 2: ['Bob', 1], 3: ['Dave', 2], 4: ['Kate', 3] }[id] ?? [];
        return [
          [1, '<', id, name, '2024-04-15', long] as const,
          [1, '>', id, name, '2024-04-14', long] as const,
        ];
      }),
      ...[5, 6, 7].flatMap((id) => {
        const name = { 5: 'Emily', 6: 'Carl', 7: 'Dennis' }[id];
        return [
          [2, '<', id, name, '2024-04-16', id - 1] as const,
          [2, '>', id, name, '2024-04-14', id - 1] as const,
        ];
      }),
      [3, '-', 7, 'Dennis', '2024-04-14', 6],
      [4, '+', 1, 'Alex', '2024-04-14', 1],
      [4, '+', 2, 'Alan', '2024-04-15', 1],
    ],
  },
  'cdf-table-backtick-column-names': {
    from: 0,
    columns: ['id.num', 'id.num`s'],
    feed: [
      [0, '+', 2, 10],
      [0, '+', 4, 10],
      [1, '+', 1, 10],
      [1, '+', 3, 10],
      [1, '+', 5, 10],
    ],
  },
  'cdf-column-mapping-name-mode': { from: 1, columns: ['id', 'name', 'value'], feed: MAPPED },
  'cdf-column-mapping-name-mode-3-7': { from: 1, columns: ['id', 'name', 'value'], feed: MAPPED },
  'cdf-column-mapping-id-mode': {
    from: 1,
    columns: ['id', 'name', 'value'],
    feed: [
      [2, '<', 2, 'Frank', 250],
      [2, '>', 2, 'Frank', 275],
      [3, '+', 4, 'Henry', 450],
      [4, '-', 3, 'Grace', 350],
    ],
  },
};

describe.skipIf(!areFixturesHere)(
  'change data feeds of other engines (skipped where their tables are not beside this project)',
  () => {
    it.each(Object.entries(FEEDS))(
      '%s gives the changes that were made',
      async (name, { from, columns, feed }) => {
        const table = await openTable(fixture(`kernel/${name}`));
        const changes = await table.changes({ from });
        const found = (await changes.toArray()).map((row) => lineOf(row, columns));
        const made = feed.map(([version, type, ...values]) =>
          JSON.stringify([plain(version), TYPES[type], ...values.map(plain)]),
        );
        expect(found.toSorted()).toEqual(made.toSorted());
      },
    );

    it('leave, replayed, what the table has', async () => {
      const table = await openTable(fixture('kernel/cdf-table-with-cdc-and-dvs'));
      const changes = await table.changes({ from: 0 });
      const rows = await table.read();
      const counts = new Map<string, number>();
      for (const row of await changes.toArray()) {
        const key = JSON.stringify([plain(row['id']), row['comment']]);
        const step = row['_change_type'] === 'insert' || row['_change_type'] === 'update_postimage' ? 1 : -1;
        counts.set(key, (counts.get(key) ?? 0) + step);
      }
      const left = [...counts].filter(([, count]) => count !== 0);
      const live = (await rows.toArray()).map((row) => [
        JSON.stringify([plain(row['id']), row['comment']]),
        1,
      ]);
      expect(Object.fromEntries(left)).toEqual(Object.fromEntries(live));
    });

    it('are refused from before they were recorded, and after the newest version there are none', async () => {
      const table = await openTable(fixture('kernel/cdf-column-mapping-name-mode'));
      await expect(table.changes({ from: 0 })).rejects.toMatchObject({
        code: 'DELTA_CHANGE_FEED',
        message: expect.stringMatching(/does not record its changes at version 0/),
      });
      await expect(table.changes({ from: 3, to: 2 })).rejects.toMatchObject({ code: 'DELTA_VERSION' });
      expect(await (await table.changes({ from: 5 })).toArray()).toEqual([]);
      // In no order.
      const rowsOf = async (range: { from: number; to?: number }): Promise<string[]> => {
        const rows = await (await table.changes(range)).toArray();
        return rows.map((row) => lineOf(row, Object.keys(row))).toSorted();
      };
      const all = await rowsOf({ from: 1 });
      expect(all.length).toBeGreaterThan(0);
      expect(await rowsOf({ from: 1, to: 9 })).toEqual(all);
    });
  },
);

function lineOf(row: PlainRow, columns: readonly string[]): string {
  return JSON.stringify([
    plain(row['_commit_version']),
    row['_change_type'],
    ...columns.map((name) => plain(row[name])),
  ]);
}

function plain(value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : typeof value === 'number' ? String(value) : value;
}
