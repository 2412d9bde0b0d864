import { expect, test } from 'vitest';
import { WIDE } from '../../../src/cli/render/layout.ts';
import { renderGraph, renderMermaid } from '../../../src/cli/render/graph.ts';
import { type Lineage, lineage } from '../../../src/medallion/models/lineage.ts';
import { madeModel } from './made.ts';

const LAYERS = ['bronze', 'silver', 'gold'] as const;
const ROOTS = {
  tables: [{ name: 'clientes' }, { name: 'transacoes' }],
  foreignTables: [{ name: 'outros', from: ['s3://b/cdc/outros-*.parquet'] }],
  layers: LAYERS,
};
const SET = {
  models: [
    madeModel('silver.clientes', ['bronze.clientes'], 'Who they\nare'),
    madeModel('silver.transacoes', ['bronze.transacoes', 'silver.clientes']),
    madeModel('gold.daily', ['silver.transacoes']),
  ],
  seeds: [],
  checked: new Map(),
};

function full(): Lineage {
  return lineage(ROOTS, SET, ({ layer }) =>
    layer === 'gold' ? { kind: 'rebuild', reason: 'its SQL has a LIMIT' } : { kind: 'incremental' },
  );
}

test('lineage goes from the tables of the source, and from files of others, to the cubes', () => {
  expect(full().tables.map(({ name, layer, sources }) => [name, layer, sources])).toEqual([
    ['clientes', 'raw', []],
    ['transacoes', 'raw', []],
    ['s3://b/cdc/outros-*.parquet', 'raw', []],
    ['bronze.clientes', 'bronze', ['clientes']],
    ['bronze.transacoes', 'bronze', ['transacoes']],
    ['bronze.outros', 'bronze', ['s3://b/cdc/outros-*.parquet']],
    ['silver.clientes', 'silver', ['bronze.clientes']],
    ['silver.transacoes', 'silver', ['bronze.transacoes', 'silver.clientes']],
    ['gold.daily', 'gold', ['silver.transacoes']],
  ]);
  expect(full().tables.at(-1)).toMatchObject({
    description: null,
    build: { kind: 'rebuild', reason: 'its SQL has a LIMIT' },
  });
});

test('layers that the configuration leaves out are left out', () => {
  const names = lineage({ ...ROOTS, layers: ['bronze'] }, SET).tables.map(({ name }) => name);
  expect(names.at(-1)).toBe('bronze.outros');
});

test('as text it is a tree, in which what is reached again is not spelled out again', () => {
  expect(renderGraph(full(), WIDE)).toBe(
    [
      'table                              brought up to date',
      'clientes',
      '└── bronze.clientes',
      '    └── silver.clientes            incremental                   Who they\\nare',
      '        └── silver.transacoes      incremental',
      '            └── gold.daily         rebuilt: its SQL has a LIMIT',
      'transacoes',
      '└── bronze.transacoes',
      '    └── silver.transacoes (above)',
      's3://b/cdc/outros-*.parquet',
      '└── bronze.outros',
    ].join('\n'),
  );
});

test('as Mermaid it has a box a layer and an arrow a source, and no sign that Mermaid takes for its own', () => {
  expect(renderMermaid(full())).toBe(
    [
      'flowchart LR',
      '  subgraph raw',
      '    t0["clientes"]',
      '    t1["transacoes"]',
      '    t2["s3://b/cdc/outros-#42;.parquet"]',
      '  end',
      '  subgraph bronze',
      '    t3["bronze.clientes"]',
      '    t4["bronze.transacoes"]',
      '    t5["bronze.outros"]',
      '  end',
      '  subgraph silver',
      '    t6["silver.clientes"]',
      '    t7["silver.transacoes"]',
      '  end',
      '  subgraph gold',
      '    t8["gold.daily"]',
      '  end',
      '  t0 --> t3',
      '  t1 --> t4',
      '  t2 --> t5',
      '  t3 --> t6',
      '  t4 --> t7',
      '  t6 --> t7',
      '  t7 --> t8',
    ].join('\n'),
  );
});
