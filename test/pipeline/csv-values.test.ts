import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openScenario } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';
import { tellsAllInPortuguese } from '../support/portuguese.ts';

tellsAllInPortuguese();

const dir = useTempDir();

/** What a first run makes of a file: its reason, the types of its columns but the key, and their values by key. */
async function publish(
  text: string,
  options: object,
): Promise<{ reason: string; types: unknown[]; values: unknown[][] }> {
  const scenario = openScenario(dir(), { tables: [{ name: 't', pk: 'id', sep: ';', ...options }] });
  await scenario.write('t.csv', text);
  const { file, reason = '' } = await scenario.runTable('t', { reload: ['t'] });
  if (file === null) return { reason, types: [], values: [] };
  const { id: _, ...types } = await scenario.columns(file);
  const rows = (await scenario.rows(file)).toSorted((a, b) => Number(a['id']) - Number(b['id']));
  expect((await scenario.verify()).tables['t']?.problems).toEqual([]);
  return {
    reason,
    types: Object.values(types),
    values: rows.map(({ id: _id, ...others }) => Object.values(others)),
  };
}

test('every character of a text is kept, NUL and other control characters too', async () => {
  const text = fc.string({
    unit: fc.constantFrom('\u0000', '\u0001', '\u001B', '\u007F', 'a', ' ', '"', '\n'),
    maxLength: 6,
  });
  await fc.assert(
    fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 8 }), async (texts) => {
      const lines = texts.map((each, index) => `${index};"x${each.replaceAll('"', '""')}"`);
      const { reason, values } = await publish(['id;v', ...lines, ''].join('\n'), {});
      expect({ reason, values }).toEqual({ reason: '', values: texts.map((each) => [`x${each}`]) });
    }),
    { numRuns: 10 },
  );
});

