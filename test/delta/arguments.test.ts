import fc from 'fast-check';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DeltaTable } from '../../src/delta/table.ts';

/** A call as JavaScript makes it: with whatever it likes. */
type Call = (table: Record<string, (...given: unknown[]) => unknown>, options: object) => unknown;

const ROWS = 'SELECT 7 AS id';
const CALLS: Readonly<
  Record<string, { readonly call: Call; readonly options: Readonly<Record<string, unknown>> }>
> = {
  read: {
    call: (table, options) => table['read']?.(options),
    options: { at: 0, columns: ['id'], where: 'true', limit: 1, parameters: {} },
  },
  count: { call: (table, options) => table['count']?.(options), options: { at: 0, where: 'true' } },
  files: { call: (table, options) => table['files']?.(options), options: { at: 0, where: 'true' } },
  page: { call: (table, options) => table['page']?.(options), options: { at: 0, offset: 0, limit: 1 } },
  changes: { call: (table, options) => table['changes']?.(options), options: { from: 0, to: 0 } },
  append: {
    call: (table, options) => table['append']?.(ROWS, options),
    options: { mergeSchema: true, configuration: { owner: 'me' }, app: { appId: 'a', version: 1n } },
  },
  overwrite: {
    call: (table, options) => table['overwrite']?.(ROWS, options),
    options: { overwriteSchema: true, where: 'id = 7', ifVersion: 0, mergeSchema: false },
  },
  delete: { call: (table, options) => table['delete']?.(options), options: { where: 'id = 99' } },
  update: {
    call: (table, options) => table['update']?.(options),
    options: { set: { id: 'id + 1' }, where: 'id = 99' },
  },
  merge: {
    call: (table, options) => merging(table['merge']?.(ROWS, options)),
    options: { on: ['id'], mergeSchema: true, ifVersion: 0 },
  },
  'a clause': {
    call: (table, options) => {
      const merge = table['merge']?.(ROWS, { on: ['id'] });
      return merging(merge, options);
    },
    options: { where: 'source.id = 99' },
  },
  optimize: {
    call: (table, options) => table['optimize']?.(options),
    options: { where: 'id > 0', targetSizeBytes: 9 },
  },
  vacuum: {
    call: (table, options) => table['vacuum']?.(options),
    options: { dryRun: true, retentionMs: 1, allowShortRetention: true },
  },
  'rows that are read': {
    call: async (table, options) => withRows(table, 'toArray', options),
    options: { values: 'json' },
  },
  setDescriptions: {
    call: (table, options) => table['setDescriptions']?.(options),
    options: { table: 'x', columns: { id: 'y' } },
  },
};

