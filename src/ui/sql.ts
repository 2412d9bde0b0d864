import { IgarapeError } from '../core/errors.ts';
import type { Edge } from '../pipeline/context.ts';
import { withQuery } from '../pipeline/query.ts';
import type { ExploredProject } from '../explore/reader.ts';
import type { SqlAnswer } from './api.ts';

const MOST_ROWS = 10_000;
const LONGEST_MS = 30_000;

/** One SELECT of the page's user, in a sealed engine of its own, for a limited time. @throws IgarapeError USAGE */
export async function askSql(
  project: ExploredProject,
  sql: string,
  limit: number,
  edge: Edge,
): Promise<SqlAnswer> {
  const tooLong = AbortSignal.timeout(LONGEST_MS);
  const signal = AbortSignal.any([edge.signal, tooLong]);
  try {
    return await withQuery(project, sql, { ...edge, signal }, async (query) => {
      const { columns, rows, truncated } = await query.rows(Math.min(limit, MOST_ROWS));
      const texts = rows.map((row) => row.map((value) => (value === null ? null : String(value))));
      return { columns, rows: texts, truncated };
    });
  } catch (error) {
    if (!tooLong.aborted) throw error;
    throw new IgarapeError(
      'USAGE',
      `The query took longer than ${LONGEST_MS / 1000} seconds, and was stopped.`,
      {
        hint: 'igarape query has no such limit.',
        cause: error,
      },
    );
  }
}
