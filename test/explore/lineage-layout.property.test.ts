import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { crossings, type Drawn, layOut } from '../../src/explore/lineage-layout.ts';

/** Tables, each made of earlier ones. */
const lineage = fc.array(fc.array(fc.nat({ max: 30 }), { maxLength: 4 }), { maxLength: 25 }).map((sources) =>
  sources.map((each, index): Drawn => ({
    name: `t${index}`,
    sources: index === 0 ? [] : [...new Set(each.map((source) => `t${source % index}`))],
  })),
);

test('no two tables are in one place, each is right of its sources, and the same tables give the same drawing', () => {
  fc.assert(
    fc.property(lineage, fc.nat({ max: 3 }), (tables, first) => {
      const places = layOut(tables, (name) => (name === 't0' ? first : 0));
      const at = new Map(places.map((place) => [place.name, place]));
      expect(new Set(places.map(({ column, row }) => `${column} ${row}`)).size).toBe(tables.length);
      for (const { name, sources } of tables)
        for (const source of sources)
          expect(at.get(name)?.column).toBeGreaterThan(at.get(source)?.column ?? Infinity);
      expect(layOut(tables, (name) => (name === 't0' ? first : 0))).toEqual(places);
    }),
  );
});

test('a drawing has no more crossings than the order in which its tables came', () => {
  fc.assert(
    fc.property(lineage, (tables) => {
      const places = layOut(tables, () => 0);
      const left = new Map(tables.map(({ name, sources }) => [name, sources]));
      const columns = (sorted: boolean): string[][] => {
        const order: string[][] = [];
        const ordered = sorted
          ? places
          : tables.flatMap(({ name }) => places.find((place) => place.name === name) ?? []);
        for (const { name, column } of ordered) (order[column] ??= []).push(name);
        return Array.from(order, (names) => names ?? []);
      };
      expect(crossings(columns(true), left)).toBeLessThanOrEqual(crossings(columns(false), left));
    }),
  );
});

test('tables in a circle are placed all the same', () => {
  const circle = [
    { name: 'a', sources: ['b'] },
    { name: 'b', sources: ['a'] },
  ];
  expect(layOut(circle, () => 0)).toHaveLength(2);
});
