import { randomUUID } from 'node:crypto';
import type { DeltaType, StructField, StructType } from './schema.ts';

const MAX_ID = 'delta.columnMapping.maxColumnId';
const ID = 'delta.columnMapping.id';
const PHYSICAL_NAME = 'delta.columnMapping.physicalName';

/** A schema all of whose columns are mapped, and the properties that go with it. */
export interface MappedColumns {
  readonly schema: StructType;
  readonly configuration: Readonly<Record<string, string>>;
}

/**
 * Maps the columns that are not yet, at every depth. Their ids go on from the highest that the table ever gave; their
 * physical names are new ones, so that no older column of the same name comes back.
 */
export function mapColumns(
  schema: StructType,
  configuration: Readonly<Record<string, string>>,
): MappedColumns {
  const ids = new ColumnIds(Math.max(Number(configuration[MAX_ID] ?? 0), highestId(schema)));
  const mapped = ids.struct(schema);
  return { schema: mapped, configuration: { ...configuration, [MAX_ID]: String(ids.last) } };
}

class ColumnIds {
  last: number;

  constructor(last: number) {
    this.last = last;
  }

  struct(type: StructType): StructType {
    return { ...type, fields: type.fields.map((field) => this.#field(field)) };
  }

  #field(field: StructField): StructField {
    if (ID in field.metadata) return { ...field, type: this.#inside(field.type) };
    this.last += 1;
    const metadata = { ...field.metadata, [ID]: this.last, [PHYSICAL_NAME]: `col-${randomUUID()}` };
    return { ...field, metadata, type: this.#inside(field.type) };
  }

  #inside(type: DeltaType): DeltaType {
    if (typeof type === 'string') return type;
    switch (type.type) {
      case 'struct':
        return this.struct(type);
      case 'array':
        return { ...type, elementType: this.#inside(type.elementType) };
      case 'map':
        return { ...type, keyType: this.#inside(type.keyType), valueType: this.#inside(type.valueType) };
      default:
        return type satisfies never;
    }
  }
}

function highestId(type: DeltaType): number {
  if (typeof type === 'string') return 0;
  switch (type.type) {
    case 'struct':
      return Math.max(
        0,
        ...type.fields.map((field) => Math.max(Number(field.metadata[ID] ?? 0), highestId(field.type))),
      );
    case 'array':
      return highestId(type.elementType);
    case 'map':
      return Math.max(highestId(type.keyType), highestId(type.valueType));
    default:
      return type satisfies never;
  }
}
