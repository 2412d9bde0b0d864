import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseDate, datedNames, misdatedNames, readDate, splitByDates } from '../../src/source/dates.ts';

const day = fc
  .date({ min: new Date('1900-01-01T00:00:00Z'), max: new Date('2199-12-31T00:00:00Z'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));
const FORMS: readonly ((date: string) => { text: string; date: string })[] = [
  ...['-', '', '_', '.', '/'].flatMap((mark) => [
    (date: string) => ({ text: date.replaceAll('-', mark), date }),
    (date: string) => ({ text: date.slice(0, 7).replace('-', mark), date: `${date.slice(0, 7)}-01` }),
  ]),
  (date) => ({ text: date.slice(0, 4), date: `${date.slice(0, 4)}-01-01` }),
  (date) => ({ text: date.replace(/-(?=\d+$)/, '/'), date }),
  ...['-', '', '_', '.'].map((mark) => (date: string) => ({
    text: date.replace('-', '/').replace('-', mark),
    date,
  })),
];
const withDateMark = (name: string): string | undefined =>
  splitByDates(name)
    ?.map((part, index) => (index % 2 === 1 ? '{date}' : part))
    .join('');
const PATTERNS = [
  'vendas_{date}.csv',
  '{date}/vendas.csv',
  '**/vendas-{date}.{csv,parquet}',
  'v{date}/*/p_*.csv',
  '{date}/vendas_{date}.csv',
];
const nameOf = (pattern: string, text: string): string =>
  pattern
    .replaceAll('{date}', text)
    .replace('**/', 'a/b/')
    .replace('{csv,parquet}', 'csv')
    .replaceAll('*', 'x');

describe('the date in a name', () => {
  it('is found in all its forms, wherever the pattern has it', () => {
    fc.assert(
      fc.property(day, fc.constantFrom(...FORMS), fc.constantFrom(...PATTERNS), (on, form, pattern) => {
        const { text, date } = form(on);
        const name = nameOf(pattern, text);
        expect(datedNames(pattern, ['other.csv', name])).toEqual([{ name, date }]);
        expect(readDate(text)?.first).toBe(date);
      }),
    );
  });

  it.each([
    '2024-02-30',
    '20241301',
    '2024.1',
    '20241',
    '2024.1-5',
    '1',
    '202',
    '20240101x',
    'x',
    '2024-0101',
    '2024-105',
    '2024/105',
    '2024/13',
    '2024/0',
    '2024/02/30',
    '2024-2-30',
    '120240101',
    '3024-01-01',
  ])('%s is none', (text) => {
    expect(datedNames('v_{date}.csv', [`v_${text}.csv`])).toEqual([]);
  });
});

describe('a month or a day of one digit', () => {
  it('is that of a date, after what stands between its parts', () => {
    const marks = fc.constantFrom('-', '_', '/');
    const pattern = fc.constantFrom(...PATTERNS);
    fc.assert(
      fc.property(day, marks, fc.boolean(), pattern, (on, mark, hasDay, place) => {
        const [year, month, last] = on.split('-').map(Number);
        const text = [year, month, ...(hasDay ? [last] : [])].join(mark);
        const date = hasDay ? on : `${on.slice(0, 7)}-01`;
        const name = nameOf(place, text);
        expect(datedNames(place, [name])).toEqual([{ name, date }]);
        expect(readDate(text)?.first).toBe(date);
        expect(withDateMark(`${text}/v.csv`)).toBe('{date}/v.csv');
      }),
    );
  });

  it.each([
    ['v_{date}-*.csv', 'v_2024-01-1.csv', '2024-01-01'],
    ['v_{date}_*.csv', 'v_2024_1.csv', '2024-01-01'],
    ['{date}/*.csv', '2024/1_part.csv', '2024-01-01'],
    ['{date}/v-{date}.csv', '2024-1/v-2024-01-31.csv', '2024-01-31'],
    ['{date}.csv', '2024/1-5.csv', '2024-01-05'],
  ])('stays what %s has in another place: %s', (pattern, name, date) => {
    expect(datedNames(pattern, [name])).toEqual([{ name, date }]);
  });
});

describe('what is like a date and is none', () => {
  it.each([
    '2024-02-30',
    '20241301',
    '2024.1',
    '2024.1.5',
    '2024-0101',
    '2024-13',
    '2024-2-30',
    '20240431',
    '2024/0',
    '2024/02/30',
    '31-01-2024',
    '01.2024',
    '1/5/2024',
    '31012024',
  ])('%s', (text) => {
    expect(misdatedNames('v_{date}.csv', [`v_${text}.csv`, 'v_2024.csv'])).toEqual([`v_${text}.csv`]);
  });

  it.each(['1', '202', '20240101x', 'x', '120240101', 'total', '3024-01-01'])(
    '%s is not like one',
    (text) => {
      expect(misdatedNames('v_{date}.csv', [`v_${text}.csv`])).toEqual([]);
    },
  );

  it('dates in one name that do not agree', () => {
    const names = ['2024-01/v_2024-01-31.csv', '2024-02/v_2024-01-31.csv'];
    expect(misdatedNames('{date}/v_{date}.csv', names)).toEqual([names[1]]);
  });
});

describe('several dates in a name', () => {
  it('are one, the most exact of them, where they agree, and none where they do not', () => {
    const forms = fc.constantFrom(...FORMS);
    fc.assert(
      fc.property(day, forms, day, forms, fc.boolean(), (first, one, other, two, isSame) => {
        const left = one(first);
        const right = two(isSame ? first : other);
        const leftDigits = left.text.replaceAll(/\D/g, '');
        const rightDigits = right.text.replaceAll(/\D/g, '');
        const isLeftCoarser = rightDigits.startsWith(leftDigits);
        const agree = isLeftCoarser || leftDigits.startsWith(rightDigits);
        const { date } = isLeftCoarser ? right : left;
        const name = `${left.text}/v_${right.text}.csv`;
        expect(datedNames('{date}/v_{date}.csv', [name])).toEqual(agree ? [{ name, date }] : []);
        expect(withDateMark(name)).toBe(`${isLeftCoarser ? '{date}' : left.text}/v_{date}.csv`);
        expect(withDateMark(`${left.text}/v.csv`)).toBe('{date}/v.csv');
      }),
    );
  });
});

describe('the next date of a table', () => {
  const dates = ['2024-03-01', '2024-01-01', '2024-02-01'];
  it.each([
    ['the newest, at first', {}, '2024-03-01', true],
    ['the one after the last', { after: '2024-01-01' }, '2024-02-01', false],
    ['the last one, where none is later', { after: '2024-03-01' }, '2024-03-01', true],
    ['the first of a range', { from: '2024-01-15' }, '2024-02-01', false],
    ['the next of a range', { from: '2024-01-01', after: '2024-01-01' }, '2024-02-01', false],
    [
      'the last one of a range that ends',
      { from: '2024-01-01', after: '2024-01-01', until: '2024-02-99' },
      '2024-02-01',
      false,
    ],
  ])('is %s', (_what, wanted, value, isLast) => {
    expect(chooseDate(dates, wanted)).toEqual({ value, isLast });
  });

  it.each([
    [{ after: '2024-04-01' }],
    [{ from: '2024-04-01' }],
    [{ from: '2024-01-01', after: '2024-02-01', until: '2024-02-29' }],
  ])('is none for %j', (wanted) => {
    expect(chooseDate(dates, wanted)).toBeUndefined();
  });
});
