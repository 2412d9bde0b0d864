import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkpointKey, ledgerKey } from '../../src/lake/layout.ts';
import type { LedgerEntry, PastEntry, TableState } from '../../src/lake/ledger-entry.ts';
import { decodeRecord, decodeWhole, encodeRecord, encodeWhole } from '../../src/lake/ledger-codec.ts';
import { applyRecord, nextEntry } from '../../src/lake/ledger-record.ts';
import { commitEntry, readLedger, readLedgerBackwards, readNewestEntry } from '../../src/lake/ledger.ts';
import { finishRun } from '../../src/lake/recover.ts';
import { openMemoryStorage } from '../../src/storage/memory.ts';
import type { Storage } from '../../src/storage/port.ts';
import { wrapStorage } from '../support/wrapped-storage.ts';
import { entryOf, fileOf } from './entries.ts';

async function ledgerOf(runs: readonly number[]): Promise<Storage> {
  const storage = openMemoryStorage();
  for (const run of runs) expect(await commitEntry(storage, entryOf(run, null), undefined)).toBe(true);
  return storage;
}

async function forwards(storage: Storage): Promise<LedgerEntry[]> {
  const entries: LedgerEntry[] = [];
  for await (const entry of readLedger(storage)) entries.push(entry);
  return entries;
}

async function backwards(storage: Storage): Promise<PastEntry[]> {
  const entries: PastEntry[] = [];
  for await (const entry of readLedgerBackwards(storage, await readNewestEntry(storage))) entries.push(entry);
  return entries;
}

describe('a ledger', () => {
  test('without runs has no newest entry', async () => {
    const storage = await ledgerOf([]);
    expect(await readNewestEntry(storage)).toBeUndefined();
    expect(await forwards(storage)).toEqual([]);
    expect(await backwards(storage)).toEqual([]);
  });

  test('is read in the order of its runs, both ways', async () => {
    const runs = Array.from({ length: 21 }, (_, run) => run);
    const storage = await ledgerOf(runs);
    expect((await forwards(storage)).map(({ run }) => run)).toEqual(runs);
    expect((await backwards(storage)).map(({ run }) => run)).toEqual(runs.toReversed());
    expect((await readNewestEntry(storage))?.run).toBe(20);
  });

  test('takes a run once', async () => {
    const storage = await ledgerOf([0]);
    const other = { ...entryOf(0, null), attempt: 'another' };
    expect(await commitEntry(storage, other, undefined)).toBe(false);
    expect((await readNewestEntry(storage))?.attempt).toBe('attempt-0');
  });

  test('passes over what is no entry', async () => {
    const storage = await ledgerOf([0, 1]);
    await storage.putIfAbsent('_igarape/ledger/zzz.json', Buffer.from('{}'));
    expect((await readNewestEntry(storage))?.run).toBe(1);
    expect(await forwards(storage)).toHaveLength(2);
  });

  test.each([[[1]], [[0, 2]], [[0, 1, 2, 4]]])('of the runs %j only is corrupt', async (runs) => {
    const storage = await ledgerOf(runs);
    await expect(forwards(storage)).rejects.toMatchObject({ code: 'LAKE_CORRUPT' });
    await expect(readNewestEntry(storage)).rejects.toMatchObject({ code: 'LAKE_CORRUPT' });
  });
});

/** What runs do to some of the tables `a` to `d`. */
const drawnRun = fc.dictionary(
  fc.constantFrom('a', 'b', 'c', 'd'),
  fc.record({
    did: fc.constantFrom('cdc', 'full-load', 'unchanged', 'held', 'seen' as const),
    inserted: fc.nat(9),
    deleted: fc.nat(9),
    column: fc.boolean(),
    compacts: fc.boolean(),
  }),
);

type DrawnRun = typeof drawnRun extends fc.Arbitrary<infer T> ? T : never;

function stateAfter(
  run: number,
  name: string,
  known: TableState | undefined,
  what: DrawnRun[string],
): TableState {
  const kind = known === undefined || what.did === 'full-load' ? 'full-load' : 'cdc';
  const [template] = Object.values(entryOf(run, { ...fileOf(`${name}-${run}`, 'staged', 1), kind }).tables);
  if (template === undefined) throw new RangeError('An entry has a table.');
  const segment = { key: `${name}-${run}`, sizeBytes: 1, rows: what.inserted };
  const before = kind === 'full-load' || what.compacts ? [] : (known?.base.segments ?? []);
  const rowsBefore = kind === 'full-load' ? 0 : (known?.base.rows ?? 0);
  const deleted = Math.min(what.deleted, rowsBefore);
  const rows = rowsBefore + what.inserted - deleted;
  const schema = known?.schema ?? template.schema;
  return {
    ...template,
    inserted: what.inserted,
    deleted,
    epoch: (known?.epoch ?? -1) + (kind === 'full-load' ? 1 : 0),
    schema: what.column ? [...schema, { name: `c${run}`, type: 'text' }] : schema,
    base: { segments: [...before, segment], rows, hashVersion: known?.base.hashVersion ?? null },
  };
}

