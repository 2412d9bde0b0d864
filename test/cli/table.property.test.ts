import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutName, indented, widthOf, wrapped } from '../../src/cli/render/layout.ts';
import { table, type TableColumn } from '../../src/cli/render/table.ts';

const word = fc.oneof(
  fc.string({ minLength: 1, maxLength: 30 }).map((text) => text.replaceAll(/\s/g, '-')),
  fc.constantFrom('1,234', '東京都', '🐟🐟', 'ação', 'full-load/transacao_produto_20250312_010000.parquet'),
);
const text = fc.array(word, { maxLength: 8 }).map((words) => words.join(' '));

const column = fc.record(
  {
    isName: fc.constant(true as const),
    head: fc.array(text, { minLength: 1, maxLength: 2 }).map((lines) => lines.join('\n')),
    right: fc.boolean(),
    hide: fc.integer({ min: 1, max: 3 }),
    long: fc.constantFrom('wrap', 'cut', 'name'),
  },
  { requiredKeys: ['head', 'isName'] },
) satisfies fc.Arbitrary<TableColumn>;

const tables = fc
  .array(column, { minLength: 1, maxLength: 9 })
  .chain((columns) =>
    fc.tuple(
      fc.constant(columns),
      fc.array(fc.array(text, { minLength: columns.length, maxLength: columns.length }), { maxLength: 6 }),
    ),
  );

test('no line of a table is wider than the terminal', () => {
  fc.assert(
    fc.property(tables, fc.integer({ min: 20, max: 200 }), ([columns, rows], width) => {
      for (const line of wrapped(table(columns, rows, { width }), { width }).split('\n'))
        expect(widthOf(line)).toBeLessThanOrEqual(width);
    }),
  );
});

/** Columns at the end that hold nothing: a space each, and what stands between. */
const EMPTY = 9 * 3;

test('a table that fits is shown whole, and without a limit all of its cells are', () => {
  fc.assert(
    fc.property(tables, ([columns, rows]) => {
      const whole = table(columns, rows, { width: Infinity });
      const width = Math.max(...whole.split('\n').map(widthOf));
      expect(table(columns, rows, { width: width + EMPTY })).toBe(whole);
      for (const cell of rows.flat()) expect(whole).toContain(cell.trim());
    }),
  );
});

test('wrapped lines fit, and no word is lost', () => {
  fc.assert(
    fc.property(text, fc.integer({ min: 8, max: 80 }), (line, width) => {
      const found = wrapped(line, { width }, '  ');
      for (const each of found.split('\n')) expect(widthOf(each)).toBeLessThanOrEqual(width);
      expect(found.replaceAll(/\s/g, '')).toBe(line.replaceAll(/\s/g, ''));
    }),
  );
});

test('of names that are too long both ends are shown, and what is further in goes on further in', () => {
  expect(cutName('bronze.transacao_produto', 17)).toBe('bronze.t…_produto');
  expect(cutName('bronze.transacoes', 17)).toBe('bronze.transacoes');
  expect(cutName('東京都東京都', 7)).toBe('東…都');
  expect(wrapped('  a.csv: no column tells rows apart', { width: 24 }, '  ')).toBe(
    '  a.csv: no column tells\n    rows apart',
  );
  expect(indented('Name the folder that has them', { width: 20 })).toBe('  Name the folder\n  that has them');
});
