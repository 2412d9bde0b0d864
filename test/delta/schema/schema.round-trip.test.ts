import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type DeltaType,
  formatSchema,
  parseSchema,
  type StructType,
} from '../../../src/delta/schema/schema.ts';
import { unreadableAs } from '../../../src/delta/schema/read-as.ts';
import { deltaTypeOf, sqlTypeOf } from '../../../src/delta/schema/sql-schema.ts';
import { openDisk } from '../disk.ts';

const primitive: fc.Arbitrary<DeltaType> = fc.oneof(
  fc.constantFrom<DeltaType>(
    'string',
    'long',
    'integer',
    'short',
    'byte',
    'float',
    'double',
    'boolean',
    'binary',
    'date',
    'timestamp',
    'timestamp_ntz',
  ),
  fc
    .tuple(fc.integer({ min: 1, max: 38 }), fc.nat(38))
    .map(([precision, scale]): DeltaType => `decimal(${precision},${Math.min(precision, scale)})`),
);

const name = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 8 })
  .filter((text) => !text.includes('\0'));

/** Types whose parts may all be null, as DuckDB's always may. */
const { type } = fc.letrec<{ type: DeltaType; struct: StructType }>((tie) => ({
  type: fc.oneof(
    { maxDepth: 3 },
    primitive,
    tie('struct'),
    tie('type').map((elementType): DeltaType => ({ type: 'array', elementType, containsNull: true })),
    fc.tuple(primitive, tie('type')).map(([keyType, valueType]): DeltaType => ({
      type: 'map',
      keyType,
      valueType,
      valueContainsNull: true,
    })),
  ),
  struct: fc
    .uniqueArray(fc.tuple(name, tie('type')), {
      minLength: 1,
      maxLength: 4,
      selector: ([text]) => text.toLowerCase(),
    })
    .map((fields): StructType => ({
      type: 'struct',
      fields: fields.map(([text, fieldType]) => ({
        name: text,
        type: fieldType,
        nullable: true,
        metadata: {},
      })),
    })),
}));

const table = (columns: Readonly<Record<string, DeltaType>>): StructType => ({
  type: 'struct',
  fields: Object.entries(columns).map(([column, columnType]) => ({
    name: column,
    type: columnType,
    nullable: true,
    metadata: {},
  })),
});

describe('a schema', () => {
  it('comes back from its text, with all that its writer noted on its columns', () => {
    const metadata = fc.dictionary(
      fc.string(),
      fc.oneof(fc.string(), fc.maxSafeInteger(), fc.bigInt({ min: 2n ** 60n, max: 2n ** 63n })),
    );
    fc.assert(
      fc.property(type, metadata, fc.boolean(), (columnType, noted, nullable) => {
        const schema: StructType = {
          type: 'struct',
          fields: [{ name: 'c', type: columnType, nullable, metadata: noted }],
        };
        expect(parseSchema(formatSchema(schema))).toEqual(schema);
      }),
    );
  });

  it('is the same in the words of DuckDB, and back', async () => {
    const { engine } = await openDisk();
    await fc.assert(
      fc.asyncProperty(type, async (columnType) => {
        const [column] = await engine.describe(`SELECT CAST(NULL AS ${sqlTypeOf(columnType)}) AS c`);
        expect(deltaTypeOf(column?.type ?? '', 'c')).toEqual(columnType);
      }),
      { numRuns: 60 },
    );
  });

  it.each(['TIME', 'HUGEINT', 'INTERVAL', 'TIMESTAMP_NS', `ENUM('a, (b', 'c''d')`])(
    'has no place for %s',
    async (sql) => {
      const { engine } = await openDisk();
      const [column] = await engine.describe(`SELECT {'x': [CAST(NULL AS ${sql})]} AS c`);
      expect(() => deltaTypeOf(column?.type ?? '', 'c')).toThrow(/the column c\.x\.element has the type/);
    },
  );

  it.each([
    ['', 'it is missing'],
    ['{', 'it is not JSON'],
    ['"long"', 'it is not a struct'],
    ['{"type":"struct"}', 'is a struct without fields'],
    ['{"type":"struct","fields":[{"type":"long"}]}', 'a field without a name'],
    [
      '{"type":"struct","fields":[{"name":"a","type":"decimal(40,2)"}]}',
      'the column a has the impossible type decimal(40,2)',
    ],
    [
      '{"type":"struct","fields":[{"name":"a","type":{"type":"array","elementType":"geometry"}}]}',
      'the column a.element has the type geometry',
    ],
    ['{"type":"struct","fields":[{"name":"a"}]}', 'the column a has no type'],
  ])('is refused where it is none: %s', (text, reason) => {
    expect(() => parseSchema(text)).toThrow(reason);
  });
});

describe('rows of an older schema can be read with a newer one', () => {
  it.each<[string, DeltaType, DeltaType]>([
    ['as they are', 'string', 'string'],
    ['where integers grow', 'byte', 'long'],
    ['where an integer becomes a decimal that holds it', 'integer', 'decimal(12,2)'],
    ['where a decimal gets more digits on both sides', 'decimal(5,2)', 'decimal(9,4)'],
    ['where a date becomes a timestamp', 'date', 'timestamp_ntz'],
    ['where a struct gets a field', table({ x: 'long' }), table({ x: 'long', y: 'string' })],
  ])('%s', (_what, older, newer) => {
    expect(unreadableAs(table({ a: older }), table({ a: newer, b: 'long' }), 'none')).toBeUndefined();
  });

  it.each<[string, DeltaType, DeltaType]>([
    ['integers shrink', 'long', 'integer'],
    ['an integer becomes a decimal that does not hold it', 'long', 'decimal(20,2)'],
    ['a decimal loses digits', 'decimal(9,4)', 'decimal(9,2)'],
    ['a struct loses a field', table({ x: 'long', y: 'string' }), table({ x: 'long' })],
    ['a list becomes a value', { type: 'array', elementType: 'long', containsNull: true }, 'long'],
  ])('but not where %s', (_what, older, newer) => {
    expect(unreadableAs(table({ a: older }), table({ a: newer }), 'none')).toMatch(/^the column a/);
  });
});
