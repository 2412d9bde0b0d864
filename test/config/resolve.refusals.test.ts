import { describe, expect, test } from 'vitest';
import { resolveConfig } from '../../src/config/resolve.ts';
import { refusals, written, writtenTable } from './written.ts';

/** A table that files of others feed. */
const OTHERS = { name: 'old', pk: 'id', bronze: { from: 'cdc/*.parquet', order_by: 'at' } };

describe('one key', () => {
  test.each([
    ['an unknown key', written({ colour: 1 }), 'colour', /^unknown key; allowed: \$schema, aws, /],
    ['a misspelt key', written({ tabels: 1 }), 'tabels', /did you mean "tables"\?/],
    ['a misspelt key of a table', writtenTable({ date_feild: 'x' }), 'tables[0].date_feild', /"date_field"/],
    [
      'a misspelt key of a source',
      written({ source: { type: 'files', path: 'x', pth: 1 } }),
      'source.pth',
      /"path"/,
    ],
    [
      'a misspelt value',
      written({ compression: 'snapy' }),
      'compression',
      /found "snapy".*did you mean "snappy"\?/,
    ],
    ['a wrong type', written({ work_dir: 5 }), 'work_dir', /^found 5; allowed: a text$/],
    [
      'an empty list',
      written({ tables: [] }),
      'tables',
      /^found an empty list; allowed: at least one table$/,
    ],
    ['no tables', written({ tables: undefined }), 'tables', /^is missing; allowed: a list$/],
    ['no source', { tables: [{ name: 't', pk: 'id' }] }, 'source', /^is missing; .*dataset_name/],
    [
      'no source for one of the tables',
      { layers: ['bronze'], tables: [{ name: 't', pk: 'id' }, OTHERS] },
      'source',
      /^is missing; .*; none where every table has bronze\.from$/,
    ],
    [
      'neither a source nor a layer',
      { tables: [OTHERS] },
      'layers',
      /^is missing, so nothing would be made of these tables; allowed: \["bronze"\]/,
    ],
    ['an unknown source', written({ source: { type: 'ftp' } }), 'source.type', /kaggle, files, http or s3/],
    ['a source without its place', written({ source: { type: 'files' } }), 'source.path', /^is missing/],
    ['a data set without owner', written({ dataset_name: 'slug' }), 'dataset_name', /owner\/slug/],
    [
      'a version that is none',
      written({ source: { type: 'kaggle', dataset: 'a/b', version: 0 } }),
      'source.version',
      /1, 2, 3/,
    ],
    ['another store', written({ lake: 'gs://bucket' }), 'lake', /a folder or s3:\/\/bucket\/prefix/],
    [
      'a bad address',
      written({ source: { type: 'http', url: 'ftp://x' } }),
      'source.url',
      /http:\/\/ or https:\/\//,
    ],
    ['no bucket', written({ aws: { region: 'us-east-1' } }), 'aws.bucket', /^is missing/],
    [
      'a storage class that must be thawed',
      written({ s3: { storage_class: 'GLACIER' } }),
      's3.storage_class',
      /read at once/,
    ],
    ['a size without unit', written({ memory_limit: '1000' }), 'memory_limit', /512MB, 1GB/],
    [
      'upkeep after no files',
      written({ maintenance: { optimize_after_files: 0 } }),
      'maintenance.optimize_after_files',
      /^found 0; allowed: a whole number, 1 or more$/,
    ],
    ['a size of nothing', written({ memory_limit: '0GB' }), 'memory_limit', /512MB, 1GB/],
    [
      'a share above 1',
      writtenTable({ max_delete_ratio: 30 }),
      'tables[0].max_delete_ratio',
      /^found 30; allowed: a number from 0 to 1$/,
    ],
    ['a share below 0', writtenTable({ max_delete_ratio: -0.1 }), 'tables[0].max_delete_ratio', /0 to 1/],
    [
      'an unknown type',
      writtenTable({ types: { 'a b': 'blob' } }),
      'tables[0].types."a b"',
      /^found "blob"; allowed: boolean, bigint/,
    ],
    [
      'a decimal that is too wide',
      writtenTable({ types: { a: 'decimal(39,2)' } }),
      'tables[0].types.a',
      /decimal\(p,s\)/,
    ],
    [
      'an unknown encoding',
      writtenTable({ encoding: 'utf-9' }),
      'tables[0].encoding',
      /did you mean "utf-8"\?/,
    ],
    ['a separator of a line', writtenTable({ sep: '\n' }), 'tables[0].sep', /1 to 4 characters/],
    [
      'a pattern that leaves the source',
      writtenTable({ file: '../t.csv' }),
      'tables[0].file',
      /without "\.\."/,
    ],
    ['an absolute pattern', writtenTable({ file: '/t.csv' }), 'tables[0].file', /inside the source/],
    ['an empty key', writtenTable({ pk: [] }), 'tables[0].pk', /at least one column/],
    [
      'a key that is no text',
      writtenTable({ pk: ['a', 2] }),
      'tables[0].pk[1]',
      /^found 2; allowed: a text$/,
    ],
    ['something else than an object', [], '', /^found an empty list; allowed: an object$/],
  ])('%s is refused', (_, raw, path, message) => {
    expect(refusals(raw)).toEqual({ [path]: expect.stringMatching(message) });
  });

  test('a table needs a key', () => {
    expect(refusals(written({ tables: [{ name: 't' }] }))).toEqual({
      'tables[0].pk': 'is missing; allowed: a text or a list; none with "mode": "append"',
    });
  });

  test.each([
    '',
    '../t',
    'a/b',
    String.raw`a\b`,
    '..',
    '.hidden',
    '_t',
    'a,b',
    'CON',
    'nul.csv',
    'a ',
    'a[1]',
    'a\u0000',
  ])('the table name %j is refused', (name) => {
    expect(Object.keys(refusals(written({ tables: [{ name, pk: 'id' }] })))).toEqual(['tables[0].name']);
  });
});

