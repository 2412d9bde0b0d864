import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { guessDateField, guessKeys } from '../../src/cli/init/guess-key.ts';
import { proposeValues } from '../../src/cli/init/propose-values.ts';
import { sampleCsv } from '../../src/cli/init/sample.ts';

test('the separator is found, whatever stands in quotes', () => {
  const field = fc.string({ maxLength: 8 });
  const table = fc
    .integer({ min: 2, max: 5 })
    .chain((width) =>
      fc.array(fc.array(field, { minLength: width, maxLength: width }), { minLength: 3, maxLength: 8 }),
    );
  fc.assert(
    fc.property(table, fc.constantFrom(',', ';', '\t', '|'), (rows, separator) => {
      const header = rows[0]?.map((_, index) => `c${index}`) ?? [];
      const quoted = rows.map((row) => row.map((value) => `"${value.replaceAll('"', '""')}"`));
      const text = [header, ...quoted].map((row) => row.join(separator)).join('\n');
      const sample = sampleCsv(text, true);
      expect(sample?.separator).toBe(separator);
      expect(sample?.rows).toEqual(rows);
    }),
  );
});

test('a last row that may be cut is not looked at', () => {
  expect(sampleCsv('id,n\n1,a\n2,b\n3', false)?.rows).toEqual([
    ['1', 'a'],
    ['2', 'b'],
  ]);
  expect(sampleCsv('id,n\n1,a\n2,"open', false)?.columns).toEqual(['id', 'n']);
});

test.each([' ', ',', ';', '\t', '|'])('the header that R writes over named rows, with %j', (separator) => {
  const lines = [
    ['"km"', '"wheels, or so"'],
    ['"Mazda RX4"', '21.5', '6'],
    ['"Fiat 128"', 'NA', '4'],
  ];
  const columns = ['column_1', 'km', 'wheels, or so'];
  expect(sampleCsv(lines.map((line) => `${line.join(separator)}\n`).join(''), true)).toEqual({
    separator,
    columns,
    rows: [
      ['Mazda RX4', '21.5', '6'],
      ['Fiat 128', 'NA', '4'],
    ],
    emptyTexts: [],
    shape: { skip: 1, header: false, columns },
  });
});

test.each([
  ['a separator at the end of each row', 'a,b,c\n1,2,3,\n4,5,6,\n'],
  ['a row that is longer', 'a,b,c\n1,2,3\n4,5,6,7\n'],
])('%s is no name of a row', (_what, text) => {
  expect(sampleCsv(text, true)).toMatchObject({ separator: ',', shape: {} });
});

test('a title as wide as the rows, and lines between them that are none, are told from these, whatever separates', () => {
  const separators = fc.constantFrom(',', ';', '\t', '|', '||', '§', '¦', '\u0001');
  const titles = fc.array(
    fc.constantFrom(['Vendas', '2024', 'jan'], ['Vendas', '', 'norte'], ['norte', 'norte', 'sul']),
    { maxLength: 3 },
  );
  const rows = fc.array(
    fc.option(fc.tuple(fc.integer({ min: 1, max: 99 }), fc.constantFrom('a', 'b c', ''))),
    {
      minLength: 3,
      maxLength: 9,
    },
  );
  fc.assert(
    fc.property(separators, titles, rows, (separator, above, drawn) => {
      const own = drawn.map((row, index) => row && [`${index}`, `${row[0]}.5`, row[1]]);
      const kept = own.filter((row) => row !== null);
      fc.pre(kept.length > 2);
      const line = (fields: readonly string[]): string => `${fields.join(separator)}\n`;
      const lines = [...above, ['id', 'valor', 'nome'], ...own].map((row) => (row ? line(row) : '# nada\n'));
      const sample = sampleCsv(lines.join(''), true);
      expect(sample).toMatchObject({ separator, columns: ['id', 'valor', 'nome'] });
      expect(sample?.shape).toEqual({
        ...(above.length === 0 ? {} : { skip: above.length }),
        ...(own.includes(null) ? { comment: '#' } : {}),
      });
      expect(sample?.rows).toEqual(kept);
    }),
  );
});

