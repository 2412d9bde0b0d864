import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Engine } from '../../src/engine/engine.ts';
import { quoteText } from '../../src/engine/quote.ts';
import { keyHistory } from '../../src/explore/key-history.ts';
import { withReader } from '../../src/explore/reader.ts';
import { status } from '../../src/explore/status.ts';
import { openScenario, type Scenario, testEdge } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();

async function expectProven(scenario: Scenario): Promise<void> {
  expect((await scenario.verify()).tables['t']?.problems).toEqual([]);
}

describe('a key that changes', () => {
  test('to columns that the lake has nulls in is refused, or gives the latest', async () => {
    const before = openScenario(dir(), { tables: [{ name: 't', pk: 'id', max_delete_ratio: 1 }] });
    await before.write('t.csv', 'id,line,v\n1,,a\n2,1,b\n');
    await before.run();
    const after = openScenario(dir(), { tables: [{ name: 't', pk: ['id', 'line'], max_delete_ratio: 1 }] });
    await after.write('t.csv', 'id,line,v\n1,1,a\n2,1,b\n');
    expect(await after.runTable('t')).toMatchObject({ operation: 'held' });
    await after.runTable('t', { approve: ['t'] });
    await expectProven(after);
  });

  test('to one under which rows of the lake are one row is refused, and a reload takes it', async () => {
    const before = openScenario(dir(), { tables: [{ name: 't', pk: ['id', 'line'] }] });
    await before.write('t.csv', 'id,line,v\n1,1,a\n1,2,b\n2,1,c\n');
    await before.run();
    const after = openScenario(dir(), { tables: [{ name: 't', pk: 'id' }] });
    await after.write('t.csv', 'id,line,v\n1,1,a\n2,1,c\n');
    const refused = await after.runTable('t', { approve: ['t'] });
    expect(refused.operation).toBe('held');
    expect(refused.reason).toMatch(/not unique under the new key.*--reload t/);
    expect(await after.runTable('t', { reload: ['t'] })).toMatchObject({
      operation: 'full-load',
      inserted: 2,
    });
    await expectProven(after);
  });
});

describe('a source that has columns named as those that change files add', () => {
  test.each(['_cdc_operation', '_CDC_Timestamp', '_cdc_sequence'])(
    '%s is refused, with the way out',
    async (name) => {
      const scenario = openScenario(dir(), { tables: [{ name: 't', pk: 'id' }] });
      await scenario.write('t.csv', `id,${name}\n1,x\n`);
      const refused = await scenario.runTable('t');
      expect(refused).toMatchObject({ operation: 'failed', file: null });
      expect(refused.reason).toMatch(/cdc_columns/);
    },
  );
});

describe('a value that comes only after many rows', () => {
  test('counts for the type of its column', async () => {
    const scenario = openScenario(dir(), { tables: [{ name: 't', pk: 'id' }] });
    const rows = Array.from({ length: 30_000 }, (_, row) => `${row},${row},${row}`);
    rows.push('30000,0.5,N/A');
    await scenario.write('t.csv', `id,n,code\n${rows.join('\n')}\n`);
    expect(await scenario.runTable('t')).toMatchObject({ operation: 'full-load', inserted: 30_001 });
    expect(await scenario.columns('full-load/t.parquet')).toEqual({
      id: 'BIGINT',
      n: 'DOUBLE',
      code: 'VARCHAR',
    });
    await expectProven(scenario);
  });
});

describe('many runs', () => {
  test('keep the base in few parts, and what the working folder keeps of it too', async () => {
    const scenario = openScenario(dir(), { tables: [{ name: 't', pk: 'id' }] });
    const values = Array.from({ length: 400 }, () => 0);
    const most = { segments: 0 };
    for (let run = 0; run < 36; run += 1) {
      values[run * 7] = run;
      if (run % 3 === 0) values.push(run);
      await scenario.write('t.csv', `id,v\n${values.map((value, id) => `${id},${value}\n`).join('')}`);
      await scenario.run();
      const state = (await scenario.ledger()).at(-1)?.tables['t'];
      most.segments = Math.max(most.segments, state?.base.segments.length ?? 0);
      expect(state?.base.rows).toBe(values.length);
    }
    expect(most.segments).toBe(16);
    await expectProven(scenario);
    const parts: string[] = [];
    for await (const { key } of scenario.storage.list('_igarape/snapshots/')) parts.push(key);
    const named = (await scenario.ledger()).at(-1)?.tables['t']?.base.segments.map(({ key }) => key);
    expect(parts).toEqual(named);
  });
});

