import type { Engine } from '../../engine/engine.ts';
import type { MergeClause, MergeRequest } from './request.ts';
import { ACTION } from './clauses.ts';
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

/** How many rows each clause acted on, by the changes of a merge, and whether several did on one row of the table. */
export async function clauseRows(
  engine: Engine,
  changes: string,
  clauses: number,
): Promise<{ readonly acted: number[]; readonly isAmbiguous: boolean }> {
  const rows = await engine.rows(
    `SELECT ${ACTION} AS clause, count(*) AS n FROM ${changes} WHERE ${ACTION} IS NOT NULL GROUP BY ${ACTION} UNION ALL
      (SELECT NULL, count(*) AS n FROM ${changes} WHERE ${ACTION} IS NOT NULL AND _file IS NOT NULL GROUP BY _file, _row HAVING n > 1 LIMIT 1)`,
  );
  const counted = new Map(rows.map(({ clause, n }) => [clause, Number(n)]));
  return {
    acted: Array.from({ length: clauses }, (_, number) => counted.get(number) ?? 0),
    isAmbiguous: counted.has(null),
  };
}

/** What the user wrote in SQL, for messages. */
export function conditionsOf({ on, clauses }: MergeRequest): string {
  const texts = clauses.flatMap((clause) => [
    ...(clause.where === undefined ? [] : [clause.where]),
    ...('set' in clause && clause.set !== 'all' ? Object.values(clause.set) : []),
  ]);
  return [typeof on === 'string' ? on : on.join(', '), ...texts].join('; ');
}
