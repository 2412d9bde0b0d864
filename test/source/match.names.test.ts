import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchNames } from '../../src/source/match.ts';

const DEFAULT_PATTERN = '**/clientes.{csv,csv.gz,parquet,jsonl}';

describe('matchNames', () => {
  it('finds a file at the top and in any folder', () => {
    const names = [
      'clientes.csv',
      'a/clientes.csv',
      'a/b/clientes.parquet',
      'produtos.csv',
      'a/clientes.txt',
    ];
    expect(matchNames(DEFAULT_PATTERN, names)).toEqual([
      'clientes.csv',
      'a/clientes.csv',
      'a/b/clientes.parquet',
    ]);
  });

  it('takes every ending that braces offer, and no longer name', () => {
    const names = [
      'clientes.csv.gz',
      'clientes.jsonl',
      'clientes.csv.bak',
      'meus-clientes.csv',
      'clientes.csv/x',
    ];
    expect(matchNames(DEFAULT_PATTERN, names)).toEqual(['clientes.csv.gz', 'clientes.jsonl']);
  });

  it('tells upper case from lower case', () => {
    expect(matchNames('**/Clientes.csv', ['clientes.csv', 'Clientes.csv', 'CLIENTES.CSV'])).toEqual([
      'Clientes.csv',
    ]);
  });

  it('never matches dot files, files in dot folders, or what macOS leaves in archives', () => {
    const names = ['._clientes.csv', '.git/clientes.csv', '__MACOSX/clientes.csv', 'a/__MACOSX/clientes.csv'];
    expect(matchNames('**', names)).toEqual([]);
    expect(matchNames('**/*.csv', names)).toEqual([]);
    expect(matchNames('.git/clientes.csv', names)).toEqual([]);
  });

  it('matches a name that is written with glob characters when it is asked for as it is', () => {
    const names = ['vendas (1).csv', 'vendas 1.csv', 'vendas [a].csv', 'vendas a.csv'];
    expect(matchNames('vendas (1).csv', names)).toEqual(['vendas (1).csv']);
    expect(matchNames('vendas [a].csv', names)).toEqual(['vendas [a].csv']);
  });

  it('keeps a star inside its folder', () => {
    expect(matchNames('*.csv', ['a.csv', 'b/a.csv'])).toEqual(['a.csv']);
    expect(matchNames('2025-*/a.csv', ['2025-10-03/a.csv', '2024-10-03/a.csv'])).toEqual([
      '2025-10-03/a.csv',
    ]);
  });

  it('takes an accent for the same however the file system encodes it', () => {
    const decomposed = 'a/presença.csv'.normalize('NFD');
    expect(matchNames('**/presença.csv', [decomposed])).toEqual([decomposed]);
    expect(matchNames('**/presença.csv'.normalize('NFD'), ['a/presença.csv'])).toEqual(['a/presença.csv']);
  });

  it('finds any name by the name itself', () => {
    const part = fc.string({ minLength: 1, maxLength: 8 }).filter((text) => !/^\.|\/|^__MACOSX$/.test(text));
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
        const name = parts.join('/');
        expect(matchNames(name, ['other', name])).toEqual([name]);
      }),
    );
  });
});
