import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ensureFolder } from '../../core/ensure-folder.ts';
import { quotePath, quoteText } from '../../engine/quote.ts';
import { encodeActions } from '../protocol/action-codec.ts';
import type { Action, RemoveFile } from '../protocol/actions.ts';
import { formatJson } from '../protocol/json.ts';
import { hasFeature } from '../protocol/features.ts';
import { readLastCheckpoint } from './last-checkpoint.ts';
import { checkpointKey, LAST_CHECKPOINT } from './path.ts';
import { fileRetentionMs } from './retention.ts';
import type { Snapshot } from './snapshot.ts';
import type { Writer } from '../files/disk.ts';

/** What a table's checkpoints are to be: `classic`, or `v2`, of the second form, which takes a feature of its own. */
export const CHECKPOINT_POLICY = 'delta.checkpointPolicy';

/**
 * Writes the checkpoint of a version, and points the hint at it where that names no newer one. Where the table asks for
 * the second form, it has all actions in its one file.
 *
 * Source of the columns and their types: the Delta protocol, "Checkpoint Schema", and the files of Delta on Spark.
 */
export async function writeCheckpoint(writer: Writer, snapshot: Snapshot): Promise<void> {
  const folder = join(writer.workDir, `checkpoint-${randomUUID()}`);
  await ensureFolder(folder);
  try {
    const lines = join(folder, 'actions.json');
    const parquet = join(folder, 'checkpoint.parquet');
    let actions = 0;
    let longest = LEAST_LINE_BYTES;
    const isSecond =
      snapshot.configuration[CHECKPOINT_POLICY] === 'v2' &&
      hasFeature(snapshot.protocol, 'v2Checkpoint', snapshot.table);
    const counted = async function* (): AsyncGenerator<Uint8Array> {
      for await (const action of checkpointActions(snapshot, writer.now(), isSecond)) {
        const line = encodeActions([action]);
        actions += 1;
        longest = Math.max(longest, line.length);
        yield line;
      }
    };
    await pipeline(Readable.from(counted()), createWriteStream(lines));
    const columns = Object.entries(isSecond ? { ...COLUMNS, ...SECOND_COLUMNS } : COLUMNS).map(
      ([name, type]) => `${name}: ${quoteText(type)}`,
    );
    await writer.engine.run(
      `COPY (SELECT * FROM read_json(${quotePath(lines)}, format = 'newline_delimited', columns = {${columns.join(', ')}}, maximum_object_size = ${longest})) TO ${quoteText(parquet)} (FORMAT parquet)`,
    );
    const { size } = await stat(parquet);
    await writer.storage.upload(
      parquet,
      checkpointKey(snapshot.version, isSecond ? randomUUID() : undefined),
    );
    const newest = await readLastCheckpoint(writer.storage);
    if (newest !== undefined && newest > snapshot.version) return;
    const hint = join(folder, 'hint.json');
    const { version, fileCount } = snapshot;
    await writeFile(
      hint,
      formatJson({ version, size: actions, sizeInBytes: size, numOfAddFiles: fileCount }),
    );
    await writer.storage.upload(hint, LAST_CHECKPOINT);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** DuckDB holds a few lines of the longest length for every thread. */
const LEAST_LINE_BYTES = 1024 * 1024;

const VECTOR =
  'STRUCT("storageType" VARCHAR, "pathOrInlineDv" VARCHAR, "offset" INTEGER, "sizeInBytes" INTEGER, "cardinality" BIGINT)';
const TEXTS = 'MAP(VARCHAR, VARCHAR)';

const COLUMNS: Readonly<Record<string, string>> = {
  txn: 'STRUCT("appId" VARCHAR, "version" BIGINT, "lastUpdated" BIGINT)',
  add: `STRUCT("path" VARCHAR, "partitionValues" ${TEXTS}, "size" BIGINT, "modificationTime" BIGINT, "dataChange" BOOLEAN, "tags" ${TEXTS}, "deletionVector" ${VECTOR}, "baseRowId" BIGINT, "defaultRowCommitVersion" BIGINT, "clusteringProvider" VARCHAR, "stats" VARCHAR)`,
  remove: `STRUCT("path" VARCHAR, "deletionTimestamp" BIGINT, "dataChange" BOOLEAN, "extendedFileMetadata" BOOLEAN, "partitionValues" ${TEXTS}, "size" BIGINT, "deletionVector" ${VECTOR}, "baseRowId" BIGINT, "defaultRowCommitVersion" BIGINT)`,
  metaData: `STRUCT("id" VARCHAR, "name" VARCHAR, "description" VARCHAR, "format" STRUCT("provider" VARCHAR, "options" ${TEXTS}), "schemaString" VARCHAR, "partitionColumns" VARCHAR[], "configuration" ${TEXTS}, "createdTime" BIGINT)`,
  protocol:
    'STRUCT("minReaderVersion" INTEGER, "minWriterVersion" INTEGER, "readerFeatures" VARCHAR[], "writerFeatures" VARCHAR[])',
  domainMetadata: 'STRUCT("domain" VARCHAR, "configuration" VARCHAR, "removed" BOOLEAN)',
};

const SECOND_COLUMNS: typeof COLUMNS = {
  checkpointMetadata: `STRUCT("version" BIGINT, "tags" ${TEXTS})`,
};

/** What a version is made of; of removed files those that a reader of an older version may still open. */
async function* checkpointActions(
  snapshot: Snapshot,
  nowMs: number,
  isSecond: boolean,
): AsyncGenerator<Action> {
  const { state, configuration, version } = snapshot;
  if (isSecond) yield { checkpointMetadata: { version } };
  yield { protocol: state.protocol };
  yield { metaData: state.metadata };
  for (const txn of state.transactions.values()) yield { txn };
  for (const domainMetadata of state.domains.values()) yield { domainMetadata };
  for (const { action } of await snapshot.loggedFiles()) yield { add: { ...action, dataChange: false } };
  const oldest = nowMs - fileRetentionMs(configuration);
  for (const { action } of state.tombstones.values()) {
    if ((action.deletedMs ?? 0) > oldest) yield { remove: withoutStatistics(action) };
  }
}

function withoutStatistics({ stats: _stats, tags: _tags, ...remove }: RemoveFile): RemoveFile {
  return { ...remove, dataChange: false };
}
