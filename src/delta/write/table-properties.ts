import type { Protocol } from '../protocol/actions.ts';
import { columnMapping } from '../schema/column-mapping.ts';
import { CHECKPOINT_POLICY } from '../log/checkpoint-write.ts';
import { durationMs } from '../log/retention.ts';
import { isOn } from '../protocol/configuration.ts';
import { unsupported } from '../protocol/corrupt.ts';
import type { Kind } from '../../core/kinds.ts';
import type { Told } from '../../core/language/sentence.ts';
import { IgarapeError } from '../../core/errors.ts';
import { fileBytes } from './split-files.ts';
import { holds, type StructType } from '../schema/schema.ts';

const CODECS = new Set(['snappy', 'zstd', 'gzip', 'lz4_raw', 'uncompressed']);

/** The engine's name of a codec; undefined for one that it does not write. */
export function parquetCodec(text: string): string | undefined {
  const codec = text.toLowerCase();
  const name = codec === 'none' ? 'uncompressed' : codec;
  return CODECS.has(name) ? name : undefined;
}

const SWITCH = value('true or false', /^(true|false)$/i);
const INTERVAL: Kind = {
  expected: "an interval, e.g. 'interval 1 week'",
  holds: (text) => Number.isFinite(durationMs(String(text))),
};

/** Properties that have an effect on what is written here, or none on how it has to be written; and their values. */
const KNOWN: ReadonlyMap<string, Kind> = new Map([
  ['delta.appendOnly', SWITCH],
  ['delta.checkpointInterval', value('a whole number from 1 on', /^0*[1-9]\d{0,8}$/)],
  [CHECKPOINT_POLICY, value('classic or v2', /^(classic|v2)$/)],
  ['delta.checkpoint.writeStatsAsJson', SWITCH],
  ['delta.checkpoint.writeStatsAsStruct', SWITCH],
  ['delta.dataSkippingNumIndexedCols', value('a whole number from -1 on', /^(-1|\d{1,9})$/)],
  ['delta.dataSkippingStatsColumns', value('names with commas between them', /\S/)],
  ['delta.deletedFileRetentionDuration', INTERVAL],
  ['delta.enableChangeDataFeed', SWITCH],
  ['delta.enableDeletionVectors', SWITCH],
  ['delta.enableExpiredLogCleanup', SWITCH],
  ['delta.enableTypeWidening', SWITCH],
  ['delta.isolationLevel', value('Serializable or WriteSerializable', /^(Write)?Serializable$/i)],
  ['delta.logRetentionDuration', INTERVAL],
  [
    'delta.parquet.compression.codec',
    {
      expected: 'snappy, zstd, gzip, lz4_raw or uncompressed',
      holds: (text) => parquetCodec(String(text)) !== undefined,
    },
  ],
  [
    'delta.targetFileSize',
    { expected: 'a size, e.g. 128mb', holds: (text) => fileBytes(String(text)) !== undefined },
  ],
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

/**
 * Properties of the user's own may have any name but `delta.…`. A value that Delta does not know would shut the table to
 * whoever reads it by its protocol.
 *
 * @throws IgarapeError DELTA_UNSUPPORTED, DELTA_QUERY for a value
 */
export function checkProperties(table: string, asked: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(asked)) {
    if (!name.startsWith('delta.') || isConstraint(name)) continue;
    const known = KNOWN.get(name);
    if (known === undefined) throw unsupported(table, `the property ${name} is not supported`);
    const expected: string = known.expected;
    if (!known.holds(text))
      throw new IgarapeError(
        'DELTA_QUERY',
        `${table}: the property ${name} should be ${expected}, and is ${JSON.stringify(text)}`,
        { hint: 'Nothing was written.' },
      );
  }
}

/** True for the name of a property that holds a rule for rows: in any case, as Delta on Spark takes it. */
export function isConstraint(name: string): boolean {
  return name.toLowerCase().startsWith(CONSTRAINT);
}

/** The features that a table's columns and properties take: of readers, too, and of writers alone. */
export function neededFeatures(
  schema: StructType,
  configuration: Readonly<Record<string, string>>,
): { readonly both: readonly string[]; readonly writer: readonly string[] } {
  return {
    both: [
      ...(isOn(configuration, 'delta.enableDeletionVectors') ? ['deletionVectors'] : []),
      ...(holds(schema, 'timestamp_ntz') ? ['timestampNtz'] : []),
      ...(configuration[CHECKPOINT_POLICY] === 'v2' ? ['v2Checkpoint'] : []),
      ...(holds(schema, 'variant') ? ['variantType'] : []),
      ...(isOn(configuration, 'delta.enableTypeWidening') ? ['typeWidening'] : []),
      ...(columnMapping(configuration) === 'none' ? [] : ['columnMapping']),
    ],
    writer: [
      ...(Object.keys(configuration).some(isConstraint) ? ['checkConstraints'] : []),
      ...(isOn(configuration, 'delta.enableChangeDataFeed') ? ['changeDataFeed'] : []),
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

function value(expected: Told, pattern: RegExp): Kind {
  return { expected, holds: (text) => pattern.test(String(text)) };
}
