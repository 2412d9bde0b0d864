import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseCheck } from '../../../src/medallion/models/parse-check.ts';
import { quoteName, quoteText } from '../../../src/engine/quote.ts';

const MOST = Number.MAX_SAFE_INTEGER;

test.each([
  ['not_null(idCliente)', { kind: 'not_null', columns: ['idCliente'] }],
  ['NOT_NULL ( a , "b c", "d""e", ação )', { kind: 'not_null', columns: ['a', 'b c', 'd"e', 'ação'] }],
  ['unique(a,b)', { kind: 'unique', columns: ['a', 'b'] }],
  [
    `accepted_values(col, 'x', 'it''s, (y)', 1, -2.50, true, '')`,
    { kind: 'accepted_values', column: 'col', values: ['x', `it's, (y)`, '1', '-2.50', 'true', ''] },
  ],
  [
    'relationship("id c", Silver."cli entes".id)',
    { kind: 'relationship', column: 'id c', toTable: 'silver.cli entes', toColumn: 'id' },
  ],
  ['row_count between 1 and 100', { kind: 'row_count', min: 1, max: 100 }],
  ['row_count BETWEEN 0 AND 0', { kind: 'row_count', min: 0, max: 0 }],
  ['row_count >= 1', { kind: 'row_count', min: 1, max: MOST }],
  ['row_count>1', { kind: 'row_count', min: 2, max: MOST }],
  ['row_count <= 5', { kind: 'row_count', min: 0, max: 5 }],
  ['row_count < 5', { kind: 'row_count', min: 0, max: 4 }],
  ['row_count = 5', { kind: 'row_count', min: 5, max: 5 }],
  ['SELECT * FROM silver.x WHERE a < 0;', { kind: 'sql', sql: 'SELECT * FROM silver.x WHERE a < 0' }],
  ['from silver.x where a < 0', { kind: 'sql', sql: 'from silver.x where a < 0' }],
])('%s', (text, rule) => {
  expect(parseCheck(text, 'warn')).toEqual({ kind: 'parsed', value: { rule, severity: 'warn', text } });
});

test.each([
  ['notnull(a)', '(did you mean "not_null"?)'],
  ['freshness(a)', 'allowed: not_null(column, …); unique(column, …); accepted_values'],
  ['not_null', 'allowed: not_null(column, …)'],
  ['not_null()', 'allowed: not_null(column, …)'],
  ['not_null(a,)', 'allowed: not_null(column, …)'],
  ['not_null(a b)', 'allowed: not_null(column, …)'],
  ["not_null('a')", 'allowed: not_null(column, …)'],
  ['not_null(a) and more', 'allowed: not_null(column, …)'],
  ['unique(t.a)', 'allowed: unique(column, …)'],
  ['accepted_values(a)', `allowed: accepted_values(column, 'value', …)`],
  ['accepted_values(a, b)', `allowed: accepted_values(column, 'value', …)`],
  ['accepted_values(a, "b")', `allowed: accepted_values(column, 'value', …)`],
  ['relationship(a, clientes.id)', 'allowed: relationship(column, silver.table.column)'],
  ['relationship(a)', 'allowed: relationship(column, silver.table.column)'],
  ['row_count between 5 and 1', 'allowed: row_count between 1 and 100'],
  ['row_count < 0', 'allowed: row_count between 1 and 100'],
  ['row_count 5', 'allowed: row_count between 1 and 100'],
  ['row_count >= many', 'allowed: row_count between 1 and 100'],
  ['row_count >= 99999999999999999999', 'allowed: row_count between 1 and 100'],
  ['unique(a;b)', 'allowed: unique(column, …)'],
  ['', 'found nothing'],
])('%j is refused, with what is allowed', (text, reason) => {
  const refused = parseCheck(text);
  expect(refused).toEqual({ kind: 'refused', reason: expect.stringContaining(reason) });
});

test('any names and texts come back as they were quoted', () => {
  const anyText = fc.string({ minLength: 1, unit: 'grapheme' }).filter((text) => !/[\0\n\r]/.test(text));
  fc.assert(
    fc.property(anyText, fc.array(anyText, { minLength: 1, maxLength: 3 }), (column, values) => {
      const text = `accepted_values(${[quoteName(column), ...values.map(quoteText)].join(', ')})`;
      expect(parseCheck(text)).toMatchObject({ value: { rule: { column, values } } });
    }),
  );
});
