import fc from 'fast-check';
import type { DeltaTable } from '../../../src/delta/table.ts';
import type { PlainRow, PlainValue } from '../../../src/engine/plain.ts';

export interface TableKind {
  readonly name: string;
  /** Whether rows go by deletion vectors; else files that lose some are written anew. */
  readonly vectors: boolean;
  readonly partitioned: boolean;
  /** What the order and values of its history go by. */
  readonly seed: number;
}

/** The kinds of table that others are to read. */
export const TABLES: readonly TableKind[] = [
  { name: 'vectors', vectors: true, partitioned: false, seed: 11 },
  { name: 'vectors, partitioned', vectors: true, partitioned: true, seed: 12 },
  { name: 'files', vectors: false, partitioned: false, seed: 13 },
  { name: 'files, partitioned', vectors: false, partitioned: true, seed: 14 },
];

export function createOptions(kind: TableKind): {
  rows: string;
  partitionColumns: string[];
  configuration: Record<string, string>;
} {
  const { vectors, partitioned } = kind;
  return {
    rows: rowsOf(kind)(0, 40, 0),
    partitionColumns: partitioned ? ['region', 'day'] : [],
    configuration: {
      'delta.enableDeletionVectors': String(vectors),
      // Several of them in a history.
      'delta.checkpointInterval': '5',
      'delta.parquet.compression.codec': partitioned ? 'zstd' : 'snappy',
      'delta.constraints.never_negative': 'id >= 0',
    },
  };
}

/** A query for rows with the keys `from` to `to - 1`, and values that go by the salt. */
type RowsOf = (from: number, to: number, salt: number, more?: string) => string;

/** Rows with a column of every type; of time without a zone, which is a feature, only where there is another one. */
export function rowsOf({ vectors }: TableKind): RowsOf {
  const wall = vectors ? `, make_timestamp(1700000000000000 + (h % 1000000000000)::BIGINT) AS wall` : '';
  return (from, to, salt, more = '') => `SELECT i AS id,
    ['norte', 'São Paulo/1', 'a=b %41', NULL, 'c:d "e"'][1 + (h % 5)::BIGINT] AS region,
    CASE WHEN i % 11 > 0 THEN DATE '2024-01-30' + (h % 4)::INTEGER END AS "day",
    CASE WHEN i % 7 > 0 THEN (h % 1000)::INTEGER END AS points,
    (h % 2) = 0 AS flag,
    ((h % 256)::INTEGER - 128)::TINYINT AS tiny,
    ((h % 60000)::INTEGER - 30000)::SMALLINT AS small,
    ((h % 1000)::DOUBLE / 7)::FLOAT AS single,
    (h % 100000)::DOUBLE / 7 AS "double",
    ((h % 1000000)::DECIMAL(20,0) / 100)::DECIMAL(10,2) AS price,
    (h::DECIMAL(38,0) * 1000000)::DECIMAL(38,0) AS large,
    CASE WHEN i % 5 > 0 THEN 'naïve 🐟 ' || i || ' ' || ${salt} END AS título,
    encode('b' || h) AS bytes,
    make_timestamptz(1700000000000000 + (h % 1000000000000)::BIGINT) AS at,
    {'a': (h % 9)::INTEGER, 'b': ['x', NULL, i::VARCHAR]} AS nested,
    CASE WHEN i % 6 > 0 THEN [i, ${salt}, NULL] END AS list,
    MAP {'k' || i: h % 2 = 0} AS map${wall}${more}
  FROM (SELECT i, hash(i * 1000003 + ${salt}) AS h FROM range(${from}, ${to}) AS r(i))`;
}

/** Columns that a table gets on its way. */
export const NEW_COLUMNS = `, i::SMALLINT AS added, {'x': i} AS added_nested`;

type Step = (table: DeltaTable, rows: RowsOf, salt: number) => Promise<unknown>;