describe('calls of a table', () => {
  let folder = '';
  let table: DeltaTable;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'igarape-arguments-'));
    table = await DeltaTable.create(join(folder, 'table'), { rows: 'SELECT i AS id FROM range(3) AS r(i)' });
  });
  afterAll(async () => {
    await table.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** What JavaScript gets from a call. */
  async function refusal(call: Call, options: object): Promise<unknown> {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- this is what a compiler would not allow
    const untyped = table as unknown as Parameters<Call>[0];
    try {
      await call(untyped, options);
      return 'taken';
    } catch (error) {
      return error;
    }
  }

  it('take no option for one that is left out because its name is misspelt', async () => {
    const misspelt = fc.constantFrom(...Object.entries(CALLS)).chain(([name, { call, options }]) =>
      fc
        .constantFrom(...Object.keys(options))
        .chain((option) => fc.tuple(fc.constant(option), misspellings(option)))
        .filter(([, wrong]) => !Object.hasOwn(options, wrong) && wrong !== 'parameters' && wrong !== 'app')
        .map(([option, wrong]) => {
          const { [option]: value, ...rest } = options;
          return { name, call, wrong, options: { ...rest, [wrong]: value } };
        }),
    );
    await fc.assert(
      fc.asyncProperty(misspelt, async ({ call, wrong, options }) => {
        expect(await refusal(call, options)).toMatchObject({
          code: 'USAGE',
          message: expect.stringContaining(`There is no option ${wrong} of `),
        });
      }),
    );
    expect((await table.snapshot()).version).toBe(0);
    expect(await table.count()).toBe(3);
  });

  it('take no value of another kind', async () => {
    const other = fc.constantFrom<unknown>(
      5.5,
      true,
      Symbol('x'),
      null,
      [1],
      { a: 1 },
      new Date(NaN),
      -1,
      () => 1,
    );
    const wrong = fc
      .constantFrom(...Object.values(CALLS))
      .chain(({ call, options }) =>
        fc
          .constantFrom(...Object.keys(options))
          .chain((option) =>
            other
              .filter((value) => kindOf(value) !== kindOf(options[option]))
              .map((value) => ({ call, option, options: { ...options, [option]: value } })),
          ),
      );
    await fc.assert(
      fc.asyncProperty(wrong, async ({ call, option, options }) => {
        expect(await refusal(call, options)).toMatchObject({
          code: expect.stringMatching(/^(USAGE|DELTA_VERSION)$/),
          message: expect.stringMatching(new RegExp(`argument ${option} of|neither a version`)),
        });
      }),
    );
    expect((await table.snapshot()).version).toBe(0);
  });

  it.for([
    ['options that are none', (each) => each['read']?.(5)],
    ['a condition that is none', (each) => each['delete']?.(7)],
    ['rows that are none', (each) => each['append']?.(null)],
    ['one object as rows', (each) => each['append']?.({ id: 1 })],
    ['a Date as rows', (each) => each['append']?.(new Date(0))],
    ['files that are no list', (each) => each['append']?.({ files: 'a.parquet' })],
    ['a place that is none', () => DeltaTable.open(Object(new Date(0)))],
    ['values of a form that there is not', (each) => withRows(each, 'toArray', { values: 'JSON' })],
    ['a format that there is not', (each) => withRows(each, 'writeTo', 'x', 'CSV')],
    ['a file without a name', (each) => withRows(each, 'writeTo', '', 'csv')],
    ['a file that is none', (each) => withRows(each, 'writeTo', 5, 'csv')],
    ['a file in no folder', (each) => withRows(each, 'writeTo', join(folder, 'none', 'x.csv'), 'csv')],
    ['a folder for a file', (each) => withRows(each, 'writeTo', folder, 'csv')],
    ['properties that are no texts', (each) => each['setProperties']?.({ retries: 5 })],
    ['columns that are none', (each) => each['addColumns']?.('name STRING')],
    ['a rule without a name', (each) => each['addConstraint']?.('', 'id > 0')],
    ['a merge without a key', (each) => merging(each['merge']?.(ROWS, {}))],
    ['values that are no expressions', (each) => each['update']?.({ set: { id: 5 } })],
  ] satisfies [string, Call][])('refuse %s', async ([, call]) => {
    expect(await refusal(call, {})).toMatchObject({ name: 'IgarapeError', code: 'USAGE' });
    expect((await table.snapshot()).version).toBe(0);
  });

  it('take what is undefined for what is left out', async () => {
    const copy = await DeltaTable.create(join(folder, 'copy'), { rows: ROWS });
    await copy.overwrite('SELECT 8 AS id', Object({ where: undefined, app: undefined }));
    expect(await (await copy.read(Object({ where: undefined, at: undefined }))).toArray()).toEqual([
      { id: 8 },
    ]);
    await copy.close();
  });

  it('take a NUL in a value, and refuse it in SQL', async () => {
    const parameters = { name: 'a\0b' };
    expect(await table.count({ where: `$name = 'a' || chr(0) || 'b'`, parameters })).toBe(3);
    for (const call of [
      () => table.read({ where: `'\0' = ''` }),
      () => table.delete({ where: `'\0' = ''` }),
      () => table.update({ set: { id: `length('\0')` } }),
      () => table.merge(ROWS, { on: `'\0' = ''` }).whenMatchedDelete().execute(),
    ])
      await expect(call()).rejects.toMatchObject({ code: 'DELTA_QUERY' });
  });

  it('take a version as it is read', async () => {
    expect(await (await table.read({ at: 0n })).toArray()).toHaveLength(3);
    for (const at of [-1, 1.5, NaN, -1n, new Date(NaN)])
      await expect(table.read({ at })).rejects.toMatchObject({
        code: expect.stringMatching(/USAGE|DELTA_VERSION/),
      });
  });
});

/** A call of the rows that a read gives. */
async function withRows(table: Parameters<Call>[0], name: string, ...given: unknown[]): Promise<unknown> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- this is what a compiler would not allow
  const rows = (await table['read']?.()) as Parameters<Call>[0];
  return rows[name]?.(...given);
}

function merging(merge: unknown, clause: object = {}): unknown {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- this is what a compiler would not allow
  const untyped = merge as { whenMatchedDelete(options: object): { execute(): unknown } };
  return untyped.whenMatchedDelete(clause).execute();
}

/** A letter less, a letter twice, another case, a name that other libraries have. */
function misspellings(name: string): fc.Arbitrary<string> {
  const at = fc.nat(name.length - 1);
  return fc.oneof(
    at.map((index) => name.slice(0, index) + name.slice(index + 1)),
    at.map((index) => name.slice(0, index + 1) + name.slice(index)),
    fc.constantFrom(name.toUpperCase(), `${name}s`, 'predicate', 'filter', 'constructor', '__proto__x'),
  );
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return typeof value[0] === 'number' ? 'numbers' : 'array';
  return value === null || value instanceof Date ? 'none' : typeof value;
}
