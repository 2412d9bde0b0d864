import type { Told } from '../../core/language/sentence.ts';
import type { Action, AddFile, Transaction } from '../protocol/actions.ts';
import type { Snapshot } from './snapshot.ts';
import { filePathKey } from '../protocol/uri-path.ts';

/** What a commit has read of the table: what a winner may not have changed. */
export interface ReadSet {
  /** The files that were read, by {@link filePathKey}. */
  readonly files: ReadonlySet<string>;
  /** Of new files those that would have been read, had they been there. */
  readonly wouldRead: (adds: readonly AddFile[]) => Promise<readonly AddFile[]>;
  /** Of the files that were read, because it is quicker so, those that had to be: asked where somebody else was first. */
  readonly had?: () => Promise<readonly AddFile[]>;
}

/** Of a commit that has looked at nothing: a blind append. */
export const READ_NOTHING: ReadSet = { files: new Set(), wouldRead: async () => [] };

export function readEverything(snapshot: Snapshot): ReadSet {
  return { files: new Set(snapshot.state.files.all().keys()), wouldRead: async (adds) => adds };
}

export function readFiles(files: readonly AddFile[], wouldRead: ReadSet['wouldRead']): ReadSet {
  return { files: new Set(files.map(({ path }) => filePathKey(path))), wouldRead };
}

/** What had to be read of the table. */
export async function narrowed(reads: ReadSet): Promise<ReadSet> {
  return reads.had === undefined ? reads : readFiles(await reads.had(), reads.wouldRead);
}

/**
 * How much of others' work a commit tolerates: `Serializable`, what Delta on Spark does, or `WriteSerializable`, where
 * blind appends may slip in before a commit that has not seen them (`delta.isolationLevel`).
 */
export type Isolation = 'Serializable' | 'WriteSerializable';

/** A commit that was there first. */
export interface Winner {
  readonly version: number;
  /** As its `commitInfo` names it, e.g. `MERGE`. */
  readonly operation: string;
}

export type Verdict =
  | { readonly kind: 'compatible' }
  /** The winner has brought our applications' versions, or later ones: there is nothing left to do. */
  | { readonly kind: 'done' }
  | { readonly kind: 'conflict'; readonly reason: string };

/**
 * Whether a commit still holds after a winner that it has not seen.
 *
 * Source of the rules: the Delta protocol's section on concurrency and the order of checks that Delta on Spark makes.
 *
 * @param wouldRead Of the winner's new rows ({@link newRows}) the files that would have been read.
 */
export function checkConflict(
  ours: { readonly actions: readonly Action[]; readonly reads: ReadSet; readonly isolation: Isolation },
  winner: readonly Action[],
  wouldRead: readonly AddFile[],
): Verdict {
  const txn = checkTransactions(ours.actions, winner);
  if (txn.kind !== 'compatible') return txn;
  if (winner.some((action) => 'protocol' in action)) return conflict('it changed the protocol');
  if (winner.some((action) => 'metaData' in action)) return conflict('it changed the schema or properties');
  const removed = new Set(
    winner.flatMap((action) => ('remove' in action ? [filePathKey(action.remove.path)] : [])),
  );
  for (const path of ours.reads.files) {
    if (removed.has(path)) return conflict(`it removed or changed the file ${path}, which was read`);
  }
  for (const action of ours.actions) {
    if ('remove' in action && removed.has(filePathKey(action.remove.path)))
      return conflict(`it removed or changed the file ${action.remove.path}, too`);
  }
  // What has come meanwhile was not written by the new schema.
  const changesTable = ours.actions.some((action) => 'metaData' in action);
  if (ours.isolation === 'WriteSerializable' && !changesTable && isBlindAppend(winner)) return COMPATIBLE;
  const [added] = wouldRead;
  return added === undefined
    ? COMPATIBLE
    : conflict(`it added the file ${added.path}, which would have been read`);
}

/** The files that a commit has put new rows into. Rows that were only moved were looked at where they lay before. */
export function newRows(actions: readonly Action[]): AddFile[] {
  return actions.flatMap((action) => ('add' in action && action.add.dataChange ? [action.add] : []));
}

/** The operation of a commit, for messages. */
export function operationOf(actions: readonly Action[]): string {
  for (const action of actions) {
    if (!('commitInfo' in action)) continue;
    const operation = action.commitInfo['operation'];
    if (typeof operation === 'string') return operation;
  }
  return 'an unnamed operation';
}

const COMPATIBLE: Verdict = { kind: 'compatible' };

function conflict(reason: Told): Verdict {
  return { kind: 'conflict', reason };
}

function checkTransactions(ours: readonly Action[], winner: readonly Action[]): Verdict {
  const written = new Map(transactionsOf(winner).map(({ appId, version }) => [appId, version]));
  const own = transactionsOf(ours);
  const first = own.find(({ appId }) => written.has(appId));
  if (first === undefined) return COMPATIBLE;
  if (own.every(({ appId, version }) => (written.get(appId) ?? version - 1n) >= version))
    return { kind: 'done' };
  return conflict(`it wrote version ${String(written.get(first.appId))} of the same application`);
}

function transactionsOf(actions: readonly Action[]): Transaction[] {
  return actions.flatMap((action) => ('txn' in action ? [action.txn] : []));
}

function isBlindAppend(actions: readonly Action[]): boolean {
  return actions.some((action) => 'commitInfo' in action && action.commitInfo['isBlindAppend'] === true);
}
