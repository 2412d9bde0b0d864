import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ColumnType, decimalParts, isColumnType, sameName, widen } from '../../src/core/schema.ts';

describe('the type that a recorded column takes from its values', () => {
  test.each<[ColumnType, ColumnType, ColumnType | undefined]>([
    ['bigint', 'bigint', 'bigint'],
    ['bigint', 'double', 'double'],
    ['double', 'bigint', 'double'],
    ['bigint', 'decimal(5,2)', 'decimal(21,2)'],
    ['bigint', 'decimal(38,18)', 'decimal(38,18)'],
    ['bigint', 'decimal(38,20)', undefined],
    ['bigint', 'decimal(21,2)', 'decimal(21,2)'],
    ['decimal(5,2)', 'bigint', 'decimal(21,2)'],
    ['decimal(5,2)', 'decimal(4,3)', 'decimal(6,3)'],
    ['decimal(5,2)', 'decimal(3,1)', 'decimal(5,2)'],
    ['decimal(38,0)', 'decimal(1,1)', undefined],
    ['decimal(5,2)', 'double', undefined],
    ['double', 'decimal(5,2)', undefined],
    ['date', 'timestamp', 'timestamp'],
    ['timestamp', 'date', 'timestamp'],
    ['date', 'timestamptz', undefined],
    ['timestamp', 'timestamptz', undefined],
    ['timestamptz', 'timestamp', undefined],
    ['text', 'bigint', 'text'],
    ['text', 'timestamptz', 'text'],
    ['bigint', 'text', undefined],
    ['date', 'text', undefined],
    ['boolean', 'bigint', undefined],
    ['bigint', 'boolean', undefined],
    ['boolean', 'text', undefined],
    ['date', 'bigint', undefined],
  ])('%s with values of %s: %s', (recorded, found, widened) => {
    expect(widen(recorded, found)).toBe(widened);
  });

  const types = fc.oneof(
    fc.constantFrom<ColumnType[]>('boolean', 'bigint', 'double', 'date', 'timestamp', 'timestamptz', 'text'),
    fc
      .tuple(fc.integer({ min: 1, max: 38 }), fc.nat({ max: 38 }))
      .filter(([precision, scale]) => scale <= precision)
      .map(([precision, scale]): ColumnType => `decimal(${precision},${scale})`),
  );

  test('is a type that stays as it is when the same values come again', () => {
    fc.assert(
      fc.property(types, types, (recorded, found) => {
        const widened = widen(recorded, found);
        if (widened === undefined) return;
        expect(isColumnType(widened)).toBe(true);
        expect(widen(widened, found)).toBe(widened);
        expect(widen(widened, recorded)).toBe(widened);
      }),
    );
  });

  test('has room for the digits of both, where it is a decimal', () => {
    fc.assert(
      fc.property(types, types, (recorded, found) => {
        const wide = decimalParts(widen(recorded, found) ?? 'text');
        if (wide === undefined) return;
        for (const part of [decimalParts(recorded), decimalParts(found)]) {
          if (part === undefined) continue;
          expect(wide.scale).toBeGreaterThanOrEqual(part.scale);
          expect(wide.precision - wide.scale).toBeGreaterThanOrEqual(part.precision - part.scale);
        }
        expect(wide.precision).toBeLessThanOrEqual(38);
      }),
    );
  });
});

test.each([
  ['bigint', true],
  ['decimal(38,10)', true],
  ['decimal(38)', false],
  ['varchar', false],
  ['', false],
  [7, false],
])('%j as a type: %s', (value, expected) => {
  expect(isColumnType(value)).toBe(expected);
});

test('names that differ in case alone are one', () => {
  expect(sameName('Ação', 'AÇÃO')).toBe(true);
  expect(sameName('a', 'b')).toBe(false);
});
