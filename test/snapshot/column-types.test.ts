import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Engine } from '../../src/engine/engine.ts';
import { quoteText } from '../../src/engine/quote.ts';
import { likelyTypes } from '../../src/snapshot/infer.ts';
import type { RawColumn, RawRows } from '../../src/snapshot/raw-table.ts';
import { readTyped } from '../../src/snapshot/snapshot.ts';

let engine: Engine;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'igarape-types-'));
  engine = Engine.open({ memoryLimit: '1GB', spillDir: folder });
});
afterAll(async () => {
  engine.close();
  await rm(folder, { recursive: true, force: true });
});

const COLUMN: RawColumn = { name: 'v', text: 'v', scalar: 'v', hashed: 'v' };

function tableOf(values: readonly (string | null)[], column: RawColumn): RawRows {
  const rows = values.map((value) => `(${value === null ? 'NULL' : quoteText(value)})`).join(', ');
  const relation = `(SELECT CAST(v AS VARCHAR) AS v FROM (VALUES ${rows}) t(v))`;
  return { name: 'test', columns: [column], relation, explain: (error) => error };
}

/** The type that a column of these values gets, and the values as DuckDB shows them in it. */
async function adopt(
  values: readonly (string | null)[],
  column: RawColumn = COLUMN,
): Promise<{ type: string; values: unknown[] }> {
  const table = tableOf(values, column);
  const [found] = await likelyTypes(engine, table);
  if (found === undefined) throw new Error('no column');
  const rows = await readTyped(table, [found], '1 AS one', (select) =>
    engine.rows(`SELECT CAST(v AS VARCHAR) AS v FROM (${select})`),
  );
  return { type: found.type, values: (rows ?? []).map((row) => row['v']) };
}

test('a fraction as it is printed shortest is a double, with an exponent or without, however small', async () => {
  const fraction = fc
    .tuple(fc.double({ min: 1, max: 10, maxExcluded: true, noNaN: true }), fc.integer({ min: -20, max: 14 }))
    .map(([digits, exponent]) => digits * 10 ** exponent)
    .filter((value) => !Number.isInteger(value));
  await fc.assert(
    fc.asyncProperty(fc.array(fraction, { minLength: 50, maxLength: 100 }), async (drawn) => {
      const texts = drawn.flatMap((value) => [String(value), value.toExponential()]);
      const found = await adopt(texts);
      expect(found.type).toBe('double');
      expect(found.values.map(Number)).toEqual(texts.map(Number));
    }),
    { numRuns: 5, endOnFailure: true },
  );
});

