import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Engine } from '../../src/engine/engine.ts';
import { quotePath } from '../../src/engine/quote.ts';
import { openScenario } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();
/** Rows 0 to 39, with the city of row 1 and without one. */
function rows(city: string, gone?: number): string {
  const ids = Array.from({ length: 40 }, (_, id) => id).filter((id) => id !== gone);
  return `id,city\n${ids.map((id) => `${id},${id === 1 ? city : 'Recife'}\n`).join('')}`;
}

async function codecs(engine: Engine, path: string): Promise<string[]> {
  const found = await engine.rows(
    `SELECT DISTINCT compression AS c FROM parquet_metadata(${quotePath(path)})`,
  );
  return found.map(({ c }) => String(c));
}

test('what is published is as the configuration says, and the base and the layers are zstd', async () => {
  const tables = [{ name: 't', pk: 'id' }];
  const lake = openScenario(dir(), { tables, layers: ['bronze'] });
  await lake.write('t.csv', rows('Belém'));
  await lake.run();
  await lake.write('t.csv', rows('Manaus', 7));
  await lake.run();
  const engine = Engine.open({ memoryLimit: '1GB', spillDir: dir() });
  try {
    for (const [folder, codec, files] of [
      ['full-load/', 'SNAPPY', 1],
      ['cdc/', 'SNAPPY', 1],
      ['_igarape/snapshots/', 'ZSTD', 2],
      ['bronze/t/', 'ZSTD', 3],
    ] as const) {
      const keys: string[] = [];
      for await (const { key } of lake.storage.list(folder)) if (key.endsWith('.parquet')) keys.push(key);
      expect({ folder, files: keys.length }).toEqual({ folder, files });
      for (const key of keys)
        expect({ key, codecs: await codecs(engine, join(dir(), 'lake', key)) }).toEqual({
          key,
          codecs: [codec],
        });
    }
  } finally {
    engine.close();
  }
});

test('the base tells of a row that is gone no more than that', async () => {
  const lake = openScenario(dir(), { tables: [{ name: 't', pk: 'id' }] });
  await lake.write('t.csv', rows('Belém'));
  await lake.run();
  await lake.write('t.csv', rows('Olinda', 7));
  await lake.run();
  const segment = (await lake.ledger()).at(-1)?.tables['t']?.base.segments.at(-1);
  const found = await lake.rows(segment?.key ?? '');
  expect(new Set(found.map(({ id, city, _igarape_live }) => [id, city, _igarape_live].join(' ')))).toEqual(
    new Set(['  false', '1 Olinda true']),
  );
});
