import { digitsOf, isWithin, nameOf, refused, type SourceColumn } from './row-source.ts';
import { type DeltaType, findField, type StructField, type StructType } from './schema.ts';
import type { Snapshot } from './snapshot.ts';

/** A table's schema after rows with other columns. */
export interface Evolution {
  readonly schema: StructType;
  /** True where a column got a wider type, so that every file is to be written anew. */
  readonly widens: boolean;
}

/**
 * The schema that holds both the table's rows and others: with new columns at its end, and wider types. Undefined where
 * the table's own does.
 *
 * @throws IgarapeError DELTA_QUERY where a column has a type that goes with neither
 */
export function evolveSchema(
  { schema, partitionFields }: Snapshot,
  columns: readonly SourceColumn[],
): Evolution | undefined {
  let widens = false;
  const fields = schema.fields.map((field): StructField => {
    const column = columns.find(({ name }) => name.toLowerCase() === field.name.toLowerCase());
    if (column?.type === undefined || isWithin(column.type, field.type)) return field;
    const wider = widened(field.type, column.type);
    if (wider === undefined) {
      throw refused(
        `the column ${field.name} is ${nameOf(field.type)} in the table and ${nameOf(column.type)} in the rows`,
      );
    }
    if (partitionFields.includes(field))
      throw refused(
        `the partition column ${field.name} cannot change from ${nameOf(field.type)} to ${nameOf(wider)}`,
      );
    widens = true;
    return { ...field, type: wider };
  });
  const added = columns
    .filter(({ name }) => findField(schema, name) === undefined)
    .map(({ name, type }): StructField => ({ name, type: type ?? 'string', nullable: true, metadata: {} }));
  if (added.length === 0 && !widens) return undefined;
  return { schema: { type: 'struct', fields: [...fields, ...added] }, widens };
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
