import { describe, expect, test } from 'vitest';
import { openScenario } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();

async function publish(
  number: string,
): Promise<{ operation: string; reason?: string; type: string | undefined; value: unknown }> {
  const scenario = openScenario(dir(), { tables: [{ name: 't', pk: 'id' }] });
  await scenario.write(
    't.jsonl',
    `{"id":1,"v":${number},"text":"1234567890.1234567890123"}\n{"id":2,"v":0.5}\n`,
  );
  const report = await scenario.runTable('t');
  const rows = report.file === null ? [] : await scenario.rows(report.file);
  const { v: type } = report.file === null ? { v: '' } : await scenario.columns(report.file);
  return { ...report, type, value: rows.find((row) => row['id'] === '1')?.['v'] };
}

describe('numbers in JSON lines', () => {
  test.each([
    '0.30000000000000004',
    '14977.5506459344580',
    '999999.9999999985',
    '1.7976931348623157e+308',
    '2.5E-7',
    '1e300',
    '-2e+21',
    '-0.0001',
  ])('%s is published as it is', async (number) => {
    const { operation, value, type, reason } = await publish(number);
    expect(operation, reason).toBe('full-load');
    expect(type).toBe('DOUBLE');
    expect(Number(value)).toBe(Number(number));
  });

  test.each([
    '12345678901234.567',
    '0.1234567890123456789',
    '12345678901234567.25',
    '1.00000000000000000000000001',
  ])('%s, of which a double loses digits, is refused with its line', async (number) => {
    const { operation, reason } = await publish(number);
    expect(operation).toBe('failed');
    expect(reason).toMatch(/^t\.jsonl: a line has a number of more digits than can be kept: \{"id":1/);
  });
});
