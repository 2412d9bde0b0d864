import { expect, test } from 'vitest';
import type { QueryValue } from '../../src/lake/query/query.ts';
import { withQuery } from '../../src/pipeline/query.ts';
import { openMemoryStorage } from '../../src/storage/memory.ts';
import { openScenario, type Scenario, testEdge } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();

async function rowsOf(lake: Scenario, sql: string): Promise<(readonly QueryValue[])[]> {
  return withQuery(lake, sql, testEdge(), async (query) => [...(await query.rows(100)).rows]);
}

test('a query joins change files and versions of layers, of a lake that is not on this disk too', async () => {
  const config = { layers: ['bronze'], tables: [{ name: 'clientes', pk: 'id' }] };
  const lake = openScenario(dir(), config, { storage: openMemoryStorage() });
  await lake.write('clientes.csv', 'id,nome\n1,Ana\n2,Bia\n3,Caio\n4,Davi\n');
  await lake.run();
  await lake.write('clientes.csv', 'id,nome\n1,Ana Maria\n2,Bia\n4,Davi\n');
  await lake.run();
  expect(
    await rowsOf(
      lake,
      `SELECT before.id, before.nome, now.nome, now._igarape_run, c._cdc_operation
        FROM bronze.clientes AS before AT (VERSION => 0)
        LEFT JOIN bronze.clientes AS now USING (id)
        JOIN cdc.clientes AS c USING (id)
        ORDER BY id`,
    ),
  ).toEqual([
    [1n, 'Ana', 'Ana Maria', 1n, 'U'],
    [3n, 'Caio', null, null, 'D'],
  ]);
  expect(
    await rowsOf(lake, 'SELECT id, nome FROM bronze.clientes EXCEPT SELECT id, nome FROM clientes'),
  ).toEqual([]);
  await expect(rowsOf(lake, 'FROM cliente')).rejects.toMatchObject({
    code: 'USAGE',
    hint: expect.stringMatching(/Its tables are: clientes\..* In its layers are: bronze\.clientes\./),
  });
});
