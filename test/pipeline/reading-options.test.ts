import { describe, expect, test } from 'vitest';
import { silentLogger } from '../../src/core/log.ts';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';
import { tellsAllInPortuguese } from '../support/portuguese.ts';

tellsAllInPortuguese();

const dir = useTempDir();

function table(options: object): Scenario {
  return openScenario(dir(), { tables: [{ name: 't', pk: 'id', max_delete_ratio: 1, ...options }] });
}

async function latest(scenario: Scenario): Promise<Record<string, unknown>[]> {
  const state = (await scenario.ledger()).at(-1)?.tables['t'];
  const rows = await Promise.all((state?.base.segments ?? []).map(({ key }) => scenario.rows(key)));
  return rows
    .flat()
    .map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => !name.startsWith('_igarape'))));
}

describe('an option that is corrected while the file stays the same', () => {
  test.each([
    ['encoding', 'id,v\n1,\u0080uro\n', { encoding: 'latin-1' }, { encoding: 'windows-1252' }, '€uro'],
    ['decimal', 'id;v\n1;"1,5"\n', { sep: ';' }, { sep: ';', decimal: ',' }, '1.5'],
    ['quote', "id,v\n1,'a'\n", {}, { quote: "'" }, 'a'],
    ['null', 'id,v\n1,NA\n', {}, { null: 'NA' }, null],
    ['trim', 'id,v\n1, a \n', {}, { trim: true }, 'a'],
    ['thousands', 'id;v\n1;1.234,5\n', { sep: ';' }, { sep: ';', decimal: ',', thousands: '.' }, '1234.5'],
    [
      'thousands alone',
      'id;v\n1;1.500\n',
      { sep: ';', decimal: ',' },
      { sep: ';', decimal: ',', thousands: '.' },
      '1500',
    ],
    ['duplicates', 'id,v\n1,5\n1,6\n', { duplicates: 'last by V' }, { duplicates: 'first by v' }, '5'],
    ['date_format', 'id,v\n1,31/05/2024\n', {}, { date_format: '%d/%m/%Y' }, '2024-05-31'],
    ['booleans', 'id,v\n1,Sim\n', {}, { booleans: { true: ['sim'], false: ['não'] } }, 'true'],
    ['escape', 'id,v\n1,a\\\\b\n', {}, { escape: '\\' }, 'a\\b'],
  ])('%s: the file is read again, and plan says so too', async (_option, text, first, second, value) => {
    const before = table(first);
    await before.write('t.csv', Buffer.from(text, 'latin1'));
    await before.run();
    expect((await latest(before))[0]?.['v']).not.toBe(value);
    expect(await before.runTable('t')).toMatchObject({ operation: 'unchanged' });

    const after = table(second);
    expect((await after.plan()).tables['t']?.operation).not.toBe('unchanged');
    const [run] = [await after.runTable('t', { approve: ['t'] })];
    expect(run).toMatchObject({ operation: 'cdc', updated: 1 });
    expect(await latest(after)).toContainEqual(expect.objectContaining({ id: '1', v: value }));
    const again = await after.run();
    expect(again.report).toMatchObject({ run: null, tables: { t: { operation: 'unchanged' } } });
    expect((await after.verify()).tables['t']?.problems).toEqual([]);
  });

  test('date_format that fits not every date: the file is refused, and the column is no text in silence', async () => {
    const before = table({});
    await before.write('t.csv', 'id,v\n1,31/05/2024\n2,05/30/2024\n3,05/29/2024\n');
    await before.run();
    const run = await table({ date_format: '%d/%m/%Y' }).runTable('t');
    expect(run).toMatchObject({ operation: 'failed' });
    expect(run.reason).toMatch(
      /line [34]: the value "05\/\d\d\/2024" of the column "v".*would fit %m\/%d\/%Y/,
    );
  });

  test('update_when does not go by dates that are text, whose order is another', async () => {
    const scenario = table({ update_when: 'timestamp', date_field: 'dia' });
    await scenario.write('t.csv', 'id,v,dia\n1,a,31/01/2024\n');
    await scenario.run();
    await scenario.write('t.csv', 'id,v,dia\n1,b,01/02/2024\n');
    expect(await scenario.runTable('t')).toMatchObject({
      operation: 'held',
      reason: expect.stringMatching(/^"update_when" goes by dia, which is text/),
    });
    const told = table({ update_when: 'timestamp', date_field: 'dia', date_format: '%d/%m/%Y' });
    expect(await told.runTable('t', { approve: ['t'] })).toMatchObject({ operation: 'cdc', updated: 1 });
    const alphabet = table({ update_when: 'timestamp', date_field: 'DIA', types: { Dia: 'text' } });
    await alphabet.write('t.csv', 'id,v,dia\n1,c,01/01/2024\n');
    expect(await alphabet.runTable('t', { reload: ['t'] })).toMatchObject({ operation: 'full-load' });
    await alphabet.write('t.csv', 'id,v,dia\n1,d,02/01/2024\n');
    expect(await alphabet.runTable('t')).toMatchObject({ operation: 'cdc', updated: 1 });
  });

  test.each([
    ['ignore that is taken back', { ignore: ['v'] }, {}],
    ['update_when that is taken back', { update_when: 'timestamp', date_field: 'at' }, {}],
  ])('%s: the rows that differ are published', async (_option, first, second) => {
    const before = table(first);
    await before.write('t.csv', 'id,v,at\n1,a,2024-01-01\n2,b,2024-01-01\n');
    await before.run();
    await before.write('t.csv', 'id,v,at\n1,x,2024-01-01\n2,b,2024-01-01\n');
    expect(await before.runTable('t')).toMatchObject({ updated: 0 });
    const after = table(second);
    expect(await after.runTable('t')).toMatchObject({ operation: 'cdc', updated: 1 });
    expect((await after.verify()).tables['t']?.problems).toEqual([]);
  });
});

