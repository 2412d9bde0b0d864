import { describe, expect, test } from 'vitest';
import type { TableReport } from '../../src/lake/ledger-entry.ts';
import { openScenario } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';
import { workbookOf } from '../support/workbook.ts';

const dir = useTempDir();

async function publish(bytes: Uint8Array, table: object = {}): Promise<TableReport & { rows: unknown[] }> {
  const scenario = openScenario(dir(), { tables: [{ name: 't', pk: 'id', ...table }] });
  await scenario.write('t.xlsx', bytes);
  const report = await scenario.runTable('t', { reload: ['t'] });
  const rows = report.file === null ? [] : await scenario.rows(report.file);
  return { ...report, rows: rows.toSorted((a, b) => String(a['id']).localeCompare(String(b['id']))) };
}

const text = (ref: string, value: string): string =>
  `<c r="${ref}" t="inlineStr"><is><t>${value}</t></is></c>`;
const number = (ref: string, value: string, style = ''): string =>
  `<c r="${ref}"${style}><v>${value}</v></c>`;
const HEADER = `<row r="1">${text('A1', 'id')}${text('B1', 'v')}</row>`;

describe('a workbook', () => {
  test('is read cell by cell: shared, rich and escaped texts, formulas, numbers, booleans, errors, gaps', async () => {
    const rows = [
      '<row r="3"><c r="B3" t="s"><v>0</v></c><c r="D3" t="s"><v>1</v></c></row>',
      `<row r="4">${number('B4', '1')}<c r="D4" t="s"><v>2</v></c></row>`,
      '<row r="5"/>',
      '<row r="6"><c r="B6"><v>2.0000000000000001E1</v></c><c r="C6" t="str"><f>A1&amp;"x"</f><v>x &lt;y</v></c><c r="D6"><f>1/3</f><v>0.33333333333333331</v></c></row>',
      '<row><c><v/></c><c><v>3</v></c><c t="b"><v>1</v></c><c t="e"><v>#N/A</v></c></row>',
    ];
    const shared = [
      '<t>id</t>',
      '<r><t>va</t></r><r><t>lue</t></r><rPh sb="0"><t>xx</t></rPh>',
      '<t xml:space="preserve"> 007_x000D_ </t>',
    ];
    const { rows: found, reason } = await publish(
      await workbookOf({ sheets: [['Sheet1', rows.join('')]], shared }),
    );
    expect(reason).toBeUndefined();
    expect(found).toEqual([
      { id: '1', column_3: null, value: ' 007\r ' },
      { id: '20', column_3: 'x <y', value: '0.3333333333333333' },
      { id: '3', column_3: 'true', value: '#N/A' },
    ]);
  });

  test.each([
    [false, '45292', '2024-01-01'],
    [false, '59', '1900-02-28'],
    [false, '61', '1900-03-01'],
    [true, '43830', '2024-01-01'],
    [true, '0', '1904-01-01'],
  ])('has dates as its formats say, from 1904 on too (%s %s)', async (date1904, serial, date) => {
    const formats = ['General', 'dd/mm/yyyy', 'yyyy-mm-dd hh:mm:ss', 'h:mm', '[h]:mm', '&quot;day&quot; 0'];
    const cells = [0, 1, 2, 3, 4, 5].map((style) => {
      const value = style === 3 ? '0.75' : style === 2 ? `${serial}.5` : serial;
      return `<row>${text(`A${style + 2}`, `s${style}`)}${number(`B${style + 2}`, value, ` s="${style}"`)}</row>`;
    });
    const { rows } = await publish(
      await workbookOf({ sheets: [['t', HEADER + cells.join('')]], formats, date1904 }),
    );
    expect(rows).toEqual(
      [serial, date, `${date} 12:00:00`, '18:00:00', serial, serial].map((v, style) => ({
        id: `s${style}`,
        v,
      })),
    );
  });

  test.each([
    ['<f>A2+1</f>', 'as openpyxl', '<v/>'],
    ['<f>A2+1</f>', 'as others', ''],
    ['<f t="shared" si="0"/>', 'shared', ''],
  ])(
    'with a formula that was never calculated is refused, with its cell: %s, %s',
    async (formula, _who, value) => {
      const rowOf = (row: number, cell: string): string =>
        `<row r="${row}">${number(`A${row}`, String(row))}<c r="AB${row}"${cell}</c></row>`;
      const header = `<row r="1">${text('A1', 'id')}${text('AB1', 'v')}</row>`;
      const bytes = await workbookOf({
        sheets: [['t', header + rowOf(2, ' t="str"><f>""</f><v></v>') + rowOf(3, `>${formula}${value}`)]],
      });
      expect((await publish(bytes)).reason).toContain(
        'the formula in AB3 of its sheet "t" has no result: it was never calculated',
      );
      expect((await publish(bytes, { range: 'A1:AB2' })).rows).toEqual([{ id: '2', v: null }]);
    },
  );

  test('gives the sheet and the part of it that are asked for', async () => {
    const other = `<row r="1">${text('A1', 'a title')}</row><row r="3">${text('B3', 'id')}${text('C3', 'w')}</row><row r="4">${number('B4', '7')}${number('C4', '8')}${text('D4', 'note')}</row><row r="5">${number('B5', '9')}</row>`;
    const bytes = await workbookOf({
      sheets: [
        ['One', HEADER],
        ['Dados', other],
      ],
    });
    expect((await publish(bytes, { sheet: 'dados', range: 'B3:C4' })).rows).toEqual([{ id: '7', w: '8' }]);
    expect((await publish(bytes)).reason).toContain('it has several sheets, "One", "Dados"');
    expect((await publish(bytes, { sheet: 'X' })).reason).toContain(
      'it has no sheet "X"; its sheets are "One", "Dados"',
    );
  });

  test.each([
    ['xl/workbook.xml', 'worksheets/s0.xml'],
    ['xl/workbook2.xml', '/xl/worksheets/s0.xml'],
    ['xl/workbook.xml', '../cells/s0.xml'],
    ['xl/workbook22.xml', './worksheets/s0.xml'],
  ])('is read whatever its parts are called, and wherever they are: %s, %s', async (workbook, sheet) => {
    const rows = `${HEADER}<row>${number('A2', '45292', ' s="0"')}<c t="s"><v>0</v></c></row>`;
    const parts = { workbook, sheet, styles: 'styles3.xml', texts: '/xl/texts/shared.xml' };
    const bytes = await workbookOf({
      sheets: [['t', rows]],
      formats: ['dd/mm/yyyy'],
      shared: ['<t>one</t>'],
      parts,
    });
    expect((await publish(bytes)).rows).toEqual([{ id: '2024-01-01', v: 'one' }]);
  });

  test('is a source by itself, and no archive of tables', async () => {
    const source = { type: 'files', path: './source/report.xlsx' };
    const scenario = openScenario(dir(), { source, tables: [{ name: 't', pk: 'id' }] });
    const rows = `${HEADER}<row>${number('A2', '1')}${text('B2', 'a')}</row>`;
    await scenario.write('report.xlsx', await workbookOf({ sheets: [['any', rows]] }));
    expect(await scenario.runTable('t')).toMatchObject({ operation: 'full-load', inserted: 1 });
  });

  test('is read again where another sheet of it is asked for', async () => {
    const row = (v: string): string => `${HEADER}<row r="2">${number('A2', '1')}${text('B2', v)}</row>`;
    const asked = (sheet: string): ReturnType<typeof openScenario> =>
      openScenario(dir(), { tables: [{ name: 't', pk: 'id', sheet, max_update_ratio: 1 }] });
    await asked('A').write(
      't.xlsx',
      await workbookOf({
        sheets: [
          ['A', row('a')],
          ['B', row('b')],
        ],
      }),
    );
    await asked('A').run();
    expect(await asked('A').runTable('t')).toMatchObject({ operation: 'unchanged' });
    expect(await asked('B').runTable('t')).toMatchObject({ operation: 'cdc', updated: 1 });
  });

  test.each([
    [
      'two sheets of one name',
      {
        sheets: [
          ['A', HEADER],
          ['a', HEADER],
        ] as const,
      },
      'two of its sheets are named "a"',
    ],
    [
      'macros',
      { sheets: [['t', HEADER]] as const, more: { 'xl/vbaProject.bin': 'x' } },
      'it is an Excel workbook with macros',
    ],
    [
      'a text that it does not have',
      {
        sheets: [
          ['t', `${HEADER}<row r="2">${number('A2', '1')}<c r="B2" t="s"><v>1</v></c></row>`],
        ] as const,
        shared: ['<t>only</t>'],
      },
      'the cell B2 of its sheet "t" names a text that the workbook does not have',
    ],
    ['no row', { sheets: [['t', '']] as const }, 'its sheet "t" has no row with a value'],
    ['broken XML', { sheets: [['t', `${HEADER}<row><c></row>`]] as const }, 'its XML is damaged'],
    [
      'an entity of its own',
      { sheets: [['t', `${HEADER}<row><c t="str"><v>&bomb;</v></c></row>`]] as const },
      'its XML is damaged',
    ],
  ])('with %s is refused by name', async (_what, parts, reason) => {
    const { operation, reason: found } = await publish(await workbookOf(parts));
    expect(operation).toBe('failed');
    expect(found).toContain(reason);
  });
});
