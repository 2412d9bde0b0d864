import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../support/external.ts';
import { framesPython } from '../support/python.ts';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();

describeWith(await framesPython(), 'Parquet as PyArrow writes it', (python) => {
  let files = '';
  beforeAll(async () => {
    files = await mkdtemp(join(tmpdir(), 'igarape-parquet-'));
    await promisify(execFile)(python, [join(import.meta.dirname, 'parquet_files.py'), files]);
  });
  afterAll(() => rm(files, { recursive: true, force: true }));

  async function take(scenario: Scenario, name: string): ReturnType<Scenario['runTable']> {
    await scenario.write('t.parquet', await readFile(join(files, `${name}.parquet`)));
    return scenario.runTable('t');
  }

  const open = (): Scenario => openScenario(dir(), { tables: [{ name: 't', pk: 'id' }] });

  test.each([
    ['uint64', 'DECIMAL(20,0)', ['18446744073709551615', '0', null]],
    ['uint32', 'BIGINT', ['4294967295']],
    ['int8', 'BIGINT', ['-128', '127']],
    ['float16', 'DOUBLE', ['1.5', 'nan']],
    ['float32', 'DOUBLE', ['0.10000000149011612', '-inf', 'nan']],
    ['decimal38', 'DECIMAL(38,0)', ['1'.repeat(38), '-1']],
    ['decimal_int', 'DECIMAL(5,2)', ['1.10']],
    ['dictionary', 'VARCHAR', ['a', 'b']],
    ['binary', 'VARCHAR', ['YWJj', '/wA=']],
    ['fixed', 'VARCHAR', ['YWJj']],
    ['time_ns', 'VARCHAR', ['01:02:03.456789123']],
    ['time_ms', 'VARCHAR', ['01:02:03.456']],
    ['date', 'DATE', ['0001-01-01', '9999-12-31']],
    ['duration', 'BIGINT', ['1000000']],
    ['uuid', 'VARCHAR', ['30313233-3435-3637-3839-616263646566']],
    ['json', 'VARCHAR', ['1', '{"a":1}']],
    ['timestamp_ms', 'TIMESTAMP', ['2023-11-14 22:13:20.123']],
    ['timestamp_us', 'TIMESTAMP', ['2023-11-14 22:13:20.123456']],
    ['timestamp_ns', 'TIMESTAMP', ['2023-11-14 22:13:20.123456']],
    ['timestamp_digits', 'VARCHAR', ['2023-11-14 22:13:20.123456111']],
    [
      'timestamptz_ns',
      'TIMESTAMP WITH TIME ZONE',
      ['2023-11-14 22:13:20.123456+00', '1969-12-31 23:59:59.999999+00'],
    ],
    ['int96', 'TIMESTAMP', ['2023-11-14 22:13:20.123456', null, '1969-12-31 23:59:59.999999']],
    ['struct', 'VARCHAR', [String.raw`{"s":"a:NaN,\"q\\","x":"NaN"}`, '{"s":"NaN","x":1.5}', null]],
    ['list', 'VARCHAR', ['[1.5,"Infinity","-Infinity",null]', '[]']],
    ['map', 'VARCHAR', ['{"a":"NaN","b":2.0}']],
    ['names_odd', 'BIGINT', ['3', '4']],
    ['split_double', 'DOUBLE', ['1.5', '-0.25']],
  ])('%s is taken without loss', async (name, type, values) => {
    const scenario = open();
    expect(await take(scenario, name)).toMatchObject({ operation: 'full-load' });
    const [column = ''] = Object.keys(await scenario.columns('full-load/t.parquet')).slice(1);
    expect(Object.values(await scenario.columns('full-load/t.parquet'))[1]).toBe(type);
    const rows = await scenario.rows('full-load/t.parquet');
    expect(rows.toSorted((a, b) => Number(a['id']) - Number(b['id'])).map((row) => row[column])).toEqual(
      values,
    );
    expect(await scenario.verify()).toMatchObject({ ok: true });
  });

  test.each([
    ['decimal39', 'the column v has decimals of 39 digits'],
    ['decimal76', 'the column v has decimals of 76 digits'],
    ['decimal_nested', 'has decimals of 40 digits'],
    ['names_case', 'the columns 2 and 3 are named "v" and "V"'],
    ['names_repeated', 'the columns 2 and 3 are named "v" and "v"'],
    ['names_empty', 'the column 2 has no name'],
    ['map_twice', 'a map in it has a key twice'],
    ['split_int', 'damaged, or has an encoding or a compression that is not read'],
    ['split_fixed', 'damaged, or has an encoding or a compression that is not read'],
    ['split_instant', 'damaged, or has an encoding or a compression that is not read'],
    ['members_alike', 'the column v.list.element has two members named "A"'],
  ])('%s is refused, with the place', async (name, message) => {
    const scenario = open();
    const { operation, reason } = await take(scenario, name);
    expect(operation).toBe('failed');
    expect(reason).toContain(message);
  });

  test('the entries of a map in another order are no change', async () => {
    const scenario = open();
    expect(await take(scenario, 'map_order')).toMatchObject({ inserted: 1 });
    expect(await take(scenario, 'map_other_order')).toMatchObject({ operation: 'unchanged', unchanged: 1 });
  });

  test.each([
    ['null_then_text', 'VARCHAR', ['x']],
    ['null_then_double', 'DOUBLE', ['1.5']],
  ])('a column of nulls has no type until values come: %s', async (later, type, values) => {
    const scenario = open();
    expect(await take(scenario, 'null')).toMatchObject({ inserted: 2 });
    const { file, updated } = await take(scenario, later);
    expect(updated).toBe(1);
    expect(await scenario.columns(file ?? '')).toMatchObject({ v: type });
    expect((await scenario.rows(file ?? '')).map((row) => row['v'])).toEqual(values);
    expect(await take(scenario, 'null_again')).toMatchObject({ operation: 'cdc', updated: 1 });
    expect(await scenario.verify()).toMatchObject({ ok: true });
  });

  test.each(['timestamptz', 'int96'])(
    '%s of nanoseconds keeps every digit, and a change of the last one is seen',
    async (kind) => {
      const zone = kind === 'timestamptz' ? '+00' : '';
      const scenario = open();
      expect(await take(scenario, `${kind}_digits`)).toMatchObject({ inserted: 4 });
      const rows = await scenario.rows('full-load/t.parquet');
      expect(rows.map((row) => row['v'])).toEqual([
        `2023-11-14 22:13:20.123456111${zone}`,
        `2023-11-14 22:13:20.123456${zone}`,
        null,
        `1969-12-31 23:59:59.999999999${zone}`,
      ]);
      expect(await take(scenario, `${kind}_digits_later`)).toMatchObject({ updated: 1, unchanged: 3 });
      expect(await scenario.verify()).toMatchObject({ ok: true });
    },
  );
});
