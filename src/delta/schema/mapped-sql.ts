import { quoteName } from '../../engine/quote.ts';
import { type ColumnMapping, fieldId, physicalName } from './column-mapping.ts';
import { type DeltaType, holds, type StructField } from './schema.ts';

/**
 * SQL that makes a value of the table of one that was read from a file: with the names of the table's schema, and
 * variants whole; `sql` itself where nothing is to be done. Nulls stay null, at every depth.
 */
export function logicalSql(sql: string, type: DeltaType, mapping: ColumnMapping, depth = 0): string {
  if (type === 'variant') return wholeVariant(sql);
  if (typeof type === 'string') return sql;
  if ((mapping === 'none' || !hasStruct(type)) && !holds(type, 'variant')) return sql;
  switch (type.type) {
    case 'struct': {
      if (type.fields.length === 0) return sql;
      const members = type.fields.map((field) => {
        const member = `${sql}.${quoteName(physicalName(field, mapping))}`;
        return `${quoteName(field.name)} := ${logicalSql(member, field.type, mapping, depth)}`;
      });
      return `CASE WHEN ${sql} IS NOT NULL THEN struct_pack(${members.join(', ')}) END`;
    }
    case 'array': {
      const element = `e${depth}`;
      return `list_transform(${sql}, lambda ${element}: ${logicalSql(element, type.elementType, mapping, depth + 1)})`;
    }
    case 'map': {
      const entry = `e${depth}`;
      const key = logicalSql(`${entry}.key`, type.keyType, mapping, depth + 1);
      const value = logicalSql(`${entry}.value`, type.valueType, mapping, depth + 1);
      return `map_from_entries(list_transform(map_entries(${sql}), lambda ${entry}: struct_pack(k := ${key}, v := ${value})))`;
    }
    default:
      return type satisfies never;
  }
}

/** Of a variant that a file does not mark as one, the engine makes a variant whose members are the parts of it. */
function wholeVariant(sql: string): string {
  const [metadata, value] = ['metadata', 'value'].map((name) => `variant_extract(${sql}, '${name}')`);
  const isShredded = `variant_typeof(${sql}) LIKE 'OBJECT(%typed_value%'`;
  const told =
    "error('a variant is shredded in a data file that does not mark it as a variant, and cannot be read')";
  const parts = `CAST(${metadata} AS BLOB) || CAST(${value} AS BLOB)`;
  return `CASE WHEN coalesce(variant_typeof(${metadata}), '') <> 'BLOB' THEN ${sql} WHEN ${isShredded} THEN CAST(${told} AS VARIANT) ELSE variant_bytes_to_variant(${parts}) END`;
}

function hasStruct(type: DeltaType): boolean {
  if (typeof type === 'string') return false;
  if (type.type === 'struct') return true;
  return type.type === 'array'
    ? hasStruct(type.elementType)
    : hasStruct(type.keyType) || hasStruct(type.valueType);
}

/**
 * SQL that gives a value with the names of the table's schema the names that it has in files, and takes variants apart:
 * the inverse of reading. Nulls stay null, at every depth.
 */
export function physicalSql(sql: string, type: DeltaType, mapping: ColumnMapping, depth = 0): string {
  // Of a null, the engine makes the parts of a variant that holds null.
  if (type === 'variant') return `CASE WHEN ${sql} IS NOT NULL THEN variant_to_parquet_variant(${sql}) END`;
  if (typeof type === 'string') return sql;
  if (mapping === 'none' && !holds(type, 'variant')) return sql;
  switch (type.type) {
    case 'struct': {
      const members = type.fields.map((field) => {
        const member = physicalSql(`${sql}.${quoteName(field.name)}`, field.type, mapping, depth);
        return `${quoteName(physicalName(field, mapping))} := ${member}`;
      });
      return `CASE WHEN ${sql} IS NOT NULL THEN struct_pack(${members.join(', ')}) END`;
    }
    case 'array': {
      const element = `e${depth}`;
      return `list_transform(${sql}, lambda ${element}: ${physicalSql(element, type.elementType, mapping, depth + 1)})`;
    }
    case 'map': {
      const entry = `e${depth}`;
      const key = physicalSql(`${entry}.key`, type.keyType, mapping, depth + 1);
      const value = physicalSql(`${entry}.value`, type.valueType, mapping, depth + 1);
      return `map_from_entries(list_transform(map_entries(${sql}), lambda ${entry}: struct_pack(k := ${key}, v := ${value})))`;
    }
    default:
      return type satisfies never;
  }
}

/** COPY's FIELD_IDS for these columns; undefined where the table maps none. */
export function fieldIdsSql(fields: readonly StructField[], mapping: ColumnMapping): string | undefined {
  if (mapping === 'none') return undefined;
  return `{${fields.map((field) => fieldIdSql(field, mapping)).join(', ')}}`;
}

function fieldIdSql(field: StructField, mapping: ColumnMapping): string {
  const name = quoteName(physicalName(field, mapping));
  const id = fieldId(field);
  if (typeof field.type === 'string' || field.type.type !== 'struct') return `${name}: ${id}`;
  const members = field.type.fields.map((member) => fieldIdSql(member, mapping));
  return `${name}: {${[`__duckdb_field_id: ${id}`, ...members].join(', ')}}`;
}