/** A table as programs write it that quote and separate in their own ways. */
const dialects = fc
  .record({
    separator: fc.constantFrom(',', ';', '\t', '|', '||', '§', '¦', '\u0001'),
    quote: fc.constantFrom('"', "'"),
    escape: fc.constantFrom('', '\\'),
    lineEnds: fc.array(fc.constantFrom('\n', '\r\n', '\r'), { minLength: 1, maxLength: 3 }),
    header: fc.constantFrom(['id', 'nome'], ['id', 'a\nb'], ['#id', 'nome'], ['id', 'nome', 'valor']),
    values: fc.array(fc.string({ maxLength: 8 }), { minLength: 4, maxLength: 12 }),
  })
  .filter(
    ({ quote, escape, values }) => escape === '' || (quote === '"' && values.some((v) => v.includes('"'))),
  );

test('separator, quote, escape and line ends are found as a run reads them', () => {
  fc.assert(
    fc.property(dialects, ({ separator, quote, escape, lineEnds, header, values }) => {
      const rows = values.map((value, index) =>
        header.map((_, column) => (column === 0 ? String(index) : value)),
      );
      const quoted = (text: string): string => {
        const inner =
          escape === ''
            ? text.replaceAll(quote, quote + quote)
            : text.replaceAll(/[\\"]/g, (mark) => escape + mark);
        return `${quote}${inner}${quote}`;
      };
      const lines = [header, ...rows].map((row) => row.map(quoted).join(separator));
      const text = lines.map((line, index) => line + (lineEnds[index % lineEnds.length] ?? '\n')).join('');
      const sample = sampleCsv(text, true);
      expect(sample).toMatchObject({ separator, columns: header, rows });
      expect(sample).not.toHaveProperty('unread');
      expect(sample?.shape).toEqual({
        ...(quote === '"' ? {} : { quote }),
        ...(escape === '' ? {} : { escape }),
      });
    }),
  );
});

test('a line that no marks make sense of is told', () => {
  expect(sampleCsv('id;nome\n1;"a" b\n2;c\n', true)).toMatchObject({ separator: ';', unread: 2 });
});

test('an apostrophe is no quote', () => {
  expect(sampleCsv("id,v\n1,'tis\n2,d'água\n3,'n'\n", true)?.shape).toEqual({});
});

test('names that are alike are told apart by "columns"', () => {
  expect(sampleCsv('id;Nome;nome;nome\n1;a;b;c\n', true)).toMatchObject({
    columns: ['id', 'Nome', 'nome_2', 'nome_3'],
    shape: { columns: ['id', 'Nome', 'nome_2', 'nome_3'] },
  });
});

test('a header that begins with # is one where it is as wide as the rows', () => {
  expect(sampleCsv('#id;v\n1;a\n2;b\n', true)).toMatchObject({ columns: ['#id', 'v'], shape: {} });
  expect(sampleCsv('# of 2024; new\nid;v\n1;a\n# end\n', true)).toMatchObject({
    columns: ['id', 'v'],
    shape: { comment: '#' },
  });
});

test('a single column keeps the default separator', () => {
  expect(sampleCsv('id\n1\n2\n', true)).toMatchObject({ separator: ',', columns: ['id'] });
});

describe('values as people write them', () => {
  test.each([
    ['no value in quotes', '"id";"v"\n"1";""\n"2";"3"\n', { null: [''] }],
    ['a text in quotes that is empty', '"id";"v"\n"1";""\n"2";"b"\n', {}],
    ['dates that lack', 'id,d\n1,2024-01-31\n2,NULL\n', { null: ['NULL'] }],
    ['truth that lacks, as R writes it', 'id,v\n1,TRUE\n2,NA\n3,FALSE\n', { null: ['NA'] }],
    [
      'dates beside a column of dates and others',
      'id,d,e\n1,31/01/2024,2024-01-31\n2,30/01/2024,0000-00-00\n',
      { date_format: { d: '%d/%m/%Y' } },
    ],
    ['a decimal comma', 'id;v\n1;1,5\n2;1.000,25\n', { decimal: ',', thousands: '.' }],
    ['a decimal point', 'id;v\n1;1.5\n2;2.5\n', {}],
    ['a comma that separates', 'id,v\n1,"1,5"\n', {}],
    ['a decimal comma in quotes', 'id,v\n1,"1,5"\n2,"1.000,250"\n', { decimal: ',', thousands: '.' }],
    ['groups of three in quotes', 'id,v\n1,"1,500"\n2,"12,000"\n', {}],
    ['groups of three and a decimal point in quotes', 'id,v\n1,"1,500.5"\n2,"12,000"\n', { thousands: ',' }],
    ['marks between thousands', 'id;v\n1;1,234.50\n2;99.5\n', { thousands: ',' }],
    [
      'a no-break space between thousands',
      'id;v\n1;1\u00A0234,50\n2;99,5\n',
      { decimal: ',', thousands: ' ' },
    ],
    [
      'a narrow one, and no other number with a comma',
      'id;v\n1;1\u202F234,50\n2;12\n',
      { decimal: ',', thousands: ' ' },
    ],
    ['an apostrophe between thousands', 'id;v\n1;1’234’567\n2;99.5\n', { thousands: "'" }],
    ['a mark that may be either', 'id;v\n1;1.234\n2;5.678\n', {}],
    ['days first', 'id,v\n1,05/10/2024\n2,31/10/2024\n', { date_format: '%d/%m/%Y' }],
    ['months first', 'id,v\n1,05/10/2024\n2,10/31/2024\n', { date_format: '%m/%d/%Y' }],
    [
      'days first in one column, months in another',
      'id,v,w,x\n1,05/10/2024,10/05/2024,2024/05/10\n2,31/10/2024,10/31/2024,2024/10/31\n',
      { date_format: { v: '%d/%m/%Y', w: '%m/%d/%Y', x: '%Y/%m/%d' } },
    ],
    [
      'days, and times',
      'id,v,w\n1,31/10/2024,31/10/2024 10:00\n',
      { date_format: ['%d/%m/%Y', '%d/%m/%Y %H:%M'] },
    ],
    ['days as ISO has them', 'id,v\n1,2024-10-05\n', {}],
    ['numbers that could be days', 'id,v\n1,20241005\n', {}],
    ['spellings of no value', 'id,v\n1,NA\n2,5\n3,\\N\n', { null: ['NA', '\\N'] }],
    ['codes that look so', 'id,v\n1,NA\n2,BR\n', {}],
    [
      'spellings in Portuguese',
      'id,v,d\n1,N/D,31/05/2024\n2,5,#N/D\n',
      { null: ['N/D', '#N/D'], date_format: '%d/%m/%Y' },
    ],
    ['truth in letters', 'id,v\n1,V\n2,F\n', { booleans: { true: ['v'], false: ['f'] } }],
    ['truth', 'id,v\n1,Sim\n2,Não\n', { booleans: { true: ['sim'], false: ['não'] } }],
  ])('%s', (_what, text, options) => {
    const { columns, rows, separator, emptyTexts } = sampleCsv(text, true) ?? {
      columns: [],
      rows: [],
      separator: '',
      emptyTexts: [],
    };
    expect(proposeValues(columns, rows, separator, emptyTexts)).toEqual({ options, notes: [] });
  });

  test('dates that may be read in two ways are told, unless others show which', () => {
    const open = [
      ['05/10/2024', '06/10/2024'],
      ['01/02/2024', '02/02/2024'],
    ];
    expect(proposeValues(['a', 'b'], open, ',')).toMatchObject({
      options: {},
      notes: [
        'the dates of a fit %d/%m/%Y and %m/%d/%Y: set "date_format"',
        'the dates of b fit %d/%m/%Y and %m/%d/%Y: set "date_format"',
      ],
    });
    expect(proposeValues(['a', 'b'], [...open, ['03/02/2024', '25/12/2024']], ',')).toEqual({
      options: { date_format: '%d/%m/%Y' },
      notes: [],
    });
  });
});

describe('what stands around the rows', () => {
  test.each([
    ['a header', 'id,v\n1,a\n2,b\n', {}, ['id', 'v']],
    ['a header of years', 'c,2019,2020\nBR,1,2\nPT,3,4\n', {}, ['c', '2019', '2020']],
    ['no header', '1,a,2.5\n2,b,3.5\n', { header: false }, ['column_1', 'column_2', 'column_3']],
    [
      'a title and a date',
      'Sales\n2024-05-01\n\nid,v,w,x\n1,a,b,c\n2,a,b,c\n',
      { skip: 3 },
      ['id', 'v', 'w', 'x'],
    ],
    [
      'a title padded to the width of the rows, and a sum',
      'Vendas;;;\nGerado em 01/02/2024;;;\n\nid;v;w;x\n1;a;b;c\n2;a;b;c\nTotal;;2;\n',
      { skip: 3, footer: 1 },
      ['id', 'v', 'w', 'x'],
    ],
    [
      'a header of which few columns have names',
      ',,2020,,\n1,a,b,c,d\n2,a,b,c,d\n',
      {},
      ['column_1', 'column_2', '2020', 'column_4', 'column_5'],
    ],
    ['a row that begins with a word for sums', 'id,v\nTotal,1\nTotal Oil,2\n', {}, ['id', 'v']],
    ['comments', '# one, two, three\nid,v\n1,a\n', { comment: '#' }, ['id', 'v']],
    ['a total', 'id,v,w\n1,a,b\n2,a,b\nTotal\n', { footer: 1 }, ['id', 'v', 'w']],
    ['a remark', 'id,v\n1,a\n2,b\n\n* dados de maio\n(2 rows)\n---\n', { footer: 3 }, ['id', 'v']],
    ['a sum without its line end', 'id,v\n1,a\n2,b\nTotal: 2', { footer: 1 }, ['id', 'v']],
    ['a row that is cut off', 'id,v\n1,a\n2,b\n3', {}, ['id', 'v']],
    ['one that is cut off within a name', 'nome,v\nAna Lima,a\nBia Sá,b\nCaio da', {}, ['nome', 'v']],
    ['one that has a name alone', 'nome,v\nAna,a\nBia,b\nCaio\n', {}, ['nome', 'v']],
    ['one that lacks its last field', 'id,v,w\n1,a,x\n2,b,y\n3,c\n', {}, ['id', 'v', 'w']],
    ['a last row with a separator in a text', 'id,v\n1,a\n2,b\n3,c,d\n', {}, ['id', 'v']],
    ['one whose first field is a word for sums', 'grupo,v\nA,1\nTotal,2\n', {}, ['grupo', 'v']],
    ['a column without a name', ',a,b\n0,x,y\n1,x,z\n', {}, ['column_1', 'a', 'b']],
    ['short rows', 'id,v,w\n1,a\n2,a\n3,a\n', {}, ['id', 'v', 'w']],
  ])('%s', (_what, text, shape, columns) => {
    const sample = sampleCsv(text, true);
    expect({ shape: sample?.shape, columns: sample?.columns }).toEqual({ shape, columns });
  });

  test('a number of the row is the last that is proposed as a key', () => {
    const columns = ['column_1', 'name', 'customer_id'];
    const rows = [
      ['0', 'a', '7'],
      ['1', 'b', '8'],
    ];
    expect(guessKeys({ columns, rows })).toEqual([['customer_id'], ['name'], ['column_1']]);
  });
});

test('an identifier goes before other unique columns, and columns with gaps or repeats are no keys', () => {
  const columns = ['name', 'kind', 'customerId', 'note'];
  const rows = [
    ['a', 'x', '1', ''],
    ['b', 'x', '2', 'n'],
  ];
  expect(guessKeys({ columns, rows })).toEqual([['customerId'], ['name']]);
});

test('where no column is unique alone, a pair of identifiers is tried', () => {
  const columns = ['order_id', 'item_id', 'price'];
  const rows = [
    ['1', '1', '5'],
    ['1', '2', '6'],
    ['2', '1', '7'],
  ];
  expect(guessKeys({ columns, rows })).toEqual([['order_id', 'item_id'], ['price']]);
});

test.each([
  [
    'an amount',
    ['pedido', 'item', 'qtd'],
    [
      ['1', '1', '5'],
      ['1', '2', '6'],
      ['2', '1', '7'],
    ],
    ['pedido', 'item'],
  ],
  [
    'no column',
    ['aluno', 'ano', 'nota'],
    [
      ['a', '1', '5'],
      ['a', '2', '5'],
      ['b', '1', '5'],
    ],
    ['aluno', 'ano'],
  ],
  [
    'a date',
    ['loja', 'mes', 'dia'],
    [
      ['a', '1', '2025-01-01'],
      ['b', '1', '2025-01-02'],
      ['a', '2', '2025-01-03'],
    ],
    ['loja', 'mes'],
  ],
  [
    'a number of people',
    ['nome', 'idade', 'cpf'],
    [
      ['Ana', '30', '11'],
      ['Ana', '31', '12'],
      ['Bia', '30', '13'],
    ],
    ['cpf'],
  ],
  [
    'a word',
    ['grupo', 'ano', 'nome'],
    [
      ['a', '1', 'Ana'],
      ['a', '2', 'Bia'],
      ['b', '1', 'Caio'],
    ],
    ['nome'],
  ],
  [
    'an age',
    ['nome', 'uf', 'idade'],
    [
      ['Ana', 'SP', '30'],
      ['Ana', 'RJ', '31'],
      ['Bia', 'SP', '32'],
    ],
    ['nome', 'uf'],
  ],
])('where %s alone tells the rows apart, the key of %j is what it should be', (_what, columns, rows, key) => {
  expect(guessKeys({ columns, rows })[0]).toEqual(key);
});

test('where no two of them are, three identifiers are tried', () => {
  const columns = ['loja_id', 'pedido_id', 'item_id', 'preco'];
  const rows = [
    ['1', '1', '1', '5'],
    ['1', '1', '2', '5'],
    ['1', '2', '1', '5'],
    ['2', '1', '1', '5'],
  ];
  expect(guessKeys({ columns, rows })).toEqual([['loja_id', 'pedido_id', 'item_id']]);
});

test('every proposed key tells the rows of the sample apart', () => {
  const value = fc.constantFrom('', '1', '2', '3');
  const row = fc.tuple(value, value, value).map((values) => [...values]);
  fc.assert(
    fc.property(fc.array(row, { maxLength: 8 }), (rows) => {
      const columns = ['a_id', 'b_id', 'c'];
      for (const key of guessKeys({ columns, rows })) {
        const keys = rows.map((row) => JSON.stringify(key.map((name) => row[columns.indexOf(name)])));
        expect(new Set(keys).size).toBe(rows.length);
      }
    }),
  );
});

test('the time of the last update is told by its name', () => {
  expect(guessDateField(['id', 'DtCriacao', 'DtAtualizacao'])).toBe('DtAtualizacao');
  expect(guessDateField(['id', 'created', 'updated_at'])).toBe('updated_at');
  expect(guessDateField(['id', 'DtCriacao'])).toBeUndefined();
});

test('a first row is no header, where one of its values is missing, too', () => {
  const number = fc.integer({ min: 0, max: 9999 }).map(String);
  const date = fc.constantFrom('2024-01-31', '31/12/2023', '1999-05-06');
  const row = fc.tuple(number, number, date);
  const gap = fc.constantFrom(0, 1, 2);
  fc.assert(
    fc.property(fc.array(row, { minLength: 3 }), gap, number, (rows, missing, own) => {
      const last = rows.at(-1) ?? ['1', '1', '2024-01-31'];
      const first = [`-${own}`, missing === 1 ? '' : own, missing === 2 ? '' : last[2]];
      const text = [first, ...rows].map((fields) => fields.join(';')).join('\n');
      const sample = sampleCsv(`${text}\n`, true);
      expect(sample?.shape.header).toBe(false);
      expect(sample?.rows).toEqual([first, ...rows]);
    }),
  );
});

test('a header without a name for its first column is one, as pandas writes it for columns that are counted', () => {
  const sample = sampleCsv(',0,1\n0,5,6\n1,7,8\n', true);
  expect(sample?.shape.header).toBeUndefined();
  expect(sample?.rows).toEqual([
    ['0', '5', '6'],
    ['1', '7', '8'],
  ]);
});

test('the first line that is not as wide as the header is told, but not a separator at the end of each', () => {
  expect(sampleCsv('id,v\n1,a\n2,b,c\n3\n', true)?.unread).toBe(3);
  expect(sampleCsv('id,v\n1,"a\nb"\n2\n3,c\n', true)?.unread).toBe(4);
  expect(sampleCsv('id,v\n1,a,\n2,b,\n', true)?.unread).toBeUndefined();
  expect(sampleCsv('id,v,\n1,a,\n2,b,\n', true)?.unread).toBeUndefined();
});
