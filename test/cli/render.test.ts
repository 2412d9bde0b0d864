import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cell, fromNow, size } from '../../src/cli/render/format.ts';
import { WIDE } from '../../src/cli/render/layout.ts';
import { renderQuery } from '../../src/cli/render/query.ts';
import { tree } from '../../src/cli/render/tree.ts';

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [99_449, '99.4 kB'],
  [99_949, '100 kB'],
  [999_499, '999 kB'],
  [999_500, '1.0 MB'],
  [12_345_678_901, '12.3 GB'],
])('%d bytes are %s', (bytes, shown) => {
  expect(size(bytes)).toBe(shown);
});

test.each([
  ['2026-01-10T12:00:00Z', 'now'],
  ['2026-01-10T11:59:59Z', '1 second ago'],
  ['2026-01-10T13:30:00Z', 'in 2 hours'],
  ['2026-01-07T12:00:00Z', '3 days ago'],
])('%s is %s', (iso, shown) => {
  expect(fromNow(iso, Date.UTC(2026, 0, 10, 12))).toBe(shown);
});

describe('a cell', () => {
  test('is one line without characters that a terminal obeys', () => {
    expect(cell('a\nb\tc\u001b[31m')).toBe('a\\nb\\tc\ufffd[31m');
    expect(cell('a\u202eb\u2066c')).toBe('a\ufffdb\ufffdc');
  });

  test('is cut between characters, not within one', () => {
    expect(cell('🐟🐟🐟', 2)).toBe('🐟…');
    expect(cell('🐟🐟', 2)).toBe('🐟🐟');
  });
});

test('a number with a point is shown with one, and with the digits that tell it', () => {
  const shown = (type: string, value: number): string =>
    renderQuery({ columns: [{ name: 'v', type }], rows: [[value]], truncated: false }, WIDE).split('\n')[1] ??
    '';
  expect([shown('DOUBLE', 7), shown('DOUBLE', -0.5), shown('INTEGER', 7)]).toEqual(['7.0', '-0.5', '7']);
  expect([shown('FLOAT', Math.fround(0.1)), shown('FLOAT', 7)]).toEqual(['0.1', '7.0']);
  fc.assert(
    fc.property(fc.float({ noNaN: true }), (value) => {
      const text = shown('FLOAT', value).trim();
      expect(Math.fround(Number(text))).toBe(value === 0 ? Number(text) : value);
      expect(text.length).toBeLessThanOrEqual(String(value).length + 2);
    }),
  );
});

test('rows are shown with null told from text, and a cut is told', () => {
  const columns = [
    { name: 'id', type: 'BIGINT' },
    { name: 'nome', type: 'VARCHAR' },
  ];
  const shown = renderQuery(
    {
      columns,
      rows: [
        [10n, 'Ana'],
        [9007199254740993n, null],
      ],
      truncated: true,
    },
    { ...WIDE, isTerminal: true },
  );
  expect(shown.split('\n')).toEqual([
    '              id  nome',
    '          bigint  varchar',
    '              10  Ana',
    '9007199254740993  NULL',
    'the first 2 rows of more: --limit N shows more, --format csv or --out FILE all',
  ]);
});

test('keys become a tree with the size of each folder', () => {
  const files = [
    { key: 'cdc/a.parquet', bytes: 1500 },
    { key: 'cdc/b.parquet', bytes: 500 },
    { key: 'x/y/z', bytes: 1 },
  ];
  expect(tree('lake/', files).split('\n')).toEqual([
    'lake/                2.0 kB',
    '├── cdc/             2.0 kB',
    '│   ├── a.parquet    1.5 kB',
    '│   └── b.parquet     500 B',
    '└── x/                  1 B',
    '    └── y/              1 B',
    '        └── z           1 B',
  ]);
});