/** The entry of a drawn run after another. */
function entryAfter(run: number, previous: LedgerEntry | undefined, drawn: DrawnRun): LedgerEntry {
  const states: Record<string, TableState> = {};
  const report: Record<string, LedgerEntry['report'][string]> = {};
  const nothing = { inserted: 0, updated: 0, deleted: 0, unchanged: 0, file: null, bytes: 0 };
  for (const [name, what] of Object.entries(drawn)) {
    const known = previous?.tables[name];
    if (what.did === 'held') report[name] = { operation: 'held', ...nothing, reason: `run ${run}` };
    else if (what.did === 'unchanged' && known !== undefined)
      report[name] = { operation: 'unchanged', ...nothing, unchanged: known.base.rows };
    else if (what.did === 'seen' && known !== undefined) {
      const seen = { ...known.seen, version: `v${run}` };
      const { updated, deleted, file } = { ...nothing };
      states[name] = { ...known, operation: 'unchanged', inserted: 0, updated, deleted, file, seen };
      report[name] = { operation: 'unchanged', ...nothing, unchanged: known.base.rows };
    } else {
      const state = stateAfter(run, name, known, what);
      states[name] = state;
      report[name] = {
        ...nothing,
        operation: state.operation,
        inserted: state.inserted,
        file: state.file?.key ?? null,
      };
    }
  }
  const { tables: _, report: __, ...head } = entryOf(run, null);
  return nextEntry(previous, head, states, report);
}

describe('what runs have stored', () => {
  test('gives every entry and every report again, from the beginning, from any checkpoint and backwards', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(drawnRun, { minLength: 1, maxLength: 40 }), async (runs) => {
        const storage = openMemoryStorage();
        const entries: LedgerEntry[] = [];
        for (const [run, drawn] of runs.entries()) {
          const previous = entries.at(-1);
          const entry = entryAfter(run, previous, drawn);
          expect(await commitEntry(storage, entry, previous)).toBe(true);
          for (const { file } of Object.values(entry.tables))
            if (file !== null) await storage.putIfAbsent(file.key, Buffer.from('x'));
          await finishRun(storage, entry);
          expect(await readNewestEntry(storage)).toEqual(entry);
          entries.push(entry);
        }
        expect(await forwards(storage)).toEqual(entries);
        const told = (await backwards(storage)).toReversed();
        expect(told.map(({ report }) => report)).toEqual(entries.map(({ report }) => report));
        expect(told.map(filesOf)).toEqual(entries.map(filesOf));
      }),
      { numRuns: 30 },
    );
  });

  function filesOf({ tables }: PastEntry): unknown {
    return Object.entries(tables).flatMap(([name, { file, primaryKey, epoch }]) =>
      file === null ? [] : [[name, file, primaryKey, epoch]],
    );
  }

  test('grows with what a run changes, and not with the lake', () => {
    const many = Array.from({ length: 500 }, (_, table) => `table_${table}`);
    const [state] = Object.values(entryOf(0, null).tables);
    if (state === undefined) throw new RangeError('An entry has a table.');
    const columns = Array.from({ length: 30 }, (_, n) => ({ name: `a column ${n}`, type: 'text' as const }));
    const tables = Object.fromEntries(many.map((name) => [name, { ...state, schema: columns }]));
    const before = { ...entryOf(0, null), tables };
    const unchanged = {
      operation: 'unchanged',
      inserted: 0,
      updated: 0,
      deleted: 0,
      unchanged: 1,
      file: null,
      bytes: 0,
    } as const;
    const { tables: _, report: __, ...head } = entryOf(1, null);
    const changed = {
      ...state,
      schema: columns,
      file: fileOf('cdc/table_7_20250101_000000.parquet', 'staged', 1),
    };
    for (const looked of [many, ['table_7']]) {
      const report = Object.fromEntries(looked.map((name) => [name, unchanged]));
      const entry = nextEntry(before, head, { table_7: changed }, report);
      expect(encodeRecord(entry, before).byteLength).toBeLessThan(3000);
    }
  });
});

