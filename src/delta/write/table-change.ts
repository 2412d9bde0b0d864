import { isOn } from '../protocol/configuration.ts';
import type { Action, Metadata, Protocol } from '../protocol/actions.ts';
import { unsupported } from '../protocol/corrupt.ts';
import { hasFeature, withFeatures } from '../protocol/features.ts';
import { bringsNeed, mapFurther, mapOldTable, type MappedColumns } from '../schema/map-columns.ts';
import { physicalName } from '../schema/column-mapping.ts';
import { refused, FEED_COLUMNS } from './row-source.ts';
import { findField, formatSchema, type StructType } from '../schema/schema.ts';
import type { Snapshot } from '../log/snapshot.ts';
import { checkProperties, isConstraint, neededFeatures } from './table-properties.ts';

/** What a write wants of a table's metadata; what is left out stays. */
export interface WantedTable {
  readonly schema?: StructType | undefined;
  readonly partitionColumns?: readonly string[];
  /** What the table is said to be; an empty text takes it away. */
  readonly description?: string | undefined;
  /** Properties to be set, beside those that it has. */
  readonly configuration?: Readonly<Record<string, string>> | undefined;
  /** Whether the table keeps rows, of which a new constraint might not hold. */
  readonly keepsRows: boolean;
  /** Whether a table that is told by old version numbers may get a list of features; it is refused without. */
  readonly upgrade: 'any' | 'listed';
}

/** A table as a write makes it, before it has touched a row. */
export interface ChangedTable {
  /** The same files under the new schema, properties and protocol. */
  readonly after: Snapshot;
  /** What has to be committed for that: nothing where all stays. */
  readonly actions: readonly Action[];
}

/** @throws IgarapeError DELTA_UNSUPPORTED, DELTA_QUERY for what the table cannot be made */
export function changedTable(before: Snapshot, wanted: WantedTable): ChangedTable {
  const { table, metadata: old } = before;
  checkProperties(table, wanted.configuration ?? {});
  if (wanted.keepsRows) checkConstraints(before, wanted.configuration ?? {});
  const { schema, configuration } = mappedAs(before, wanted);
  const schemaString = formatSchema(schema);
  const { description = old.description } = wanted;
  const metadata: Metadata = {
    ...old,
    description: description === '' ? undefined : description,
    // As its writer spelled it, where it says the same.
    schemaString: schemaString === formatSchema(before.schema) ? old.schemaString : schemaString,
    partitionColumns: wanted.partitionColumns ?? old.partitionColumns,
    configuration,
  };
  if (isSame(old, metadata)) return { after: before, actions: [] };
  checkColumns(schema, configuration);
  checkClustering(before, schema);
  const protocol = upgraded(before, schema, configuration, wanted.upgrade);
  return {
    after: before.with(metadata, protocol),
    actions: [...(protocol === before.protocol ? [] : [{ protocol }]), { metaData: metadata }],
  };
}

/** @throws IgarapeError DELTA_QUERY where a column of the user's own is called as one of the change data feed's */
export function checkColumns(schema: StructType, configuration: Readonly<Record<string, string>>): void {
  if (!isOn(configuration, 'delta.enableChangeDataFeed')) return;
  for (const name of FEED_COLUMNS) {
    if (findField(schema, name) !== undefined)
      throw refused(`the column ${name} has a name that the change data feed needs for itself`);
  }
}

function checkClustering({ clusteringColumns, mapping }: Snapshot, { fields }: StructType): void {
  for (const [name] of clusteringColumns) {
    if (!fields.some((field) => physicalName(field, mapping) === name))
      throw refused(`the table is clustered by the column ${name}, which they lack`);
  }
}

function checkConstraints(before: Snapshot, asked: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(asked)) {
    if (isConstraint(name) && before.configuration[name] !== text)
      throw unsupported(
        before.table,
        `the property ${name} can only be set by a write that replaces all rows, because the others are not looked at`,
      );
  }
}

function mappedAs(before: Snapshot, wanted: WantedTable): MappedColumns {
  const schema = wanted.schema ?? before.schema;
  const configuration = { ...before.configuration, ...wanted.configuration };
  if (wanted.schema === undefined) return { schema, configuration };
  if (before.mapping !== 'none') return mapFurther(before.schema, schema, configuration);
  return bringsNeed(before.schema, schema) && mayBeMapped(before, wanted)
    ? mapOldTable(before.schema, schema, configuration)
    : { schema, configuration };
}

/** Where its columns may not be mapped, a table still holds names that want it; only Spark does not write it then. */
function mayBeMapped({ protocol, table }: Snapshot, { upgrade }: WantedTable): boolean {
  return (
    upgrade === 'any' || protocol.readerFeatures !== undefined || hasFeature(protocol, 'columnMapping', table)
  );
}

/** The protocol with the features that the change brings; what was amiss before is no part of it. */
function upgraded(
  before: Snapshot,
  schema: StructType,
  configuration: Readonly<Record<string, string>>,
  upgrade: WantedTable['upgrade'],
): Protocol {
  const { protocol, table } = before;
  const had = neededFeatures(before.schema, before.configuration);
  const needed = neededFeatures(schema, configuration);
  const brought = [...needed.both, ...needed.writer].filter(
    (name) => !had.both.includes(name) && !had.writer.includes(name),
  );
  const changed = withFeatures(protocol, brought, table);
  const [first] = brought;
  if (changed !== protocol && upgrade === 'listed' && protocol.readerFeatures === undefined)
    throw unsupported(table, `the change takes the table feature ${String(first)}, which it lacks`);
  return changed;
}

function isSame(left: Metadata, right: Metadata): boolean {
  const text = ({ schemaString, partitionColumns, configuration, description }: Metadata): string =>
    JSON.stringify([schemaString, partitionColumns, configuration, description ?? null]);
  return text(left) === text(right);
}
