import { describe, expect, test } from 'vitest';
import { openScenario } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();

async function publish(
  content: string,
): Promise<{ operation: string; reason: string; rows: unknown[][]; columns: string[] }> {
  const scenario = openScenario(dir(), { tables: [{ name: 't', pk: 'id' }] });
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
  ])('a name with %s in a file of %s is an error that names the column', async (_break, _end, content) => {
    const { operation, reason } = await publish(content);
    expect(operation).toBe('failed');
    expect(reason).toMatch(/^t\.csv: the name of the column 2, "v.*w", holds another line break/);
  });

  test.each(['id,v\n1,x\r\n2,y\r\n', 'id,v\r\n1,x\n2,y\n', 'id,v\n1,x\n2,y\r\n', 'id,v\n1,x\r2,y\n'])(
    'that end in several ways are an error: %j',
    async (content) => {
      const { operation, reason } = await publish(content);
      expect(operation).toBe('failed');
      expect(reason).toMatch(/^t\.csv: its line ends are mixed/);
    },
  );

  test.each([
    ['a line of too few fields', 'id,v\n1,x\n2\n', /^t\.csv: line 3: 1 field where the header has 2/],
    ['a line of too many fields', 'id,v\n1,x\n2,y,z\n', /^t\.csv: line 3: 3 fields where the header has 2/],
    ['a quote that is not closed', 'id,v\n1,x\n2,"y\n', /^t\.csv: line 3: a quote is opened and not closed/],
    ['no text at all', '', /^t\.csv: it is empty, without even a header/],
    ['blank lines only', '\n\n\n', /^t\.csv: it is empty, without even a header/],
    ['a column twice', 'id,v,v\n1,x,y\n', /^t\.csv: the columns 2 and 3 are named "v" and "v"/],
    ['a column twice but for case', 'id,v,V\n1,x,y\n', /^t\.csv: the columns 2 and 3 are named "v" and "V"/],
    ['a column without a name', 'id,v,\n1,x,y\n', /^t\.csv: the column 3 has no name/],
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

  test('a text of another encoding is an error that names its line', async () => {
    const scenario = openScenario(dir(), { tables: [{ name: 't', pk: 'id' }] });
    await scenario.write('t.csv', Buffer.from('id,v\n1,x\n2,a\u00E7\u00E3o\n', 'latin1'));
    expect((await scenario.runTable('t')).reason).toMatch(
      /^t\.csv: line 3: the text is not UTF-8. Set "encoding"/,
    );
  });
});
