import { describe, expect, test } from 'vitest';
import { readHeader } from '../../../src/medallion/models/header-lines.ts';
import { parseHeader } from '../../../src/medallion/models/header.ts';
import { tableOf } from './made.ts';

const SOURCES = ['silver.clientes', 'silver.transacoes'].map(tableOf);

function header(...lines: string[]): ReturnType<typeof parseHeader> {
  return parseHeader(readHeader([...lines, 'SELECT 1'].join('\n')), 'gold', SOURCES);
}

/** Problems as `line: message`. */
function problems(layer: 'silver' | 'gold', ...lines: string[]): string[] {
  return parseHeader(readHeader([...lines, 'SELECT 1'].join('\n')), layer, SOURCES).problems.map(
    ({ line, message }) => `${line}: ${message}`,
  );
}

describe('a header', () => {
  test('says all of its words', () => {
    expect(
      header(
        '-- Clients who were here before, and are not now',
        '--',
        '-- key: dt_ref, "nível x"',
        '-- description: Clients',
        '--   who left: all of them',
        '',
        '-- check: unique(dt_ref)',
        '-- check warn: row_count >= 1',
        '-- check error: SELECT *',
        '--     FROM gold.churn',
        '--     WHERE n < 0',
        '-- join key: clientes.idCliente = silver.transacoes.IdCliente',
        '-- dt_ref: Transacoes.DtCriacao',
        '-- window: 56 days',
        '-- partition: Month',
        '-- incremental: Required',
        '-- tags: Daily, finance, daily',
        '-- column "nível x": What it is of',
        '--   and more',
        '-- column n: How many',
        '-- var: since date = 2024-01-01',
        '-- var: ways text[]',
      ),
    ).toEqual({
      header: {
        description: 'Clients who left: all of them',
        columns: [
          { column: 'nível x', description: 'What it is of and more' },
          { column: 'n', description: 'How many' },
        ],
        tags: ['daily', 'finance'],
        key: ['dt_ref', 'nível x'],
        checks: [
          { rule: { kind: 'unique', columns: ['dt_ref'] }, severity: 'error', text: 'unique(dt_ref)' },
          {
            rule: { kind: 'row_count', min: 1, max: Number.MAX_SAFE_INTEGER },
            severity: 'warn',
            text: 'row_count >= 1',
          },
          {
            rule: { kind: 'sql', sql: 'SELECT * FROM gold.churn WHERE n < 0' },
            severity: 'error',
            text: 'SELECT * FROM gold.churn WHERE n < 0',
          },
        ],
        joins: [
          {
            left: { table: tableOf('silver.clientes'), column: 'idCliente' },
            right: { table: tableOf('silver.transacoes'), column: 'IdCliente' },
          },
        ],
        dateColumn: { table: tableOf('silver.transacoes'), column: 'DtCriacao' },
        windowDays: 56,
        partition: 'month',
        incremental: 'required',
      },
      checkLines: [7, 8, 9],
      variables: [
        { name: 'since', type: 'date', isList: false, initial: '2024-01-01', line: 21 },
        { name: 'ways', type: 'text', isList: true, initial: undefined, line: 22 },
      ],
      problems: [],
    });
  });

  test('may name the date column alone, and one day', () => {
    const { dateColumn, windowDays } = header('-- dt_ref: "Dt Criacao"', '-- window: 1 day').header;
    expect(dateColumn).toEqual({ table: undefined, column: 'Dt Criacao' });
    expect(windowDays).toBe(1);
  });

  test('knows a comment from a word', () => {
    const lines = [
      '-- dt_ref: d',
      '-- see https://example.com/a:b',
      '-- https://example.com',
      '-- all of it in words: nothing',
      '-- two words: nothing',
      '-----------------------------',
      '--no space',
      '--   an indented one',
      '-- TODO: by month, too',
      '-- Author: Ana',
      '-- noqa: disable',
      '-- Horário: UTC',
      '-- Ver: o README',
      '-- Columns: as the source has them',
    ];
    expect(header(...lines).problems).toEqual([]);
  });

  test('with indented words is read, each as its own', () => {
    const { header: found } = header('--   key: a', '--   dt_ref: b', '--\tdescription: c');
    expect(found).toMatchObject({ key: ['a'], dateColumn: { column: 'b' }, description: 'c' });
  });
});