/** Every operation, at least once each; what it does to which rows goes by the salt. */
const STEPS: readonly Step[] = [
  (table, rows, salt) => table.append(rows(40 + salt, 60 + salt, salt)),
  (table, rows, salt) => table.append(rows(salt, salt + 5, salt)),
  (table, rows, salt) =>
    table.append(rows(200, 203, salt), { app: { appId: 'loader', version: BigInt(salt) } }),
  (table, rows, salt) => table.overwrite(rows(0, 70, salt)),
  (table, rows, salt) => table.overwrite(rows(10, 15, salt), { where: 'id BETWEEN 10 AND 20' }),
  (table, _, salt) => table.delete({ where: `id % 9 = ${salt % 9}` }),
  (table, _, salt) => table.delete({ where: `"day" = DATE '2024-01-31' AND id > ${salt}` }),
  (table, _, salt) =>
    table.update({ set: { points: 'points + 1', título: `'changed'` }, where: `id % 8 = ${salt % 8}` }),
  (table, rows, salt) =>
    table
      .merge(`SELECT *, id % 3 AS op FROM (${rows(salt, salt + 40, salt)})`, { on: ['id'] })
      .whenMatchedDelete({ where: 'source.op = 0' })
      .whenMatchedUpdate(
        { points: 'source.points', region: 'source.region', list: 'source.list' },
        { where: 'source.op = 1' },
      )
      .whenNotMatchedInsert({ id: 'source.id', region: 'source.region', título: `'merged'` })
      .whenNotMatchedBySourceDelete({ where: `target.id % 13 = ${salt % 13}` })
      .whenNotMatchedBySourceUpdate({ points: '-1' }, { where: `target.id % 13 = ${(salt + 1) % 13}` })
      .execute(),
  (table, rows, salt) =>
    table
      .merge(rows(salt, salt + 20, salt + 1), { on: ['id'] })
      .whenMatchedUpdateAll()
      .whenNotMatchedInsertAll()
      .execute(),
  (table) => table.optimize(),
  async (table) => table.restore((await table.snapshot()).version - 2),
];

/**
 * A history of all operations in an order and with values that go by the seed, twice over, with new columns between:
 * only versions that have them are restored then, so that one feed has all changes.
 */
export async function goThrough(table: DeltaTable, kind: TableKind): Promise<void> {
  const rows = rowsOf(kind);
  const order = fc.shuffledSubarray([...STEPS], { minLength: STEPS.length });
  const salts = fc.array(fc.nat(30), { minLength: STEPS.length, maxLength: STEPS.length });
  const [first, second] = fc.sample(fc.tuple(order, salts), { seed: kind.seed, numRuns: 2 });
  const run = async ([steps, saltOf]: [Step[], number[]] = [[], []]): Promise<void> => {
    for (const [index, step] of steps.entries()) await step(table, rows, saltOf[index] ?? 0);
  };
  for (const from of [300, 303]) await table.append(rows(from, from + 3, 1));
  await run(first);
  for (const from of [400, 402, 404])
    await table.append(rows(from, from + 2, 1, NEW_COLUMNS), { mergeSchema: true });
  await run(second);
}

/** Rows as texts that tell every value and type apart, in an order of their own. */
export function texts(rows: readonly PlainRow[]): string[] {
  return rows.map((row) => text(row)).toSorted();
}

function text(value: PlainValue): string {
  if (value === null || typeof value !== 'object')
    return typeof value === 'bigint' ? `${value}n` : JSON.stringify(value);
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('hex')}`;
  if (value instanceof Map)
    return `map ${[...value]
      .map(([key, member]) => `${text(key)}=${text(member)}`)
      .toSorted()
      .join()}`;
  if (Array.isArray(value)) return `[${value.map((member: PlainValue) => text(member)).join()}]`;
  return `{${Object.entries(value)
    .map(([name, member]) => `${name}: ${text(member)}`)
    .toSorted()
    .join()}}`;
}