describe('the type that one value alone makes', () => {
  test.each([
    ['0', 'bigint', '0'],
    ['7', 'bigint', '7'],
    ['-7', 'bigint', '-7'],
    ['007', 'text', '007'],
    ['-0', 'text', '-0'],
    ['00', 'text', '00'],
    ['-01', 'text', '-01'],
    ['+1', 'text', '+1'],
    [' 7', 'text', ' 7'],
    ['7 ', 'text', '7 '],
    ['1_000', 'text', '1_000'],
    ['1,000', 'text', '1,000'],
    ['1.000,50', 'text', '1.000,50'],
    ['0x1F', 'text', '0x1F'],
    ['0b1', 'text', '0b1'],
    ['1L', 'text', '1L'],
    ['٣', 'text', '٣'],
    ['9007199254740993', 'bigint', '9007199254740993'],
    ['9223372036854775807', 'bigint', '9223372036854775807'],
    ['-9223372036854775808', 'bigint', '-9223372036854775808'],
    ['9223372036854775808', 'text', '9223372036854775808'],
    ['-9223372036854775809', 'text', '-9223372036854775809'],
    ['12345678901234567890', 'text', '12345678901234567890'],
    ['1.5', 'double', '1.5'],
    ['1.50', 'double', '1.5'],
    ['-1.5', 'double', '-1.5'],
    ['.5', 'double', '0.5'],
    ['-.5', 'double', '-0.5'],
    ['0.1', 'double', '0.1'],
    ['5.', 'text', '5.'],
    ['.', 'text', '.'],
    ['-', 'text', '-'],
    ['01.5', 'text', '01.5'],
    ['+1.5', 'text', '+1.5'],
    ['1.2.3', 'text', '1.2.3'],
    ['0.1000000000000000055511151231257827', 'decimal(34,34)', '.1000000000000000055511151231257827'],
    ['0.30000000000000004', 'double', '0.30000000000000004'],
    ['12345678901234567.25', 'decimal(19,2)', '12345678901234567.25'],
    ['9007199254740993.5', 'decimal(17,1)', '9007199254740993.5'],
    ['1234567890123456789012345678901234567.5', 'decimal(38,1)', '1234567890123456789012345678901234567.5'],
    ['12345678901234567890123456789012345678.5', 'text', '12345678901234567890123456789012345678.5'],
    ['0.00000000000000000012345678901234567891', 'decimal(38,38)', '.00000000000000000012345678901234567891'],
    ['0.000000000000000000123456789012345678912', 'text', '0.000000000000000000123456789012345678912'],
    ['0.000000000000000000000000000000000000001', 'double', '1e-39'],
    ['1e5', 'text', '1e5'],
    ['1E5', 'text', '1E5'],
    ['1e+5', 'double', '100000.0'],
    ['1e-7', 'double', '1e-07'],
    ['1.0E-5', 'double', '1e-05'],
    ['1.5e3', 'double', '1500.0'],
    ['1.000000000000000000e+00', 'double', '1.0'],
    ['2.500000000000000000e-03', 'double', '0.0025'],
    ['1.100000000000000089e+00', 'text', '1.100000000000000089e+00'],
    ['0.000003806859420135703', 'double', '3.806859420135703e-06'],
    ['-.000003806859420135703', 'double', '-3.806859420135703e-06'],
    ['12e+5', 'text', '12e+5'],
    ['1.5e', 'text', '1.5e'],
    ['1e400', 'text', '1e400'],
    ['1.0e+400', 'text', '1.0e+400'],
    ['1.0e-400', 'text', '1.0e-400'],
    ['NaN', 'text', 'NaN'],
    ['nan', 'text', 'nan'],
    ['inf', 'text', 'inf'],
    ['-Infinity', 'text', '-Infinity'],
    ['NA', 'text', 'NA'],
    ['NULL', 'text', 'NULL'],
    ['', 'text', ''],
    [' ', 'text', ' '],
    ['true', 'boolean', 'true'],
    ['False', 'boolean', 'false'],
    ['TRUE', 'boolean', 'true'],
    ['t', 'text', 't'],
    ['yes', 'text', 'yes'],
    ['2024-02-29', 'date', '2024-02-29'],
    ['2024-02-30', 'text', '2024-02-30'],
    ['2023-02-29', 'text', '2023-02-29'],
    ['2024-13-01', 'text', '2024-13-01'],
    ['0000-00-00', 'text', '0000-00-00'],
    ['0000-01-01', 'text', '0000-01-01'],
    ['0000-12-31 23:59:59', 'text', '0000-12-31 23:59:59'],
    ['0100-01-01', 'date', '0100-01-01'],
    ['2000-01-01', 'date', '2000-01-01'],
    ['0001-01-01', 'date', '0001-01-01'],
    ['9999-12-31', 'date', '9999-12-31'],
    ['2024-2-9', 'text', '2024-2-9'],
    ['2024/02/29', 'text', '2024/02/29'],
    ['31/01/2025', 'text', '31/01/2025'],
    ['20240229', 'bigint', '20240229'],
    ['today', 'text', 'today'],
    ['epoch', 'text', 'epoch'],
    ['2024-02-29 10:20', 'timestamp', '2024-02-29 10:20:00'],
    ['2024-02-29 10:20:30', 'timestamp', '2024-02-29 10:20:30'],
    ['2024-02-29T10:20:30', 'timestamp', '2024-02-29 10:20:30'],
    ['2024-02-29 10:20:30.5', 'timestamp', '2024-02-29 10:20:30.5'],
    ['2024-02-29 10:20:30.123456', 'timestamp', '2024-02-29 10:20:30.123456'],
    ['2024-02-29 10:20:30.1234560', 'timestamp', '2024-02-29 10:20:30.123456'],
    ['2024-02-29 10:20:30.1234567', 'text', '2024-02-29 10:20:30.1234567'],
    ['2024-02-29 24:00:00', 'text', '2024-02-29 24:00:00'],
    ['2024-02-29 23:59:60', 'text', '2024-02-29 23:59:60'],
    ['2024-02-30 10:20:30', 'text', '2024-02-30 10:20:30'],
    ['2024-02-29 10:20:30 ', 'text', '2024-02-29 10:20:30 '],
    ['2024-02-29 1:20:30', 'text', '2024-02-29 1:20:30'],
    ['10:20:30', 'text', '10:20:30'],
    ['2024-02-29 10:20:30Z', 'timestamptz', '2024-02-29 10:20:30+00'],
    ['2024-02-29T10:20:30.5Z', 'timestamptz', '2024-02-29 10:20:30.5+00'],
    ['2024-02-29T10:20:30+00:00', 'timestamptz', '2024-02-29 10:20:30+00'],
    ['2024-02-29T10:20:30+0000', 'timestamptz', '2024-02-29 10:20:30+00'],
    ['2024-02-29 10:20Z', 'timestamptz', '2024-02-29 10:20:00+00'],
    ['2024-02-29T10:20:30+03:00', 'timestamptz', '2024-02-29 07:20:30+00'],
    ['2024-02-29T10:20:30.25-03:00', 'timestamptz', '2024-02-29 13:20:30.25+00'],
    ['2024-02-29T10:20-0300', 'timestamptz', '2024-02-29 13:20:00+00'],
    ['2024-02-29T10:20:30-03', 'timestamptz', '2024-02-29 13:20:30+00'],
    ['2024-02-29T10:20:30+05:45', 'timestamptz', '2024-02-29 04:35:30+00'],
    ['2024-02-29T10:20:30+15:00', 'text', '2024-02-29T10:20:30+15:00'],
    ['0001-01-01T00:00:00+14:00', 'text', '0001-01-01T00:00:00+14:00'],
    ['9999-12-31T23:59:59-14:00', 'text', '9999-12-31T23:59:59-14:00'],
    ['2024-02-29T10:20:30 UTC', 'text', '2024-02-29T10:20:30 UTC'],
  ])('%j is %s', async (value, type, published) => {
    expect(await adopt([value])).toEqual({ type, values: [published] });
  });
});

