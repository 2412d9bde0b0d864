import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { guessDateField, guessKeys } from '../../src/cli/init/guess-key.ts';
import { guessEncoding } from '../../src/cli/init/read-sample.ts';
import { sampleCsv } from '../../src/cli/init/sample.ts';

test('the separator is found, whatever stands in quotes', () => {
  const field = fc.string({ maxLength: 8 });
  const table = fc
    .integer({ min: 2, max: 5 })
    .chain((width) =>
      fc.array(fc.array(field, { minLength: width, maxLength: width }), { minLength: 3, maxLength: 8 }),
    );
  fc.assert(
    fc.property(table, fc.constantFrom(',', ';', '\t', '|'), (rows, separator) => {
      const header = rows[0]?.map((_, index) => `c${index}`) ?? [];
      const quoted = rows.map((row) => row.map((value) => `"${value.replaceAll('"', '""')}"`));
      const text = [header, ...quoted].map((row) => row.join(separator)).join('\n');
      const sample = sampleCsv(text, true);
      expect(sample?.separator).toBe(separator);
      expect(sample?.rows).toEqual(rows);
    }),
  );
});

test('a last row that may be cut is not looked at', () => {
  expect(sampleCsv('id,n\n1,a\n2,b\n3', false)?.rows).toEqual([
    ['1', 'a'],
    ['2', 'b'],
  ]);
  expect(sampleCsv('id,n\n1,a\n2,"open', false)?.columns).toEqual(['id', 'n']);
});

test('a single column keeps the default separator', () => {
  expect(sampleCsv('id\n1\n2\n', true)).toMatchObject({ separator: ',', columns: ['id'] });
});

test('a decimal comma is found only where it is no separator', () => {
  expect(sampleCsv('id;v\n1;1,5\n2;1.000,25\n', true)?.decimal).toBe(',');
  expect(sampleCsv('id;v\n1;1.5\n2;2.5\n', true)?.decimal).toBe('.');
  expect(sampleCsv('id,v\n1,"1,5"\n', true)?.decimal).toBe('.');
});

test('an identifier goes before other unique columns, and columns with gaps or repeats are no keys', () => {
  const columns = ['name', 'kind', 'customerId', 'note'];
  const rows = [
    ['a', 'x', '1', ''],
    ['b', 'x', '2', 'n'],
  ];
  expect(guessKeys({ columns, rows })).toEqual([['customerId'], ['name']]);
});

test('where no column is unique alone, a pair of identifiers is tried', () => {
  const columns = ['order_id', 'item_id', 'price'];
  const rows = [
    ['1', '1', '5'],
    ['1', '2', '6'],
    ['2', '1', '7'],
  ];
  expect(guessKeys({ columns, rows })).toEqual([['order_id', 'item_id'], ['price']]);
});

test('every proposed key tells the rows of the sample apart', () => {
  const value = fc.constantFrom('', '1', '2', '3');
  const row = fc.tuple(value, value, value).map((values) => [...values]);
  fc.assert(
    fc.property(fc.array(row, { maxLength: 8 }), (rows) => {
      const columns = ['a_id', 'b_id', 'c'];
      for (const key of guessKeys({ columns, rows })) {
        const keys = rows.map((row) => JSON.stringify(key.map((name) => row[columns.indexOf(name)])));
        expect(new Set(keys).size).toBe(rows.length);
      }
    }),
  );
});

test('the time of the last update is told by its name', () => {
  expect(guessDateField(['id', 'DtCriacao', 'DtAtualizacao'])).toBe('DtAtualizacao');
  expect(guessDateField(['id', 'created', 'updated_at'])).toBe('updated_at');
  expect(guessDateField(['id', 'DtCriacao'])).toBeUndefined();
});

test('the encoding is told by byte order mark or by what is no UTF-8, even where a character is cut', () => {
  expect(guessEncoding(Buffer.from('ação'))).toBe('utf-8');
  expect(guessEncoding(Buffer.from('açã').subarray(0, -1))).toBe('utf-8');
  expect(guessEncoding(Buffer.from('ação', 'latin1'))).toBe('windows-1252');
  expect(guessEncoding(Buffer.from('\uFEFFa', 'utf16le'))).toBe('utf-16le');
  expect(guessEncoding(Uint8Array.of(0xfe, 0xff, 0, 0x61))).toBe('utf-16be');
});
