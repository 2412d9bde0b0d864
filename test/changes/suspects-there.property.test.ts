import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { BASE, type BaseFiles, BY_HASH, openBase } from '../../src/changes/base.ts';
import { writeChangeFile } from '../../src/changes/change-file.ts';
import { changesIn, changesInOrder, numberedChanges } from '../../src/changes/changes-there.ts';
import { CHANGES, type ChangesFound, compareRows, OPERATION, SAME } from '../../src/changes/compare.ts';
import { changedRows, writeDeltaSegment } from '../../src/changes/next-base.ts';
import { findSuspects, withSuspectedBase } from '../../src/changes/suspects.ts';
import { type Pairing, pairsOf, takePairs } from '../../src/changes/suspects-there.ts';
import type { Schema } from '../../src/core/schema.ts';
import { Engine } from '../../src/engine/engine.ts';
import { quoteName, quoteText } from '../../src/engine/quote.ts';
import { KEY_HASH, ROW_HASH } from '../../src/snapshot/hashes.ts';
import { openParquet } from '../../src/snapshot/parquet.ts';
import type { RawTable } from '../../src/snapshot/raw-table.ts';
import { copyToParquet, readTyped, writeSnapshot } from '../../src/snapshot/snapshot.ts';
import { renderSpark } from '../../src/spark/dialect/render.ts';
import { useTempDir } from '../support/tmp.ts';

/** Values of the types that another engine reads; no two of a list are equal. */
const VALUES = {
  BIGINT: ['0', '-1', '9223372036854775807', '2', '3'],
  INTEGER: ['0', '-2147483648', '1', '2', '3'],
  UTINYINT: ['0', '255', '1', '2', '3'],
  'DECIMAL(9,2)': ['0', '-0.01', '9999999.99', '1', '2'],
  VARCHAR: [`''`, `' '`, `'a'`, `'A'`, `'ß 日'`],
  DATE: [`'0001-01-01'`, `'1582-10-10'`, `'2024-02-29'`, `'2024-03-01'`, `'9999-12-31'`],
  TIMESTAMP: [
    `'1582-10-10 00:00:00.000001'`,
    ...['01', '02', '03', '04'].map((day) => `'2024-01-${day} 10:00:00.5'`),
  ],
} as const;
/** No keys, but values. */
const MORE_VALUES = {
  ...VALUES,
  DOUBLE: [`'NaN'`, `'-inf'`, '0', '0.1', '1e300'],
  BOOLEAN: ['true', 'false'],
} as const;

type Type = keyof typeof MORE_VALUES;

interface Table {
  readonly keys: readonly (keyof typeof VALUES)[];
  readonly columns: readonly Type[];
  /** The columns whose values make an update: all, all but the first that is no key's, or that one alone. */
  readonly compared: 'all' | 'others' | 'one';
  /** The states of its file; the last one may have keys twice, or without a value. */
  readonly states: readonly (readonly Row[])[];
  readonly strange: readonly Row[];
}

/** Places of the values; undefined is null. */
interface Row {
  readonly key: readonly (number | undefined)[];
  readonly values: readonly (number | undefined)[];
}

const place = fc.nat(4);
const values = fc.array(fc.option(place, { nil: undefined, freq: 4 }), { minLength: 3, maxLength: 3 });
const known: fc.Arbitrary<Row> = fc.record({ key: fc.tuple(place, fc.nat(1)), values });
const strange: fc.Arbitrary<Row> = fc.record({
  key: fc.tuple(fc.option(place, { nil: undefined }), fc.nat(1)),
  values,
});
const tables: fc.Arbitrary<Table> = fc.record({
  keys: fc.array(fc.constantFrom(...typesOf(VALUES)), { minLength: 1, maxLength: 2 }),
  columns: fc.array(fc.constantFrom(...typesOf(MORE_VALUES)), { maxLength: 3 }),
  compared: fc.constantFrom('all', 'others', 'one'),
  states: fc.array(fc.array(known, { minLength: 1, maxLength: 12 }), { minLength: 2, maxLength: 4 }),
  strange: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, fc.array(strange, { maxLength: 2 })),
});