describe('a checkpoint', () => {
  const runs = Array.from({ length: 40 }, (_, run) => run);

  async function lakeWithCheckpoints(): Promise<Storage> {
    const storage = openMemoryStorage();
    let previous: LedgerEntry | undefined;
    for (const run of runs) {
      const drawn = {
        a: { did: 'full-load', inserted: run, deleted: 0, column: false, compacts: true },
      } as const;
      const entry = entryAfter(run, previous, drawn);
      await commitEntry(storage, entry, previous);
      await storage.putIfAbsent(`a-${run}`, Buffer.from('x'));
      await finishRun(storage, entry);
      previous = entry;
    }
    return storage;
  }

  test('spares the entries before it', async () => {
    const storage = await lakeWithCheckpoints();
    const read: string[] = [];
    const watched: Storage = {
      ...wrapStorage(storage, {}),
      read: async (key) => {
        read.push(key);
        return storage.read(key);
      },
    };
    expect((await readNewestEntry(watched))?.run).toBe(39);
    expect(read).toHaveLength(1 + 40 - 32);
  });

  test.each([
    ['lost', async (storage: Storage) => storage.delete([checkpointKey(32), checkpointKey(16)])],
    ['damaged', async (storage: Storage) => replace(storage, checkpointKey(32), Buffer.from('{"form'))],
    [
      'of another ledger',
      async (storage: Storage) => {
        const entry = decodeWhole((await storage.read(checkpointKey(32))) ?? new Uint8Array(), 'x');
        await replace(storage, checkpointKey(32), encodeWhole({ ...entry, attempt: 'other', tables: {} }));
      },
    ],
    [
      'ahead of a ledger that was put back',
      async (storage: Storage) => storage.delete(runs.slice(30).map(ledgerKey)),
    ],
  ])('that is %s takes nothing away', async (_, harm) => {
    const storage = await lakeWithCheckpoints();
    await harm(storage);
    expect(await readNewestEntry(storage)).toEqual((await forwards(storage)).at(-1));
  });

  test('a state that is known from earlier spares even more: the entry that it follows from, and those after it, are read', async () => {
    const storage = await lakeWithCheckpoints();
    const known = (await forwards(storage))[37];
    const asked: string[] = [];
    const watched: Storage = {
      ...wrapStorage(storage, {}),
      list: (prefix, startAfter) => (asked.push(prefix), storage.list(prefix, startAfter)),
      read: async (key) => (asked.push(key), storage.read(key)),
    };
    expect(await readNewestEntry(watched, known)).toEqual(await readNewestEntry(storage));
    expect(asked).toEqual(['_igarape/ledger/', ...[37, 38, 39].map(ledgerKey)]);
  });

  test.each([0, 5])(
    'one that a ledger which was put back does not have counts for nothing, after %i other runs',
    async (count) => {
      const storage = await lakeWithCheckpoints();
      const known = (await forwards(storage))[34];
      await storage.delete(runs.slice(33).map(ledgerKey));
      let previous = await readNewestEntry(storage);
      for (const run of runs.slice(33, 33 + count)) {
        const entry = { ...entryAfter(run, previous, {}), attempt: `other-${run}` };
        await commitEntry(storage, entry, previous);
        previous = entry;
      }
      const found = await readNewestEntry(storage, known);
      expect(found).toEqual((await forwards(storage)).at(-1));
      expect(found?.run).toBe(32 + count);
    },
  );

  async function replace(storage: Storage, key: string, body: Uint8Array): Promise<void> {
    await storage.delete([key]);
    await storage.putIfAbsent(key, body);
  }
});

describe('an entry', () => {
  test('is read as it was written', () => {
    fc.assert(
      fc.property(fc.nat(), fc.string(), fc.nat(), (run, key, sizeBytes) => {
        const entry = entryOf(run, fileOf(key, `staged/${key}`, sizeBytes));
        const record = decodeRecord(encodeRecord(entry, undefined), ledgerKey(run));
        expect(applyRecord(undefined, record)).toEqual(entry);
        expect(decodeWhole(encodeWhole(entry), 'x')).toEqual(entry);
      }),
    );
  });

  const whole = (entry: object): string => JSON.stringify({ format: 1, ...entry });
  test.each([
    ['no UTF-8', Buffer.from([0xff, 0xfe])],
    ['no JSON', Buffer.from('{')],
    ['another type', Buffer.from('[]')],
    ['an impossible type of a column', Buffer.from(whole(entryOf(0, null)).replace('bigint', 'varchar'))],
    ['no part of a base', Buffer.from(whole(entryOf(0, null, [])))],
  ])('that holds %s is corrupt, and named', (_what, bytes) => {
    expect(() => decodeRecord(bytes, 'lake/entry')).toThrow(/^The ledger entry lake\/entry cannot be read/);
  });

  test('that goes on from what the ledger does not have is corrupt, and named', async () => {
    const storage = openMemoryStorage();
    const before = entryOf(0, null);
    const [state] = Object.values(before.tables);
    if (state === undefined) throw new RangeError('An entry has a table.');
    const after = nextEntry(before, entryOf(0, null), { t: { ...state, epoch: 1 } }, {});
    await commitEntry(storage, after, before);
    await expect(readNewestEntry(storage)).rejects.toMatchObject({
      code: 'LAKE_CORRUPT',
      message: expect.stringContaining(ledgerKey(0)),
    });
  });

  test('of a newer format says who wrote it', () => {
    const newer = Buffer.from(JSON.stringify({ format: 4, writer: 'igarape 9', anything: 'else' }));
    expect(() => decodeRecord(newer, 'lake/entry')).toThrow(
      'lake/entry was written by a newer igarape (igarape 9).',
    );
  });
});