describe('the type that several values make', () => {
  test.each([
    ['no value at all', [null, null], 'text'],
    ['nulls beside integers', [null, '1', null], 'bigint'],
    ['integers, one of them with a leading zero', ['1', '02'], 'text'],
    ['integers and a number with an exponent', ['1', '1e-7'], 'double'],
    ['integers and a code with an e', ['1', '1e5'], 'text'],
    ['integers and fractions', ['1', '2.5'], 'double'],
    ['an integer that a double cannot hold, and a fraction', ['9007199254740993', '0.5'], 'decimal(17,1)'],
    ['20 digits and a fraction', ['12345678901234567890', '0.5'], 'decimal(21,1)'],
    ['integers of more than 64 bits, all of them', ['12345678901234567890', '1'], 'text'],
    ['more digits together than 38', ['12345678901234567890123456789012345', '0.00001'], 'text'],
    ['booleans and a number', ['true', '1'], 'text'],
    ['dates and times', ['2024-01-01', '2024-01-01 10:00'], 'timestamp'],
    ['dates and a text', ['2024-01-01', 'soon'], 'text'],
    ['times with a zone and without', ['2024-01-01 10:00Z', '2024-01-01 10:00'], 'text'],
    ['an empty text beside integers', ['1', ''], 'text'],
  ])('%s', async (_what, values, type) => {
    expect((await adopt(values)).type).toBe(type);
  });
});

describe('numbers with a decimal comma', () => {
  const comma: RawColumn = { ...COLUMN, scalar: `translate(v, '.,', '!.')` };
  test.each([
    ['1,5', 'double', '1.5'],
    ['-0,25', 'double', '-0.25'],
    ['7', 'bigint', '7'],
    ['1.5', 'text', '1.5'],
    ['1.234,5', 'text', '1.234,5'],
    ['12345678901234567,25', 'decimal(19,2)', '12345678901234567.25'],
    ['2024-02-29 10:20:30.5', 'timestamp', '2024-02-29 10:20:30.5'],
  ])('%j is %s', async (value, type, published) => {
    expect(await adopt([value], comma)).toEqual({ type, values: [published] });
  });
});
