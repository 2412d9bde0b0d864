import fc from 'fast-check';
import { expect, test } from 'vitest';
import { needOf, widthsOf } from '../../web/widths.ts';

const column = fc.record({
  name: fc.string({ maxLength: 60 }),
  type: fc.constantFrom('VARCHAR', 'BIGINT', 'TIMESTAMP WITH TIME ZONE'),
  characters: fc.nat(3000),
  isChanged: fc.boolean(),
});

test('columns have what they need, no more, and never more than there is room for beyond that', () => {
  fc.assert(
    fc.property(fc.array(column, { maxLength: 30 }), fc.nat(3000), (columns, room) => {
      const needs = columns.map((each) => needOf(each, each.characters, each.isChanged));
      const widths = widthsOf(needs, room);
      const least = needs.reduce((sum, need) => sum + need.least, 0);
      for (const [index, width] of widths.entries()) {
        const need = needs[index];
        expect(width).toBeGreaterThanOrEqual(Math.floor(need?.least ?? 0));
        expect(width).toBeLessThanOrEqual(Math.max(need?.least ?? 0, need?.most ?? 0));
      }
      expect(widths.reduce((sum, width) => sum + width, 0)).toBeLessThanOrEqual(Math.max(least, room));
    }),
  );
});

test('a value beside what it was has room for both, whatever their length, as far as one screen goes', () => {
  const now = needOf({ name: 'c', type: 'BIGINT' }, 10, true);
  expect(now.least).toBeGreaterThan(2 * needOf({ name: 'c', type: 'BIGINT' }, 10, false).least - 1);
  expect(needOf({ name: 'c', type: 'VARCHAR' }, 3000, true).least).toBeLessThan(700);
});
