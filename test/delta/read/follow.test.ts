import { describe, expect, it } from 'vitest';
import { DeltaTable } from '../../../src/delta/table.ts';
import { openMemoryStorage } from '../../../src/storage/memory.ts';
import { openWriter, optionsOf } from '../write/table.ts';

async function made(): Promise<DeltaTable> {
  return DeltaTable.create(openMemoryStorage(), { ...optionsOf(await openWriter()), rows: 'SELECT 0 AS id' });
}

describe('the change feed', () => {
  it('has nothing after the newest version', async () => {
    const table = await made();
    for (const from of [1, 2, 700, '2100-01-01']) {
      const rows = await table.changes({ from });
      expect(await rows.toArray()).toEqual([]);
      expect(rows.columns.map(({ name }) => name)).toEqual([
        'id',
        '_change_type',
        '_commit_version',
        '_commit_timestamp',
      ]);
    }
    await expect(table.changes({ from: 2, to: 1 })).rejects.toMatchObject({ code: 'DELTA_VERSION' });
    await expect(table.changes({ from: -1 })).rejects.toMatchObject({ code: 'DELTA_VERSION' });
    expect(await (await table.changes({ from: 0, to: 9 })).toArray()).toHaveLength(1);
  });

  it('is followed: what is there, then what comes, until the signal', async () => {
    const table = await made();
    const stop = new AbortController();
    const steps: unknown[] = [];
    const waits: number[] = [];
    const todo = [
      () => table.append('SELECT 1 AS id'),
      () => Promise.resolve(),
      async () => {
        await table.append('SELECT 2 AS id');
        await table.delete('id = 0');
      },
      async () => stop.abort(),
    ];
    const wait = async (ms: number): Promise<void> => {
      waits.push(ms);
      await todo.shift()?.();
    };
    for await (const { from, to, rows } of table.follow({ from: 0, signal: stop.signal, pollMs: 7, wait })) {
      const found = await rows.toArray();
      steps.push([from, to, found.map((row) => JSON.stringify([row['_change_type'], row['id']])).toSorted()]);
    }
    expect(steps).toEqual([
      [0, 0, ['["insert",0]']],
      [1, 1, ['["insert",1]']],
      [2, 3, ['["delete",0]', '["insert",2]']],
    ]);
    expect(waits).toEqual([7, 7, 7, 7]);
    expect(await table.engine.rows('SELECT table_name FROM duckdb_tables()')).toEqual([]);
  });

  it('ends while it waits for the clock', async () => {
    const table = await made();
    const stop = new AbortController();
    const steps = table.follow({ from: 1, signal: stop.signal, pollMs: 3_600_000 });
    const next = steps.next();
    stop.abort();
    expect(await next).toEqual({ done: true, value: undefined });
  });

  it('takes nothing but an AbortSignal for one', async () => {
    const table = await made();
    for (const signal of [JSON.parse('{}'), new AbortController(), new EventTarget()])
      await expect(async () => table.follow({ from: 1, signal, pollMs: 1 }).next()).rejects.toMatchObject({
        code: 'USAGE',
        message: expect.stringContaining('should be an AbortSignal'),
      });
  });

  it('goes version by version where columns do not go together', async () => {
    const table = await made();
    await table.overwrite(`SELECT 'x' AS other`, { overwriteSchema: true });
    const steps: number[][] = [];
    for await (const { from, to } of table.follow({ from: 0, wait: async () => undefined })) {
      steps.push([from, to]);
      if (to === 1) break;
    }
    expect(steps).toEqual([
      [0, 0],
      [1, 1],
    ]);
  });
});
