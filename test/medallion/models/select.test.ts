import { expect, test } from 'vitest';
import { IgarapeError } from '../../../src/core/errors.ts';
import { fullName } from '../../../src/medallion/layer.ts';
import { selectTables } from '../../../src/medallion/models/select.ts';
import { madeModel } from './made.ts';

const SET = {
  models: [
    madeModel('silver.clientes', ['bronze.clientes']),
    madeModel('silver.transacoes', ['bronze.transacoes', 'silver.clientes']),
    madeModel('silver.produtos', ['bronze.produtos'], undefined, { folder: 'Stock/raw/', tags: ['daily'] }),
    madeModel('gold.daily', ['silver.transacoes'], undefined, { folder: 'stock/', tags: ['daily', 'cube'] }),
    madeModel('gold.churn', ['silver.transacoes', 'silver.clientes']),
  ],
  seeds: [],
  checked: new Map(),
};
const TABLES = ['clientes', 'transacoes', 'produtos'];

function select(...words: string[]): string[] {
  return selectTables(SET, TABLES, words).map(fullName);
}

test.each([
  [['silver.clientes'], ['silver.clientes']],
  [['Silver.Clientes'], ['silver.clientes']],
  [['silver.clientes+'], ['silver.clientes', 'silver.transacoes', 'gold.daily', 'gold.churn']],
  [['+silver.transacoes'], ['bronze.clientes', 'bronze.transacoes', 'silver.clientes', 'silver.transacoes']],
  [
    ['+silver.transacoes+'],
    [
      'bronze.clientes',
      'bronze.transacoes',
      'silver.clientes',
      'silver.transacoes',
      'gold.daily',
      'gold.churn',
    ],
  ],
  [['gold'], ['gold.daily', 'gold.churn']],
  [['bronze.produtos+'], ['bronze.produtos', 'silver.produtos']],
  [
    ['+gold'],
    [
      'bronze.clientes',
      'bronze.transacoes',
      'silver.clientes',
      'silver.transacoes',
      'gold.daily',
      'gold.churn',
    ],
  ],
  [
    ['gold.daily, silver.produtos', 'bronze.clientes'],
    ['bronze.clientes', 'silver.produtos', 'gold.daily'],
  ],
  [['tag:daily'], ['silver.produtos', 'gold.daily']],
  [['tag:Cube'], ['gold.daily']],
  [
    ['+tag:cube'],
    ['bronze.clientes', 'bronze.transacoes', 'silver.clientes', 'silver.transacoes', 'gold.daily'],
  ],
  [['stock/'], ['silver.produtos', 'gold.daily']],
  [['stock/raw'], ['silver.produtos']],
  [['gold/stock/'], ['gold.daily']],
  [
    ['silver/stock/', 'silver.clientes'],
    ['silver.clientes', 'silver.produtos'],
  ],
  [['gold/'], ['gold.daily', 'gold.churn']],
  [[], []],
])('%j selects %j', (words, names) => {
  expect(select(...words)).toEqual(names);
});

test.each([
  ['silver.cliente', 'Did you mean silver.clientes?'],
  ['daily', 'Did you mean gold.daily?'],
  ['tag:dayly', 'Did you mean daily? There are these tags: cube, daily.'],
  ['stok/', 'Did you mean stock/? There are these folders: gold/, gold/stock/, silver/'],
  ['raw/', 'There are these folders'],
  ['golf', 'Did you mean gold?'],
  ['nothing+', 'There are: seed, bronze, silver, gold, bronze.clientes'],
])('%j is refused, with what was meant', (word, hint) => {
  let thrown: unknown;
  try {
    select(word);
  } catch (error) {
    thrown = error;
  }
  if (!(thrown instanceof IgarapeError)) throw new Error(`${word} was accepted`);
  expect(thrown.code).toBe('USAGE');
  expect(thrown.hint).toContain(hint);
});
