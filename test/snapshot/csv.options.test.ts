import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CsvOptions } from '../../src/config/config.ts';
import { type CsvReader, openCsvReader, type ReadCsv } from '../support/read-csv.ts';

const RUNS = Number(process.env['IGARAPE_PROPERTY_RUNS'] ?? 40);

let reader: CsvReader;
beforeAll(async () => {
  reader = await openCsvReader();
});
afterAll(() => reader.close());

const ROWS = [
  ['1', 'x'],
  ['2', 'y'],
];

describe('a file of which the options say', () => {
  test.each<[string, string, Partial<CsvOptions>, string[]]>([
    ['that it has no header', '1,x\n2,y\n', { header: false }, ['column_1', 'column_2']],
    ['that it has none, and its names', '1,x\n2,y\n', { header: false, columns: ['id', 'v'] }, ['id', 'v']],
    [
      'that its first line is broken',
      '1,x\n2,y\n',
      { header: false, columns: ['id', 'v'], skip: 0 },
      ['id', 'v'],
    ],
    ['other names', 'a,a\n1,x\n2,y\n', { columns: ['id', 'v'] }, ['id', 'v']],
    ['that lines stand before it', 'Report\n"of, one\nid,v\n1,x\n2,y\n', { skip: 2 }, ['id', 'v']],
    [
      'that lines stand before its rows',
      'Report\r\n1,x\r\n2,y',
      { skip: 1, header: false },
      ['column_1', 'column_2'],
    ],
    ['comments', '# a,b,c\nid,v\n1,x\n#2,z\n#"\n2,y\n#', { comment: '#' }, ['id', 'v']],
    ['that lines stand after its rows', 'id,v\n1,x\n2,y\nTotal\n"of, two"\n', { footer: 2 }, ['id', 'v']],
    ['an escape', 'id;v\n1;x\n2;y\n', { separator: ';', escape: '\\' }, ['id', 'v']],
    ['blanks around values', ' id , v \n1,  x\n 2 ,y\t\n', { trim: true }, ['id', 'v']],
    [
      'all of it',
      'Report\nid;v;\n1;x;\n%\n2;y;\nTotal;2\n',
      { separator: ';', skip: 1, comment: '%', footer: 1 },
      ['id', 'v', 'column_3'],
    ],
  ])('%s', async (_what, text, options, names) => {
    const read = await reader.read(text, options);
    expect(read.names).toEqual(names);
    expect(sorted(read.rows.map((row) => row.slice(0, 2)))).toEqual(sorted(ROWS));
  });

  test('spellings of no value, quoted or not', async () => {
    const { rows } = await reader.read('id,v\n1,NA\n2,"NA"\n3,\\N\n4,""\n5,\n6,na\n', {
      nulls: ['NA', '\\N'],
    });
    expect(Object.fromEntries(rows)).toEqual({ 1: null, 2: null, 3: null, 4: '', 5: null, 6: 'na' });
  });

  test('an escape as databases write it', async () => {
    const text = 'id\tv\n1\t\\N\n2\ta\\\tb\n3\t"q\\"q"\n4\tc\\\nd\n5\t\\\\\n';
    const { rows } = await reader.read(text, { separator: '\t', escape: '\\', nulls: ['\\N'] });
    expect(Object.fromEntries(rows)).toEqual({ 1: null, 2: 'a\tb', 3: 'q"q', 4: 'c\nd', 5: '\\' });
  });

  test.each<[string, string, Partial<CsvOptions>, RegExp]>([
    [
      'fewer names than there are',
      '1,x,y\n',
      { header: false, columns: ['id', 'v'] },
      /line 1: 3 fields where "columns" of the table has 2/,
    ],
    ['more lines before it than there are', 'id,v\n', { skip: 5 }, /it is empty, without even a header/],
  ])('%s is an error', async (_what, text, options, message) => {
    await expect(reader.read(text, options)).rejects.toThrow(message);
  });
});

const value = fc.string({
  unit: fc.constantFrom('a', 'é', '1', ',', ';', '"', "'", '\n', '\r\n', ' ', '\\', '#'),
  maxLength: 6,
});

function sorted(rows: ReadCsv['rows']): string[] {
  return rows.map((row) => JSON.stringify(row)).toSorted();
}