describe('a problem names its line, what was found, and what is allowed:', () => {
  test.each([
    [['-- tags: a b'], '1: tags: found "a b"; allowed: words by comma'],
    [['-- column n: a', '-- column N: b'], '2: column: N is described already; allowed: once'],
    [['-- column: a'], '1: column: found no column; allowed: the name of one'],
    [['-- var: since'], '1: var: found "since"; allowed: a name, a type'],
    [['-- var: since datum = x'], '1: var: found "since datum = x"; allowed: a name, a type'],
    [['-- var: dt_ref date'], '1: var: found dt_ref; allowed: another name'],
    [['-- var: a text', '-- var: a text'], '2: var: a is declared already; allowed: once'],
    [['-- keys: a'], '1: found the header word "keys" (did you mean "key"?); allowed: key, description'],
    [['-- join kye: a'], '1: found the header word "join kye" (did you mean "join key"?)'],
    [['-- check fatal: unique(a)'], '1: found the header word "check fatal"'],
    [['--', '-- key:'], '2: key: found nothing; allowed: a value after "key:"'],
    [['-- key: a b'], '1: key: found "a b"; allowed: columns by comma'],
    [['-- key: a, A'], '1: key: found "a, A", a column twice; allowed: each once'],
    [['-- key: a', '-- key: b'], '2: key: stands in line 1 already; allowed: once'],
    [['-- key: t.a'], '1: key: found "t.a"; allowed: columns by comma'],
    [['-- key: a;'], '1: key: found "a;"; allowed: columns by comma'],
    [['-- window: 4 weeks'], '1: window: found "4 weeks"; allowed: a number of days from 1 to 36525'],
    [['-- window: 0 days'], '1: window: found "0 days"; allowed: a number of days from 1'],
    [['-- window: -1'], '1: window: found "-1"; allowed: a number of days from 1'],
    [['-- window: 99999 days'], '1: window: found "99999 days"; allowed: a number of days from 1'],
    [['-- join key: a'], '1: join key: found "a"; allowed: columns of two tables'],
    [['-- join key: a = b'], '1: join key: found "a = b"; allowed: columns of two tables'],
    [['-- join key: clientes.a = silver.clientes.b'], '1: join key: found "clientes.a'],
    [
      ['-- join key: cliente.a = transacoes.b'],
      '1: join key: found "cliente" (did you mean "clientes"?); allowed: a table that the SELECT reads: silver.clientes, silver.transacoes',
    ],
    [['-- check: uniqe(a)'], '1: check: found "uniqe(a)" (did you mean "unique"?)'],
  ])('%j', (lines, message) => {
    expect(problems('gold', ...lines, '-- dt_ref: d')).toEqual([expect.stringContaining(message)]);
  });

  test.each([
    [[], '1: dt_ref: is missing'],
    [['-- dt_ref: a.b.c.d'], '1: dt_ref: found "a.b.c.d"; allowed: a column, as column'],
    [['-- dt_ref: bronze.clientes.d'], '1: dt_ref: found "bronze.clientes"'],
  ])('of gold, %j', (lines, message) => {
    expect(problems('gold', ...lines)).toEqual([expect.stringContaining(message)]);
  });

  test.each([
    [['-- description: a'], '1: key: is missing'],
    [['-- key: a', '-- dt_ref: b'], '2: dt_ref: is for gold'],
    [['-- key: a', '-- window: 2 days'], '2: window: is for gold'],
  ])('of silver, %j', (lines, message) => {
    expect(problems('silver', ...lines)).toEqual([expect.stringContaining(message)]);
  });

  test('a word below the first line of SQL', () => {
    const text = '-- key: a\nSELECT 1\n-- check: unique(a)\n-- a comment';
    const { problems: found } = parseHeader(readHeader(text), 'silver');
    expect(found).toEqual([{ line: 3, message: expect.stringContaining('below the first line of SQL') }]);
  });
});

test('tables that a header names are taken as they are where the sources are not known', () => {
  const { header: found, problems: none } = parseHeader(
    readHeader('-- key: a\n-- join key: bronze.a.x = b.y'),
    'silver',
  );
  expect(none).toEqual([]);
  expect(found.joins).toEqual([
    { left: { table: tableOf('bronze.a'), column: 'x' }, right: { table: tableOf('silver.b'), column: 'y' } },
  ]);
});
