import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { IgarapeError } from '../../../src/core/errors.ts';
import { commitKey } from '../../../src/delta/log/path.ts';
import { appendRows } from '../../../src/delta/operations/write-table.ts';
import { DeltaTable } from '../../../src/delta/table.ts';
import { Engine } from '../../../src/engine/engine.ts';
import { openLocalStorage } from '../../../src/storage/local.ts';
import { useTempDir } from '../../support/tmp.ts';

const dir = useTempDir();
const RUNS = Number(process.env['IGARAPE_PROPERTY_RUNS'] ?? 15);

const drawn = fc.record({
  /** Commits before and after the table is opened. */
  before: fc.nat(3),
  after: fc.nat(4),
  fate: fc.constantFrom('stays', 'is cleaned', 'is replaced', 'is gone'),
  /** How many commits the table has that takes its place. */
  commits: fc.nat(5),
  act: fc.constantFrom('append', 'delete', 'read', 'append what was read before'),
});

it('an open table sees a log that has moved on, was cleaned, or belongs to another table before it reads or commits', async () => {
  const engine = Engine.open({ memoryLimit: '1GB', spillDir: join(dir(), 'spill') });
  const appendAll = async (table: DeltaTable, count: number, rows: string): Promise<void> => {
    for (let done = 0; done < count; done += 1) await table.append(rows);
  };
  const rowsOf = async (table: DeltaTable): Promise<unknown[]> => {
    const read = await table.read();
    return (await engine.rows(`SELECT v FROM (${read.sql}) ORDER BY v`)).map(({ v }) => v);
  };
  try {
    await fc.assert(
      fc.asyncProperty(drawn, async ({ before, after, fate, commits, act }) => {
        const folder = await mkdtemp(join(dir(), 'table-'));
        const now = (): number => Date.UTC(2026, 0, 1);
        const table = await DeltaTable.create(folder, { engine, now, rows: `SELECT 'ours' AS v` });
        await appendAll(table, before, `SELECT 'ours' AS v`);
        const stale = await table.snapshot();
        const other = await DeltaTable.open(folder, { engine, now });
        await appendAll(other, after, `SELECT 'theirs' AS v`);
        let rows = [
          ...Array.from({ length: before + 1 }, () => 'ours'),
          ...Array.from({ length: after }, () => 'theirs'),
        ];
        if (fate === 'is cleaned') {
          const newest = await other.checkpoint();
          for (let version = 0; version < newest; version += 1) await rm(join(folder, commitKey(version)));
        }
        if (fate === 'is replaced' || fate === 'is gone') {
          await rm(folder, { recursive: true });
          if (fate === 'is replaced') {
            const next = await DeltaTable.create(folder, { engine, now, rows: `SELECT 'next' AS v` });
            await appendAll(next, commits, `SELECT 'next' AS v`);
            rows = Array.from({ length: commits + 1 }, () => 'next');
          }
        }
        const does = async (): Promise<unknown> => {
          switch (act) {
            case 'append':
              return table.append(`SELECT 'mine' AS v`);
            case 'delete':
              return table.delete(`v = 'ours'`);
            case 'read':
              return rowsOf(table);
            case 'append what was read before':
              return appendRows(
                { storage: openLocalStorage(folder), engine, workDir: dir(), now },
                stale,
                `SELECT 'mine' AS v`,
              );
          }
        };
        let code: string | undefined;
        let result: unknown;
        try {
          result = await does();
        } catch (error) {
          code = error instanceof IgarapeError ? error.code : String(error);
        }
        const mayConflict = act === 'append what was read before' && fate === 'is cleaned' && after > 0;
        const expected = fate === 'is replaced' || mayConflict ? 'DELTA_CONFLICT' : undefined;
        expect(code).toBe(fate === 'is gone' ? 'DELTA_NOT_FOUND' : expected);
        expect(Array.isArray(result) ? result : rows).toEqual(rows);
        if (code === undefined && act === 'delete') rows = rows.filter((value) => value !== 'ours');
        if (code === undefined && act.startsWith('append')) rows = ['mine', ...rows];
        if (fate === 'is gone') return;
        expect(await rowsOf(await DeltaTable.open(folder, { engine }))).toEqual(rows);
      }),
      { numRuns: RUNS },
    );
  } finally {
    engine.close();
  }
});