describe('names of columns in the configuration', () => {
  test('are those of the file in other letters, also where the source changes them', async () => {
    const scenario = table({
      pk: 'ID',
      types: { Zip: 'text' },
      ignore: ['UPDATED'],
      update_when: 'content',
      date_field: 'AT',
    });
    await scenario.write('t.csv', 'id,zip,updated,at\n1,10,a,2024-01-01\n2,20,a,2024-01-01\n');
    expect(await scenario.runTable('t')).toMatchObject({ operation: 'full-load', inserted: 2 });
    expect(await scenario.columns('full-load/t.parquet')).toMatchObject({ zip: 'VARCHAR' });
    await scenario.write('t.csv', 'Id,ZIP,Updated,At\n1,10,b,2024-01-01\n2,21,b,2024-01-01\n');
    expect(await scenario.runTable('t')).toMatchObject({ operation: 'cdc', updated: 1, unchanged: 1 });
    expect((await scenario.ledger()).at(-1)?.tables['t']).toMatchObject({ primaryKey: ['id'] });
    expect((await scenario.verify()).tables['t']?.problems).toEqual([]);
  });

  test.each([
    [
      'ignore',
      { ignore: ['updatedAt'] },
      /"updatedAt" of "ignore" is not there; did you mean "updated_at"\?/,
    ],
    ['types', { types: { zap: 'text' } }, /"zap" of "types" is not there; did you mean "zip"\?/],
    ['pk', { pk: 'idd' }, /"idd" of "pk" is not there; did you mean "id"\?/],
    ['pk in one text', { pk: 'ID; zip' }, /Several columns are a list: "pk": \["ID", "zip"\]\.$/],
    ['ignore in one text', { ignore: ['zip,updated_at'] }, /"ignore": \["zip", "updated_at"\]\.$/],
    ['pk of no such columns', { pk: 'id, no' }, /Check "pk" and "sep"/],
  ])('that are none of "%s" are refused by name', async (_setting, options, reason) => {
    const scenario = table(options);
    await scenario.write('t.csv', 'id,zip,updated_at\n1,10,a\n');
    const report = await scenario.runTable('t');
    expect(report.operation).toBe('failed');
    expect(report.reason).toMatch(reason);
  });
});

