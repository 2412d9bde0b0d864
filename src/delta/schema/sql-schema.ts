import type { SqlColumn } from '../../engine/sql-column.ts';
import { quoteName } from '../../engine/quote.ts';
import { type ColumnMapping, physicalName } from './column-mapping.ts';
import { unsupported } from '../protocol/corrupt.ts';
import { decimalType, type DeltaType, type StructField } from './schema.ts';
import { parseSqlType, type SqlType } from './sql-type.ts';

const TO_SQL: Readonly<Record<string, string>> = {
  string: 'VARCHAR',
  long: 'BIGINT',
  integer: 'INTEGER',
  short: 'SMALLINT',
  byte: 'TINYINT',
  float: 'FLOAT',
  double: 'DOUBLE',
  boolean: 'BOOLEAN',
  binary: 'BLOB',
  variant: 'VARIANT',
  date: 'DATE',
  timestamp: 'TIMESTAMP WITH TIME ZONE',
  timestamp_ntz: 'TIMESTAMP',
  // A column whose values are all null; no file has it.
  void: 'INTEGER',
};

/** Types of DuckDB that Delta has no equal for, and what they are widened to without loss. */
const WIDENED: Readonly<Record<string, DeltaType>> = {
  UTINYINT: 'short',
  USMALLINT: 'integer',
  UINTEGER: 'long',
  UBIGINT: 'decimal(20,0)',
  UUID: 'string',
  JSON: 'string',
};

const FROM_SQL: ReadonlyMap<string, DeltaType> = new Map<string, DeltaType>([
  ...Object.entries(WIDENED),
  ['VARCHAR', 'string'],
  ['BIGINT', 'long'],
  ['INTEGER', 'integer'],
  ['SMALLINT', 'short'],
  ['TINYINT', 'byte'],
  ['FLOAT', 'float'],
  ['DOUBLE', 'double'],
  ['BOOLEAN', 'boolean'],
  ['BLOB', 'binary'],
  ['DATE', 'date'],
  ['TIMESTAMP WITH TIME ZONE', 'timestamp'],
  ['TIMESTAMP', 'timestamp_ntz'],
  ['VARIANT', 'variant'],
]);

/** A Delta type in DuckDB's words, the fields of structs under their own names. */
export function sqlTypeOf(type: DeltaType): string {
  return nested(type, (field) => field.name);
}

/** The same with the fields of structs under the names that they have in Parquet files. */
export function physicalSqlType(type: DeltaType, mapping: ColumnMapping): string {
  return nested(type, (field) => physicalName(field, mapping));
}

/** Columns in DuckDB's words. */
export function sqlColumns(fields: readonly StructField[]): SqlColumn[] {
  return fields.map(({ name, type }) => ({ name, type: sqlTypeOf(type) }));
}

/** The same with texts for all bytes: read as such, bytes that are marked as text and bytes that are not tell apart. */
export function textSqlType(type: DeltaType, mapping: ColumnMapping): string {
  return nested(type, (field) => physicalName(field, mapping), { binary: 'VARCHAR' });
}

/** The same as it is written: a variant in the two parts that every reader knows. */
export function writtenSqlType(type: DeltaType, mapping: ColumnMapping): string {
  return nested(type, (field) => physicalName(field, mapping), {
    variant: 'STRUCT("metadata" BLOB, "value" BLOB)',
  });
}

/** SQL: a column of nulls, in its type and under its name. */
export function nullColumn({ name, type }: Pick<StructField, 'name' | 'type'>): string {
  return `CAST(NULL AS ${sqlTypeOf(type)}) AS ${quoteName(name)}`;
}

/**
 * The Delta type for a column of DuckDB's; every part of it may be null.
 *
 * @throws IgarapeError DELTA_UNSUPPORTED for a type whose values Delta cannot hold.
 */
export function deltaTypeOf(sqlType: string, column: string): DeltaType {
  return fromSql(parseSqlType(sqlType), column);
}

function nested(
  type: DeltaType,
  nameOf: (field: StructField) => string,
  others: Readonly<Record<string, string>> = {},
): string {
  if (typeof type === 'string') return others[type] ?? TO_SQL[type] ?? decimalSql(type);
  switch (type.type) {
    case 'struct': {
      // DuckDB has no struct without fields; one that nobody asks for stands in.
      if (type.fields.length === 0) return 'STRUCT("" INTEGER)';
      const fields = type.fields.map(
        (field) => `${quoteName(nameOf(field))} ${nested(field.type, nameOf, others)}`,
      );
      return `STRUCT(${fields.join(', ')})`;
    }
    case 'array':
      return `${nested(type.elementType, nameOf, others)}[]`;
    case 'map':
      return `MAP(${nested(type.keyType, nameOf, others)}, ${nested(type.valueType, nameOf, others)})`;
    default:
      return type satisfies never;
  }
}

function decimalSql(type: DeltaType): string {
  const { precision, scale } = decimalType(type) ?? { precision: 10, scale: 0 };
  return `DECIMAL(${precision}, ${scale})`;
}

function fromSql(type: SqlType, column: string): DeltaType {
  switch (type.kind) {
    case 'struct': {
      const fields = type.fields.map((field): StructField => ({
        name: field.name,
        type: fromSql(field.type, `${column}.${field.name}`),
        nullable: true,
        metadata: {},
      }));
      return { type: 'struct', fields };
    }
    case 'list':
      return { type: 'array', elementType: fromSql(type.element, `${column}.element`), containsNull: true };
    case 'map':
      return {
        type: 'map',
        keyType: fromSql(type.key, `${column}.key`),
        valueType: fromSql(type.value, `${column}.value`),
        valueContainsNull: true,
      };
    case 'scalar': {
      const decimal = /^DECIMAL\((\d+),\s*(\d+)\)$/.exec(type.name);
      if (decimal !== null) return `decimal(${Number(decimal[1])},${Number(decimal[2])})`;
      const found = FROM_SQL.get(type.name);
      if (found === undefined)
        throw unsupported(
          'The schema',
          `the column ${column} has the type ${type.name}, which Delta does not have`,
        );
      return found;
    }
    default:
      return type satisfies never;
  }
}