describe('a Parquet source', () => {
  async function publish(
    select: string,
    key = 'id',
  ): Promise<{ scenario: Scenario; operation: string; reason: string }> {
    await mkdir(join(dir(), 'source'), { recursive: true });
    const engine = Engine.open({ memoryLimit: '1GB', spillDir: join(dir(), 'spill') });
    try {
      await engine.run(
        `COPY (${select}) TO ${quoteText(join(dir(), 'source', 't.parquet'))} (FORMAT parquet)`,
      );
    } finally {
      engine.close();
    }
    const scenario = openScenario(dir(), { tables: [{ name: 't', pk: key }] });
    const { operation, reason } = await scenario.runTable('t');
    return { scenario, operation, reason: reason ?? '' };
  }

  test('keeps its own types; what the lake has none for becomes text', async () => {
    const { scenario, reason } =
      await publish(`SELECT 1::UTINYINT AS id, 18446744073709551615::UBIGINT AS big,
      '00:00:01'::TIME AS t, {'a': 1, 'b': ['x']} AS nested, 'ab'::BLOB AS bytes, 1.5::FLOAT AS f, 12.30::DECIMAL(4,2) AS d,
      TIMESTAMP_NS '2024-01-01 00:00:00.123456' AS ns, '2024-01-01 00:00:00+00'::TIMESTAMPTZ AS tz, uuid() AS u,
      'x'::ENUM('x', 'y') AS e, '007' AS code, NULL::INT AS n`);
    expect(reason).toBe('');
    expect(await scenario.columns('full-load/t.parquet')).toEqual({
      id: 'BIGINT',
      big: 'DECIMAL(20,0)',
      t: 'VARCHAR',
      nested: 'VARCHAR',
      bytes: 'VARCHAR',
      f: 'DOUBLE',
      d: 'DECIMAL(4,2)',
      ns: 'TIMESTAMP',
      tz: 'TIMESTAMP WITH TIME ZONE',
      u: 'VARCHAR',
      e: 'VARCHAR',
      code: 'VARCHAR',
      n: 'BIGINT',
    });
    const [row] = await scenario.rows('full-load/t.parquet');
    expect(row).toMatchObject({
      big: '18446744073709551615',
      t: '00:00:01',
      nested: '{"a":1,"b":["x"]}',
      bytes: 'YWI=',
      f: '1.5',
      d: '12.30',
      code: '007',
    });
    await expectProven(scenario);
  });

  test('of no rows is held, and approved', async () => {
    const { scenario, operation } = await publish('SELECT 1 AS id LIMIT 0');
    expect(operation).toBe('held');
    expect(await scenario.runTable('t', { approve: ['t'] })).toMatchObject({
      operation: 'full-load',
      inserted: 0,
    });
    await expectProven(scenario);
  });

  test.each([
    ['is no Parquet at all', Buffer.from('id,v\n1,x\n')],
    ['is empty', Buffer.alloc(0)],
    ['is cut off', Buffer.from(`PAR1${'x'.repeat(100)}`)],
  ])('that %s is an error that names it', async (_how, bytes) => {
    const scenario = openScenario(dir(), { tables: [{ name: 't', pk: 'id' }] });
    await scenario.write('t.parquet', bytes);
    const { operation, reason } = await scenario.runTable('t');
    expect(operation).toBe('failed');
    expect(reason).toMatch(
      /^t\.parquet: it is (?:a Parquet file that is cut off|(?:plain text|an empty file), and no parquet file)/,
    );
  });

  test('with two names that differ in case alone is an error that names both', async () => {
    const { operation, reason } = await publish(
      `SELECT * FROM (SELECT 1 AS id, 2 AS v) JOIN (SELECT 3 AS w) ON true`,
      'nope',
    );
    expect(operation).toBe('failed');
    expect(reason).toMatch(/the column "nope" of "pk" is not there; the columns are "id", "v", "w"/);
  });
});

