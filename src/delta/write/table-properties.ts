import type { Protocol } from '../protocol/actions.ts';
import { columnMapping } from '../schema/column-mapping.ts';
import { CHECKPOINT_POLICY } from '../log/checkpoint-write.ts';
import { unsupported } from '../protocol/corrupt.ts';
import { holds, type StructType } from '../schema/schema.ts';

/** Properties that have an effect on what is written here, or none on how it has to be written. */
const KNOWN = new Set([
  'delta.appendOnly',
  'delta.checkpointInterval',
  CHECKPOINT_POLICY,
  'delta.checkpoint.writeStatsAsJson',
  'delta.checkpoint.writeStatsAsStruct',
  'delta.dataSkippingNumIndexedCols',
  'delta.dataSkippingStatsColumns',
  'delta.deletedFileRetentionDuration',
  'delta.enableChangeDataFeed',
  'delta.enableDeletionVectors',
  'delta.enableExpiredLogCleanup',
  'delta.enableTypeWidening',
  'delta.isolationLevel',
  'delta.logRetentionDuration',
  'delta.parquet.compression.codec',
  'delta.targetFileSize',
]);

/** What the name of a property that holds a rule for rows begins with. */
export const CONSTRAINT = 'delta.constraints.';
const DEFAULTS = { 'delta.enableChangeDataFeed': 'true', 'delta.enableDeletionVectors': 'true' };

/** A new table's properties: what is asked for, over a change data feed and deletion vectors. @throws DELTA_UNSUPPORTED */
export function newConfiguration(
  table: string,
  asked: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  checkProperties(table, asked);
  return { ...DEFAULTS, ...asked };
}

/** Properties of the user's own may have any name but `delta.…`. @throws IgarapeError DELTA_UNSUPPORTED */
export function checkProperties(table: string, asked: Readonly<Record<string, string>>): void {
  for (const name of Object.keys(asked)) {
    if (name.startsWith('delta.') && !KNOWN.has(name) && !isConstraint(name))
      throw unsupported(table, `the property ${name} is not supported`);
  }
}

/** True for the name of a property that holds a rule for rows. */
export function isConstraint(name: string): boolean {
  return name.startsWith(CONSTRAINT);
}

/** The features that a table's columns and properties take: of readers, too, and of writers alone. */
export function neededFeatures(
  schema: StructType,
  configuration: Readonly<Record<string, string>>,
): { readonly both: readonly string[]; readonly writer: readonly string[] } {
  return {
    both: [
      ...(configuration['delta.enableDeletionVectors'] === 'true' ? ['deletionVectors'] : []),
      ...(holds(schema, 'timestamp_ntz') ? ['timestampNtz'] : []),
      ...(configuration[CHECKPOINT_POLICY] === 'v2' ? ['v2Checkpoint'] : []),
      ...(holds(schema, 'variant') ? ['variantType'] : []),
      ...(configuration['delta.enableTypeWidening'] === 'true' ? ['typeWidening'] : []),
      ...(columnMapping(configuration) === 'none' ? [] : ['columnMapping']),
    ],
    writer: [
      ...(Object.keys(configuration).some(isConstraint) ? ['checkConstraints'] : []),
      ...(configuration['delta.enableChangeDataFeed'] === 'true' ? ['changeDataFeed'] : []),
    ],
  };
}

/** The least protocol for a table: old version numbers where no newer feature is needed, else a list of features. */
export function protocolFor(schema: StructType, configuration: Readonly<Record<string, string>>): Protocol {
  const { both, writer: own } = neededFeatures(schema, configuration);
  const writer = ['appendOnly', 'invariants', ...own];
  if (both.length === 1 && both[0] === 'columnMapping') return { minReaderVersion: 2, minWriterVersion: 5 };
  if (both.length > 0) {
    return {
      minReaderVersion: 3,
      minWriterVersion: 7,
      readerFeatures: both,
      writerFeatures: [...writer, ...both],
    };
  }
  if (writer.length > 2) return { minReaderVersion: 1, minWriterVersion: 7, writerFeatures: writer };
  return { minReaderVersion: 1, minWriterVersion: 2 };
}
