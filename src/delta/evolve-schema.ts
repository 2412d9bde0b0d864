import { randomUUID } from 'node:crypto';
import type { Metadata, Protocol } from './actions.ts';
import { unsupported } from './corrupt.ts';
import { hasFeature } from './features.ts';
import { digitsOf, isWithin, nameOf, refused, type SourceColumn } from './row-source.ts';
import { type DeltaType, findField, formatSchema, type StructField, type StructType } from './schema.ts';
import type { Snapshot } from './snapshot.ts';
import { hasTimestampNtz } from './table-properties.ts';

/** A table's schema after rows with other columns. */
export interface Evolution {
  readonly metadata: Metadata;
  /** Given where a new column needs a feature that the table does not have yet. */
  readonly protocol: Protocol | undefined;
  /** True where a column got a wider type, so that every file is to be written anew. */
  readonly widens: boolean;
}

const MAX_ID = 'delta.columnMapping.maxColumnId';

/**
 * The schema that holds both the table's rows and others: with new columns at its end, and wider types. Undefined where
 * the table's own does.
 *
 * @throws IgarapeError DELTA_QUERY where a column has a type that goes with neither; DELTA_UNSUPPORTED
 */
export function evolveSchema(snapshot: Snapshot, columns: readonly SourceColumn[]): Evolution | undefined {
  const ids = new ColumnIds(snapshot);
  let widens = false;
  const fields = snapshot.schema.fields.map((field): StructField => {
    const column = columns.find(({ name }) => name.toLowerCase() === field.name.toLowerCase());
    if (column?.type === undefined || isWithin(column.type, field.type)) return field;
    const wider = widened(field.type, column.type);
    if (wider === undefined) {
      throw refused(
        `the column ${field.name} is ${nameOf(field.type)} in the table and ${nameOf(column.type)} in the rows`,
      );
    }
    if (snapshot.partitionFields.includes(field))
      throw refused(
        `the partition column ${field.name} cannot change from ${nameOf(field.type)} to ${nameOf(wider)}`,
      );
    widens = true;
    return { ...field, type: wider };
  });
  const added = columns
    .filter(({ name }) => findField(snapshot.schema, name) === undefined)
    .map(({ name, type }) => ids.name({ name, type: type ?? 'string', nullable: true, metadata: {} }));
  if (added.length === 0 && !widens) return undefined;
  return evolved(snapshot, { type: 'struct', fields: [...fields, ...added] }, ids, widens);
}

/** A column with its physical name where columns are mapped; numbers go on from the highest that was ever given. */
class ColumnIds {
  readonly #isMapped: boolean;
  last: number;

  constructor({ mapping, configuration }: Snapshot) {
    this.#isMapped = mapping !== 'none';
    this.last = Number(configuration[MAX_ID] ?? 0);
  }

  name(field: StructField): StructField {
    if (!this.#isMapped) return field;
    this.last += 1;
    const metadata = {
      'delta.columnMapping.id': this.last,
      'delta.columnMapping.physicalName': `col-${randomUUID()}`,
    };
    return { ...field, type: this.#inside(field.type), metadata };
  }

  #inside(type: DeltaType): DeltaType {
    if (typeof type === 'string') return type;
    switch (type.type) {
      case 'struct':
        return { ...type, fields: type.fields.map((field) => this.name(field)) };
      case 'array':
        return { ...type, elementType: this.#inside(type.elementType) };
      case 'map':
        return { ...type, keyType: this.#inside(type.keyType), valueType: this.#inside(type.valueType) };
      default:
        return type satisfies never;
    }
  }
}

function evolved(snapshot: Snapshot, schema: StructType, ids: ColumnIds, widens: boolean): Evolution {
  const { metadata, protocol, mapping, table } = snapshot;
  const configuration =
    mapping === 'none' ? metadata.configuration : { ...metadata.configuration, [MAX_ID]: String(ids.last) };
  return {
    metadata: { ...metadata, configuration, schemaString: formatSchema(schema) },
    protocol: hasTimestampNtz(schema) ? withTimestampNtz(protocol, table) : undefined,
    widens,
  };
}

/** Only a table that lists its features takes one more; an older one is not upgraded behind its owner's back. */
function withTimestampNtz(protocol: Protocol, table: string): Protocol | undefined {
  if (hasFeature(protocol, 'timestampNtz', table)) return undefined;
  const { readerFeatures, writerFeatures } = protocol;
  if (readerFeatures === undefined || writerFeatures === undefined) {
    throw unsupported(
      table,
      'a column of type TIMESTAMP takes the table feature timestampNtz, which it lacks',
    );
  }
  return {
    ...protocol,
    readerFeatures: [...readerFeatures, 'timestampNtz'],
    writerFeatures: [...writerFeatures, 'timestampNtz'],
  };
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
