import * as fc from 'fast-check';
import picomatch from 'picomatch';
import { expect, test } from 'vitest';
import { closest, editDistance } from '../../src/config/closest.ts';
import {
  defaultFilePattern,
  isTableName,
  literalPattern,
  nearestTableName,
} from '../../src/config/table-name.ts';
import { canonicalTypeName } from '../../src/config/type-name.ts';
import { findTable, foundNames } from '../../src/source/match.ts';

test('the default pattern finds the file of any table name, at any depth, and no other', () => {
  const names = fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' }).filter(isTableName);
  fc.assert(
    fc.property(
      names,
      fc.constantFrom('csv', 'csv.gz', 'parquet', 'jsonl', 'json', 'tsv.zst', 'txt.bz2', 'ndjson.zip'),
      (name, ending) => {
        const matches = picomatch(defaultFilePattern(name));
        expect(matches(`${name}.${ending}`)).toBe(true);
        expect(matches(`2025/10/${name}.${ending}`)).toBe(true);
        expect(matches(`x${name}.${ending}`)).toBe(false);
        expect(matches(`${name}.csv.bak`)).toBe(false);
      },
    ),
  );
});

/** Names as people and programs give them, with all that means something in a glob. */
const fileNames = fc
  .string({
    minLength: 1,
    maxLength: 12,
    unit: fc.oneof(
      fc.stringMatching(/^[ab [\](){}*?|\\!+@$^,.\-_~#]$/),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
    ),
  })
  .filter((name) => !/^\.|[/\0]/.test(name));

test('a file of any name is found by its name alone, and its table has one that a table may have', () => {
  fc.assert(
    fc.property(fileNames, (name) => {
      const file = `${name}.csv`;
      const others = ['a.csv', 'b.csv', 'ab.csv', 'x/a.csv'].filter((other) => other !== file);
      expect(foundNames(findTable({ pattern: literalPattern(file) }, [...others, file]))).toEqual([file]);
      const nearest = nearestTableName(name);
      expect(nearest === undefined || isTableName(nearest)).toBe(true);
      expect(nearest).toBe(isTableName(name) ? name : nearest);
    }),
  );
});

test('a canonical type name stays itself', () => {
  const written = fc.oneof(
    fc.constantFrom('bool', 'INT', 'Float', 'varchar', 'datetime', 'timestamptz', 'date'),
    fc.tuple(fc.integer({ min: 1, max: 38 }), fc.nat(38)).map(([p, s]) => `numeric(${p}, ${Math.min(p, s)})`),
  );
  fc.assert(
    fc.property(written, (text) => {
      const name = canonicalTypeName(text);
      expect(name).toBeDefined();
      expect(canonicalTypeName(name ?? '')).toBe(name);
    }),
  );
});

test('what is no type has no canonical name', () => {
  const none = ['', 'decimal', 'decimal(0,0)', 'decimal(5,6)', 'decimal(39,1)', 'constructor', 'int; drop'];
  for (const text of none) expect(canonicalTypeName(text)).toBeUndefined();
});

test('the distance of two words is the same in both directions and nothing for equal ones', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) => {
      expect(editDistance(a, b)).toBe(editDistance(b, a));
      expect(editDistance(a, a)).toBe(0);
    }),
  );
});

test('only a near word is proposed', () => {
  expect(closest('tabels', ['tables', 'timer'])).toBe('tables');
  expect(closest('colour', ['tables', 'timer'])).toBeUndefined();
  expect(closest('e', ['c', 'd'])).toBeUndefined();
});
