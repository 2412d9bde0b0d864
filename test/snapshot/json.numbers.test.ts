import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openScenario } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();

async function publish(
  file: string,
  content: string,
): Promise<{ operation: string; reason?: string; type: string | undefined; values: unknown[] }> {
  const scenario = openScenario(dir(), { tables: [{ name: 't', file, pk: 'id' }] });
  await scenario.write(file, content);
  const report = await scenario.runTable('t', { reload: ['t'] });
  const rows = report.file === null ? [] : await scenario.rows(report.file);
  const { v: type } = report.file === null ? { v: '' } : await scenario.columns(report.file);
  const byId = rows.toSorted((a, b) => Number(a['id']) - Number(b['id']));
  return { ...report, type, values: byId.map((row) => row['v']) };
}

const inJson = (numbers: readonly string[]): string =>
  numbers.map((number, id) => `{"id":${id},"v":${number},"code":${JSON.stringify(number)}}\n`).join('');

describe('numbers in JSON', () => {
  test.each([
    '0.30000000000000004',
    '14977.5506459344580',
    '999999.9999999985',
    '1.7976931348623157e+308',
    '1.2345678901234566E-7',
    '2.5E-7',
    '15e3',
    '1e300',
    '-2e+21',
    '-0.0001',
  ])('%s is published as it is', async (number) => {
    const { operation, values, type, reason } = await publish('t.jsonl', inJson([number, '0.5']));
    expect(operation, reason).toBe('full-load');
    expect(type).toBe('DOUBLE');
    expect(Number(values[0])).toBe(Number(number));
  });

  test.each([
    ['0.1234567890123456789', 'DECIMAL(19,19)', '.1234567890123456789'],
    ['12345678901234567.25', 'DECIMAL(19,2)', '12345678901234567.25'],
    ['12345678901234567891e0', 'VARCHAR', '12345678901234567891e0'],
    ['12345678901234567891', 'VARCHAR', '12345678901234567891'],
    ['1e-400', 'VARCHAR', '1e-400'],
    ['1e400', 'VARCHAR', '1e400'],
    ['NaN', 'VARCHAR', 'NaN'],
  ])('%s, of which a double loses digits, keeps them', async (number, type, value) => {
    expect(await publish('t.jsonl', inJson([number]))).toMatchObject({ type, values: [value] });
  });

  test('in a column of texts are as they are written, nested ones too', async () => {
    const numbers = ['1.23e5', '1.50', '-0', '12345678901234567891.10', 'true', '[1.50,{"b":1E2,"a":-0}]'];
    const { type, values } = await publish('t.jsonl', inJson(['"x"', ...numbers]));
    expect(type).toBe('VARCHAR');
    expect(values).toEqual(['x', ...numbers.with(5, '[1.50,{"a":-0,"b":1E2}]')]);
  });

  test('of any spelling are what the same numbers are in CSV, in their type too', async () => {
    const digits = fc.stringMatching(/^[0-9]{1,22}$/);
    const plain = fc
      .tuple(fc.constantFrom('', '-'), digits, fc.option(digits, { nil: undefined }))
      .map(
        ([sign, whole, fraction]) =>
          `${sign}${whole.replace(/^0+(?=.)/, '')}${fraction === undefined ? '' : `.${fraction}`}`,
      );
    const numbers = fc.array(
      plain.filter((number) => number !== '-0'),
      { minLength: 1, maxLength: 4 },
    );
    await fc.assert(
      fc.asyncProperty(numbers, async (drawn) => {
        const csv = `id,v\n${drawn.map((number, id) => `${id},${number}\n`).join('')}`;
        const expected = await publish('t.csv', csv);
        expect(await publish('t.jsonl', inJson(drawn))).toMatchObject({
          type: expected.type,
          values: expected.values,
        });
      }),
      { numRuns: Number(process.env['IGARAPE_PROPERTY_RUNS'] ?? 10) },
    );
  }, 120_000);
});
