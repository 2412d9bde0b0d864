import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openScenario } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';

const LOYALTY = join(import.meta.dirname, '../../../shared/data/loyalty');
const WHY = existsSync(LOYALTY) ? '' : ' (skipped: the data is not beside this project)';
const dir = useTempDir();

describe.skipIf(WHY !== '')(`two real snapshots of a loyalty system, a day apart${WHY}`, () => {
  test('give five new clients, six changed ones, and no false update of a product', async () => {
    const scenario = openScenario(dir(), {
      tables: [
        { name: 'clientes', sep: ';', pk: 'idCliente', date_field: 'DtAtualizacao' },
        { name: 'produtos', sep: ';', pk: 'IdProduto', date_field: '' },
      ],
    });
    const useDay = async (day: string): Promise<void> => {
      for (const name of ['clientes.csv', 'produtos.csv']) {
        await scenario.write(name, readFileSync(join(LOYALTY, day, name)));
      }
    };
    await useDay('2025-10-03');
    expect((await scenario.run()).report.tables).toMatchObject({
      clientes: { operation: 'full-load', inserted: 3998 },
      produtos: { operation: 'full-load', inserted: 41 },
    });
    await useDay('2025-10-04');
    expect((await scenario.run()).report.tables).toMatchObject({
      clientes: { operation: 'cdc', inserted: 5, updated: 6, deleted: 0, unchanged: 3992 },
      produtos: { operation: 'unchanged', unchanged: 41, file: null },
    });
    expect((await scenario.run()).report.run).toBeNull();
    expect(await scenario.columns('full-load/produtos.parquet')).toMatchObject({
      DescDescricaoProduto: 'VARCHAR',
    });
    expect((await scenario.verify()).ok).toBe(true);
  });
});
