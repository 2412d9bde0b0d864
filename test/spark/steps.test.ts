import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Cluster } from '../../src/spark/cluster.ts';
import { OnSpark } from '../../src/spark/on-spark.ts';
import { printNode } from '../../src/medallion/incremental/print.ts';
import { CORPUS, SHOP } from '../medallion/incremental/corpus.ts';
import { Tables } from '../medallion/incremental/tables.ts';
import { testEdge } from '../support/scenario.ts';
import { useLayers } from '../support/layer-tables.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();
const open = useLayers();

const TABLE = { layer: 'silver', name: 'model' } as const;
const NOWHERE = { host: '127.0.0.1', port: 1, token: undefined, isSecure: false, userId: '', headers: {} };

test(
  'of a model that Spark computes as a whole it computes the changes, too',
  { timeout: 120_000 },
  async () => {
    const shop = await Tables.open(SHOP, 'shop');
    const layers = await open(join(dir(), 'lake'));
    const cluster = new Cluster(NOWHERE, testEdge());
    const followed: string[] = [];
    try {
      for (const { name, key, sql } of CORPUS) {
        await using spark = new OnSpark(layers.sparkEdge(TABLE), cluster);
        for (const table of shop.names) {
          const columns = await shop.engine.describe(`FROM shop.${table}`);
          for (const schema of ['shop', 'igarape_then', 'igarape_now', 'igarape_gone', 'igarape_come'])
            await spark.show(`${schema}."${schema === 'shop' ? '' : 'shop.'}${table}"`, {
              from: { uri: '' },
              columns,
            });
        }
        const plan = (await shop.incremental(sql)).plan({
          key: key.split(', '),
          changed: new Set(shop.names.map((table) => `shop.${table}`)),
          isOneToOne: false,
          isExact: () => true,
          prefix: 'step_',
        });
        if (plan.kind === 'whole' || plan.kind === 'unchanged') continue;
        if ((await spark.render(sql)).kind === 'refused') continue;
        for (const step of plan.steps)
          expect(
            await spark.define(step.name, await printNode(shop.engine, step.query)),
            name,
          ).toBeUndefined();
        followed.push(name);
      }
    } finally {
      shop.engine.close();
    }
    expect(followed.length).toBeGreaterThan(40);
  },
);
