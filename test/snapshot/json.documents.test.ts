import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { TableReport } from '../../src/lake/ledger-entry.ts';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();

function open(file: string, more: object = {}): Scenario {
  return openScenario(dir(), { tables: [{ name: 't', file, pk: 'id', ...more }] });
}

async function publish(file: string, content: string | Uint8Array, more: object = {}): Promise<TableReport> {
  const scenario = open(file, more);
  await scenario.write(file, content);
  return scenario.runTable('t');
}

const ROWS = [
  { id: 1, v: 'a\n"ç😀' },
  { id: 2, v: null, o: { b: [1, 2], a: 'x' } },
  { id: 3, v: ']},{' },
];
const PUBLISHED = [
  { id: '1', v: 'a\n"ç😀', o: null },
  { id: '2', v: null, o: '{"a":"x","b":[1,2]}' },
  { id: '3', v: ']},{', o: null },
];

describe('JSON', () => {
  const lines = ROWS.map((row) => JSON.stringify(row)).join('\n');
  test.each([
    ['t.ndjson', 'lines', lines],
    ['t.jsonl.gz', 'packed lines', gzipSync(lines)],
    ['t.jsonl', 'lines with a byte order mark', `\uFEFF${lines.replaceAll('\n', '\r\n')}\r\n`],
    ['t.json', 'objects over several lines', ROWS.map((row) => JSON.stringify(row, undefined, 2)).join('\n')],
    ['t.json', 'a list', JSON.stringify(ROWS)],
    ['t.jsonl', 'a list over several lines', JSON.stringify(ROWS, undefined, '\t')],
    ['t.json', 'a document with a list', JSON.stringify({ n: 3, meta: { data: [] }, data: ROWS, more: [1] })],
    ['t.json', 'the same over several lines', JSON.stringify({ data: ROWS, next: null }, undefined, 2)],
    ['t.json', 'UTF-16', Buffer.from(`\uFEFF${JSON.stringify(ROWS)}`, 'utf16le')],
  ])('%s with %s is a table', async (file, _what, content) => {
    const scenario = open(file);
    await scenario.write(file, content);
    const report = await scenario.runTable('t');
    expect(report.reason).toBeUndefined();
    const rows = await scenario.rows('full-load/t.parquet');
    expect(rows.toSorted((a, b) => Number(a['id']) - Number(b['id']))).toEqual(PUBLISHED);
  });

  test('rows that are cut anywhere between two reads of a file are whole', async () => {
    const rows = Array.from({ length: 3000 }, (_, id) => ({
      id,
      v: `${'ação"\\'.repeat(id % 60)}${id === 1500 ? 'x'.repeat(3_000_000) : ''}`,
      o: { k: [id] },
    }));
    const scenario = open('t.json');
    await scenario.write('t.json', JSON.stringify({ data: rows }));
    expect(await scenario.runTable('t')).toMatchObject({ operation: 'full-load', inserted: 3000 });
    const published = await scenario.rows('full-load/t.parquet');
    expect(new Map(published.map(({ id, v, o }) => [id, `${String(v)}${String(o)}`]))).toEqual(
      new Map(rows.map(({ id, v, o }) => [String(id), `${v}${JSON.stringify(o)}`])),
    );
  });

  test('an only object with the key of the table is a row, whatever else it holds', async () => {
    expect(await publish('t.json', '{"id": 1, "items": [{"a": 1}, {"a": 2}]}\n')).toMatchObject({
      inserted: 1,
    });
  });

  test.each([
    ['two members of one name', '{"id":1}\n{"id":2,"v":1,"v":2}\n', /line 2 has two members named "v"/],
    [
      'two members of one name, spelled otherwise',
      String.raw`{"id":1,"v":1,"\u0076":2}`,
      /line 1 has two members named "v"/,
    ],
    ['two nested members of one name', '{"id":1,"v":{"a":1,"a":1}}', /line 1 has two members named "a"/],
    ['a NUL in a name', String.raw`{"id":1,"v\u0000":1}`, /the column 2 has a NUL character in its name/],
    ['half a character', String.raw`{"id":1,"v":"\ud83d"}`, /line 1 has half a character/],
    ['a line break in a text', '{"id":1,"v":"a\nb"}', /line 1 is not JSON: a text holds a line break/],
    ['a number that is none', '{"id":1,"v":007}', /line 1 is not JSON: .*007/],
    ['no comma', '{"id":1 "v":1}', /line 1 is not JSON: a comma is missing/],
    ['a list that is cut off', '[{"id":1},\n{"id":2},\n', /line 3 is cut off/],
    ['a row that is cut off', '[{"id":1},\n{"id":2,"v":"a', /line 2 is cut off/],
    ['a document that is cut off', '{"data":[{"id":1},\n{"id":2', /line 2 |line 1 /],
    ['a list after the list', '[{"id":1}]\n[{"id":2}]\n', /line 2 is not JSON: something follows the list/],
    ['a text after the list', '[{"id":1}] x', /line 1 is not JSON: something follows the list/],
    ['two lists of one name', '{"a":[{"id":1}],"a":[{"id":2}]}', /several of its members are lists of rows/],
    ['a list of values', '[1,2,3]', /line 1 is no JSON object: 1,2,3/],
    [
      "pandas' default form",
      '{"id":{"0":1,"1":2},"v":{"0":"a","1":"b"}}',
      /one JSON object, whose members are objects again, "id", "v": a table by columns or by index/,
    ],
    ['a list of values and an empty one', '{"v":[1,2],"w":[]}', /members are lists of values, "v", "w"/],
    ['an empty list of rows', '{"n":0,"data":[]}', /its list of rows is empty/],
    ['an empty list alone', '[]', /its list of rows is empty/],
    ['two empty lists', '{"data":[], "errors":[]}', /its list of rows is empty/],
    ['empty objects', '{}\n{}', /none of its objects has a member/],
    [
      'a list in an object of the document',
      '{"data": {"items": [{"id":1}]}, "n": 1}',
      /with the members "data", "n": a list of objects is only deeper in it/,
    ],
    [
      'no column of the key',
      '{"error":"x"}',
      /the column "id" of "pk" is not there; the columns are "error"\. Check "pk" of the table t, and the "file" that/,
    ],
    [
      'objects as keys, in letters of the other case',
      '{"ID":{"x":1},"v":1}\n{"ID":{"x":2},"v":1}\n',
      /the column "id" of "pk" holds objects or lists/,
    ],
    ['columns of values', '{"v":[1,2],"w":["a","b"]}', /one JSON object, whose members are lists of values/],
    [
      'several lists of rows',
      '{"a":[{"id":1}],"b":[{"id":2}]}',
      /several of its members are lists of rows: "a", "b"/,
    ],
    [
      'objects as keys',
      '{"id":{"x":1},"v":1}\n{"id":{"x":2},"v":1}\n',
      /the column "id" of "pk" holds objects or lists/,
    ],
    [
      'values nested without end',
      `{"id":1,"v":${'['.repeat(100_000)}`,
      /line 1 is nested deeper than 512 levels/,
    ],
    [
      'members without end',
      `{${Array.from({ length: 30_000 }, (_, at) => `"m${at}":1`).join()}}`,
      /line 1 has more members than a table has columns/,
    ],
    ['a row of more than 64 MB', `{"id":1,"v":"${'x'.repeat(70_000_000)}"}`, /line 1 is longer than 64 MB/],
  ])('with %s is refused by name', async (_what, content, reason) => {
    const report = await publish('t.json', content);
    expect(report.operation).toBe('failed');
    expect(report.reason).toMatch(reason);
  });

  test.each([
    ['a value', '{"n":7}', /^1 $/],
    ['values beside', '{"n":7,"o":{"x":1},"l":[1,2]}', /^1 $/],
    ['a list of rows', '{"n":0,"data":[{"id":1},{"id":2}]}', /^2 $/],
    ['an empty list of rows', '{"n":0,"data":[]}', /its list of rows is empty/],
    ['a table by columns', '{"id":{"0":1},"v":{"0":"a"}}', /whose members are objects again, "id", "v"/],
    [
      'a document in a document',
      '{"result":{"data":[{"id":1}]}}',
      /with the members "result": a list of objects is only deeper in it/,
    ],
    ['columns of values', '{"v":[1,2],"w":["a","b"]}', /whose members are lists of values/],
    ['several lists of rows', '{"n":1,"a":[{"id":1}],"b":[{"id":2}]}', /lists of rows: "a", "b"/],
  ])('an only object of a table whose key is the whole row that has %s', async (_what, content, found) => {
    const { inserted, reason = '' } = await publish('t.json', content, { pk: 'row' });
    expect(`${inserted} ${reason}`).toMatch(found);
  });

  test('of a single row has it by its key, in letters of either case, and not the list that is in it', async () => {
    expect(await publish('t.json', '{"ID":1,"items":[{"a":1}]}')).toMatchObject({ inserted: 1 });
  });

  test('whose rows all lack a member that was there has nulls in it, and is not held', async () => {
    const scenario = open('t.jsonl');
    const run = async (content: string): Promise<TableReport> => {
      await scenario.write('t.jsonl', content);
      return scenario.runTable('t');
    };
    await run('{"id":1,"o":"x"}\n{"id":2}\n');
    expect(await run('{"id":1}\n{"id":2}\n{"id":3}\n')).toMatchObject({
      operation: 'cdc',
      inserted: 1,
      updated: 1,
    });
    expect(await run('{"id":1}\n{"id":2}\n{"id":3,"p":1}\n')).toMatchObject({ operation: 'cdc', updated: 1 });
    expect(await run('{"id":1,"o":"y"}\n{"id":2}\n{"id":3,"p":1}\n')).toMatchObject({
      operation: 'cdc',
      updated: 1,
    });
    expect((await scenario.verify()).ok).toBe(true);
  });

  test('whose nested members come in another order has not changed', async () => {
    await publish('t.jsonl', '{"id":1,"o":{"a":[{"c":1,"d":2}],"b":1.50}}\n');
    expect(await publish('t.jsonl', '{"o": {"b":1.50, "a":[{"d":2,"c":1}]}, "id":1}\n')).toMatchObject({
      operation: 'unchanged',
    });
  });
});
