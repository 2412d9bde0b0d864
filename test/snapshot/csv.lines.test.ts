import { describe, expect, test } from 'vitest';
import { openScenario } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();

async function publish(
  content: string | Uint8Array,
  options: object = {},
): Promise<{ operation: string; reason: string; rows: unknown[][]; columns: string[] }> {
  const scenario = openScenario(dir(), { tables: [{ name: 't', pk: 'id', ...options }] });
  await scenario.write('t.csv', content);
  const report = await scenario.runTable('t');
  const rows = report.file === null ? [] : await scenario.rows(report.file);
  const columns = report.file === null ? {} : await scenario.columns(report.file);
  return {
    operation: report.operation,
    reason: report.reason ?? '',
    rows: rows.map((row) => Object.values(row)).toSorted((left, right) => Number(left[0]) - Number(right[0])),
    columns: Object.keys(columns),
  };
}

const ROWS = [
  ['1', 'x'],
  ['2', 'y'],
];

describe('the lines of a CSV file', () => {
  test.each([
    ['LF', 'id,v\n1,x\n2,y\n'],
    ['CRLF', 'id,v\r\n1,x\r\n2,y\r\n'],
    ['CR', 'id,v\r1,x\r2,y\r'],
    ['LF but at the end', 'id,v\n1,x\n2,y'],
    ['LF, with blank lines', 'id,v\n\n1,x\n\n2,y\n\n'],
    ['LF, after blank lines', '\n\nid,v\n1,x\n2,y\n'],
    ['CRLF, after blank lines', '\r\n\r\nid,v\r\n1,x\r\n2,y\r\n'],
    ['LF, after a byte order mark and blank lines', '\uFEFF\n\nid,v\n1,x\n2,y\n'],
    ['LF, after a byte order mark', '\uFEFFid,v\n1,x\n2,y\n'],
  ])('that end with %s', async (_how, content) => {
    const { rows, columns, reason } = await publish(content);
    expect(reason).toBe('');
    expect(columns).toEqual(['id', 'v']);
    expect(rows).toEqual(ROWS);
  });

  test.each([
    ['LF', 'id,"v\nw"\n1,x\n2,y\n'],
    ['CRLF', 'id,"v\r\nw"\r\n1,x\r\n2,y\r\n'],
    ['CRLF, after a byte order mark', '\uFEFFid,"v\r\nw"\r\n1,x\r\n2,y\r\n'],
  ])('that end with %s, the names of columns too', async (_how, content) => {
    const { rows, reason } = await publish(content);
    expect(reason).toBe('');
    expect(rows).toEqual(ROWS);
  });

  test.each([
    ['LF', 'CRLF', 'id,"v\nw"\r\n1,x\r\n2,y\r\n'],
    ['CR', 'CRLF', 'id,"v\rw"\r\n1,x\r\n2,y\r\n'],
    ['CRLF', 'LF', 'id,"v\r\nw"\n1,x\n2,y\n'],
    ['CR', 'LF', 'id,"v\rw"\n1,x\n2,y\n'],
  ])('a name may hold %s in a file of %s', async (_break, _end, content) => {
    const { rows, columns, reason } = await publish(content);
    expect(reason).toBe('');
    expect(columns[1]).toMatch(/^v[\r\n]+w$/);
    expect(rows).toEqual(ROWS);
  });

  test.each([
    'id,v\n1,x\r\n2,y\r\n',
    'id,v\r\n1,x\n2,y\n',
    'id,v\n1,x\n2,y\r\n',
    'id,v\n1,x\r2,y\n',
    'id,v\r\n1,x\n\r2,y',
    'sep=,\r\nid,v\n1,x\r\n2,y\n',
  ])('that end in several ways: %j', async (content) => {
    const { rows, reason } = await publish(content);
    expect(reason).toBe('');
    expect(rows).toEqual(ROWS);
  });

  test.each([
    ['first', ',id,v\n0,1,x\n1,2,y\n', ['column_1', 'id', 'v']],
    ['last', 'id,v,\n1,x,\n2,y,\n', ['id', 'v', 'column_3']],
    ['blank', 'id," ",v\n1,,x\n2,,y\n', ['id', 'column_2', 'v']],
  ])('a column without a name is named by its place: the %s one', async (_which, content, columns) => {
    expect(await publish(content)).toMatchObject({ columns, reason: '' });
  });

  test('a separator at the end of every row is no field', async () => {
    expect(await publish('id,v\n1,x,\n2,y,\n')).toMatchObject({ rows: ROWS, reason: '' });
  });

  test.each([
    ['no header', '1,x,\n2,y,\n', { header: false }],
    ['a header', 'a,b\n1,x,\n2,y,\n', {}],
    ['a header that ends so too', 'a,b,\n1,x,\n2,y,\n', {}],
  ])('nor where the columns have names of their own, with %s', async (_which, content, options) => {
    const found = await publish(content, { columns: ['id', 'v'], ...options });
    expect(found).toMatchObject({ columns: ['id', 'v'], rows: ROWS, reason: '' });
  });

  test.each([
    ['a line of too few fields', 'id,v\n1,x\n2\n', /^t\.csv: line 3: 1 field where the header has 2/],
    ['a line of too many fields', 'id,v\n1,x\n2,y,z\n', /^t\.csv: line 3: 3 fields where the header has 2/],
    ['a quote that is not closed', 'id,v\n1,x\n2,"y\n', /^t\.csv: line 3: a quote is opened and not closed/],
    ['no text at all', '', /^t\.csv: it is empty, without even a header/],
    ['blank lines only', '\n\n\n', /^t\.csv: it is empty, without even a header/],
    ['a column twice', 'id,v,v\n1,x,y\n', /^t\.csv: the columns 2 and 3 are named "v" and "v"/],
    ['a column twice but for case', 'id,v,V\n1,x,y\n', /^t\.csv: the columns 2 and 3 are named "v" and "V"/],
    ['an empty field too many', 'id,v\n1,x\n2,y,\n', /^t\.csv: line 3: 3 fields where the header has 2/],
    [
      'a separator at the end of some rows',
      'id,v\n1,x,\n2,y\n',
      /^t\.csv: line 3: 2 fields where the first row has 3/,
    ],
    ['empty fields too many', 'id,v\n1,x\n2,y,,\n', /^t\.csv: line 3: 4 fields where the header has 2/],
    [
      'a text after its closing quote',
      'id,v\n1,"x"y\n2,y\n',
      /^t\.csv: line 2: a text goes on after its closing quote/,
    ],
    [
      'a line that names another separator',
      'sep=;\nid;v\n1;x\n',
      /^t\.csv: it says of itself that its separator is ";"\. Set "sep" of the table to ";"/,
    ],
    ['another separator', 'id;v\n1;x\n', /^t\.csv: its header is a single column, "id;v", that holds ";"/],
    [
      'no key column',
      'key,v\n1,x\n',
      /^t\.csv: the column "id" of "pk" is not there; the columns are "key", "v"/,
    ],
    ['no header', '1,x\n2,y\n', /^t\.csv: the column "id" of "pk" is not there; the columns are "1", "x"/],
    [
      'a name of our own',
      'id,_igarape_x\n1,x\n',
      /^t\.csv: the column _igarape_x has a name of igarape's own/,
    ],
  ])('%s is an error that says where', async (_what, content, reason) => {
    const published = await publish(content);
    expect(published.operation).toBe('failed');
    expect(published.reason).toMatch(reason);
  });

  test.each([
    ['the last row', `id,v\n1,x\n2,${'y'.repeat(34 * 1024 * 1024)}\n`, 3],
    ['the last row, without a line end', `id,v\n1,x\n2,${'y'.repeat(40 * 1024 * 1024)}`, 3],
    ['a row among others', `id,v\n2,${'y'.repeat(17 * 1024 * 1024)}\n1,x\n`, 2],
  ])('%s that is longer than what is read is an error', async (_which, content, line) => {
    const published = await publish(content);
    expect(published.reason).toMatch(new RegExp(`^t\\.csv: line ${line}: longer than 16 MB`));
  });

  test.each([
    ['a header', 'id,descri\u00E7\u00E3o\n1,x\n', 1],
    ['a row', 'id,v\n1,x\n2,a\u00E7\u00E3o\n', 3],
  ])('%s of another encoding is an error', async (_what, text, line) => {
    const { reason } = await publish(Buffer.from(text, 'latin1'));
    expect(reason).toMatch(new RegExp(`^t\\.csv: line ${line}: the text is not UTF-8\\. Set "encoding"`));
  });
});
