import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PlainRow, PlainValue } from '../../../src/engine/plain.ts';
import type { DeltaType, StructType } from '../../../src/delta/schema/schema.ts';
import { DeltaTable } from '../../../src/delta/table.ts';
import type { Writer } from '../../../src/delta/files/disk.ts';
import { openMemoryStorage } from '../../../src/storage/memory.ts';
import { openWriter, optionsOf } from './table.ts';

/** A type and its values, as they are read. */
interface Kind {
  readonly type: DeltaType;
  readonly values: fc.Arbitrary<PlainValue>;
}

const text = fc.oneof(
  fc.string({ unit: 'binary' }).filter((some) => !some.includes('\0')),
  fc.constantFrom("it's", '"', String.raw`\x41`, 'NULL', '', ' ', '{"a":1}', '2024-01-31', '\u{FEFF}a'),
);
const bytes = fc.uint8Array({ maxLength: 5 });
const ints = (bits: number): fc.Arbitrary<number> =>
  fc.integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 });
const longs = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const day = fc
  .integer({ min: Date.UTC(1, 0, 1) + 62135596800000 - 62135596800000, max: Date.UTC(9999, 11, 31) })
  .map((ms) => new Date(ms).toISOString().slice(0, 10));
const time = fc
  .tuple(day, fc.nat({ max: 86_399 }), fc.nat({ max: 999_999 }))
  .map(([date, second, micros]) => {
    const clock = new Date(second * 1000).toISOString().slice(11, 19);
    return `${date}T${clock}${micros === 0 ? '' : `.${String(micros).padStart(6, '0')}`}`;
  });
const doubles = fc.double();
const decimals = fc.bigInt({ min: -(10n ** 38n) + 1n, max: 10n ** 38n - 1n }).map((value) => {
  const digits = String(value < 0n ? -value : value).padStart(11, '0');
  return `${value < 0n ? '-' : ''}${digits.slice(0, -10)}.${digits.slice(-10)}`;
});

const SCALARS: readonly Kind[] = [
  { type: 'string', values: text },
  { type: 'long', values: longs },
  { type: 'integer', values: ints(32) },
  { type: 'short', values: ints(16) },
  { type: 'byte', values: ints(8) },
  { type: 'double', values: doubles },
  { type: 'float', values: fc.float() },
  { type: 'boolean', values: fc.boolean() },
  { type: 'binary', values: bytes },
  { type: 'date', values: day },
  { type: 'timestamp', values: time.map((some) => `${some}Z`) },
  { type: 'timestamp_ntz', values: time },
  { type: 'decimal(38,10)', values: decimals },
];

const orNull = (values: fc.Arbitrary<PlainValue>): fc.Arbitrary<PlainValue> =>
  fc.option(values, { nil: null });

/** Kinds to a depth; keys of maps are such that equal ones are one. */
function kinds(depth: number): fc.Arbitrary<Kind> {
  const scalar = fc.constantFrom(...SCALARS);
  if (depth === 0) return scalar;
  const inner = kinds(depth - 1);
  const lists = inner.map(({ type, values }): Kind => ({
    type: { type: 'array', elementType: type, containsNull: true },
    values: fc.array(orNull(values), { maxLength: 3 }),
  }));
  const structs = fc.tuple(inner, inner).map(([a, b]): Kind => ({
    type: {
      type: 'struct',
      fields: [
        { name: 'a "x"', type: a.type, nullable: true, metadata: {} },
        { name: 'b', type: b.type, nullable: true, metadata: {} },
      ],
    },
    values: fc.record({ 'a "x"': orNull(a.values), b: orNull(b.values) }),
  }));
  const maps = fc
    .tuple(fc.constantFrom('string', 'long'), inner)
    .map(([keyType, { type, values }]): Kind => ({
      type: {
        type: 'map',
        keyType: keyType === 'string' ? 'string' : 'long',
        valueType: type,
        valueContainsNull: true,
      },
      values: fc
        .uniqueArray(
          fc.tuple(
            keyType === 'string' ? fc.string({ minLength: 1 }).filter((some) => !some.includes('\0')) : longs,
            orNull(values),
          ),
          { maxLength: 3, selector: ([key]) => String(key) },
        )
        .map((entries) => new Map<PlainValue, PlainValue>(entries)),
    }));
  return fc.oneof(scalar, lists, structs, maps);
}