describe('keys that contradict each other', () => {
  const files = { type: 'files', path: 'data' };
  test.each([
    ['two sources', { dataset_name: 'a/b', source: files, tables: [{ name: 't', pk: 'a' }] }, 'dataset_name'],
    ['two lakes', written({ lake: './l', aws: { bucket: 'bucket' } }), 'aws'],
    ['S3 options twice', written({ s3: {}, aws: { bucket: 'bucket' } }), 's3'],
    ['a preset and names of change columns', written({ compat: 'dms', cdc_columns: {} }), 'cdc_columns'],
    [
      'change columns of one name',
      written({ cdc_columns: { operation: 'X', timestamp: 'x' } }),
      'cdc_columns',
    ],
    ['a lake inside of the source', written({ source: files, lake: './data/lake' }), 'lake'],
    ['a lake around the source', written({ source: { type: 'files', path: 'lake/in' } }), 'lake'],
    ['a work folder inside of the source', written({ source: files, work_dir: 'data/w' }), 'work_dir'],
    ['a lake inside of the work folder', written({ lake: '.igarape/lake' }), 'lake'],
    [
      'a bucket lake inside of the source',
      written({ source: { type: 's3', uri: 's3://bkt/in' }, lake: 's3://bkt/in/lake' }),
      'lake',
    ],
    ['a key column twice', writtenTable({ pk: ['a', 'a'] }), 'tables[0].pk'],
    ['a key that is ignored', writtenTable({ ignore: ['id'] }), 'tables[0].ignore'],
    [
      'updates by a time that there is not',
      writtenTable({ update_when: 'timestamp', date_field: '' }),
      'tables[0].update_when',
    ],
    ['a quote that separates', writtenTable({ sep: ';', quote: ';' }), 'tables[0].quote'],
    [
      'two tables of a name but for case',
      written({
        tables: [
          { name: 'T', pk: 'a' },
          { name: 't', pk: 'a' },
        ],
      }),
      'tables[1].name',
    ],
  ])('%s are refused', (_, raw, path) => {
    expect(Object.keys(refusals(raw))).toEqual([path]);
  });

  test('folders and prefixes that only begin alike are accepted', () => {
    expect(refusals(written({ source: files, lake: './data-lake', work_dir: './data.work' }))).toEqual({});
    expect(
      refusals(written({ source: { type: 's3', uri: 's3://bkt/in' }, lake: 's3://bkt/in-lake' })),
    ).toEqual({});
  });

  test('they are found beside problems of other keys', () => {
    const raw = {
      source: files,
      lake: 'data',
      nonsense: 1,
      tables: [
        { name: 'a', pk: 1 },
        { name: 'a', pk: 'x' },
      ],
    };
    expect(Object.keys(refusals(raw)).toSorted()).toEqual([
      'lake',
      'nonsense',
      'tables[0].pk',
      'tables[1].name',
    ]);
  });
});