describe('bad lines that are to be set aside', () => {
  const BAD = 'id,v\n1,x\n2,y,z\n3,"open\n4,w\n5,"a"b\n6\n7,"q"\n';

  test('are counted by run, plan and status, and stand in the lake with their numbers', async () => {
    const scenario = table({ bad_lines: 'reject' });
    await scenario.write('t.csv', BAD);
    expect((await scenario.plan()).tables['t']).toMatchObject({ operation: 'full-load', rejected: 4 });
    expect(await scenario.runTable('t')).toMatchObject({ operation: 'full-load', inserted: 3, rejected: 4 });
    expect(new Set((await latest(scenario)).map(({ id }) => id))).toEqual(new Set(['1', '4', '7']));
    const rejects = (await scenario.ledger()).at(-1)?.tables['t']?.rejects;
    expect(rejects).toMatchObject({ lines: 4 });
    const text = new TextDecoder().decode(await scenario.storage.read(rejects?.key ?? ''));
    expect(text.split('\n').map((line) => line.split(',').slice(0, 2).join())).toEqual([
      'file,line',
      '"t.csv",3',
      '"t.csv",4',
      '"t.csv",6',
      '"t.csv",7',
      '',
    ]);
    expect(text).toContain('"2,y,z"');
    await scenario.write('t.csv', 'id,v\n1,x\n4,w\n7,q\n');
    const next = await scenario.runTable('t');
    expect(next).toMatchObject({ operation: 'unchanged' });
    expect(next.rejected).toBeUndefined();
    const left: string[] = [];
    for await (const { key } of scenario.storage.list('_igarape/rejects/')) left.push(key);
    expect(left).toEqual([]);
  });

  test('are no way around the guards', async () => {
    const scenario = openScenario(dir(), { tables: [{ name: 't', pk: 'id', bad_lines: 'reject' }] });
    await scenario.write('t.csv', 'id,v\n1,x\n2,y\n3,z\n');
    await scenario.run();
    await scenario.write('t.csv', 'id,v\n1,x\n2,y,\n3,z,\n');
    expect(await scenario.runTable('t')).toMatchObject({ operation: 'held', rejected: 2 });
    expect((await scenario.plan()).tables['t']).toMatchObject({ operation: 'held', rejected: 2 });
  });

  test('of many files are each told with their own file', async () => {
    const scenario = table({ file: 't_*.csv', bad_lines: 'reject' });
    await scenario.write('t_1.csv', BAD);
    await scenario.write('t_2.csv', 'id,v\n8,x\n');
    await scenario.write('t_3.csv', 'id,v\n9,x\n10,"open\n');
    expect(await scenario.runTable('t')).toMatchObject({ inserted: 5, rejected: 5 });
    const key = (await scenario.ledger()).at(-1)?.tables['t']?.rejects?.key ?? '';
    const lines = new TextDecoder()
      .decode(await scenario.storage.read(key))
      .trim()
      .split('\n')
      .slice(1);
    expect(lines.map((line) => line.split(',')[0])).toEqual([...Array(4).fill('"t_1.csv"'), '"t_3.csv"']);
    await scenario.remove('t_3.csv');
    expect(await scenario.runTable('t')).toMatchObject({ deleted: 1, rejected: 4 });
  });

  test('are an error unless the configuration says so', async () => {
    const scenario = table({});
    await scenario.write('t.csv', BAD);
    expect(await scenario.runTable('t')).toMatchObject({ operation: 'failed' });
  });
});

test('options that are for CSV files are told to be without effect on a file of another format, each time it is read', async () => {
  const told: string[] = [];
  const warn = (_: unknown, text: string): number => told.push(text);
  const edge = { log: { ...silentLogger, warn } };
  const scenario = (options: object): Scenario =>
    openScenario(dir(), { tables: [{ name: 't', pk: 'id', ...options }] }, { edge });
  const given = scenario({ date_format: '%d/%m/%Y', null: 'NA', encoding: 'utf-8' });
  for (const v of ['1', '2']) {
    await given.write('t.json', `[{"id":1,"v":${v}}]`);
    await given.run();
  }
  expect((await given.run()).report.run).toBeNull();
  const words = 't: "null", "date_format" are for CSV files, and t.json is none: without effect';
  expect(told).toEqual([words, words]);
  await given.write('t.json', '[{"id":1,"v":3}]');
  await scenario({}).run();
  await given.remove('t.json');
  await given.write('t.csv', 'id,v\n1,4\n');
  await given.run();
  expect(told).toHaveLength(2);
});