const tables = fc.array(kinds(2), { minLength: 1, maxLength: 4 }).chain((columns) =>
  fc.record({
    schema: fc.constant<StructType>({
      type: 'struct',
      fields: columns.map(({ type }, index) => ({ name: `c${index}`, type, nullable: true, metadata: {} })),
    }),
    rows: fc.array(
      fc.record(Object.fromEntries(columns.map(({ values }, index) => [`c${index}`, orNull(values)]))),
      { minLength: 1, maxLength: 5 },
    ),
  }),
);

/** Rows in their order, whatever order they are read in. */
function numbered(rows: readonly PlainRow[]): PlainRow[] {
  return rows.map((row, n) => ({ n, ...row }));
}

async function sorted(table: DeltaTable): Promise<PlainRow[]> {
  const rows = await (await table.read()).toArray();
  return rows.toSorted((left, right) => Number(left['n']) - Number(right['n']));
}

function withNumber({ fields }: StructType): StructType {
  return {
    type: 'struct',
    fields: [{ name: 'n', type: 'integer', nullable: true, metadata: {} }, ...fields],
  };
}

async function created(writer: Writer, rows: readonly PlainRow[], schema: StructType): Promise<DeltaTable> {
  return DeltaTable.create(openMemoryStorage(), { ...optionsOf(writer), schema, rows });
}

describe('rows that are given as objects', () => {
  it('are read as they were given, whatever their types', { timeout: 60_000 }, async () => {
    const writer = await openWriter();
    await fc.assert(
      fc.asyncProperty(tables, async ({ schema, rows }) => {
        const table = await created(writer, numbered(rows), withNumber(schema));
        expect(await sorted(table)).toEqual(numbered(rows));
      }),
      { numRuns: Number(process.env['IGARAPE_PROPERTY_RUNS'] ?? 40) },
    );
  });

  it('come back from an Arrow stream as they were', { timeout: 60_000 }, async () => {
    const writer = await openWriter();
    await fc.assert(
      fc.asyncProperty(tables, async ({ schema, rows }) => {
        const table = await created(writer, numbered(rows), withNumber(schema));
        const copy = await DeltaTable.create(openMemoryStorage(), {
          ...optionsOf(writer),
          rows: (await table.read()).arrowStream(),
        });
        expect(await sorted(copy)).toEqual(numbered(rows));
        expect((await copy.describe()).columns).toEqual((await table.describe()).columns);
      }),
      { numRuns: Number(process.env['IGARAPE_PROPERTY_RUNS'] ?? 40) },
    );
  });

  it('are those of another table whose files are put there', { timeout: 60_000 }, async () => {
    const writer = await openWriter();
    await fc.assert(
      fc.asyncProperty(tables, fc.boolean(), async ({ schema, rows }, isPartitioned) => {
        const [from, to] = [openMemoryStorage(), openMemoryStorage()];
        const options = {
          ...optionsOf(writer),
          schema: withNumber(schema),
          partitionColumns: isPartitioned ? ['n'] : [],
        };
        const table = await DeltaTable.create(from, { ...options, rows: numbered(rows) });
        const files: string[] = [];
        for await (const { key } of from.list(''))
          if (key.endsWith('.parquet')) {
            await to.putIfAbsent(key, (await from.read(key)) ?? new Uint8Array());
            files.push(key);
          }
        const copy = await DeltaTable.create(to, options);
        // Names that no Parquet file of Spark's has are others there.
        fc.pre((await table.describe()).properties['delta.columnMapping.mode'] === undefined);
        await copy.append({ files });
        expect(await sorted(copy)).toEqual(numbered(rows));
        expect(await described(copy)).toEqual(await described(table));
      }),
      { numRuns: Number(process.env['IGARAPE_PROPERTY_RUNS'] ?? 40) },
    );
  });
});

/** What the log says of a table's files, but for their times and how many nulls they hold. */
async function described(table: DeltaTable): Promise<unknown> {
  const files = await (await table.snapshot()).files();
  return files
    .map(({ path, partitionValues, sizeBytes, stats }) => ({
      path,
      partitionValues,
      sizeBytes,
      bounds: stats?.replace(/"nullCount".*$/s, ''),
    }))
    .toSorted((left, right) => (left.path < right.path ? -1 : 1));
}