test.each([
  'wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEYAB',
  'AKIAIOSFODNN7EXAMPLE',
  'KGAT_0123456789abcdef',
  '0123456789abcdef0123456789abcdef',
])('a value that looks like a credential is refused without being repeated: %s', (secret) => {
  for (const raw of [
    written({ dataset_name: secret }),
    written({ layout: secret }),
    writtenTable({ sep: secret }),
  ]) {
    expect(Object.values(refusals(raw))).toEqual([expect.stringMatching(/^found a text; /)]);
  }
});

test.each([
  ['quote', { quote: ',' }, /quote: is the separator, or in it/],
  ['quote', { sep: '||', quote: '|' }, /quote: is the separator, or in it/],
  ['escape', { sep: ';', escape: ';' }, /escape: is the separator, or in it/],
  ['comment', { comment: '"' }, /comment: is sep, quote or escape too/],
  ['thousands', { decimal: ',', thousands: ',' }, /thousands: is the decimal mark too/],
  ['columns', { columns: ['id', 'ID'] }, /columns: names a column twice/],
  ['ignore', { ignore: ['ID'] }, /ignore: names "ID", which is in pk/],
  [
    'date_format',
    { date_format: ['%d/%m/%Y', '%Y-%m-%d', '%m/%d/%Y %H:%M', '%m/%d/%Y'] },
    /date_format: by %d\/%m\/%Y and %m\/%d\/%Y one text is two dates; allowed: formats by column/,
  ],
  [
    'date_format',
    { date_format: { v: ['%d.%m.%y', '%y.%m.%d'] } },
    /date_format: by .* allowed: one of them/,
  ],
  ['date_format', { date_format: { v: '%d/%m' } }, /date_format.*allowed: a format such as/],
  [
    'booleans',
    { booleans: { true: ['S', 'x'], false: ['n', 's'] } },
    /booleans: has "s" for true and for false/,
  ],
  ['date_format', { date_format: '%d/%m' }, /date_format.*allowed: a format such as/],
  ['date_format', { date_format: '%d/%m/%Y %H' }, /date_format.*allowed: a format such as/],
  ['date_format', { date_format: '%d/%q/%Y' }, /date_format.*allowed: a format such as/],
])(
  'a CSV file whose %s cannot be told from another mark, or means nothing, is refused',
  (_key, options, message) => {
    const written = {
      source: { type: 'files', path: './data' },
      tables: [{ name: 't', pk: 'id', ...options }],
    };
    const resolved = resolveConfig(written, '/somewhere');
    const problems = resolved.kind === 'invalid' ? resolved.problems : [];
    expect(problems.map(({ path, message: told }) => `${path.join('.')}: ${told}`).join('\n')).toMatch(
      message,
    );
  },
);
