import { unsupported } from '../protocol/corrupt.ts';
import { type DeltaType, type StructField } from './schema.ts';

/** Each list or map around another doubles the time in which the engine ends reading a file: 20 take most of a second. */
const MOST_LISTS = 20;

/** @throws IgarapeError DELTA_UNSUPPORTED that names a column of which files cannot be read in any time worth waiting */
export function checkNesting(table: string, fields: readonly StructField[]): void {
  for (const { name, type } of fields) {
    const lists = listsIn(type);
    if (lists > MOST_LISTS)
      throw unsupported(
        table,
        `the column ${name} has ${lists} lists or maps one inside of another; the most are ${MOST_LISTS}`,
      );
  }
}

/** Columns without those that cannot be read, but for the ones that are asked for by name. */
export function readableFields(fields: readonly StructField[], asked: readonly string[]): StructField[] {
  const names = new Set(asked.map((name) => name.toLowerCase()));
  return fields.filter(({ name, type }) => listsIn(type) <= MOST_LISTS || names.has(name.toLowerCase()));
}

/** How many lists or maps are one inside of another, whatever structs lie between. */
function listsIn(type: DeltaType): number {
  if (typeof type === 'string') return 0;
  switch (type.type) {
    case 'struct':
      return Math.max(0, ...type.fields.map((field) => listsIn(field.type)));
    case 'array':
      return 1 + listsIn(type.elementType);
    case 'map':
      return 1 + Math.max(listsIn(type.keyType), listsIn(type.valueType));
    default:
      return type satisfies never;
  }
}
