import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadSnapshot } from '../../../src/delta/log/snapshot.ts';
import { locateRows } from '../../../src/delta/merge/located-rows.ts';
import { DeltaTable } from '../../../src/delta/table.ts';
import { openLocalStorage } from '../../../src/storage/local.ts';
import { useTempDir } from '../../support/tmp.ts';
import { openDisk } from '../disk.ts';

const dir = useTempDir();
const ROWS = 1_100_000;

it('the second of two merges of few keys, one right after the other, writes the index of a large file, and later ones read by it', async () => {
  const disk = { ...(await openDisk(openLocalStorage(dir()))), now: Date.now };
  const { engine } = disk;
  await using table = await DeltaTable.create(dir(), {
    engine,
    rows: `SELECT i * 7919 % ${ROWS} AS k, 0 AS v FROM range(${ROWS}) AS r(i)`,
  });
  const merge = async (value: number, on: string[] | string = ['k']): Promise<unknown> => {
    const { metrics } = await table
      .merge(`SELECT CAST(${value} * 1000 AS BIGINT) AS k, ${value} AS v`, { on })
      .whenMatchedUpdateAll()
      .whenNotMatchedInsertAll()
      .execute();
    return metrics['numTargetRowsUpdated'];
  };
  const folder = join(dir(), '_igarape_keys');
  expect(await merge(1)).toBe(1);
  await table.append('SELECT CAST(-1 AS BIGINT) AS k, -1 AS v');
  expect(await merge(2)).toBe(1);
  expect(await merge(3, 'source.k = target.k')).toBe(1);
  expect(existsSync(folder)).toBe(false);
  expect(await merge(4)).toBe(1);
  expect(existsSync(folder)).toBe(false);
  expect(await merge(5)).toBe(1);
  expect(await readdir(folder)).toHaveLength(1);
  expect(await merge(6)).toBe(1);

  const snapshot = await loadSnapshot(disk);
  await engine.run('CREATE TABLE s AS SELECT CAST(7000 AS BIGINT) AS k');
  const keys = snapshot.schema.fields
    .slice(0, 1)
    .map((target) => ({ target, source: 'k', isComparable: true }));
  const all = await snapshot.files();
  const search = { source: 's', count: 1, keys, filter: async () => all, predicate: undefined };
  const located = await locateRows(disk, snapshot, search, all);
  expect(located.rows).toHaveLength(1);
  expect(located.whole).toHaveLength(all.length - 1);
  expect(located.files).toHaveLength(all.length);

  // A file that is gone from the table loses its index by a vacuum; that of a live one stays.
  const vacuum = async (): Promise<number> => {
    const { files } = await table.vacuum({ retentionMs: 0, allowShortRetention: true });
    return files.filter((key) => key.startsWith('_igarape_keys/')).length;
  };
  expect(await vacuum()).toBe(0);
  await table.delete('v = 0');
  await table.overwrite('SELECT CAST(1 AS BIGINT) AS k, 1 AS v');
  expect(await vacuum()).toBeGreaterThan(1);
});
