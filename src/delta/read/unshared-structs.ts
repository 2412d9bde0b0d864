import { quoteName } from '../../engine/quote.ts';
import { COLUMN_ID, type ColumnMapping, physicalName } from '../schema/column-mapping.ts';
import { allFields, type DeltaType, type StructField, type StructType } from '../schema/schema.ts';
import { physicalSqlType } from '../schema/sql-schema.ts';
import type { SqlType } from '../schema/sql-type.ts';
import type { AlikeFiles } from './alike-files.ts';

/**
 * What columns are to be read as whose structs may share no member with those of some file: all that the file had were
 * dropped since. The engine reads no such struct, so that a member that the file has is read, too, and left out later.
 *
 * @returns SQL types by column, of columns that hold such structs
 */
export function findUnsharedStructs(
  mapping: ColumnMapping,
  fields: readonly StructField[],
  kinds: readonly AlikeFiles[],
): ReadonlyMap<StructField, string> {
  const suspects = fields.filter(({ type }) => typeof type !== 'string');
  return new Map(
    suspects.map((field) => [
      field,
      sharedType(
        field.type,
        kinds.flatMap(({ typeOf }) => typeOf(field) ?? []),
        mapping,
      ),
    ]),
  );
}

/** True where columns were dropped before others came: ids are given in turn. */
export function hasLost(schema: StructType, mapping: ColumnMapping): boolean {
  if (mapping === 'none' || schema.fields.every(({ type }) => typeof type === 'string')) return false;
  const fields = allFields(schema);
  return fields.some(({ metadata }) => !(Number(metadata[COLUMN_ID]) <= fields.length));
}

/** The type of a file's column, with a member of each file's structs that has none of the table's. */
function sharedType(type: DeltaType, stored: readonly SqlType[], mapping: ColumnMapping): string {
  if (typeof type === 'string' || stored.length === 0) return physicalSqlType(type, mapping);
  switch (type.type) {
    case 'struct':
      return sharedStruct(type, stored, mapping);
    case 'array': {
      const elements = stored.flatMap((each) => (each.kind === 'list' ? [each.element] : []));
      return `${sharedType(type.elementType, elements, mapping)}[]`;
    }
    case 'map': {
      const keys = stored.flatMap((each) => (each.kind === 'map' ? [each.key] : []));
      const values = stored.flatMap((each) => (each.kind === 'map' ? [each.value] : []));
      return `MAP(${sharedType(type.keyType, keys, mapping)}, ${sharedType(type.valueType, values, mapping)})`;
    }
    default:
      return type satisfies never;
  }
}

function sharedStruct(type: StructType, stored: readonly SqlType[], mapping: ColumnMapping): string {
  const files = stored.flatMap((each) => (each.kind === 'struct' ? [each.fields] : []));
  const names = type.fields.map((field) => physicalName(field, mapping));
  const known = new Set(names.map((name) => name.toLowerCase()));
  const members = type.fields.map((field, index) => {
    const own = files.flatMap((fields) => fields.filter(({ name }) => name === names[index]));
    const inner = own.map((member) => member.type);
    return `${quoteName(names[index] ?? '')} ${sharedType(field.type, inner, mapping)}`;
  });
  for (const fields of files) {
    const [first] = fields;
    if (first === undefined || fields.some(({ name }) => known.has(name.toLowerCase()))) continue;
    known.add(first.name.toLowerCase());
    // As text any member can be read.
    members.push(`${quoteName(first.name)} VARCHAR`);
  }
  return `STRUCT(${members.join(', ')})`;
}
