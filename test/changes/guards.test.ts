import { describe, expect, test } from 'vitest';
import { guardChanges, guardKey, guardSchema, guardUpdates } from '../../src/changes/guards.ts';

const counts = (
  deleted: number,
): { inserted: number; updated: number; deleted: number; unchanged: number } => ({
  inserted: 0,
  updated: 0,
  deleted,
  unchanged: 0,
});

describe('the guard of deletes', () => {
  test.each<[deleted: number, rows: number, before: number | undefined, ratio: number, rules: string[]]>([
    [3, 7, 10, 0.3, []],
    [4, 6, 10, 0.3, ['mass-delete']],
    [1, 0, 1, 1, ['empty-table']],
    [9, 1, 10, 1, []],
    [1, 9, 10, 0, ['mass-delete']],
    [0, 10, 10, 0, []],
    [0, 0, undefined, 0.3, ['empty-table']],
    [0, 5, undefined, 0, []],
    [0, 0, 0, 0.3, []],
    [0, 3, 0, 0, []],
  ])('%i gone, %i left of %s, ratio %s: %j', (deleted, rows, before, ratio, rules) => {
    expect(guardChanges(counts(deleted), rows, before, ratio).map(({ rule }) => rule)).toEqual(rules);
  });

  test('says the numbers', () => {
    const [guard] = guardChanges(counts(990), 10, 1000, 0.3);
    expect(guard?.message).toBe(
      '990 of 1,000 rows (99.0 %) are gone, more than max_delete_ratio (0.3) allows',
    );
  });
});

describe('the guard of updates', () => {
  test.each<[updated: number, deleted: number, before: number, ratio: number, rules: string[]]>([
    [50, 0, 100, 0.5, []],
    [51, 0, 100, 0.5, ['mass-update']],
    [50, 1, 100, 0.5, ['mass-update']],
    [20, 1, 21, 0.5, ['mass-update']],
    [19, 0, 19, 0.5, []],
    [1000, 0, 1000, 1, []],
    [20, 0, 1000, 0, ['mass-update']],
  ])('%i updates, %i gone of %i, ratio %s: %j', (updated, deleted, before, ratio, rules) => {
    expect(guardUpdates(updated, { deleted }, before, ratio).map(({ rule }) => rule)).toEqual(rules);
  });

  test('says the numbers', () => {
    expect(guardUpdates(990, { deleted: 10 }, 1010, 0.5)[0]?.message).toBe(
      '990 of 1,000 rows (99.0 %) would be updated, more than max_update_ratio (0.5) allows',
    );
  });
});

describe('the guard of the key', () => {
  test.each([
    [['a'], ['a'], 0],
    [['a', 'b'], ['b', 'a'], 1],
    [['a'], ['a', 'b'], 1],
    [['a', 'b'], ['a'], 1],
  ])('%j and %j', (recorded, configured, guards) => {
    expect(guardKey(recorded, configured)).toHaveLength(guards);
  });
});

describe('the guard of the schema', () => {
  const none = { schema: [], added: [], widened: [], retyped: [], dropped: [] };
  test('lets columns be added and widened, unless it is frozen', () => {
    const change = {
      ...none,
      added: [{ name: 'new', type: 'text' as const }],
      widened: [{ name: 'n', from: 'bigint' as const, to: 'double' as const }],
    };
    expect(guardSchema(change, false)).toEqual([]);
    expect(guardSchema(change, true)).toEqual([
      {
        rule: 'frozen-schema',
        added: ['new'],
        widened: change.widened,
        message: 'The schema is frozen, and new is new, n (bigint → double) would widen',
      },
    ]);
  });

  test('holds what is dropped or of another type, and names it', () => {
    const change = {
      ...none,
      dropped: ['d'],
      retyped: [{ name: 'n', from: 'bigint' as const, to: 'text' as const }],
    };
    expect(guardSchema(change, false)).toEqual([
      {
        rule: 'type-change',
        columns: change.retyped,
        losesDigits: false,
        message: 'The type of n (bigint → text) would change',
      },
      { rule: 'dropped-column', columns: ['d'], message: 'The column d is gone' },
    ]);
  });
});
