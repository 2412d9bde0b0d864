import { AsyncLocalStorage } from 'node:async_hooks';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { EngineError, IgarapeError } from '../../src/core/errors.ts';
import type { ProgressListener } from '../../src/core/log.ts';
import { Engine } from '../../src/engine/engine.ts';
import { openFilesSource } from '../../src/source/files.ts';
import type { Fetched, Part, Source, TableState, Unchanged } from '../../src/source/port.ts';
import { openLocalStorage } from '../../src/storage/local.ts';
import { openMemoryStorage } from '../../src/storage/memory.ts';
import type { Storage } from '../../src/storage/port.ts';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();
afterEach(() => vi.restoreAllMocks());

/** The table that is worked on, of several side by side. */
const working = new AsyncLocalStorage<string>();

const RUNS = Number(process.env['IGARAPE_PROPERTY_RUNS'] ?? 12);
const NONE = '';

const followTables: ProgressListener = ({ step, table = NONE }) => {
  if (step === 'table') working.enterWith(table);
  if (step === 'commit') working.enterWith(NONE);
};

/** Throws at one call of all that are made while the table `b` is worked on. */
class Fault {
  calls = 0;
  thrown: string | undefined;
  #at: number;
  readonly #error: () => Error;

  constructor(at: number, error: () => Error) {
    this.#at = at;
    this.#error = error;
  }

