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

describeWith(await framesPython(), 'nested values as PyArrow writes them', (python) => {
  test.each(['int64', 'int96'])(
    `are taken with every digit of their instants, and members in another order are no change: %s, seed ${seed}`,
    async (kind) => {
      await promisify(execFile)(python, [
        join(import.meta.dirname, 'parquet_nested.py'),
        dir(),
        String(seed),
      ]);
      const expected = z
        .record(z.string(), z.array(z.unknown()))
        .parse(JSON.parse(await readFile(join(dir(), 'expected.json'), 'utf8')));
      const scenario = openScenario(dir(), { tables: [{ name: 't', pk: 'id' }] });
      await scenario.write('t.parquet', await readFile(join(dir(), `${kind}.parquet`)));
      expect(await scenario.runTable('t')).toMatchObject({ operation: 'full-load' });
      const rows = await scenario.rows('full-load/t.parquet');
      for (const [column, values] of Object.entries(expected)) {
        const texts = values.map((value) => (value === null ? null : JSON.stringify(value)));
        const found = rows
          .toSorted((a, b) => Number(a['id']) - Number(b['id']))
          // INT96 says nothing of a time zone.
          .map((row) => row[column]);
        expect(found).toEqual(
          kind === 'int96' ? texts.map((text) => text?.replaceAll('+00"', '"') ?? null) : texts,
        );
      }
      await scenario.write('t.parquet', await readFile(join(dir(), `${kind}-shuffled.parquet`)));
      expect(await scenario.runTable('t')).toMatchObject({ operation: 'unchanged', unchanged: rows.length });
    },
  );
});
