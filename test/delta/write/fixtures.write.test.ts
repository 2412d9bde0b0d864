import { cp, chmod, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { quoteName } from '../../../src/engine/quote.ts';
import { DeltaTable } from '../../../src/delta/table.ts';
import { useTempDir } from '../../support/tmp.ts';
import { areFixturesHere, expectations, fixture, tablesWithoutRows } from '../fixtures.ts';

const dir = useTempDir();

/** Tables that are not written, by a part of their folder, and why. */
const REFUSED: Readonly<Record<string, string>> = {
  'no-delta-log-folder': 'DELTA_NOT_FOUND',
  generated_columns: 'DELTA_UNSUPPORTED',
  iceberg_compat_v1: 'DELTA_UNSUPPORTED',
  'deltalog-invalid-protocol-version': 'DELTA_UNSUPPORTED',
  'data-reader-absolute-paths-escaped-chars': 'DELTA_CORRUPT',
  'deltalog-commit-info': 'DELTA_CORRUPT',
  'state-reconstruction-from-checkpoint-missing': 'DELTA_CORRUPT',
  'state-reconstruction-without': 'DELTA_CORRUPT',
  'versions-not-contiguous': 'DELTA_CORRUPT',
};

function allTables(): string[] {
  if (!areFixturesHere) return [];
  return [...new Set([...expectations().map(({ table }) => table), ...tablesWithoutRows().map(fixture)])];
}

function refusalOf(table: string): string | undefined {
  return Object.entries(REFUSED).find(([part]) => table.includes(part))?.[1];
}

async function copyOf(table: string): Promise<string> {
  const copy = join(dir(), 'table');
  await cp(table, copy, { recursive: true });
  await chmod(copy, 0o755);
  for (const entry of await readdir(copy, { recursive: true, withFileTypes: true })) {
    await chmod(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644);
  }
  return copy;
}

/** The number of rows after each of several writes. */
async function writeAll(table: DeltaTable): Promise<number[]> {
  const counts: number[] = [];
  const count = async (): Promise<void> => {
    const rows = await table.read();
    const [row] = await table.engine.rows(`SELECT count(*) AS n FROM (${rows.sql})`);
    counts.push(Number(row?.['n']));
  };
  await count();
  const before = await table.snapshot();
  await table.append((await table.read()).sql);
  await count();
  const column = quoteName(before.schema.fields[0]?.name ?? '');
  await table.delete({ where: `${column} IS NOT NULL AND hash(${column}) % 2 = 0` });
  await count();
  await table.optimize();
  await count();
  await table.restore(before.version);
  await count();
  return counts;
}

describe.skipIf(!areFixturesHere)('a table of another writer', () => {
  const open = async (path: string): Promise<DeltaTable> =>
    DeltaTable.open(await copyOf(path), { workDir: join(dir(), 'work') });

  it.for(allTables().filter((path) => refusalOf(path) === undefined))(
    'takes our writes: %s',
    { timeout: 60_000 },
    async (path) => {
      const table = await open(path);
      const [first = 0, appended, deleted, optimized, restored] = await writeAll(table);
      await table.close();
      expect([appended, optimized, restored]).toEqual([2 * first, deleted, first]);
    },
  );

  it.for(allTables().filter((path) => refusalOf(path) !== undefined))('is refused: %s', async (path) => {
    await expect(open(path).then(writeAll)).rejects.toMatchObject({ code: refusalOf(path) });
  });
});