function typesOf<T extends string>(of: Readonly<Record<T, unknown>>): T[] {
  return Object.keys(of).filter((name): name is T => name in of);
}

/** A key without a value, which few tables are drawn with. */
const WITHOUT_KEY: Table = {
  keys: ['BIGINT', 'VARCHAR'],
  columns: ['BOOLEAN'],
  compared: 'all',
  states: [0, 1].map((value) => [{ key: [0, 0], values: [value] }]),
  strange: [{ key: [undefined, 0], values: [1] }],
};

/** CI draws the same each time: as many as have each type, way to compare and number of states. */
const RUNS = Number(process.env['IGARAPE_PROPERTY_RUNS'] ?? (process.env['CI'] === 'true' ? 30 : 100));

const dir = useTempDir();
let engine: Engine;
beforeEach(async () => {
  engine = Engine.open({ memoryLimit: '500MB', spillDir: join(dir(), 'spill'), threads: 1 });
});
afterEach(() => engine?.close());

it('rows found elsewhere by keys and values change a table as those do that are found by hashes, whether its base has these or not', async () => {
  await fc.assert(
    fc.asyncProperty(tables, async (drawn) => {
      const files: RawTable[] = [];
      for (const [index, rows] of drawn.states.entries()) {
        const more = index === drawn.states.length - 1 ? drawn.strange : [];
        files.push(await fileOf(drawn, [...unique(drawn, rows), ...more]));
      }
      const [first, ...later] = files;
      const last = later.pop();
      if (first === undefined || last === undefined) throw new RangeError('There are two states at least.');
      const schema: Schema = first.columns.map(({ name, typed }) => ({ name, type: typed?.type ?? 'text' }));
      const key = drawn.keys.map((_, index) => `k${index}`);
      const names = schema.map(({ name }) => name);
      const { compared } = drawn;
      const row =
        compared === 'all' ? names : names.filter((name) => (name === 'c0') === (compared === 'one'));
      const hashed = { key: schema.filter(({ name }) => key.includes(name)), row };
      const of = { schema, key, hashed };

      const base = [join(dir(), `${randomUUID()}.parquet`)];
      await writeSnapshot(engine, first, schema, hashed, base[0] ?? '');
      let { rows } = first;
      for (const file of later) {
        expect(await byHashes(file, base, rows, of)).not.toBe('not unique');
        base.push(join(dir(), `${randomUUID()}.parquet`));
        await writeDeltaSegment(engine, schema, BY_HASH, base.at(-1) ?? '');
        rows = file.rows;
      }
      const wanted = await byHashes(last, base, rows, of);
      expect(await byPairs(last, { paths: base, by: BY_HASH }, rows, of)).toEqual(wanted);

      const bare = { paths: [join(dir(), `${randomUUID()}.parquet`)], by: key };
      const typed = first.columns.map(({ name, typed: own }) => `${own?.sql} AS ${name}`);
      await copyToParquet(engine, `SELECT ${typed.join(', ')} FROM ${first.relation}`, bare.paths[0] ?? '');
      rows = first.rows;
      for (const file of later) {
        expect(await byPairs(file, bare, rows, of)).not.toBe('not unique');
        bare.paths.push(join(dir(), `${randomUUID()}.parquet`));
        await writeDeltaSegment(engine, schema, key, bare.paths.at(-1) ?? '');
        rows = file.rows;
        const sameRuns = { paths: base.slice(0, bare.paths.length), by: BY_HASH };
        expect(await rowsOf(bare, schema)).toEqual(await rowsOf(sameRuns, schema));
      }
      expect(withoutHashes(await byPairs(last, bare, rows, of))).toEqual(withoutHashes(wanted));
    }),
    { numRuns: RUNS, examples: [[WITHOUT_KEY]] },
  );
}, 240_000);

async function rowsOf(base: BaseFiles, schema: Schema): Promise<unknown> {
  await openBase(engine, base, schema, 'told');
  return engine.rows(`SELECT ${schema.map(({ name }) => name).join(', ')} FROM told ORDER BY ALL`);
}

