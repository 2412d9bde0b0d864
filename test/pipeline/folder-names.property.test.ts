import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { DeltaTable } from '../../src/delta/table.ts';
import { verify } from '../../src/pipeline/verify.ts';
import { folderName, plantDecoy } from '../support/folder-name.ts';
import { openScenario, testEdge } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';
import { writeFileAt } from '../support/write-file.ts';

const dir = useTempDir();
const RUNS = Number(process.env['IGARAPE_PROPERTY_RUNS'] ?? 3);

test('whatever the folder of a lake is called, its tables are run, queried, verified and checkpointed', async () => {
  let lakes = 0;
  await fc.assert(
    fc.asyncProperty(folderName, async (name) => {
      const folder = join(dir(), String((lakes += 1)), name);
      await writeFileAt(
        join(folder, 'models/silver/upper.sql'),
        '-- key: id\nSELECT id, upper(v) AS v FROM bronze.t',
      );
      const lake = openScenario(folder, {
        tables: [
          { name: 't', pk: 'id', file: 't_*.csv', max_delete_ratio: 1 },
          { name: 'j', pk: 'id', file: 'j.jsonl' },
        ],
        layers: ['bronze', 'silver'],
        models: './models',
        work_dir: './work',
      });
      await lake.write('t_1.csv', 'id,v\n1,a\n2,b\n');
      await lake.write('t_2.csv', 'id,v\n3,c\n');
      await lake.write('j.jsonl', '{"id":1,"tags":["x"]}\n');
      await lake.run();
      await lake.write('t_1.csv', 'id,v\n1,z\n');
      await plantDecoy(folder);
      await lake.run();
      await plantDecoy(folder);
      expect(await lake.query('SELECT id, v FROM t ORDER BY id')).toEqual([
        { id: 1n, v: 'z' },
        { id: 3n, v: 'c' },
      ]);
      expect(await lake.query('SELECT id, v FROM full_load.t ORDER BY id')).toHaveLength(3);
      expect(await lake.query('SELECT id, _cdc_operation AS op, _run FROM cdc.t ORDER BY id')).toEqual([
        { id: 1n, op: 'U', _run: 1n },
        { id: 2n, op: 'D', _run: 1n },
      ]);
      expect(await lake.query('SELECT count(*) AS n FROM run_0.t')).toEqual([{ n: 3n }]);
      expect(await lake.query('SELECT v FROM silver.upper ORDER BY id')).toEqual([{ v: 'Z' }, { v: 'C' }]);
      const { ok, layers } = await verify(lake, testEdge(), undefined, { since: 'last' });
      expect({ ok, layers }).toMatchObject({ ok: true, layers: { 'silver.upper': { ok: true } } });
      await using table = await DeltaTable.open(join(folder, 'lake/silver/upper'));
      await table.checkpoint();
      await using again = await DeltaTable.open(join(folder, 'lake/silver/upper'));
      expect(await again.count()).toBe(2);
      await using rows = await again.read({ where: 'id = 3' });
      expect(await rows.toArray()).toMatchObject([{ v: 'C' }]);
      await rm(folder, { recursive: true, force: true });
    }),
    { numRuns: RUNS },
  );
});
