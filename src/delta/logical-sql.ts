import { quoteName } from '../engine/quote.ts';
import { type ColumnMapping, physicalName } from './column-mapping.ts';
import type { DeltaType } from './schema.ts';

/**
 * SQL that gives a value read under physical names the names of the table's schema; `sql` itself where they are the
 * same. Nulls stay null, at every depth.
 */
export function logicalSql(sql: string, type: DeltaType, mapping: ColumnMapping, depth = 0): string {
  if (mapping === 'none' || typeof type === 'string' || !hasStruct(type)) return sql;
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

function hasStruct(type: DeltaType): boolean {
  if (typeof type === 'string') return false;
  if (type.type === 'struct') return true;
  return type.type === 'array'
    ? hasStruct(type.elementType)
    : hasStruct(type.keyType) || hasStruct(type.valueType);
}
