import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { describeWith } from '../support/external.ts';
import { framesPython } from '../support/python.ts';
import { openScenario } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();

const seed =
  process.env['IGARAPE_PROPERTY_SEED'] ?? (process.env['CI'] === 'true' ? 20_261_124 : randomInt(1e9));
const PAIRS = Number(process.env['IGARAPE_PROPERTY_RUNS'] ?? 12);

const drawn = z.array(
  z.object({ names: z.array(z.string()), values: z.record(z.string(), z.array(z.string())) }),
);

describeWith(await framesPython(), 'names of columns as PyArrow writes them', (python) => {
  test(`are the file's own, in whatever order, or the file is refused, seed ${seed}`, async () => {
    await promisify(execFile)(python, [
      join(import.meta.dirname, 'parquet_names.py'),
      dir(),
      String(seed),
      String(PAIRS),
    ]);
    const all = drawn.parse(JSON.parse(await readFile(join(dir(), 'drawn.json'), 'utf8')));
    const tables = all.map((_, index) => ({ name: `t${index}`, pk: 'id' }));
    const scenario = openScenario(dir(), { tables });
    const publish = async (ending: string): ReturnType<typeof scenario.run> => {
      for (const [index, { name }] of tables.entries())
        await scenario.write(`${name}.parquet`, await readFile(join(dir(), `${index}${ending}.parquet`)));
      return scenario.run();
    };
    const first = await publish('');
    const later = await publish('-later');
    for (const [index, { names, values }] of all.entries()) {
      const table = `t${index}`;
      const folded = ['id', ...names].map((name) => name.toLowerCase());
      const isRefused = new Set(folded).size < folded.length || names.some((name) => name.trim() === '');
      const operations = [first, later].map(({ report }) => report.tables[table]?.operation);
      expect({ names, operations }).toEqual({
        names,
        operations: isRefused ? ['failed', 'failed'] : ['full-load', 'unchanged'],
      });
      if (isRefused) continue;
      const rows = await scenario.rows(`full-load/${table}.parquet`);
      rows.sort((a, b) => Number(a['id']) - Number(b['id']));
      for (const [name, expected] of Object.entries(values))
        expect(rows.map((row) => row[name])).toEqual(expected);
    }
  });
});
