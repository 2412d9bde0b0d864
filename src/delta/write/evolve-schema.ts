import { digitsOf, isWithin, nameOf, refused, type SourceColumn } from './row-source.ts';
import { type DeltaType, findField, type StructField, type StructType } from '../schema/schema.ts';
import type { Snapshot } from '../log/snapshot.ts';

/** A table's schema after rows with other columns. */
export interface Evolution {
  readonly schema: StructType;
  /** True where a value got a wider type, so that every file is to be written anew. */
  readonly widens: boolean;
}

/**
 * The schema that holds both the table's rows and others: with new columns, and fields inside of columns, at their end,
 * and wider types. Undefined where the table's own does.
 *
 * @throws IgarapeError DELTA_QUERY where a column has a type that goes with neither
 */
export function evolveSchema(
  { schema, partitionFields }: Snapshot,
  columns: readonly SourceColumn[],
): Evolution | undefined {
  const merged = new MergedTypes();
  const fields = mergedFields(schema.fields, columns, (field, type) => {
    const wider = merged.of(field.type, type, field.name);
    if (wider !== field.type && partitionFields.includes(field))
      throw refused(
        `the partition column ${field.name} cannot change from ${nameOf(field.type)} to ${nameOf(wider)}`,
      );
    return wider;
  });
  if (fields === schema.fields) return undefined;
  return { schema: { type: 'struct', fields }, widens: merged.widens };
}

/** The fields, those of the rows that are not among them behind; the same list where it holds all. */
function mergedFields(
  fields: readonly StructField[],
  others: readonly SourceColumn[],
  merge: (field: StructField, type: DeltaType) => DeltaType,
): readonly StructField[] {
  const kept = fields.map((field): StructField => {
    const type = others.find(({ name }) => name.toLowerCase() === field.name.toLowerCase())?.type;
    const merged = type === undefined ? field.type : merge(field, type);
    return merged === field.type ? field : { ...field, type: merged };
  });
  const added = others
    .filter(({ name }) => findField({ type: 'struct', fields }, name) === undefined)
    .map(({ name, type }): StructField => ({ name, type: type ?? 'string', nullable: true, metadata: {} }));
  const isSame = added.length === 0 && kept.every((field, index) => field === fields[index]);
  return isSame ? fields : [...kept, ...added];
}

/** Types that hold the values of two. */
class MergedTypes {
  widens = false;

  /** The table's own type, the same object, where that holds the rows' values, too. */
  of(own: DeltaType, other: DeltaType, path: string): DeltaType {
    if (typeof own === 'string' || typeof other === 'string') return this.#plain(own, other, path);
    if (own.type === 'struct' && other.type === 'struct') {
      const fields = mergedFields(own.fields, other.fields, (field, type) =>
        this.of(field.type, type, `${path}.${field.name}`),
      );
      return fields === own.fields ? own : { ...own, fields };
    }
    if (own.type === 'array' && other.type === 'array') {
      const elementType = this.of(own.elementType, other.elementType, `${path}.element`);
      return elementType === own.elementType ? own : { ...own, elementType };
    }
    if (own.type === 'map' && other.type === 'map') {
      const keyType = this.of(own.keyType, other.keyType, `${path}.key`);
      const valueType = this.of(own.valueType, other.valueType, `${path}.value`);
      return keyType === own.keyType && valueType === own.valueType ? own : { ...own, keyType, valueType };
    }
    throw unlike(own, other, path);
  }

  #plain(own: DeltaType, other: DeltaType, path: string): DeltaType {
    if (isWithin(other, own)) return own;
    const wider = widened(own, other);
    if (wider === undefined) throw unlike(own, other, path);
    this.widens = true;
    return wider;
  }
}

function unlike(own: DeltaType, other: DeltaType, path: string): Error {
  return refused(`the column ${path} is ${nameOf(own)} in the table and ${nameOf(other)} in the rows`);
}

/** The type that holds the values of both without loss, where the table's own does not. */
function widened(from: DeltaType, to: DeltaType): DeltaType | undefined {
  if (isWithin(from, to)) return to;
  const [left, right] = [digitsOf(from), digitsOf(to)];
  if (left === undefined || right === undefined) return undefined;
  const scale = Math.max(left.scale, right.scale);
  const precision = Math.max(left.precision - left.scale, right.precision - right.scale) + scale;
  return precision > 38 ? undefined : `decimal(${precision},${scale})`;
}
