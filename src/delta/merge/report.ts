import type { Engine } from '../../engine/engine.ts';
import type { MergeClause, MergeRequest } from './request.ts';
import { ACTION } from './clauses.ts';
import type { ChangedPlace } from '../write/changed-places.ts';
import type { ChangeOptions } from '../write/row-changes.ts';

/** What a commit tells of a merge's clauses. */
export function mergeParameters({ on, clauses }: MergeRequest): Readonly<Record<string, string>> {
  const list = (kind: MergeClause['on']): string =>
    JSON.stringify(
      clauses
        .filter((clause) => clause.on === kind)
        .map(({ act, where }) => ({ actionType: act, ...(where === undefined ? {} : { predicate: where }) })),
    );
  return {
    predicate:
      typeof on === 'string' ? on : on.map((name) => `target.${name} = source.${name}`).join(' AND '),
    matchedPredicates: list('matched'),
    notMatchedPredicates: list('source only'),
    notMatchedBySourcePredicates: list('target only'),
  };
}

export function mergeMetrics(sourceRows: number): ChangeOptions['metrics'] {
  return (counts) => ({
    numSourceRows: sourceRows,
    numTargetRowsInserted: counts.inserted,
    numTargetRowsUpdated: counts.updated,
    numTargetRowsDeleted: counts.deleted,
    numTargetRowsCopied: counts.copied,
    numOutputRows: counts.inserted + counts.updated + counts.copied,
    numTargetFilesAdded: counts.filesAdded,
    numTargetFilesRemoved: counts.filesRemoved,
    numTargetDeletionVectorsAdded: counts.vectors,
    numTargetChangeFilesAdded: counts.changeFiles,
  });
}

/** Whether several rows of a merge's source act on one row of the table. @param places Of its changes, with the clauses. */
export async function isAmbiguous(
  engine: Engine,
  changes: string,
  places: readonly ChangedPlace[],
): Promise<boolean> {
  const acted = places.filter(({ file, clause }) => file !== undefined && clause !== undefined);
  if (acted.every(({ row }) => row !== undefined))
    return new Set(acted.map(({ file, row }) => `${file} ${row}`)).size < acted.length;
  const twice = `SELECT 1 FROM ${changes} WHERE ${ACTION} IS NOT NULL AND _file IS NOT NULL GROUP BY _file, _row HAVING count(*) > 1`;
  return (await engine.rows(`${twice} LIMIT 1`)).length > 0;
}

/** What the user wrote in SQL, for messages. */
export function conditionsOf({ on, clauses }: MergeRequest): string {
  const texts = clauses.flatMap((clause) => [
    ...(clause.where === undefined ? [] : [clause.where]),
    ...('set' in clause && clause.set !== 'all' ? Object.values(clause.set) : []),
  ]);
  return [typeof on === 'string' ? on : on.join(', '), ...texts].join('; ');
}
