import { randomUUID } from 'node:crypto';
import type { Metadata } from '../protocol/actions.ts';
import { COLUMN_ID, MAPPING_MODE, PHYSICAL_NAME } from './column-mapping.ts';
import type { JsonObject } from '../protocol/json.ts';
import { allFields, type DeltaType, findField, type StructField, type StructType } from './schema.ts';

const MAX_ID = 'delta.columnMapping.maxColumnId';

/** A schema all of whose columns are mapped, and the properties that go with it. */
export interface MappedColumns {
  readonly schema: StructType;
  readonly configuration: Readonly<Record<string, string>>;
}

/** True where a column, at any depth, has a name that Delta on Spark takes for no column of a Parquet file. */
export function needsMapping(schema: StructType): boolean {
  return allFields(schema).some(({ name }) => !isPlain(name));
}

/** True where the newer schema has such a name that the older one lacks. */
export function bringsNeed(before: StructType, after: StructType): boolean {
  const known = new Set(allFields(before).map(({ name }) => name));
  return allFields(after).some(({ name }) => !isPlain(name) && !known.has(name));
}

/** The columns of a new table: mapped by name, each called in files as it is where that name may stand there. */
export function mapNewTable(
  schema: StructType,
  configuration: Readonly<Record<string, string>>,
): MappedColumns {
  return mapFields(schema, { ...configuration, [MAPPING_MODE]: 'name' }, ({ name }) =>
    isPlain(name) ? name : newName(),
  );
}

/** The columns of a new table of files that are there: mapped by name, each called as it is. */
export function mapFilesOfTable(
  schema: StructType,
  configuration: Readonly<Record<string, string>>,
): MappedColumns {
  return mapFields(schema, { ...configuration, [MAPPING_MODE]: 'name' }, ({ name }) => name);
}

/**
 * The columns of a table that maps none and gets further ones: mapped by name, those that it has under the names that
 * its files know them by.
 */
export function mapOldTable(
  before: StructType,
  after: StructType,
  configuration: Readonly<Record<string, string>>,
): MappedColumns {
  const old = mapFilesOfTable(before, configuration);
  return mapFurther(old.schema, after, old.configuration);
}

/**
 * The columns of a mapped table that gets another schema: those that it has stay what they are, by their names; ids go
 * on from the highest that it ever gave, and new columns get new names in files, so that no older one comes back.
 */
export function mapFurther(
  before: StructType,
  after: StructType,
  configuration: Readonly<Record<string, string>>,
): MappedColumns {
  return mapFields(keepMapped(before, after), configuration, newName);
}

/** Metadata of an older version for a newer one: the ids that the table gave meanwhile are not given again. */
export function withIdsOf(newest: { readonly metadata: Metadata }, older: Metadata): Metadata {
  const given = newest.metadata.configuration[MAX_ID];
  const known = older.configuration[MAX_ID];
  if (given === undefined || known === undefined || Number(given) <= Number(known)) return older;
  return { ...older, configuration: { ...older.configuration, [MAX_ID]: given } };
}

function newName(): string {
  return `col-${randomUUID()}`;
}

function isPlain(name: string): boolean {
  return !/[ ,;{}()\n\t=]/.test(name);
}

function mapFields(
  schema: StructType,
  configuration: Readonly<Record<string, string>>,
  nameOf: (field: StructField) => string,
): MappedColumns {
  const known = allFields(schema).map(({ metadata }) => Number(metadata[COLUMN_ID] ?? 0));
  let last = Math.max(Number(configuration[MAX_ID] ?? 0), ...known);
  const mapped = changeStructs(schema, (field) => {
    if (COLUMN_ID in field.metadata) return field;
    last += 1;
    const metadata = { ...field.metadata, [COLUMN_ID]: last, [PHYSICAL_NAME]: nameOf(field) };
    return { ...field, metadata };
  });
  return { schema: mapped, configuration: { ...configuration, [MAX_ID]: String(last) } };
}

/** A schema with each column, at every depth, called in files as the column of its name in another schema is. */
function keepMapped(before: StructType, after: StructType): StructType {
  const fields = after.fields.map((field): StructField => {
    const known = findField(before, field.name);
    if (known === undefined || COLUMN_ID in field.metadata) return field;
    const metadata: JsonObject = {
      ...field.metadata,
      ...pick(known.metadata, COLUMN_ID),
      ...pick(known.metadata, PHYSICAL_NAME),
    };
    return { ...field, metadata, type: keepInside(known.type, field.type) };
  });
  return { ...after, fields };
}

function keepInside(before: DeltaType, after: DeltaType): DeltaType {
  if (typeof before === 'string' || typeof after === 'string') return after;
  if (before.type === 'struct' && after.type === 'struct') return keepMapped(before, after);
  if (before.type === 'array' && after.type === 'array')
    return { ...after, elementType: keepInside(before.elementType, after.elementType) };
  if (before.type === 'map' && after.type === 'map') {
    return {
      ...after,
      keyType: keepInside(before.keyType, after.keyType),
      valueType: keepInside(before.valueType, after.valueType),
    };
  }
  return after;
}

function pick(metadata: JsonObject, name: string): JsonObject {
  const value = metadata[name];
  return value === undefined ? {} : { [name]: value };
}

/** The same type with every field, from the outermost on, made into another. */
function changeStructs(type: StructType, change: (field: StructField) => StructField): StructType {
  const inside = (inner: DeltaType): DeltaType => {
    if (typeof inner === 'string') return inner;
    switch (inner.type) {
      case 'struct':
        return changeStructs(inner, change);
      case 'array':
        return { ...inner, elementType: inside(inner.elementType) };
      case 'map':
        return { ...inner, keyType: inside(inner.keyType), valueType: inside(inner.valueType) };
      default:
        return inner satisfies never;
    }
  };
  const fields = type.fields.map((field): StructField => {
    const changed = change(field);
    return { ...changed, type: inside(changed.type) };
  });
  return { ...type, fields };
}
