import { IgarapeError } from '../../core/errors.ts';
import type { Protocol } from './actions.ts';
import { corrupt } from './corrupt.ts';

interface Feature {
  /** Whom the feature concerns: writers alone, or readers, too. */
  readonly kind: 'writer' | 'reader-writer';
  readonly readable: boolean;
  readonly writable: boolean;
  /** The version of the old protocols with which it came, where it did. */
  readonly since?: { readonly reader?: number; readonly writer: number };
}

/**
 * The table features of the Delta protocol, and which of them are supported here. A writer feature never stops a
 * reader; what is not in this table is refused by its name.
 */
const FEATURES: Readonly<Record<string, Feature>> = {
  appendOnly: { kind: 'writer', readable: true, writable: true, since: { writer: 2 } },
  invariants: { kind: 'writer', readable: true, writable: true, since: { writer: 2 } },
  checkConstraints: { kind: 'writer', readable: true, writable: true, since: { writer: 3 } },
  changeDataFeed: { kind: 'writer', readable: true, writable: true, since: { writer: 4 } },
  // Without an effect until a column uses it; such a column is refused by its name.
  generatedColumns: { kind: 'writer', readable: true, writable: true, since: { writer: 4 } },
  columnMapping: { kind: 'reader-writer', readable: true, writable: true, since: { reader: 2, writer: 5 } },
  identityColumns: { kind: 'writer', readable: true, writable: true, since: { writer: 6 } },
  deletionVectors: { kind: 'reader-writer', readable: true, writable: true },
  timestampNtz: { kind: 'reader-writer', readable: true, writable: true },
  v2Checkpoint: { kind: 'reader-writer', readable: true, writable: true },
  vacuumProtocolCheck: { kind: 'reader-writer', readable: true, writable: true },
  typeWidening: { kind: 'reader-writer', readable: true, writable: true },
  'typeWidening-preview': { kind: 'reader-writer', readable: true, writable: true },
  // Without an effect on rows that have no variants.
  variantType: { kind: 'reader-writer', readable: true, writable: true },
  'variantType-preview': { kind: 'reader-writer', readable: true, writable: true },
  variantShredding: { kind: 'reader-writer', readable: true, writable: true },
  'variantShredding-preview': { kind: 'reader-writer', readable: true, writable: true },
  inCommitTimestamp: { kind: 'writer', readable: true, writable: true },
  domainMetadata: { kind: 'writer', readable: true, writable: true },
  rowTracking: { kind: 'writer', readable: true, writable: true },
  clustering: { kind: 'writer', readable: true, writable: true },
  allowColumnDefaults: { kind: 'writer', readable: true, writable: true },
  icebergCompatV1: { kind: 'writer', readable: true, writable: false },
  icebergCompatV2: { kind: 'writer', readable: true, writable: false },
  materializePartitionColumns: { kind: 'writer', readable: true, writable: false },
};

/** Names under which older writers know the same feature. */
const ALIASES: Readonly<Record<string, string>> = { timestampWithoutTimezone: 'timestampNtz' };

const FEATURE_READER = 3;
const FEATURE_WRITER = 7;

/** Everything that a table's protocol demands, by the names of features: of readers and of writers. */
export interface Demands {
  readonly reader: readonly string[];
  readonly writer: readonly string[];
}

/**
 * The features that the protocol demands; the old numbers stand for the features that came with them.
 *
 * @throws IgarapeError DELTA_CORRUPT where versions and lists contradict each other.
 */
export function demands(protocol: Protocol, table: string): Demands {
  const { minReaderVersion, minWriterVersion, readerFeatures, writerFeatures } = protocol;
  checkList(table, 'reader', minReaderVersion === FEATURE_READER, readerFeatures);
  checkList(table, 'writer', minWriterVersion === FEATURE_WRITER, writerFeatures);
  const reader = readerFeatures ?? cumulative((since) => (since.reader ?? Infinity) <= minReaderVersion);
  const writer = writerFeatures ?? cumulative((since) => since.writer <= minWriterVersion);
  return { reader: reader.map(canonical), writer: writer.map(canonical) };
}

/** True where readers or writers of the table must heed the feature. */
export function hasFeature(protocol: Protocol, feature: string, table: string): boolean {
  const { reader, writer } = demands(protocol, table);
  return reader.includes(feature) || writer.includes(feature);
}

/** @throws IgarapeError DELTA_UNSUPPORTED that names every feature that keeps this program from reading the table. */
export function checkReadable(protocol: Protocol, table: string): void {
  if (protocol.minReaderVersion > FEATURE_READER || protocol.minReaderVersion < 1) {
    throw refusal(table, 'read', [`reader version ${protocol.minReaderVersion}`]);
  }
  const refused = demands(protocol, table).reader.filter((name) => FEATURES[name]?.readable !== true);
  if (refused.length > 0) throw refusal(table, 'read', refused);
}

/** @throws IgarapeError DELTA_UNSUPPORTED that names every feature that keeps this program from writing the table. */
export function checkWritable(protocol: Protocol, table: string): void {
  checkReadable(protocol, table);
  if (protocol.minWriterVersion > FEATURE_WRITER || protocol.minWriterVersion < 1) {
    throw refusal(table, 'write', [`writer version ${protocol.minWriterVersion}`]);
  }
  const { reader, writer } = demands(protocol, table);
  const refused = [...new Set([...reader, ...writer])].filter((name) => FEATURES[name]?.writable !== true);
  if (refused.length > 0) throw refusal(table, 'write', refused);
}

/**
 * A protocol that demands further features, beside all that it demands: by lists, whatever it was told by before. The
 * same one where it demands them already.
 */
export function withFeatures(protocol: Protocol, names: readonly string[], table: string): Protocol {
  const missing = names.filter((name) => !hasFeature(protocol, name, table));
  if (missing.length === 0) return protocol;
  const { reader, writer } = demands(protocol, table);
  const forReaders = missing.filter((name) => FEATURES[name]?.kind === 'reader-writer');
  const own = protocol.writerFeatures ?? writer;
  const upgraded = {
    ...protocol,
    minWriterVersion: FEATURE_WRITER,
    writerFeatures: [...own, ...missing],
  };
  if (forReaders.length === 0) return upgraded;
  return {
    ...upgraded,
    minReaderVersion: FEATURE_READER,
    readerFeatures: [...(protocol.readerFeatures ?? reader), ...forReaders],
  };
}

function cumulative(
  holds: (since: { readonly reader?: number; readonly writer: number }) => boolean,
): string[] {
  return Object.entries(FEATURES).flatMap(([name, { since }]) =>
    since !== undefined && holds(since) ? [name] : [],
  );
}

function canonical(name: string): string {
  return ALIASES[name] ?? name;
}

function checkList(
  table: string,
  side: string,
  expected: boolean,
  list: readonly string[] | undefined,
): void {
  if (expected === (list !== undefined)) return;
  throw corrupt(
    table,
    expected
      ? `its protocol lists no ${side} features`
      : `its protocol lists ${side} features, which its version does not allow`,
  );
}

function refusal(table: string, act: 'read' | 'write', names: readonly string[]): IgarapeError {
  return new IgarapeError(
    'DELTA_UNSUPPORTED',
    `To ${act} ${table} takes ${names.join(', ')}, which ${names.length === 1 ? 'is' : 'are'} not supported`,
    {
      hint: `Nothing was ${act === 'read' ? 'read' : 'written'}. Use an engine that supports the table's protocol.`,
    },
  );
}