/** Rows that are gone have none where their base has none. */
function withoutHashes(found: unknown): unknown {
  return JSON.parse(
    JSON.stringify(found, (name, value: unknown) => (name === KEY_HASH || name === ROW_HASH ? 0 : value)),
  );
}

/** Rows of different keys. */
function unique({ keys }: Table, rows: readonly Row[]): readonly Row[] {
  const ids = rows.map(({ key }) => key.slice(0, keys.length).join(' '));
  return rows.filter((_, index) => ids.indexOf(ids[index] ?? '') === index);
}

async function fileOf({ keys, columns }: Table, rows: readonly Row[]): Promise<RawTable> {
  const value = (type: Type, at: number | undefined): string =>
    `CAST(${at === undefined ? 'NULL' : (MORE_VALUES[type][at % MORE_VALUES[type].length] ?? 'NULL')} AS ${type})`;
  const lists = rows.map((row) =>
    [
      ...keys.map((type, index) => `${value(type, row.key[index])} AS k${index}`),
      ...columns.map((type, index) => `${value(type, row.values[index])} AS c${index}`),
    ].join(', '),
  );
  const path = join(dir(), `${randomUUID()}.parquet`);
  const select = lists.map((list) => `SELECT ${list}`).join(' UNION ALL ');
  await engine.run(`COPY (${select}) TO ${quoteText(path)} (FORMAT parquet)`);
  return openParquet(engine, path, 't.parquet');
}

type Of = Pick<Pairing, 'schema' | 'key' | 'hashed'>;

/** As of a wide table, whose base is read apart, so of a narrow one. */
async function byHashes(raw: RawTable, base: readonly string[], rows: number, of: Of): Promise<unknown> {
  const all: unknown[] = [];
  for (const columns of [1000, 0]) {
    await engine.fitTo(columns, undefined);
    await openBase(engine, { paths: base, by: BY_HASH }, of.schema);
    const found = await findSuspects(engine, raw, of.hashed, rows);
    all.push(
      found.kind === 'not-unique'
        ? 'not unique'
        : await changes(found.table, (compare) => withSuspectedBase(engine, compare), of),
    );
  }
  const [wide, narrow] = all;
  expect(narrow).toEqual(wide);
  return narrow;
}

/** Pairs that another engine would compute, whose statement is rendered for it. */
async function byPairs(raw: RawTable, base: BaseFiles, rows: number, of: Of): Promise<unknown> {
  const types = (await engine.describe(`SELECT * FROM ${raw.relation}`)).map(({ type }) => type);
  const pairing: Pairing = { raw, types, ...of };
  await openBase(engine, base, of.schema, 'opened');
  const hashes = [KEY_HASH, ROW_HASH].map((name) => `CAST(${name} AS DECIMAL(20,0)) AS ${name}`);
  // Another engine has no numbers without a sign.
  const read = raw.columns.map(
    ({ name }, index) => `CAST(${name} AS ${types[index]?.replace('UTINYINT', 'SMALLINT')}) AS ${name}`,
  );
  await engine.run(
    `CREATE OR REPLACE TEMP TABLE there_base AS SELECT * REPLACE (${hashes.join(', ')}) FROM opened`,
  );
  await engine.run(
    `CREATE OR REPLACE TEMP TABLE there_file AS SELECT ${read.join(', ')} FROM ${raw.relation}`,
  );
  const select = pairsOf(pairing, 'there_file', 'there_base');
  expect(await renderSpark(engine, select, (_, name) => name)).toMatchObject({ kind: 'rendered' });
  const pairs = join(dir(), `${randomUUID()}.parquet`);
  await engine.run(`COPY (${select}) TO ${quoteText(pairs)} (FORMAT parquet)`);
  const taken = await takePairs(engine, `FROM ${quoteText(pairs)}`, pairing, rows);
  if (taken.kind === 'not-unique') return 'not unique';
  const found = await changes(taken.table, (compare) => compare(BASE), of);
  if (found.keyless === 0) await expectSameThere(pairing, quoteText(pairs), CONFIGS[rows % CONFIGS.length]);
  return found;
}

