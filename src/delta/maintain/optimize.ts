import { quoteName } from '../../engine/quote.ts';
import { physicalName } from '../schema/column-mapping.ts';
import { type AddFile, removeOf } from '../protocol/actions.ts';
import { type ReadSet, readFiles } from '../log/conflict.ts';
import { publish, type WriteResult, nothingDone } from '../write/publish.ts';
import { countRows } from '../write/replaced-files.ts';
import { restaged } from '../write/rewrite-files.ts';
import { filesFor } from '../write/row-condition.ts';
import type { Snapshot } from '../log/snapshot.ts';
import { targetFileBytes } from '../write/split-files.ts';
import { addOf, discard, type StagedFile } from '../write/stage.ts';
import { checkTarget, isolationOf } from '../write/target.ts';
import type { Writer } from '../files/disk.ts';

export interface OptimizeOptions {
  /** Only files that may hold rows for this condition. */
  readonly where?: string;
  /** As large as files are to become. Default `delta.targetFileSize`, or 256 MB. */
  readonly targetSizeBytes?: number;
}

/** A file is worth writing again for its deleted rows from this share on. */
const DELETED_SHARE = 0.05;

/**
 * Puts small files of a partition together, those of a clustered table in the order of its columns, and writes files
 * anew that have lost many rows. The rows stay the same: a
 * reader of changes sees none, and others may append or change other files meanwhile.
 *
 * @throws IgarapeError DELTA_CONFLICT where one of the files was changed meanwhile; DELTA_UNSUPPORTED, DELTA_QUERY
 */
export async function optimizeTable(
  writer: Writer,
  snapshot: Snapshot,
  { where, targetSizeBytes = targetFileBytes(snapshot.configuration) }: OptimizeOptions = {},
): Promise<WriteResult> {
  checkTarget(snapshot);
  const { files } = await filesFor(writer, snapshot, where);
  const order = clusteringOrder(snapshot);
  const packed = await packFiles(writer, files, targetSizeBytes);
  // What is put in order is put in order as a whole, so that files come to lie side by side.
  const bins = order === undefined || packed.length === 0 ? packed : [packed.flat()];
  if (bins.length === 0) return nothingDone(snapshot);
  const staged: StagedFile[] = [];
  try {
    for (const bin of bins) staged.push(...(await restaged(writer, snapshot, bin, order?.join(', '))));
  } catch (error) {
    await discard(
      writer,
      staged.map(({ key }) => key),
    );
    throw error;
  }
  const removed = bins.flat();
  const now = writer.now();
  return publish(
    writer,
    {
      base: snapshot,
      actions: [
        ...removed.map((file) => ({ remove: removeOf(file, now, false) })),
        ...staged.map((file) => ({ add: addOf(file, now, false) })),
      ],
      operation: 'OPTIMIZE',
      parameters: {
        predicate: JSON.stringify(where === undefined ? [] : [where]),
        zOrderBy: '[]',
        ...(order === undefined ? {} : { clusterBy: JSON.stringify(order) }),
        auto: 'false',
      },
      metrics: {
        numRemovedFiles: removed.length,
        numAddedFiles: staged.length,
        numRemovedBytes: sum(removed.map(({ sizeBytes }) => sizeBytes)),
        numAddedBytes: sum(staged.map(({ sizeBytes }) => sizeBytes)),
        numDeletionVectorsRemoved: removed.filter(({ deletionVector }) => deletionVector !== undefined)
          .length,
      },
      reads: rearranged(removed),
      isolation: isolationOf(snapshot),
      isBlindAppend: false,
    },
    staged.map(({ key }) => key),
    snapshot.configuration,
  );
}

/** SQL of the columns that the table is clustered by; undefined where it is not. */
function clusteringOrder({ schema, mapping, clusteringColumns }: Snapshot): string[] | undefined {
  const columns = clusteringColumns.flatMap((path) => {
    const names: string[] = [];
    let fields = schema.fields;
    for (const physical of path) {
      const field = fields.find((one) => physicalName(one, mapping) === physical);
      if (field === undefined) return [];
      names.push(quoteName(field.name));
      fields = typeof field.type !== 'string' && field.type.type === 'struct' ? field.type.fields : [];
    }
    return [names.join('.')];
  });
  return columns.length === 0 ? undefined : columns;
}

/** New rows elsewhere do not concern whoever only moves rows. */
function rearranged(files: readonly AddFile[]): ReadSet {
  return readFiles(files, async () => []);
}

/** Groups of files to be written as one: small ones of a partition, and those with many deleted rows. */
async function packFiles(
  writer: Writer,
  files: readonly AddFile[],
  targetBytes: number,
): Promise<AddFile[][]> {
  const partitions = new Map<string, AddFile[]>();
  for (const file of files) {
    if (file.sizeBytes >= targetBytes / 2 && !(await hasManyDeleted(writer, file))) continue;
    const key = JSON.stringify(Object.entries(file.partitionValues).toSorted(byName));
    const list = partitions.get(key) ?? [];
    list.push(file);
    partitions.set(key, list);
  }
  const bins: AddFile[][] = [];
  for (const list of partitions.values()) {
    let bin: AddFile[] = [];
    for (const file of list.toSorted((left, right) => left.sizeBytes - right.sizeBytes)) {
      if (bin.length > 0 && sum(bin.map(({ sizeBytes }) => sizeBytes)) + file.sizeBytes > targetBytes) {
        bins.push(bin);
        bin = [];
      }
      bin.push(file);
    }
    bins.push(bin);
  }
  const useful: AddFile[][] = [];
  for (const bin of bins) {
    const [only] = bin;
    if (bin.length > 1 || (only !== undefined && (await hasManyDeleted(writer, only)))) useful.push(bin);
  }
  return useful;
}

async function hasManyDeleted(writer: Writer, file: AddFile): Promise<boolean> {
  const deleted = file.deletionVector?.cardinality ?? 0;
  if (deleted === 0) return false;
  const live = await countRows(writer, [file]);
  return deleted / (live + deleted) >= DELETED_SHARE;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function byName([left]: [string, unknown], [right]: [string, unknown]): number {
  return left < right ? -1 : 1;
}
