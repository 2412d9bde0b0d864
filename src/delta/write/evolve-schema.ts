import { isOn } from '../protocol/configuration.ts';
import { digitsOf, isWithin, nameOf, refused, type SourceColumn } from './row-source.ts';
import { type DeltaType, findField, type StructField, type StructType } from '../schema/schema.ts';
import type { JsonObject } from '../protocol/json.ts';
import { canWiden, TYPE_CHANGES } from '../schema/read-as.ts';
import type { Snapshot } from '../log/snapshot.ts';

/** A table's schema after rows with other columns. */
export interface Evolution {
  readonly schema: StructType;
  /**
   * True where a value got a wider type, so that every file is to be written anew: in a table without type widening, and
   * for types that it does not widen to.
   */
  readonly widens: boolean;
}

/**
 * The schema that holds both the table's rows and others: with new columns, and fields inside of columns, at their end,
 * and wider types. Undefined where the table's own does.
 *
 * @throws IgarapeError DELTA_QUERY where a column has a type that goes with neither
 */
export function evolveSchema(
  { schema, partitionFields, configuration }: Snapshot,
  columns: readonly SourceColumn[],
): Evolution | undefined {
  const merged = new MergedTypes(isOn(configuration, 'delta.enableTypeWidening'));
  const fields = mergedFields(schema.fields, columns, (field, type, changes) => {
    const wider = merged.of(field.type, type, field.name, changes);
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
  merge: (field: StructField, type: DeltaType, changes: TypeChange[]) => DeltaType,
): readonly StructField[] {
  const kept = fields.map((field): StructField => {
    const type = others.find(({ name }) => name.toLowerCase() === field.name.toLowerCase())?.type;
    const changes: TypeChange[] = [];
    const merged = type === undefined ? field.type : merge(field, type, changes);
    if (merged === field.type) return field;
    return { ...field, type: merged, metadata: withChanges(field.metadata, changes) };
  });
  const added = others
    .filter(({ name }) => findField({ type: 'struct', fields }, name) === undefined)
    .map(({ name, type }): StructField => ({ name, type: type ?? 'string', nullable: true, metadata: {} }));
  const isSame = added.length === 0 && kept.every((field, index) => field === fields[index]);
  return isSame ? fields : [...kept, ...added];
}

/** A type that was widened, as the metadata of the nearest field tells it, so that files of the older one can stay. */
interface TypeChange extends JsonObject {
  readonly fromType: string;
  readonly toType: string;
  /** Into lists and maps, e.g. `element` or `value.key`. */
  readonly fieldPath?: string;
}

function withChanges(metadata: JsonObject, changes: readonly TypeChange[]): JsonObject {
  if (changes.length === 0) return metadata;
  const known = metadata[TYPE_CHANGES];
  return { ...metadata, [TYPE_CHANGES]: [...(Array.isArray(known) ? known : []), ...changes] };
}

/** Types that hold the values of two. */
class MergedTypes {
  widens = false;
  readonly #isWidening: boolean;

  /** @param isWidening Whether the table may keep files of narrower types. */
  constructor(isWidening: boolean) {
    this.#isWidening = isWidening;
  }

  /**
   * The table's own type, the same object, where that holds the rows' values, too.
   *
   * @param changes Takes what was widened inside of the nearest field.
   */
  of(
    own: DeltaType,
    other: DeltaType,
    path: string,
    changes: TypeChange[],
    inside: readonly string[] = [],
  ): DeltaType {
    if (own === 'variant') return own;
    if (typeof own === 'string' || typeof other === 'string') {
      const wider = this.#plain(own, other, path);
      if (wider !== own) this.#note(own, wider, changes, inside);
      return wider;
    }
    if (own.type === 'struct' && other.type === 'struct') {
      const fields = mergedFields(own.fields, other.fields, (field, type, inner) =>
        this.of(field.type, type, `${path}.${field.name}`, inner),
      );
      return fields === own.fields ? own : { ...own, fields };
    }
    if (own.type === 'array' && other.type === 'array') {
      const elementType = this.of(own.elementType, other.elementType, `${path}.element`, changes, [
        ...inside,
        'element',
      ]);
      return elementType === own.elementType ? own : { ...own, elementType };
    }
    if (own.type === 'map' && other.type === 'map') {
      const keyType = this.of(own.keyType, other.keyType, `${path}.key`, changes, [...inside, 'key']);
      const valueType = this.of(own.valueType, other.valueType, `${path}.value`, changes, [
        ...inside,
        'value',
      ]);
      return keyType === own.keyType && valueType === own.valueType ? own : { ...own, keyType, valueType };
    }
    throw unlike(own, other, path);
  }

  #plain(own: DeltaType, other: DeltaType, path: string): DeltaType {
    if (isWithin(other, own)) return own;
    const wider = widened(own, other);
    if (wider === undefined) throw unlike(own, other, path);
    return wider;
  }

  #note(own: DeltaType, wider: DeltaType, changes: TypeChange[], inside: readonly string[]): void {
    if (!this.#isWidening || !canWiden(own, wider) || typeof own !== 'string' || typeof wider !== 'string') {
      this.widens = true;
      return;
    }
    const fieldPath = inside.join('.');
    changes.push({ fromType: own, toType: wider, ...(fieldPath === '' ? {} : { fieldPath }) });
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