describe('a source of JSON lines', () => {
  test.each([
    ['a line that is no JSON', '{"id":1}\n{"id":2\n', /^t\.jsonl: line 2 is cut off/],
    ['a line that is no object', '{"id":1}\n[2]\n', /^t\.jsonl: line 2 is no JSON object: \[2\]/],
    ['no line at all', '', /^t\.jsonl: it holds no JSON object/],
    [
      'names that differ in case alone',
      '{"id":1,"v":1}\n{"id":2,"V":1}\n',
      /^t\.jsonl: the columns 2 and 3 are named/,
    ],
    [
      'no key column',
      '{"key":1}\n',
      /^t\.jsonl: the column "id" of "pk" is not there; the columns are "key"/,
    ],
  ])('with %s is an error that says where', async (_what, content, reason) => {
    const scenario = openScenario(dir(), { tables: [{ name: 't', pk: 'id' }] });
    await scenario.write('t.jsonl', content);
    const report = await scenario.runTable('t');
    expect(report.operation).toBe('failed');
    expect(report.reason).toMatch(reason);
  });

  test('keeps texts as texts, nested values as JSON, and missing members as nulls', async () => {
    const scenario = openScenario(dir(), { tables: [{ name: 't', pk: 'id' }] });
    await scenario.write(
      't.jsonl',
      '{"id":1,"zip":"01310","tags":["a"],"n":null}\n{"id":2,"zip":"","o":{"k":1},"n":5}\n',
    );
    expect(await scenario.runTable('t')).toMatchObject({ operation: 'full-load', inserted: 2 });
    const rows = (await scenario.rows('full-load/t.parquet')).toSorted(
      (a, b) => Number(a['id']) - Number(b['id']),
    );
    expect(rows).toEqual([
      { id: '1', zip: '01310', tags: '["a"]', n: null, o: null },
      { id: '2', zip: '', tags: null, n: '5', o: '{"k":1}' },
    ]);
  });
});

describe('names of what every object of JavaScript inherits', () => {
  const NAMES = Object.getOwnPropertyNames(Object.prototype);

  test('are names of tables and columns as others are', async () => {
    const own = NAMES.filter((name) => !name.startsWith('_'));
    const tables = [
      { name: 'csv', pk: NAMES[0], types: { v: 'text' } },
      { name: 'json', pk: 'id' },
      ...own.map((name) => ({ name, file: 'csv.csv', pk: NAMES[0], max_update_ratio: 1 })),
    ];
    const write = async (lake: Scenario, value: string): Promise<void> => {
      await lake.write('csv.csv', `${NAMES.join()},v\n${NAMES.map((_, index) => index).join()},${value}\n`);
      const object = NAMES.map((name, index) => `"${name}":${index}`).join();
      await lake.write('json.json', `{"id":1,${object},"v":{${object},"a":"${value}"}}\n`);
    };
    const first = openScenario(dir(), { tables: tables.slice(0, 1) });
    await write(first, 'a');
    await first.run();
    const lake = openScenario(dir(), { tables });
    await withReader(lake, testEdge(), async (reader) => {
      expect((await status(reader, { lastRuns: 1 })).tables).toMatchObject({ constructor: { rows: null } });
    });
    const outcomes = async (): Promise<string[]> => {
      const { report } = await lake.run();
      return Object.values(report.tables).map(({ operation, reason }) => reason ?? operation);
    };
    expect(await outcomes()).toEqual(['unchanged', ...tables.slice(1).map(() => 'full-load')]);
    await write(lake, 'b');
    expect(await outcomes()).toEqual(tables.map(() => 'cdc'));
    expect(Object.keys(await lake.columns('full-load/constructor.parquet'))).toEqual([...NAMES, 'v']);
    expect(
      await lake.query(
        `SELECT count(*)::INTEGER AS n FROM json WHERE ${own.map((name) => `"${name}" IS NOT NULL`).join(' AND ')}`,
      ),
    ).toEqual([{ n: 1 }]);
    await withReader(lake, testEdge(), async (reader) => {
      expect(await keyHistory(reader, 'constructor', { constructor: '0' })).toMatchObject({
        versions: [{ run: 1 }, { run: 2 }],
      });
    });
    expect(await lake.verify()).toMatchObject({ ok: true });
  });
});