test('what is written in any dialect, between lines of any other kind, is read back', async () => {
  const dialect = fc.record({
    separator: fc.constantFrom(',', ';', '\t', '|', '||', '§'),
    quote: fc.constantFrom('"', "'"),
    escape: fc.constantFrom('', '\\'),
    ends: fc.array(fc.constantFrom('\n', '\r\n', '\r'), { minLength: 1, maxLength: 3 }),
    before: fc.array(fc.constantFrom('Report', '"open', 'a,b;c', ''), { maxLength: 2 }),
    after: fc.array(fc.constantFrom('Total', 'a,b;c', '1'), { maxLength: 2 }),
    comments: fc.boolean(),
    header: fc.boolean(),
  });
  const width = fc.constantFrom(1, 2, 3, 100);
  const table = width.chain((columns) =>
    fc.array(fc.array(fc.option(value), { minLength: columns, maxLength: columns }), {
      minLength: 1,
      maxLength: 5,
    }),
  );
  await fc.assert(
    fc.asyncProperty(
      table,
      dialect,
      async (rows, { separator, quote, escape, ends, before, after, comments, header }) => {
        const field = (text: string | null): string =>
          text === null
            ? ''
            : `${quote}${text.replaceAll(escape === '' ? quote : /['"\\]/g, (mark) => (escape === '' ? mark + mark : `\\${mark}`))}${quote}`;
        const columns = (rows[0] ?? []).map((_, index) => `c${index}`);
        // A row of one null alone is an empty line.
        const kept = rows.filter((row) => row.length > 1 || row[0] !== null);
        const lines = [header ? columns : [], ...kept]
          .filter((row) => row.length > 0)
          .map((row) => row.map(field).join(separator));
        const commented = comments ? lines.flatMap((line) => [line, '~ a comment, "']) : lines;
        const all = [...before, ...commented, ...after];
        let text = '';
        for (const [index, line] of all.entries()) {
          const end = ends[index % ends.length] ?? '';
          // An empty line's LF after a CR would be the other half of a CRLF, and no line.
          const isHalf = line === '' && end === '\n' && text.endsWith('\r');
          text += line + (isHalf ? '\r\n' : end);
        }
        const options = {
          separator,
          quote,
          escape,
          header,
          skip: before.length,
          footer: after.length,
          comment: comments ? '~' : '',
        };
        if (kept.length === 0) return;
        const read = await reader.read(text, { ...options, columns });
        expect(sorted(read.rows)).toEqual(sorted(kept));
      },
    ),
    { numRuns: RUNS },
  );
});

const PYTHON = `
import csv, io, json, sys
for rows, options in json.load(sys.stdin):
    out = io.StringIO(newline='')
    csv.writer(out, quoting=options.pop('quoting'), **options).writerows(rows)
    print(json.dumps(out.getvalue()))
`;

test("what Python's csv module writes is read back", async () => {
  const dialects = [
    { delimiter: ',', quoting: 0, lineterminator: '\r\n' },
    { delimiter: ';', quoting: 1, lineterminator: '\n' },
    { delimiter: '\t', quoting: 0, lineterminator: '\n', doublequote: false, escapechar: '\\' },
    { delimiter: '|', quoting: 3, lineterminator: '\n', escapechar: '\\', quotechar: null },
    { delimiter: ',', quoting: 2, lineterminator: '\n', quotechar: "'" },
  ];
  // Without quotes it escapes only one half of a CRLF, which nobody can read back.
  const written = value.map((text) => text.replaceAll('\r', ''));
  const rows = fc.array(fc.array(written, { minLength: 2, maxLength: 2 }), { minLength: 1, maxLength: 6 });
  const drawn = fc.sample(fc.tuple(rows, fc.constantFrom(...dialects)), RUNS);
  const running = promisify(execFile)('python3', ['-c', PYTHON]);
  running.child.stdin?.end(
    JSON.stringify(drawn.map(([table, options]) => [[['a', 'b'], ...table], options])),
  );
  const texts = (await running).stdout.trim().split('\n');
  expect(texts).toHaveLength(drawn.length);
  for (const [index, [table, options]] of drawn.entries()) {
    const text: unknown = JSON.parse(texts[index] ?? '');
    const read = await reader.read(String(text), {
      separator: options.delimiter,
      quote: options.quotechar === undefined ? '"' : (options.quotechar ?? ''),
      escape: options.escapechar ?? '',
    });
    const asText = read.rows.map((row) => row.map((found) => found ?? ''));
    expect(sorted(asText), JSON.stringify([text, options])).toEqual(sorted(table));
  }
});