  /** To be called before every call. */
  before(call: string): void {
    if (working.getStore() !== 'b') return;
    if (this.calls++ !== this.#at) return;
    this.thrown = call;
    throw this.#error();
  }
}

function faultySource(source: Source, fault: Fault): Source {
  const wrapFile = <T extends Fetched>(file: T): T => ({
    ...file,
    hash: async () => {
      fault.before('hash');
      return file.hash();
    },
    confirm: async () => {
      fault.before('confirm');
      return file.confirm();
    },
  });
  const wrapPart = (part: Part): Part => ({
    ...part,
    fetch: async () => {
      fault.before('fetch a part');
      return wrapFile(await part.fetch());
    },
  });
  const wrap = (state: TableState): TableState => {
    if (state.kind !== 'present') return state;
    return {
      ...state,
      ...(state.many && { many: { ...state.many, parts: state.many.parts.map(wrapPart) } }),
      fetch: async (): Promise<Fetched | Unchanged> => {
        fault.before('fetch');
        const file = await state.fetch();
        return file.kind === 'unchanged' ? file : wrapFile(file);
      },
    };
  };
  return {
    id: source.id,
    open: async (tables, context) => {
      const { version, tables: states } = await source.open(tables, context);
      return { version, tables: new Map([...states].map(([name, state]) => [name, wrap(state)])) };
    },
  };
}

function faultyStorage(storage: Storage, fault: Fault): Storage {
  const told = async <T>(name: string, call: () => Promise<T>): Promise<T> => {
    fault.before(name);
    return call();
  };
  return {
    uri: storage.uri,
    read: (key) => told('read', () => storage.read(key)),
    stat: (key) => told('stat', () => storage.stat(key)),
    list: (prefix, startAfter) => storage.list(prefix, startAfter),
    foldersIn: (folder) => storage.foldersIn(folder),
    localFile: (key, path) => told('localFile', () => storage.localFile(key, path)),
    putIfAbsent: (key, body) => told('putIfAbsent', () => storage.putIfAbsent(key, body)),
    upload: (path, key, onBytes) => told('upload', () => storage.upload(path, key, onBytes)),
    copy: (from, to) => storage.copy(from, to),
    delete: (keys) => storage.delete(keys),
  };
}

function faultyEngine(fault: Fault): void {
  vi.restoreAllMocks();
  // Between tables, whatever they leave of theirs to what comes after them.
  for (const name of ['limitMemory', 'fitTo'] as const) {
    const original = Engine.prototype[name] as (this: Engine, ...args: unknown[]) => Promise<never>;
    vi.spyOn(Engine.prototype, name).mockImplementation(async function (this: Engine, ...args: unknown[]) {
      const isBetween = name === 'limitMemory' || args[0] === 0;
      const table = isBetween ? NONE : (working.getStore() ?? NONE);
      return working.run(table, () => original.apply(this, args));
    });
  }
  for (const name of ['run', 'rows', 'describe'] as const) {
    const original = Engine.prototype[name] as (this: Engine, ...args: unknown[]) => Promise<never>;
    vi.spyOn(Engine.prototype, name).mockImplementation(async function (this: Engine, ...args: unknown[]) {
      fault.before(`${name}: ${String(args[0]).slice(0, 60)}`);
      return original.apply(this, args);
    });
  }
}

/** Classes of errors, with the exit codes that they may lead to. */
const errors: readonly (readonly [name: string, make: () => Error, exitCodes: readonly number[]])[] = [
  ['the engine reads nonsense', () => new EngineError('TProtocolException: Invalid data'), [3, 1]],
  ['the engine is at its end', () => new EngineError('INTERNAL Error: Attempted to dereference'), [1]],
  ['the engine has no disk', () => new EngineError('IO Error: Could not read: Input/output error'), [3, 1]],
  ['the disk', () => Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO', path: '/x' }), [3, 5]],
  ['no file', () => Object.assign(new Error('ENOENT: no such file'), { code: 'ENOENT' }), [3, 5]],
  ['a stale handle', () => Object.assign(new Error('ESTALE: stale'), { code: 'ESTALE' }), [3, 5]],
  ['too many files', () => Object.assign(new Error('EMFILE: too many'), { code: 'EMFILE' }), [3, 5]],
  ['a full disk', () => Object.assign(new Error('ENOSPC: no space'), { code: 'ENOSPC' }), [5]],
  ['a defect', () => new TypeError('x is not a function'), [1]],
  ['a wrong call', () => Object.assign(new TypeError('bad'), { code: 'ERR_INVALID_ARG_TYPE' }), [1]],
  ['what is no error', () => 'text' as unknown as Error, [1]],
  ['the lake', () => new IgarapeError('LAKE_UNREACHABLE', { quoted: 'gone' }, { retryable: true }), [5]],
  ['the lake is damaged', () => new IgarapeError('LAKE_CORRUPT', { quoted: 'bad' }), [5]],
  ['the source', () => new IgarapeError('SOURCE_UNREACHABLE', { quoted: 'gone' }, { retryable: true }), [3]],
  ['memory', () => new IgarapeError('MEMORY_LIMIT', { quoted: 'full' }), [2]],
  ['a guard', () => new IgarapeError('TABLE_KEY', { quoted: 'double' }), [4]],
];

const TABLES = ['a', 'b', 'c'];

/** What the table is that something goes wrong in. */
const kinds = {
  'of one file': { pk: 'id', file: 'b.csv' },
  'of many files': { pk: 'id', file: 'part_*.csv' },
  'that grows': { mode: 'append', file: 'part_*.csv' },
  'of JSON': { pk: 'id', file: 'b.jsonl' },
  'keyed by its row': { pk: 'row', file: 'b.csv', max_delete_ratio: 1 },
  'with bad lines': { pk: 'id', file: 'b.csv', bad_lines: 'reject' },
  'with duplicates': { pk: 'v', file: 'b.csv', duplicates: 'last by id', max_update_ratio: 1 },
  dated: { pk: 'id', file: 'dated_{date}.csv' },
} as const;

type Kind = keyof typeof kinds;

async function writeAll(lake: Scenario, day: number): Promise<void> {
  const rows = Array.from({ length: 20 }, (_, id) => ({ id, v: (id * day) % 7, name: `n${id}` }));
  const all = [...rows, { id: 100 + day, v: 1, name: 'new' }];
  const lines = all.map(({ id, v, name }) => `${id},${v},${name}\n`).join('');
  const text = `id,v,name\n${lines}`;
  for (const name of ['a', 'b', 'c', `dated_2024-01-0${day}`]) await lake.write(`${name}.csv`, text);
  await lake.write('b.jsonl', all.map((row) => `${JSON.stringify(row)}\n`).join(''));
  await lake.write(`part_${day}.csv`, `id,v,name\n${100 * day},1,part\n`);
}

interface Drawn {
  readonly kind: Kind;
  readonly isFirst: boolean;
  readonly isRemote: boolean;
}

const drawnTables: fc.Arbitrary<Drawn> = fc.record({
  kind: fc.constantFrom(...(Object.keys(kinds) as Kind[])),
  isFirst: fc.boolean(),
  isRemote: fc.boolean(),
});

interface Prepared {
  readonly lake: Scenario;
  readonly source: Source;
}

async function prepare(folder: string, { kind, isFirst, isRemote }: Drawn): Promise<Prepared> {
  const storage = isRemote ? openMemoryStorage() : openLocalStorage(join(folder, 'lake'));
  const lake = openScenario(
    folder,
    { tables: TABLES.map((name) => ({ name, ...(name === 'b' ? kinds[kind] : { pk: 'id' }) })) },
    { storage, edge: { onProgress: followTables } },
  );
  await writeAll(lake, 1);
  if (!isFirst) {
    await lake.run();
    await writeAll(lake, 2);
  }
  const source = openFilesSource({ type: 'files', path: join(folder, 'source'), name: './source' });
  return { lake, source };
}

/** How many calls there are in which something can go wrong. */
async function countCalls(folder: string, drawn: Drawn): Promise<number> {
  const { lake, source } = await prepare(folder, drawn);
  const counted = new Fault(-1, () => new Error('never thrown'));
  faultyEngine(counted);
  const request = { source: faultySource(source, counted), storage: faultyStorage(lake.storage, counted) };
  await working.run(NONE, () => lake.run(request));
  vi.restoreAllMocks();
  expect(counted.calls).toBeGreaterThan(5);
  return counted.calls;
}

describe('whatever goes wrong in one table among three, at whatever step', () => {
  test(
    'is that table’s own: the others are published, and it is with the next run',
    async () => {
      let draw = 0;
      const counts = new Map<string, number>();
      const callsOf = async (drawn: Drawn): Promise<number> => {
        const way = Object.values(drawn).join(' ');
        const calls = counts.get(way) ?? (await countCalls(join(dir(), `count ${way}`), drawn));
        counts.set(way, calls);
        return calls;
      };
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(...errors),
          fc.nat({ max: 10_000 }),
          drawnTables,
          async ([, make, exitCodes], step, drawn) => {
            draw++;
            const calls = await callsOf(drawn);
            const { lake, source } = await prepare(join(dir(), `draw${draw}`), drawn);
            const fault = new Fault(step % calls, make);
            faultyEngine(fault);
            const request = {
              source: faultySource(source, fault),
              storage: faultyStorage(lake.storage, fault),
            };
            const published = drawn.isFirst ? 'full-load' : 'cdc';
            const { report, exitCode } = await working.run(NONE, () => lake.run(request));
            vi.restoreAllMocks();
            const where = fault.thrown ?? '';
            expect(where).not.toBe('');
            expect(report.tables, where).toMatchObject({
              a: { operation: published },
              c: { operation: published },
            });
            const { operation, reason = '' } = report.tables['b'] ?? { operation: 'none' };
            const isTold =
              exitCode === 0 ||
              (exitCodes.includes(exitCode) && /^(?:failed|held)$/.test(operation) && reason !== '');
            expect({ where, exitCode, operation, reason, isTold }).toMatchObject({ isTold: true });
            expect((await lake.verify()).ok, where).toBe(true);
            const { report: next, exitCode: after } = await lake.run();
            expect(after).toBe(0);
            expect(next.tables['b']?.operation).toBe(exitCode === 0 ? 'unchanged' : published);
            expect((await lake.verify()).ok).toBe(true);
          },
        ),
        { numRuns: RUNS },
      );
    },
    60_000 + RUNS * 5000,
  );
});
