import type {
  Action,
  AddFile,
  ChangeFile,
  CommitInfo,
  DeletionVectorDescriptor,
  RemoveFile,
} from '../protocol/actions.ts';
import { isJsonObject } from '../protocol/json.ts';
import { filePathKey } from '../protocol/uri-path.ts';

/** What one commit changed, by its files. */
export type CommitChanges =
  /** The writer recorded the changes; nothing else of the commit counts. */
  | { readonly kind: 'recorded'; readonly files: readonly ChangeFile[] }
  | { readonly kind: 'derived'; readonly files: readonly FileChange[] };

/** Rows of a data file that came or went. */
export type FileChange =
  /** Every row that was live. */
  | { readonly type: 'insert' | 'delete'; readonly file: AddFile | RemoveFile }
  /** A file that stays and whose deletion vector became another. */
  | {
      readonly type: 'vector';
      readonly file: AddFile;
      readonly before: DeletionVectorDescriptor | undefined;
      readonly after: DeletionVectorDescriptor | undefined;
    };

/**
 * The changes of a commit by the protocol's rules: recorded ones where there are any; else rows that were added and
 * removed, without what was only rearranged.
 */
export function commitChanges(actions: readonly Action[]): CommitChanges {
  const recorded = actions.flatMap((action) => ('cdc' in action ? [action.cdc] : []));
  if (recorded.length > 0) return { kind: 'recorded', files: recorded };
  const info = actions.flatMap((action) => ('commitInfo' in action ? [action.commitInfo] : []))[0];
  if (info !== undefined && changedNoRow(info)) return { kind: 'derived', files: [] };
  const removes = new Map<string, RemoveFile>();
  for (const action of actions) {
    if ('remove' in action && action.remove.dataChange)
      removes.set(filePathKey(action.remove.path), action.remove);
  }
  const files: FileChange[] = [];
  for (const action of actions) {
    if (!('add' in action) || !action.add.dataChange) continue;
    const key = filePathKey(action.add.path);
    const removed = removes.get(key);
    removes.delete(key);
    if (removed === undefined) files.push({ type: 'insert', file: action.add });
    else
      files.push({
        type: 'vector',
        file: action.add,
        before: removed.deletionVector,
        after: action.add.deletionVector,
      });
  }
  files.push(...[...removes.values()].map((file): FileChange => ({ type: 'delete', file })));
  return { kind: 'derived', files };
}

/** A merge that rewrote files and changed no row, as Spark once committed it without recording changes. */
function changedNoRow(info: CommitInfo): boolean {
  const metrics = info['operationMetrics'];
  if (info['operation'] !== 'MERGE' || !isJsonObject(metrics)) return false;
  return ['numTargetRowsInserted', 'numTargetRowsUpdated', 'numTargetRowsDeleted'].every(
    (name) => metrics[name] === '0',
  );
}

/** The rows that a new deletion vector removed, and those that it brought back; all ascending. */
export function vectorDifference(
  before: readonly number[],
  after: readonly number[],
): { readonly deleted: number[]; readonly inserted: number[] } {
  const [was, is] = [new Set(before), new Set(after)];
  return { deleted: after.filter((row) => !was.has(row)), inserted: before.filter((row) => !is.has(row)) };
}
