import { IgarapeError } from '../../core/errors.ts';
import { type Action, type AddFile, type Metadata, removeOf } from '../protocol/actions.ts';
import { withIdsOf } from '../schema/map-columns.ts';
import { publish, type WriteResult, nothingDone } from '../write/publish.ts';
import { CLUSTERING, type Snapshot } from '../log/snapshot.ts';
import { tableFile } from '../files/table-file.ts';
import { checkRemovable, checkTarget, isolationOf } from '../write/target.ts';
import { readEverything } from '../log/conflict.ts';
import type { Writer } from '../files/disk.ts';

/**
 * Makes the table what it was at an older version, by a new commit: its rows, schema and properties. Its protocol stays.
 *
 * @throws IgarapeError DELTA_MISSING where vacuum has removed a file of that version; DELTA_CONFLICT, DELTA_UNSUPPORTED
 */
export async function restoreTable(writer: Writer, newest: Snapshot, older: Snapshot): Promise<WriteResult> {
  checkTarget(newest);
  checkRemovable(newest, 'a restore');
  await Promise.all([newest.loggedFiles(), older.loggedFiles()]);
  const actions: Action[] = [];
  const [present, wanted] = [newest.state.files.all(), older.state.files.all()];
  const now = writer.now();
  let removedFiles = 0;
  for (const [path, file] of present) {
    const target = wanted.get(path);
    if (target?.vectorId === file.vectorId && target !== undefined) continue;
    removedFiles += 1;
    actions.push({ remove: removeOf(file.action, now, true) });
  }
  const restored: AddFile[] = [];
  for (const [path, file] of wanted) {
    const current = present.get(path);
    if (current !== undefined && current.vectorId === file.vectorId) continue;
    restored.push(file.action);
    actions.push({ add: { ...file.action, dataChange: true } });
  }
  await checkPresent(writer, restored, older.version);
  const metadata = withIdsOf(newest, older.metadata);
  if (!sameMetadata(newest.metadata, metadata)) actions.push({ metaData: metadata });
  const clustering = older.state.domains.get(CLUSTERING);
  const current = newest.state.domains.get(CLUSTERING);
  if (clustering?.configuration !== current?.configuration) {
    const removed = { domain: CLUSTERING, configuration: '', removed: true };
    actions.push({ domainMetadata: clustering ?? removed });
  }
  if (actions.length === 0) return nothingDone(newest);
  return publish(
    writer,
    {
      base: newest,
      actions,
      operation: 'RESTORE',
      parameters: { version: String(older.version) },
      metrics: { numRemovedFiles: removedFiles, numRestoredFiles: restored.length },
      reads: readEverything(newest),
      isolation: isolationOf(newest),
      isBlindAppend: false,
    },
    [],
    older.configuration,
  );
}

async function checkPresent(writer: Writer, files: readonly AddFile[], version: number): Promise<void> {
  for (const { path } of files) {
    const { storage, key, uri } = tableFile(writer.storage, path);
    if ((await storage.stat(key)) !== undefined) continue;
    throw new IgarapeError(
      'DELTA_MISSING',
      `Version ${version} cannot be restored: its file ${uri} is gone`,
      {
        hint: 'Nothing was changed. Vacuum removes the files of old versions; restore a newer one.',
      },
    );
  }
}

function sameMetadata(left: Metadata, right: Metadata): boolean {
  const text = ({ schemaString, partitionColumns, configuration }: Metadata): string =>
    JSON.stringify([schemaString, partitionColumns, Object.entries(configuration).toSorted(byName)]);
  return text(left) === text(right);
}

function byName([left]: [string, string], [right]: [string, string]): number {
  return left < right ? -1 : 1;
}
