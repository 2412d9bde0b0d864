import { type ColumnMapping, physicalName } from './column-mapping.ts';
import { decimalType, type DeltaType, findField, type StructType } from './schema.ts';

/** Which types a column had before, in its metadata: files of these may still be there. */
export const TYPE_CHANGES = 'delta.typeChanges';

/**
 * Why rows that were written with an older schema cannot be read with a newer one, or undefined where they can: new
 * columns are null, a type may have become wider, and nothing was dropped, renamed, or made NOT NULL.
 */
export function unreadableAs(
  older: StructType,
  newer: StructType,
  mapping: ColumnMapping,
): string | undefined {
  for (const field of older.fields) {
    const now = findField(newer, field.name);
    if (now === undefined) return `the column ${field.name} was dropped or renamed`;
    if (
      mapping !== 'none' &&
      hasPhysicalName(field.metadata) &&
      physicalName(field, mapping) !== physicalName(now, mapping)
    ) {
      return `the column ${field.name} was replaced by another of the same name`;
    }
    if (field.nullable && !now.nullable) return `the column ${field.name} may no longer be null`;
    const reason = unreadableType(field.type, now.type, mapping);
    if (reason !== undefined) return `the column ${field.name} ${reason}`;
  }
  return undefined;
}

function hasPhysicalName(metadata: Readonly<Record<string, unknown>>): boolean {
  return 'delta.columnMapping.physicalName' in metadata;
}

function unreadableType(older: DeltaType, newer: DeltaType, mapping: ColumnMapping): string | undefined {
  if (typeof older === 'string' || typeof newer === 'string') {
    return canWiden(older, newer) ? undefined : 'changed its type';
  }
  if (older.type === 'struct' && newer.type === 'struct') {
    const reason = unreadableAs(older, newer, mapping);
    return reason === undefined ? undefined : `changed: ${reason}`;
  }
  if (older.type === 'array' && newer.type === 'array')
    return unreadableType(older.elementType, newer.elementType, mapping);
  if (older.type === 'map' && newer.type === 'map') {
    return (
      unreadableType(older.keyType, newer.keyType, mapping) ??
      unreadableType(older.valueType, newer.valueType, mapping)
    );
  }
  return 'changed its type';
}

/** What each type may become, by the protocol's type widening. */
const WIDER: Readonly<Record<string, readonly string[]>> = {
  byte: ['short', 'integer', 'long', 'double'],
  short: ['integer', 'long', 'double'],
  integer: ['long', 'double'],
  float: ['double'],
  date: ['timestamp_ntz'],
};

const DIGITS: Readonly<Record<string, number>> = { byte: 10, short: 10, integer: 10, long: 20 };

/** True where the protocol lets files of the one type be read as the other. */
export function canWiden(older: DeltaType, newer: DeltaType): boolean {
  if (older === newer || older === 'void') return true;
  if (typeof older !== 'string' || typeof newer !== 'string') return false;
  const to = decimalType(newer);
  if (to === undefined) return WIDER[older]?.includes(newer) === true;
  const from = decimalType(older);
  if (from === undefined) return (DIGITS[older] ?? Infinity) <= to.precision - to.scale;
  return to.scale >= from.scale && to.precision - to.scale >= from.precision - from.scale;
}
