import { IgarapeError } from '../../core/errors.ts';
import { type ColumnMapping, physicalName } from '../schema/column-mapping.ts';
import type { DeltaType, StructField } from '../schema/schema.ts';
import { columnKey, type WrittenColumn } from './file-statistics.ts';

const INSTANTS = new Set<DeltaType>(['date', 'timestamp', 'timestamp_ntz']);

/**
 * Refuses days and times that others cannot read: infinite ones, and those before the year 1 or after 9999. Told by the
 * bounds of what was written, at every depth.
 *
 * @throws IgarapeError DELTA_QUERY
 */
export function checkInstants(
  fields: readonly StructField[],
  mapping: ColumnMapping,
  columns: ReadonlyMap<string, WrittenColumn>,
): void {
  for (const field of fields) {
    for (const path of instantsIn(field.type, mapping, [physicalName(field, mapping)])) {
      const column = columns.get(columnKey(path));
      for (const text of [column?.get('min'), column?.get('max')])
        if (text !== undefined) checkInstant(field.name, text);
    }
  }
}

/** @throws IgarapeError DELTA_QUERY */
export function checkInstant(name: string, text: string): void {
  if (/^(?!0000)\d{4}-\d\d-\d\d(?![^(]*\(BC\))/.test(text)) return;
  throw new IgarapeError(
    'DELTA_QUERY',
    `The rows cannot be written: the column ${name} has the time ${text}`,
    {
      hint: 'Nothing was written. Days and times of a table lie in the years 1 to 9999.',
    },
  );
}

export function isInstant(type: DeltaType): boolean {
  return INSTANTS.has(type);
}

/** The paths of a type's days and times, as the engine names what it has written. */
function instantsIn(type: DeltaType, mapping: ColumnMapping, path: readonly string[]): (readonly string[])[] {
  if (typeof type === 'string') return isInstant(type) ? [path] : [];
  switch (type.type) {
    case 'struct':
      return type.fields.flatMap((field) =>
        instantsIn(field.type, mapping, [...path, physicalName(field, mapping)]),
      );
    case 'array':
      return instantsIn(type.elementType, mapping, [...path, 'element']);
    case 'map':
      return [
        ...instantsIn(type.keyType, mapping, [...path, 'key']),
        ...instantsIn(type.valueType, mapping, [...path, 'value']),
      ];
    default:
      return type satisfies never;
  }
}
