import { describe, expect, test } from 'vitest';
import type { Schema } from '../../src/core/schema.ts';
import { evolveSchema, isSameSchema } from '../../src/snapshot/evolve.ts';

const RECORDED: Schema = [
  { name: 'id', type: 'bigint' },
  { name: 'Name', type: 'text' },
  { name: 'n', type: 'bigint' },
];

describe('a schema that meets a file', () => {
  test('of the same columns stays the same, whatever their order and case', () => {
    const change = evolveSchema(RECORDED, ['n', 'NAME', 'id'], [], ['id'], {});
    expect(change.schema).toEqual(RECORDED);
    expect(isSameSchema(change, RECORDED)).toBe(true);
  });

  test('takes new columns at its end, in the order of the file', () => {
    const found: Schema = [{ name: 'z', type: 'date' }];
    const change = evolveSchema(RECORDED, ['z', 'id', 'a', 'Name', 'n'], found, ['id'], {});
    expect(change.schema.slice(3)).toEqual([
      { name: 'z', type: 'date' },
      { name: 'a', type: 'text' },
    ]);
    expect(change.added.map(({ name }) => name)).toEqual(['z', 'a']);
    expect(isSameSchema(change, RECORDED)).toBe(false);
  });

  test('keeps a column that is gone, and takes it up when it is back', () => {
    const gone = evolveSchema(RECORDED, ['id', 'Name'], [], ['id'], {});
    expect(gone.dropped).toEqual(['n']);
    expect(gone.schema[2]).toEqual({ name: 'n', type: 'bigint', dropped: true });
    const stillGone = evolveSchema(gone.schema, ['id', 'Name'], [], ['id'], {});
    expect(stillGone.dropped).toEqual([]);
    expect(isSameSchema(stillGone, gone.schema)).toBe(true);
    const back = evolveSchema(gone.schema, ['id', 'Name', 'n'], [], ['id'], {});
    expect(back.schema).toEqual(RECORDED);
    expect(isSameSchema(back, gone.schema)).toBe(false);
  });

  test('widens where nothing is lost, but not in the key', () => {
    const found: Schema = [
      { name: 'id', type: 'double' },
      { name: 'n', type: 'double' },
    ];
    const change = evolveSchema(RECORDED, ['id', 'Name', 'n'], found, ['id'], {});
    expect(change.widened).toEqual([{ name: 'n', from: 'bigint', to: 'double' }]);
    expect(change.retyped).toEqual([{ name: 'id', from: 'bigint', to: 'double' }]);
  });

  test('asks where a meaning would be lost', () => {
    const change = evolveSchema(RECORDED, ['id', 'Name', 'n'], [{ name: 'n', type: 'date' }], ['id'], {});
    expect(change.retyped).toEqual([{ name: 'n', from: 'bigint', to: 'date' }]);
  });

  test('takes a declared type where that is wider, and asks where it is not', () => {
    const wider = evolveSchema(RECORDED, ['id', 'Name', 'n'], [], ['id'], { n: 'double' });
    expect(wider.widened).toEqual([{ name: 'n', from: 'bigint', to: 'double' }]);
    const other = evolveSchema(RECORDED, ['id', 'Name', 'n'], [], ['id'], { n: 'text', Name: 'date' });
    expect(other.retyped).toEqual([
      { name: 'Name', from: 'text', to: 'date' },
      { name: 'n', from: 'bigint', to: 'text' },
    ]);
  });
});
