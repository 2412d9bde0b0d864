import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { DemoDay } from '../../src/cli/demo/data.ts';
import { copyModels } from '../../src/cli/init/models.ts';
import { Engine } from '../../src/engine/engine.ts';
import { quoteText } from '../../src/engine/quote.ts';
import type { LayerReport } from '../../src/medallion/report.ts';
import { openScenario } from '../support/scenario.ts';
import { loyaltyTables, writeLoyaltyDay, writeMoreModels } from './loyalty.ts';

export interface LayeredLake {
  /** The lake's folder. */
  readonly lake: string;
  /** What each of the three runs did, by the tables' full names. */
  readonly runs: readonly Readonly<Record<string, LayerReport>>[];
}

/**
 * A lake with every kind of layer table after three runs: bronze of own files, with and without history, and of change
 * files of others; silver that is merged and that is made anew; gold by date.
 */
export async function makeLayeredLake(folder: string): Promise<LayeredLake> {
  const models = join(folder, 'models');
  await copyModels(models);
  await writeMoreModels(models);
  const partners = { from: './cdc/parceiros_*.parquet', compat: 'op', order_by: 'em' };
  const scenario = openScenario(folder, {
    layers: ['bronze', 'silver', 'gold'],
    tables: [
      ...loyaltyTables,
      {
        name: 'historia',
        file: 'clientes.csv',
        sep: ';',
        pk: 'idCliente',
        max_delete_ratio: 1,
        max_update_ratio: 1,
        history: 'scd2',
      },
      { name: 'parceiros', pk: 'id', bronze: partners },
    ],
  });
  const engine = Engine.open({ memoryLimit: '500MB', spillDir: join(folder, 'spill'), threads: 1 });
  const runs: Readonly<Record<string, LayerReport>>[] = [];
  try {
    for (const day of [1, 2, 3] as const) {
      await writeLoyaltyDay(engine, day, join(folder, 'source'));
      await writePartners(engine, day, join(folder, 'cdc'));
      const { exitCode, report } = await scenario.run();
      if (exitCode !== 0) throw new Error(JSON.stringify(report));
      runs.push(report.layers ?? {});
    }
  } finally {
    engine.close();
  }
  return { lake: join(folder, 'lake'), runs };
}

/** Change files that somebody else writes: on the first day inserts, then changes of every kind, then a column more. */
async function writePartners(engine: Engine, day: DemoDay, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const rows = {
    1: `SELECT i AS id, 'parceiro ' || i AS nome, TIMESTAMP '2025-03-09' AS em, 'I' AS op FROM range(40) AS r(i)`,
    2: `SELECT i AS id, 'nova ' || i AS nome, TIMESTAMP '2025-03-10' AS em, ['U', 'D', 'I'][1 + i % 3] AS op FROM range(30, 60) AS r(i)`,
    3: `SELECT i AS id, NULL AS nome, TIMESTAMP '2025-03-11' AS em, 'U' AS op, i * 1.5 AS peso FROM range(3) AS r(i)`,
  }[day];
  const path = quoteText(join(folder, `parceiros_${day}.parquet`));
  await engine.run(`COPY (${rows}) TO ${path} (FORMAT parquet)`);
}
