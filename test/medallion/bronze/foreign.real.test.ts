import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { quoteText } from '../../../src/engine/quote.ts';
import { openForeignFiles } from '../../../src/medallion/bronze/foreign-files.ts';
import { openScenario } from '../../support/scenario.ts';
import { useTempDir } from '../../support/tmp.ts';
import { ForeignLake } from './foreign-lake.ts';

const LOYALTY = join(import.meta.dirname, '../../../../shared/data/loyalty');
const WHY = existsSync(LOYALTY) ? '' : ' (skipped: the data is not beside this project)';
const dir = useTempDir();

describe.skipIf(WHY !== '')(
  `two real snapshots of a loyalty system, as files of the older layout${WHY}`,
  () => {
    test.for(['op', 'dms'] as const)(
      'end as the newest snapshot, deleted clients included (%s)',
      async (compat) => {
        const older = openScenario(dir(), {
          compat,
          tables: [{ name: 'clientes', sep: ';', pk: 'idCliente', date_field: 'DtAtualizacao' }],
        });
        const newest = readFileSync(join(LOYALTY, '2025-10-04', 'clientes.csv'), 'utf8').split('\n');
        for (const [day, lines] of [
          ['2025-10-03', undefined],
          ['2025-10-04', undefined],
          // The third client is gone the day after, and nothing else is new.
          ['2025-10-05', [...newest.slice(0, 3), ...newest.slice(4)].join('\n')],
        ] as const) {
          await older.write('clientes.csv', lines ?? readFileSync(join(LOYALTY, day, 'clientes.csv')));
          await older.run();
        }

        const lake = await ForeignLake.open(join(dir(), 'bronze'));
        const published = join(dir(), 'lake');
        const files = await openForeignFiles([
          join(published, 'full-load/clientes.parquet'),
          join(published, 'cdc/clientes_*.parquet'),
        ]);
        const table = { key: ['idCliente'], compat, orderBy: 'DtAtualizacao', files };
        expect(await lake.run({ table, maxFiles: 1 })).toMatchObject({
          operation: 'created',
          inserted: 3998,
        });
        expect(await lake.run({ table })).toMatchObject({ inserted: 5, updated: 6, deleted: 1 });

        const path = join(dir(), 'source', 'clientes.csv');
        const columns = ['idCliente', 'qtdePontos', 'DtAtualizacao'];
        const expected = await lake.engine.rows(
          `SELECT ${columns.map((name) => `CAST(${name} AS VARCHAR) AS ${name}`).join(', ')} FROM read_csv(${quoteText(path)}, delim = ';') ORDER BY ALL`,
        );
        const found = await lake.engine.rows(
          `SELECT ${columns.map((name) => `CAST(${name} AS VARCHAR) AS ${name}`).join(', ')} FROM (${await lake.sql()}) ORDER BY ALL`,
        );
        expect(found).toHaveLength(4002);
        expect(found).toEqual(expected);
      },
    );
  },
);