const CONFIGS = [
  { compat: null, added: { operation: 'what', timestamp: 'at', sequence: 'n' } },
  { compat: 'op', added: { operation: 'op', timestamp: null, sequence: null } },
  { compat: 'dms', added: { operation: 'Op', timestamp: 'at', sequence: 'n' } },
] as const;

/** What follows from the pairs for another engine: changes, the change file and the next base are those of the changes here. */
async function expectSameThere(
  pairing: Pairing,
  pairs: string,
  config: (typeof CONFIGS)[number] = CONFIGS[0],
): Promise<void> {
  const { schema, key, hashed } = pairing;
  const there = async (name: string, select: string): Promise<void> => {
    expect(await renderSpark(engine, select, (_, table) => table)).toMatchObject({ kind: 'rendered' });
    await engine.run(`CREATE OR REPLACE TEMP TABLE ${name} AS ${select}`);
  };
  await engine.run(`CREATE OR REPLACE TEMP TABLE there_pairs AS FROM ${pairs}`);
  await there('there_changed', changesIn(pairing, { columns: hashed.row, retyped: [] }, 'there_pairs'));
  const columns = schema.map(({ name }) => name).join(', ');
  await there('there_sorted', changesInOrder(pairing, 'there_changed'));
  // In files of three rows, as they are told to lie.
  await engine.run(`CREATE OR REPLACE TEMP TABLE there_files AS
    SELECT * EXCLUDE (n), 'part-' || n // 3 AS lies_in, n % 3 AS place
    FROM (SELECT *, row_number() OVER () - 1 AS n FROM there_sorted)`);
  const request = {
    ...config,
    schema,
    key,
    timestampMicros: 1_700_000_000_000_007n,
    lastSequence: 41,
    compression: 'zstd',
  } as const;
  await there('there_file', numberedChanges(request, 'there_files', { file: 'lies_in', row: 'place' }));
  const path = join(dir(), `${randomUUID()}.parquet`);
  await writeChangeFile(engine, request, path);
  await expectAlike('FROM there_file', `FROM ${quoteText(path)}`);
  await there('there_next', changedRows(columns, key, 'there_base', 'there_changed'));
  const same = key.map((name) => `b.${name} = c.${name}`).join(' AND ');
  await expectAlike(
    'FROM there_next',
    `SELECT ${columns} FROM there_base b WHERE NOT EXISTS (SELECT 1 FROM ${CHANGES} c WHERE ${same} AND c.${OPERATION} <> '${SAME}')
     UNION ALL SELECT ${columns} FROM ${CHANGES} WHERE ${OPERATION} IN ('I', 'U')`,
  );
}

async function expectAlike(found: string, wanted: string): Promise<void> {
  const texts = async (sql: string): Promise<unknown> =>
    engine.rows(`SELECT CAST(COLUMNS(*) AS VARCHAR) FROM (${sql}) ORDER BY ALL`);
  expect(await texts(found)).toEqual(await texts(wanted));
}

/** What is published of the suspects, and what the next base has of them. */
async function changes(
  table: RawTable,
  withBase: (compare: (base: string) => Promise<ChangesFound>) => Promise<ChangesFound>,
  { schema, key, hashed }: Of,
): Promise<{ readonly keyless: number; readonly rows: unknown }> {
  await readTyped(table, schema, `${KEY_HASH}, ${ROW_HASH}`, (select) =>
    engine.run(`CREATE OR REPLACE TEMP TABLE drawn_next AS ${select}`),
  );
  const update = { columns: hashed.row, retyped: [] };
  const found = await withBase((base) =>
    compareRows(engine, { base, next: 'drawn_next', keepSame: true, schema, key, update }),
  );
  const names = [OPERATION, ...schema.map(({ name }) => name), KEY_HASH, ROW_HASH];
  const list = names.map((name) => `CAST(${quoteName(name)} AS VARCHAR) AS ${quoteName(name)}`);
  const rows = await engine.rows(
    `SELECT ${list.join(', ')} FROM ${CHANGES} WHERE ${OPERATION} <> '${SAME}' ORDER BY ALL`,
  );
  return { keyless: found.keyless, rows };
}