describe('numbers, dates and truth values as people write them', () => {
  test('with a decimal comma and marks between thousands', async () => {
    const read = await publish('id;v;w;code\n1;1.234,56;-1.000;1.23\n2;0,5;1.234.567;10.000\n3;12;999;1\n', {
      decimal: ',',
      thousands: '.',
    });
    expect(read).toEqual({
      reason: '',
      types: ['DOUBLE', 'BIGINT', 'VARCHAR'],
      values: [
        ['1234.56', '-1000', '1.23'],
        ['0.5', '1234567', '10.000'],
        ['12.0', '999', '1'],
      ],
    });
  });

  test.each([
    [',', '1,234.50', '1234.5'],
    [' ', '1 234.50', '1234.5'],
    ["'", "1'234.50", '1234.5'],
    ["'", '1’234.50', '1234.5'],
    [' ', '1\u00A0234\u00A0567', '1234567'],
    [' ', '-1\u202F234.50', '-1234.5'],
    [' ', '1\u202F23', '1\u202F23'],
    [',', '12,34', '12,34'],
    [',', '1,2345', '1,2345'],
    [',', '01,234', '01,234'],
    [',', ',234', ',234'],
    [',', '1,234,', '1,234,'],
  ])('%j between thousands in %j', async (thousands, value, published) => {
    const { values } = await publish(`id;v\n1;${value}\n`, { thousands });
    expect(values).toEqual([[published]]);
  });

  test.each([
    ['%d/%m/%Y', '05/10/2024', 'DATE', '2024-10-05'],
    ['%m/%d/%Y', '05/10/2024', 'DATE', '2024-05-10'],
    ['%d/%m/%Y', '5/1/2024', 'DATE', '2024-01-05'],
    ['%d/%m/%y', '05/10/24', 'DATE', '2024-10-05'],
    ['%d-%b-%Y', '05-Oct-2024', 'DATE', '2024-10-05'],
    ['%Y%m%d', '20241005', 'BIGINT', '20241005'],
    ['%d/%m/%Y %H:%M:%S', '05/10/2024 23:59:58', 'TIMESTAMP', '2024-10-05 23:59:58'],
    ['%d/%m/%Y %H:%M', '05/10/2024 7:05', 'TIMESTAMP', '2024-10-05 07:05:00'],
    ['%d/%m/%Y %I:%M %p', '05/10/2024 07:05 PM', 'TIMESTAMP', '2024-10-05 19:05:00'],
    ['%d/%m/%Y %H:%M:%S.%f', '05/10/2024 23:59:58.25', 'TIMESTAMP', '2024-10-05 23:59:58.25'],
    [
      '%d/%m/%Y %H:%M:%S %z',
      '05/10/2024 23:59:58 -0300',
      'TIMESTAMP WITH TIME ZONE',
      '2024-10-06 02:59:58+00',
    ],
    ['%d/%m/%Y', '2024-10-05', 'DATE', '2024-10-05'],
  ])('a date as %s', async (date_format, value, type, published) => {
    expect(await publish(`id;v\n1;${value}\n2;\n`, { date_format })).toEqual({
      reason: '',
      types: [type],
      values: [[published], [null]],
    });
  });

  test('several formats in one column, days before times', async () => {
    const { types, values } = await publish('id;v\n1;05/10/2024\n2;05/10/2024 10:00\n3;2024-10-05\n', {
      date_format: ['%d/%m/%Y', '%d/%m/%Y %H:%M'],
    });
    expect(types).toEqual(['TIMESTAMP']);
    expect(values.flat()).toEqual(['2024-10-05 00:00:00', '2024-10-05 10:00:00', '2024-10-05 00:00:00']);
  });

  test('formats by column: each has its own order of day and month, and a column without one has none', async () => {
    const text = 'id;v;w;x\n1;05/10/2024;05/10/2024;05/10/2024\n2;31/10/2024;10/31/2024;2024-10-05\n';
    const formats = { V: '%d/%m/%Y', w: ['%m/%d/%Y', '%Y/%m/%d'] };
    const { types, values } = await publish(text, { date_format: formats });
    expect(types).toEqual(['DATE', 'DATE', 'VARCHAR']);
    expect(values).toEqual([
      ['2024-10-05', '2024-05-10', '05/10/2024'],
      ['2024-10-31', '2024-10-31', '2024-10-05'],
    ]);
    const other = await publish(text, { date_format: { ...formats, y: '%d/%m/%Y' } });
    expect(other.reason).toContain('the column "y" of "date_format" is not there');
    const misfit = await publish(text, { date_format: { w: '%d/%m/%Y' } });
    expect(misfit.reason).toContain(
      '"10/31/2024" of the column "w" fits no "date_format" of the table (%d/%m/%Y)',
    );
  });

  test('digits alone are dates where a format of the column says so, and numbers in other columns', async () => {
    const formats = fc.constantFrom('%Y%m%d', '%d%m%Y', '%Y%m%d%H%M', '%Y%m%d%H%M%S');
    const days = fc.array(fc.date({ min: new Date('1901-01-01'), max: new Date('2099-12-31') }), {
      minLength: 1,
      maxLength: 4,
    });
    await fc.assert(
      fc.asyncProperty(formats, days, async (format, drawn) => {
        const isTime = format.includes('%H');
        const at = drawn.map((day) => day.toISOString().slice(0, isTime ? 16 : 10));
        const texts = at.map((text) => {
          const [year = '', month = '', day = '', hour = '', minute = ''] = text.split(/[-T:]/);
          const parts: Record<string, string> = { Y: year, m: month, d: day, H: hour, M: minute, S: '00' };
          return format.replaceAll(/%(.)/g, (_, part: string) => parts[part] ?? '');
        });
        const text = `id;v;w\n${texts.map((value, id) => `${id};${value};${value}\n`).join('')}`;
        const { types, values } = await publish(text, { date_format: { V: format } });
        expect(types[0]).toBe(isTime ? 'TIMESTAMP' : 'DATE');
        expect(values.map(([value]) => value)).toEqual(
          at.map((value) => (isTime ? `${value.replace('T', ' ')}:00` : value)),
        );
        expect(values.map(([, value]) => value)).toEqual(texts);
      }),
      { numRuns: 6 },
    );
    const { reason } = await publish('id;v\n1;20240131\n2;20240231\n', { date_format: { v: '%Y%m%d' } });
    expect(reason).toContain('line 3: the value "20240231" of the column "v" fits no "date_format"');
  });

  test.each([
    ['found in the values', '05/10/2024', '2024/10/05', {}],
    ['declared', '05/10/2024', '31/02/2024', { types: { v: 'date' } }],
    ['of two digits for the year', '05/10/2024', '05/10/24', {}],
  ])('a date that fits no format is refused with its place: %s', async (_how, good, bad, options) => {
    const text = `id;v\n1;${good}\n2;${good}\n3;${bad}\n`;
    const { reason } = await publish(text, { date_format: '%d/%m/%Y', ...options });
    expect(reason).toMatch(/line 4/);
    expect(reason).toContain(bad);
    expect(reason).toMatch(bad.startsWith('31') ? /"types"/ : /would fit %[Ymd]/);
  });

  test('a date among many rows that fits no format is refused, too', async () => {
    const rows = Array.from({ length: 25_000 }, (_, row) => `${row};05/10/2024`);
    const { reason } = await publish(`id;v\n${rows.join('\n')}\n-1;5.10.2024\n`, { date_format: '%d/%m/%Y' });
    expect(reason).toMatch(
      /line 25002: the value "5\.10\.2024" of the column "v" fits no "date_format".*would fit %d\.%m\.%Y/,
    );
  });

  test.each([
    ['a few values fit', ['05/10/2024', '10/31/2024', '10/30/2024', '10/29/2024'], '10/29/2024'],
    ['no value fits', ['2024.10.05', '31.10.2024', '30.10.2024'], '30.10.2024'],
    ['some values are no dates at all', ['05/10/2024', '2024/10/31', 'none', 'unknown'], '2024/10/31'],
  ])('a column of dates is one where %s, too', async (_how, values, sample) => {
    const text = values.map((value, index) => `${index};${value}`).join('\n');
    const { reason } = await publish(`id;v\n${text}\n`, { date_format: '%d/%m/%Y' });
    const line = values.indexOf(sample) + 2;
    expect(reason).toContain(`line ${line}: the value "${sample}" of the column "v" fits no "date_format"`);
    expect(reason).toMatch(/would fit %/);
  });

  test('a text that holds a date now and then is a text', async () => {
    const { types } = await publish('id;v\n1;paid\n2;05/10/2024\n3;open\n', { date_format: '%d/%m/%Y' });
    expect(types).toEqual(['VARCHAR']);
  });

  test('truth in any spelling, and numbers stay numbers unless they are declared', async () => {
    const read = await publish('id;a;b;c\n1;Sim;1;1\n2;NÃO;0;0\n3;true;1;\n', {
      booleans: { true: ['sim', '1'], false: ['não', '0'] },
      types: { c: 'boolean' },
    });
    expect(read.types).toEqual(['BOOLEAN', 'BIGINT', 'BOOLEAN']);
    expect(read.values).toEqual([
      ['true', '1', 'true'],
      ['false', '0', 'false'],
      ['true', '1', null],
    ]);
  });

  test('instants with an offset are instants in UTC', async () => {
    const { types, values } = await publish('id;v\n1;2024-05-10T10:00:00-03:00\n2;2024-05-10T10:00Z\n', {});
    expect(types).toEqual(['TIMESTAMP WITH TIME ZONE']);
    expect(values.flat()).toEqual(['2024-05-10 13:00:00+00', '2024-05-10 10:00:00+00']);
  });
});
