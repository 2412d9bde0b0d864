import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DeltaTable } from '../../../src/delta/table.ts';
import { quoteText } from '../../../src/engine/quote.ts';
import { describeWith } from '../../support/external.ts';
import { DeltaPeer, deltaRsPython, duckdbDeltaPython, polarsPython } from './peers.ts';

const TEXTS =
  `São Paulo|Rio|Goiânia|a=b %41|c:d "e"|x/y|  x |🐟|a#b?c|50%|%2F|a+b&c|2024-01-01|1|007|true|null|.|..|back\\slash|tab\tx|[x]|{y}|<z>|q'q|~^_|__HIVE_DEFAULT_PARTITION__x`
    .split('|')
    .concat('a|b', 'é'.repeat(120), 'x'.repeat(200), '長'.repeat(80));

/** Values of partition columns by type: whatever a folder's name, a URI or a reader could take for something else. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  VARCHAR: [
    ...TEXTS,
    ...fc.sample(fc.string({ minLength: 1, maxLength: 6, unit: 'grapheme' }), { numRuns: 20, seed: 7 }),
  ].map(quoteText),
  INTEGER: ['1', '-2'],
  BIGINT: ['9223372036854775807'],
  'DECIMAL(10,2)': ['1.50', '-2.00'],
  BOOLEAN: ['true', 'false'],
  DATE: [`'2024-01-31'`, `'0099-12-31'`],
  TIMESTAMPTZ: [`'2024-01-31 10:20:30.123456Z'`, `'2024-01-31 00:00:00Z'`, `'1969-12-31 23:59:59.999999Z'`],
  TIMESTAMP: [`'2024-01-31 10:20:30.123456'`, `'2024-01-31'`],
};

for (const { name, peer, script } of [
  { name: 'Polars', peer: await polarsPython(), script: 'polars_delta.py' },
  { name: 'delta-rs', peer: await deltaRsPython(), script: 'delta_rs.py' },
  { name: "DuckDB's delta extension", peer: await duckdbDeltaPython(), script: 'duckdb_delta.py' },
]) {
  describeWith(peer, `${name}, of a table partitioned by`, (python) => {
    let folder = '';
    let reader: DeltaPeer;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'igarape-partitions-'));
      reader = new DeltaPeer(python, script);
    });
    afterAll(async () => {
      await reader.close();
      await rm(folder, { recursive: true, force: true });
    });

    it.each(Object.entries(VALUES))('%s reads every value', async (type, values) => {
      const path = join(folder, type.replaceAll(/\W/g, '_'));
      const rows = ['NULL', ...values].map((value) => `CAST(${value} AS ${type})`);
      const table = await DeltaTable.create(path, {
        rows: rows.map((value, id) => `SELECT ${id} AS id, ${value} AS p, ${value} AS q`).join(' UNION ALL '),
        partitionColumns: ['p'],
        configuration: { 'delta.enableDeletionVectors': 'false' },
      });
      await table.update({ set: { id: 'id + 1000' }, where: 'id % 2 = 1' });
      const { version } = await table.snapshot();
      const read = async (where?: string): Promise<unknown> => {
        const out = `${path}-${where === undefined ? 'all' : 'some'}.parquet`;
        await reader.ask({
          kind: 'read',
          table: path,
          version,
          out,
          ...(where === undefined ? {} : { where }),
        });
        const [found] = await table.engine.rows(
          `SELECT count(*)::INTEGER AS rows, count(*) FILTER (p IS DISTINCT FROM q)::INTEGER AS wrong FROM ${quoteText(out)}`,
        );
        return found;
      };
      expect(await read()).toEqual({ rows: rows.length, wrong: 0 });
      const where = type === 'VARCHAR' ? `p = 'São Paulo'` : 'id = 1002';
      expect(await read(where)).toEqual({ rows: type === 'VARCHAR' ? 1 : 0, wrong: 0 });
      await table.close();
    });

    it('nothing finds zeros of both signs', async () => {
      const path = join(folder, 'zeros');
      const table = await DeltaTable.create(path, {
        rows: `SELECT 1 AS id, '-0.0'::DOUBLE AS f`,
        configuration: { 'delta.enableDeletionVectors': 'false' },
      });
      await table.append(`SELECT 2 AS id, '0.0'::DOUBLE AS f`);
      for (const where of ['f = 0.0', 'f >= 0.0', 'f <= 0.0']) {
        const out = join(folder, 'zeros.parquet');
        expect(await reader.ask({ kind: 'read', table: path, version: 1, out, where }), where).toBe(2);
      }
      await table.close();
    });
  });
}
